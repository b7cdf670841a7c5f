//! Objects as others write them, and files as others read them.

use std::sync::Arc;

use bytes::Bytes;
use lake_parquet::compact::{CompactError, Compactor, Settings, Summary};
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type, Int96, Int96Type};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::record::{Field, Row as Record};
use parquet::schema::types::Type;

use crate::model::Row;

/// How a writer keeps moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moments {
    /// Hive's writer, and so Firehose.
    Int96,
    Unit(TimeUnit),
    /// As writers had it before there were logical types.
    Converted(ConvertedType),
}

/// What a writer makes of rows.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    pub(crate) moments: Moments,
    pub(crate) compression: Compression,
    pub(crate) dictionary: bool,
    pub(crate) version: WriterVersion,
    pub(crate) group_rows: usize,
    pub(crate) page_rows: usize,
    /// The columns in this order; those that are not named are missing, and others are made up.
    pub(crate) columns: Vec<&'static str>,
    /// Whether the columns say that they have no null; only for rows that have none.
    pub(crate) required: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            moments: Moments::Unit(TimeUnit::MILLIS),
            compression: Compression::SNAPPY,
            dictionary: true,
            version: WriterVersion::PARQUET_1_0,
            group_rows: 1_000,
            page_rows: 300,
            columns: COLUMNS.to_vec(),
            required: false,
        }
    }
}

pub(crate) const COLUMNS: [&str; 8] = [
    "event_uuid",
    "event_name",
    "event_type",
    "event_subtype",
    "created_at",
    "created_datetime",
    "ingested_at",
    "payload",
];

/// A file of `rows`.
pub(crate) fn write(rows: &[Row], style: &Style) -> Bytes {
    let fields = style.columns.iter().map(|name| Arc::new(field(name, style)));
    let schema = Type::group_type_builder("hive_schema").with_fields(fields.collect());
    let properties = WriterProperties::builder()
        .set_compression(style.compression)
        .set_dictionary_enabled(style.dictionary)
        .set_data_page_row_count_limit(style.page_rows)
        .set_write_batch_size(style.page_rows)
        .set_writer_version(style.version);
    let schema = Arc::new(schema.build().unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build())).unwrap();
    for rows in rows.chunks(style.group_rows) {
        let mut group = file.next_row_group().unwrap();
        for name in &style.columns {
            column(group.next_column().unwrap().unwrap(), name, rows, style);
        }
        group.close().unwrap();
    }
    file.into_inner().unwrap().into()
}

fn field(name: &str, style: &Style) -> Type {
    let (physical, logical, converted) = match (name, style.moments) {
        ("created_datetime" | "ingested_at", Moments::Int96) => (Physical::INT96, None, None),
        ("created_datetime" | "ingested_at", Moments::Unit(unit)) => {
            (Physical::INT64, Some(LogicalType::timestamp(false, unit)), None)
        }
        ("created_datetime" | "ingested_at", Moments::Converted(converted)) => (Physical::INT64, None, Some(converted)),
        ("created_at", _) => (Physical::DOUBLE, None, None),
        _ => (Physical::BYTE_ARRAY, Some(LogicalType::String), None),
    };
    let field = Type::primitive_type_builder(name, physical).with_logical_type(logical);
    let field = converted
        .into_iter()
        .fold(field, |field, converted| field.with_converted_type(converted));
    let repetition = if style.required {
        Repetition::REQUIRED
    } else {
        Repetition::OPTIONAL
    };
    field.with_repetition(repetition).build().unwrap()
}

fn column(mut writer: SerializedColumnWriter<'_>, name: &str, rows: &[Row], style: &Style) {
    let text = |of: fn(&Row) -> Option<&String>| {
        let value = |row: &Row| of(row).map(|text| ByteArray::from(text.as_str()));
        rows.iter().map(value).collect::<Vec<_>>()
    };
    let moment = |of: fn(&Row) -> Option<i64>| rows.iter().map(of).collect::<Vec<_>>();
    match name {
        "event_uuid" => fill::<ByteArrayType>(&mut writer, text(|row| row.uuid.as_ref())),
        "event_name" => fill::<ByteArrayType>(&mut writer, text(|row| row.name.as_ref())),
        "event_type" => fill::<ByteArrayType>(&mut writer, text(|row| row.kind.as_ref())),
        "event_subtype" => fill::<ByteArrayType>(&mut writer, text(|row| row.subkind.as_ref())),
        "payload" => fill::<ByteArrayType>(&mut writer, text(|row| row.payload.as_ref())),
        "created_at" => fill::<DoubleType>(&mut writer, rows.iter().map(|row| row.created).collect()),
        "created_datetime" => moments(&mut writer, moment(|row| row.moment), style.moments),
        "ingested_at" => moments(&mut writer, moment(|row| row.arrival), style.moments),
        _ => fill::<ByteArrayType>(&mut writer, vec![Some("of another schema".into()); rows.len()]),
    }
    writer.close().unwrap();
}

fn moments(writer: &mut SerializedColumnWriter<'_>, moments: Vec<Option<i64>>, how: Moments) {
    // What is below a millisecond is to be cut off, before 1970 too.
    let units = match how {
        Moments::Int96 => {
            let moments = moments.into_iter().map(|moment| {
                let moment = moment?;
                let mut parts = Int96::new();
                let nanoseconds = moment.rem_euclid(86_400_000) as u64 * 1_000_000;
                let day = moment.div_euclid(86_400_000) + 2_440_588;
                parts.set_data(nanoseconds as u32, (nanoseconds >> 32) as u32, day as u32);
                Some(parts)
            });
            return fill::<Int96Type>(writer, moments.collect());
        }
        Moments::Unit(TimeUnit::MILLIS) | Moments::Converted(ConvertedType::TIMESTAMP_MILLIS) => 1,
        Moments::Unit(TimeUnit::MICROS) | Moments::Converted(_) => 1_000,
        Moments::Unit(TimeUnit::NANOS) => 1_000_000,
    };
    let moments = moments.into_iter().map(|moment| Some(moment? * units + units / 2));
    fill::<Int64Type>(writer, moments.collect());
}

fn fill<T: DataType>(writer: &mut SerializedColumnWriter<'_>, values: Vec<Option<T::T>>) {
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = values.into_iter().flatten().collect();
    writer.typed::<T>().write_batch(&values, Some(&levels), None).unwrap();
}

/// The rows of a compacted file, as the format's reader has them.
pub(crate) fn read(file: &[u8]) -> Vec<Row> {
    let file = SerializedFileReader::new(Bytes::copy_from_slice(file)).expect("a file that can be read");
    file.get_row_iter(None)
        .unwrap()
        .map(|row| record(&row.unwrap()))
        .collect()
}

fn record(record: &Record) -> Row {
    let mut row = Row::default();
    let mut names = Vec::new();
    for (name, field) in record.get_column_iter() {
        names.push(name.as_str());
        let text = || match field {
            Field::Str(text) => Some(text.clone()),
            Field::Null => None,
            other => panic!("{name} is {other:?}"),
        };
        let moment = || match field {
            Field::TimestampMillis(moment) => Some(*moment),
            Field::Null => None,
            other => panic!("{name} is {other:?}"),
        };
        match name.as_str() {
            "event_uuid" => row.uuid = text(),
            "event_name" => row.name = text(),
            "event_type" => row.kind = text(),
            "event_subtype" => row.subkind = text(),
            "payload" => row.payload = text(),
            "created_datetime" => row.moment = moment(),
            "ingested_at" => row.arrival = moment(),
            _ => {
                row.created = match field {
                    Field::Double(double) => Some(*double),
                    Field::Null => None,
                    other => panic!("{name} is {other:?}"),
                }
            }
        }
    }
    assert_eq!(names, COLUMNS);
    row
}

/// A roomy compactor, but for what a test says.
pub(crate) fn settings(run_bytes: usize, file_rows: usize) -> Settings {
    Settings {
        run_bytes,
        file_rows,
        most_rows: 10_000_000,
        scratch: std::env::temp_dir(),
    }
}

/// The files of `objects`, and what became of their rows.
pub(crate) fn compact(objects: &[Bytes], settings: Settings) -> Result<(Vec<Vec<u8>>, Summary), CompactError> {
    let mut compactor = Compactor::new(settings)?;
    for object in objects {
        compactor.push(object.clone())?;
    }
    let mut files = compactor.finish();
    let mut all = Vec::new();
    for file in &mut files {
        let file = file?;
        assert_eq!(read(&file.bytes).len(), file.rows);
        all.push(file.bytes);
    }
    Ok((all, files.summary()))
}
