//! Objects as a reader sees them.

use std::collections::BTreeMap;

use bytes::Bytes;
use lake_parquet::{Encoder, Object};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

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
