//! The rows of a raw object, whoever wrote it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, Int96};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::CompactError;
use super::row::{Place, Shape, Sizes, append, ordered};

/// Rows that are decoded at a time.
const BATCH: usize = 4_096;

/// An object, read from its first row on.
pub(super) struct Object {
    file: SerializedFileReader<Bytes>,
    rows: usize,
    sizes: Sizes,
    numbers: Vec<Numbers>,
    texts: Vec<Texts>,
    /// The row group that comes next.
    group: usize,
    /// Rows of this one that are not decoded yet.
    left: usize,
    /// Rows that are decoded, and the next of them.
    decoded: usize,
    next: usize,
}

/// A column of the lake in an object, as far as it has that column.
struct Leaf {
    name: String,
    /// Its place among the object's columns.
    index: Option<usize>,
    reader: Option<ColumnReader>,
    /// Of each decoded row, 0 for a null; empty where the column has none by its type.
    levels: Vec<i16>,
    /// The next value.
    at: usize,
}

struct Numbers {
    leaf: Leaf,
    form: Form,
    values: Vec<i64>,
}

struct Texts {
    leaf: Leaf,
    values: Vec<ByteArray>,
}

/// How a column of the lake stands in an object.
#[derive(Debug, Clone, Copy)]
enum Form {
    Absent,
    Text,
    Double,
    /// So many of these are a millisecond.
    Integer(i64),
    /// Days of the Julian calendar and nanoseconds, as Hive's writer has it.
    Int96,
}

impl Object {
    pub(super) fn open(object: Bytes, shape: &Shape) -> Result<Self, CompactError> {
        contained(|| Self::try_open(object, shape))
    }

    fn try_open(object: Bytes, shape: &Shape) -> Result<Self, CompactError> {
        let file = SerializedFileReader::new(object).map_err(CompactError::NotParquet)?;
        let schema = file.metadata().file_metadata().schema_descr();
        let leaves = schema.columns();
        let find = |name: &str| {
            leaves
                .iter()
                .position(|leaf| leaf.path().parts().first().is_some_and(|it| it == name))
        };
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for column in &shape.columns {
            let index = find(&column.name);
            let descriptor = index.and_then(|index| leaves.get(index));
            let form = match descriptor {
                Some(descriptor) => form(descriptor, column.place)?,
                None => Form::Absent,
            };
            let leaf = Leaf {
                name: column.name.clone(),
                index,
                reader: None,
                levels: Vec::new(),
                at: 0,
            };
            let values = Vec::new();
            match column.place {
                Place::Moment(place) | Place::Double(place) => numbers.push((place, Numbers { leaf, form, values })),
                Place::Text(place) => texts.push((
                    place,
                    Texts {
                        leaf,
                        values: Vec::new(),
                    },
                )),
            }
        }
        numbers.sort_by_key(|(place, _)| *place);
        texts.sort_by_key(|(place, _)| *place);
        let groups = file.metadata().row_groups().iter();
        let mut rows = groups.map(|group| usize::try_from(group.num_rows()).ok());
        let rows = rows.try_fold(0usize, |all, rows| Some(all.saturating_add(rows?)));
        let rows = rows.ok_or_else(|| CompactError::NotParquet(lie("a row group has less than no rows")))?;
        Ok(Self {
            file,
            rows,
            sizes: shape.sizes,
            numbers: numbers.into_iter().map(|(_, numbers)| numbers).collect(),
            texts: texts.into_iter().map(|(_, texts)| texts).collect(),
            group: 0,
            left: 0,
            decoded: 0,
            next: 0,
        })
    }

    /// Rows of the whole object, as its footer has it.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Decodes the next rows; `false` where there are no more.
    pub(super) fn next_batch(&mut self) -> Result<bool, CompactError> {
        contained(|| self.try_next_batch())
    }

    fn try_next_batch(&mut self) -> Result<bool, CompactError> {
        while self.left == 0 {
            let Some(group) = self.file.metadata().row_groups().get(self.group) else {
                return Ok(false);
            };
            self.left = usize::try_from(group.num_rows()).unwrap_or(0);
            let group = self.file.get_row_group(self.group).map_err(CompactError::NotParquet)?;
            let leaves = self.numbers.iter_mut().map(|numbers| &mut numbers.leaf);
            for leaf in leaves.chain(self.texts.iter_mut().map(|texts| &mut texts.leaf)) {
                let reader = leaf.index.map(|index| group.get_column_reader(index)).transpose();
                leaf.reader = reader.map_err(|source| leaf.damaged(self.group, source))?;
            }
            self.group += 1;
        }
        let rows = self.left.min(BATCH);
        self.left -= rows;
        (self.decoded, self.next) = (rows, 0);
        let group = self.group - 1;
        for numbers in &mut self.numbers {
            let read = numbers.read(rows);
            read.map_err(|source| numbers.leaf.damaged(group, source))?;
        }
        for texts in &mut self.texts {
            let read = texts.read(rows);
            read.map_err(|source| texts.leaf.damaged(group, source))?;
        }
        Ok(true)
    }

    /// Appends the next of the decoded rows to `rows`; `false` where there are no more.
    #[inline]
    pub(super) fn next_row(&mut self, rows: &mut Vec<u8>) -> Result<bool, CompactError> {
        let row = self.next;
        if row >= self.decoded {
            return Ok(false);
        }
        self.next += 1;
        let (numbers, texts) = (&mut self.numbers, &mut self.texts);
        let number = |place: usize| {
            let numbers = numbers.get_mut(place)?;
            numbers.leaf.next(row, &numbers.values).copied()
        };
        let mut texts = texts.iter_mut();
        let text = |_| {
            let texts = texts.next()?;
            texts.leaf.next(row, &texts.values).map(ByteArray::data)
        };
        append(rows, self.sizes, number, text)?;
        Ok(true)
    }
}

/// The reader panics at some bytes that no writer writes, such as numbers of a dictionary that is
/// not there. What it was reading is not used again.
fn contained<T>(read: impl FnOnce() -> Result<T, CompactError>) -> Result<T, CompactError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(CompactError::Unreadable))
}

/// How the lake's column at `place` stands in an object's column.
fn form(leaf: &ColumnDescriptor, place: Place) -> Result<Form, CompactError> {
    let form = match (place, leaf.physical_type()) {
        _ if leaf.path().parts().len() > 1 || leaf.max_rep_level() > 0 => None,
        (Place::Text(_), Physical::BYTE_ARRAY) => Some(Form::Text),
        (Place::Double(_), Physical::DOUBLE) => Some(Form::Double),
        (Place::Moment(_), Physical::INT96) => Some(Form::Int96),
        (Place::Moment(_), Physical::INT64) => per_millisecond(leaf).map(Form::Integer),
        _ => None,
    };
    form.ok_or_else(|| CompactError::Column {
        column: leaf.path().string(),
        found: match leaf.logical_type_ref() {
            Some(logical) => format!("{} ({logical:?})", leaf.physical_type()),
            None => leaf.physical_type().to_string(),
        },
    })
}

/// How many of a timestamp's units are a millisecond.
fn per_millisecond(leaf: &ColumnDescriptor) -> Option<i64> {
    match (leaf.logical_type_ref(), leaf.converted_type()) {
        (Some(LogicalType::Timestamp(timestamp)), _) => match timestamp.unit {
            TimeUnit::MILLIS => Some(1),
            TimeUnit::MICROS => Some(1_000),
            TimeUnit::NANOS => Some(1_000_000),
        },
        (None, ConvertedType::TIMESTAMP_MILLIS) => Some(1),
        (None, ConvertedType::TIMESTAMP_MICROS) => Some(1_000),
        _ => None,
    }
}

impl Leaf {
    fn damaged(&self, group: usize, source: ParquetError) -> CompactError {
        CompactError::Damaged {
            column: self.name.clone(),
            group,
            source,
        }
    }

    /// The value of the decoded row `row`, of which each is asked for once and in order.
    #[inline]
    fn next<'v, T>(&mut self, row: usize, values: &'v [T]) -> Option<&'v T> {
        if self.levels.get(row) == Some(&0) {
            return None;
        }
        self.at += 1;
        values.get(self.at - 1)
    }
}

impl Numbers {
    fn read(&mut self, rows: usize) -> Result<(), ParquetError> {
        let Self { leaf, form, values } = self;
        values.clear();
        leaf.at = 0;
        leaf.levels.clear();
        match (&mut leaf.reader, *form) {
            (Some(ColumnReader::Int64ColumnReader(reader)), Form::Integer(units)) => {
                read(reader, rows, &mut leaf.levels, values)?;
                if units > 1 {
                    values.iter_mut().for_each(|moment| *moment = moment.div_euclid(units));
                }
            }
            (Some(ColumnReader::Int96ColumnReader(reader)), Form::Int96) => {
                let mut moments = Vec::new();
                read(reader, rows, &mut leaf.levels, &mut moments)?;
                values.extend(moments.iter().map(Int96::to_millis));
            }
            (Some(ColumnReader::DoubleColumnReader(reader)), Form::Double) => {
                let mut doubles = Vec::new();
                read(reader, rows, &mut leaf.levels, &mut doubles)?;
                values.extend(doubles.into_iter().map(ordered));
            }
            (None, _) => {}
            _ => return Err(lie("the column has another type in this row group")),
        }
        Ok(())
    }
}

impl Texts {
    fn read(&mut self, rows: usize) -> Result<(), ParquetError> {
        let Self { leaf, values } = self;
        values.clear();
        leaf.at = 0;
        leaf.levels.clear();
        match &mut leaf.reader {
            Some(ColumnReader::ByteArrayColumnReader(reader)) => read(reader, rows, &mut leaf.levels, values)?,
            None => {}
            _ => return Err(lie("the column has another type in this row group")),
        }
        let is_text = |value: &ByteArray| value.data().is_ascii() || str::from_utf8(value.data()).is_ok();
        if values.iter().all(is_text) {
            Ok(())
        } else {
            Err(lie("a text is not UTF-8"))
        }
    }
}

/// Reads exactly `rows` rows.
fn read<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    levels: &mut Vec<i16>,
    values: &mut Vec<T::T>,
) -> Result<(), ParquetError> {
    let (found, ..) = reader.read_records(rows, Some(levels), None, values)?;
    if found == rows {
        Ok(())
    } else {
        Err(lie("the pages have less rows than the footer"))
    }
}

fn lie(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}
