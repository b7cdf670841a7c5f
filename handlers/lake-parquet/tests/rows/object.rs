//! Objects as a reader sees them, and what they must hold.

use std::collections::BTreeMap;

use bytes::Bytes;
use contract_kit::ColumnKind;
use jiff::Timestamp;
use lake::contract::COLUMNS;
use lake_parquet::{Encoder, Object};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::value::RawValue;

/// 2024-04-07T17:42:03.120Z
pub(crate) const ARRIVAL: i64 = 1_712_511_723_120;

/// A cell, as far as the tests tell cells apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Text(String),
    Integer(i64),
    Double(f64),
}

/// The rows of every object by its hour.
pub(crate) fn rows(encoder: &mut Encoder) -> BTreeMap<String, Vec<Vec<Cell>>> {
    let objects = encoder.finish().map(|object| {
        let Object { hour, rows, bytes } = object.expect("an object");
        let cells = read(bytes);
        assert_eq!(cells.len(), rows);
        (hour.to_string(), cells)
    });
    objects.collect()
}

/// The rows of a file; groups are spread out.
pub(crate) fn read(file: Vec<u8>) -> Vec<Vec<Cell>> {
    let reader = SerializedFileReader::new(Bytes::from(file)).expect("a Parquet file");
    let rows = reader.get_row_iter(None).expect("rows");
    rows.map(|row| {
        let mut cells = Vec::new();
        spread(&row.expect("a row"), &mut cells);
        cells
    })
    .collect()
}

fn spread(row: &Row, cells: &mut Vec<Cell>) {
    for (_, field) in row.get_column_iter() {
        cells.push(match field {
            Field::Null => Cell::Null,
            Field::Str(text) => Cell::Text(text.clone()),
            Field::Long(integer) | Field::TimestampMillis(integer) => Cell::Integer(*integer),
            Field::Double(double) => Cell::Double(*double),
            Field::Group(group) => {
                spread(group, cells);
                continue;
            }
            other => panic!("no column has {other:?}"),
        });
    }
}

/// The cells of a transformed line, by the catalog's types.
pub(crate) fn converted(line: &[u8]) -> Vec<Cell> {
    let line: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(line).unwrap();
    let cell = |name: &str, kind: ColumnKind| {
        let value = line[name].get();
        if value == "null" {
            return Cell::Null;
        }
        let text = || serde_json::from_str::<String>(value).unwrap();
        match kind {
            ColumnKind::String => Cell::Text(text()),
            ColumnKind::Timestamp => Cell::Integer(text().parse::<Timestamp>().unwrap().as_millisecond()),
            // Without its feature `float_roundtrip`, serde_json may miss the nearest double.
            ColumnKind::Double => Cell::Double(value.parse().unwrap()),
            ColumnKind::BigInt | ColumnKind::Boolean => panic!("{name} is no column of the lake"),
        }
    };
    COLUMNS.iter().map(|column| cell(column.name, column.kind)).collect()
}
