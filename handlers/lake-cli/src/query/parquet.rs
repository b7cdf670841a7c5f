//! Results as a Parquet file, written without Arrow: one nullable column per column of the
//! result, a row group at a time.

use super::column::{Column, Kind, Row, unique_names};
use super::output::Output;
use crate::destination::Destination;
use anyhow::{Context, Result, anyhow, bail};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use std::sync::Arc;

/// Rows of a row group; enough for dictionaries to pay, few enough to hold.
const GROUP_ROWS: usize = 65_536;
/// The most digits that a decimal of 64 bits holds.
const DIGITS_OF_I64: u8 = 18;

/// A Parquet file that is being written.
pub(crate) struct Parquet {
    writer: SerializedFileWriter<Destination>,
    columns: Vec<Buffer>,
    held: usize,
    written: usize,
}

/// The values of one column that are not in the file yet.
struct Buffer {
    name: String,
    values: Values,
    /// 1 for a value, 0 for NULL.
    levels: Vec<i16>,
}

enum Values {
    Boolean(Vec<bool>),
    Integer(Vec<i32>),
    BigInt(Vec<i64>),
    Real(Vec<f32>),
    Double(Vec<f64>),
    Decimal64(u8, Vec<i64>),
    Decimal128(u8, Vec<FixedLenByteArray>),
    Date(Vec<i32>),
    Timestamp(Vec<i64>),
    Text(Vec<ByteArray>),
}

impl Parquet {
    /// Starts the file.
    pub(crate) fn create(columns: &[Column], out: Destination) -> Result<Self> {
        if columns.is_empty() {
            bail!("this statement has no result to write as Parquet");
        }
        let names = unique_names(columns);
        let fields = names
            .iter()
            .zip(columns)
            .map(|(name, column)| field(name, column.kind).map(Arc::new));
        let schema = Type::group_type_builder("result")
            .with_fields(fields.collect::<Result<_>>()?)
            .build()?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
        let buffer = |(name, column): (String, &Column)| Buffer {
            name,
            values: Values::of(column.kind),
            levels: Vec::new(),
        };
        Ok(Self {
            writer,
            columns: names.into_iter().zip(columns).map(buffer).collect(),
            held: 0,
            written: 0,
        })
    }

    fn write_group(&mut self) -> Result<()> {
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            let writer = group
                .next_column()?
                .context("the schema has fewer columns than the result")?;
            column
                .write(writer)
                .with_context(|| format!("column {}", column.name))?;
        }
        group.close()?;
        self.written += self.held;
        self.held = 0;
        Ok(())
    }
}

impl Output for Parquet {
    fn rows(&mut self, rows: Vec<Row>) -> Result<()> {
        for row in rows {
            for (column, cell) in self.columns.iter_mut().zip(row) {
                column
                    .push(cell)
                    .with_context(|| format!("column {}, row {}", column.name, self.written + self.held + 1))?;
            }
            self.held += 1;
            if self.held == GROUP_ROWS {
                self.write_group()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if self.held > 0 {
            self.write_group()?;
        }
        self.writer.into_inner()?.finish()
    }
}

impl Buffer {
    fn push(&mut self, cell: Option<String>) -> Result<()> {
        self.levels.push(i16::from(cell.is_some()));
        match cell {
            Some(text) => self.values.push(text),
            None => Ok(()),
        }
    }

    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result<()> {
        let levels = std::mem::take(&mut self.levels);
        match &mut self.values {
            Values::Boolean(values) => put::<BoolType>(&mut writer, values, &levels),
            Values::Integer(values) | Values::Date(values) => put::<Int32Type>(&mut writer, values, &levels),
            Values::BigInt(values) | Values::Timestamp(values) | Values::Decimal64(_, values) => {
                put::<Int64Type>(&mut writer, values, &levels)
            }
            Values::Real(values) => put::<FloatType>(&mut writer, values, &levels),
            Values::Double(values) => put::<DoubleType>(&mut writer, values, &levels),
            Values::Decimal128(_, values) => put::<FixedLenByteArrayType>(&mut writer, values, &levels),
            Values::Text(values) => put::<ByteArrayType>(&mut writer, values, &levels),
        }?;
        Ok(writer.close()?)
    }
}

fn put<T: DataType>(writer: &mut SerializedColumnWriter<'_>, values: &mut Vec<T::T>, levels: &[i16]) -> Result<()> {
    writer.typed::<T>().write_batch(values, Some(levels), None)?;
    values.clear();
    Ok(())
}

impl Values {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Boolean => Self::Boolean(Vec::new()),
            Kind::Integer => Self::Integer(Vec::new()),
            Kind::BigInt => Self::BigInt(Vec::new()),
            Kind::Real => Self::Real(Vec::new()),
            Kind::Double => Self::Double(Vec::new()),
            Kind::Decimal { precision, scale } if precision <= DIGITS_OF_I64 => Self::Decimal64(scale, Vec::new()),
            Kind::Decimal { scale, .. } => Self::Decimal128(scale, Vec::new()),
            Kind::Date => Self::Date(Vec::new()),
            Kind::Timestamp => Self::Timestamp(Vec::new()),
            Kind::Json | Kind::Text => Self::Text(Vec::new()),
        }
    }

    fn push(&mut self, text: String) -> Result<()> {
        let wrong = |what: &str| anyhow!("`{text}` is not {what}; CAST the column to varchar");
        match self {
            Self::Boolean(values) => values.push(text.parse().map_err(|_| wrong("a boolean"))?),
            Self::Integer(values) => values.push(text.parse().map_err(|_| wrong("an integer"))?),
            Self::BigInt(values) => values.push(text.parse().map_err(|_| wrong("a bigint"))?),
            Self::Real(values) => values.push(text.parse().map_err(|_| wrong("a real"))?),
            Self::Double(values) => values.push(text.parse().map_err(|_| wrong("a double"))?),
            Self::Decimal64(scale, values) => {
                let number = decimal(&text, *scale).and_then(|number| i64::try_from(number).ok());
                values.push(number.ok_or_else(|| wrong("a decimal of the column's precision"))?);
            }
            Self::Decimal128(scale, values) => {
                let number = decimal(&text, *scale).ok_or_else(|| wrong("a decimal of the column's precision"))?;
                values.push(number.to_be_bytes().to_vec().into());
            }
            Self::Date(values) => values.push(days(&text).ok_or_else(|| wrong("a date"))?),
            Self::Timestamp(values) => values.push(microseconds(&text).ok_or_else(|| wrong("a timestamp"))?),
            Self::Text(values) => values.push(text.into_bytes().into()),
        }
        Ok(())
    }
}

fn field(name: &str, kind: Kind) -> Result<Type> {
    let (physical, logical) = match kind {
        Kind::Boolean => (Physical::BOOLEAN, None),
        Kind::Integer => (Physical::INT32, None),
        Kind::BigInt => (Physical::INT64, None),
        Kind::Real => (Physical::FLOAT, None),
        Kind::Double => (Physical::DOUBLE, None),
        Kind::Decimal { precision, scale } => {
            let logical = LogicalType::decimal(scale.into(), precision.into());
            let small = precision <= DIGITS_OF_I64;
            (
                if small {
                    Physical::INT64
                } else {
                    Physical::FIXED_LEN_BYTE_ARRAY
                },
                Some(logical),
            )
        }
        Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
        Kind::Timestamp => (Physical::INT64, Some(LogicalType::timestamp(false, TimeUnit::MICROS))),
        Kind::Json | Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let mut builder = Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    if let Kind::Decimal { precision, scale } = kind {
        builder = builder.with_precision(precision.into()).with_scale(scale.into());
        if physical == Physical::FIXED_LEN_BYTE_ARRAY {
            builder = builder.with_length(16);
        }
    }
    Ok(builder.build()?)
}

/// The digits as a whole number of units of `10^-scale`; none when it has more digits than that.
fn decimal(text: &str, scale: u8) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let missing = usize::from(scale).checked_sub(fraction.len())?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    if unsigned.is_empty() || !digits(unsigned) || !digits(fraction) {
        return None;
    }
    format!("{whole}{fraction}{}", "0".repeat(missing)).parse().ok()
}

fn days(text: &str) -> Option<i32> {
    let date: Date = text.parse().ok()?;
    date.since(Date::constant(1970, 1, 1)).ok().map(|span| span.get_days())
}

fn microseconds(text: &str) -> Option<i64> {
    let moment: DateTime = text.parse().ok()?;
    Some(moment.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests;
