use super::{Parquet, days, decimal, microseconds};
use crate::destination::Destination;
use crate::query::column::{Column, Kind, Row};
use crate::query::output::Output;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use std::fs::File;

fn write(kinds: &[Kind], rows: Vec<Row>) -> anyhow::Result<SerializedFileReader<File>> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.parquet");
    let columns: Vec<_> = kinds
        .iter()
        .map(|kind| Column {
            name: "c".to_owned(),
            kind: *kind,
        })
        .collect();
    let mut file = Box::new(Parquet::create(&columns, Destination::open(Some(&path))?)?);
    file.rows(rows)?;
    file.finish()?;
    Ok(SerializedFileReader::new(File::open(&path)?)?)
}

#[test]
fn every_type_is_read_back_and_null_stays_null() {
    let cases = [
        (Kind::Boolean, "true", Field::Bool(true)),
        (Kind::Integer, "-2147483648", Field::Int(i32::MIN)),
        (Kind::BigInt, "9223372036854775807", Field::Long(i64::MAX)),
        (Kind::Real, "1.5", Field::Float(1.5)),
        (Kind::Double, "1.0E10", Field::Double(1e10)),
        (Kind::Date, "2024-02-29", Field::Date(19_782)),
        (
            Kind::Timestamp,
            "2024-04-07 17:42:01.022",
            Field::TimestampMicros(1_712_511_721_022_000),
        ),
        (Kind::Text, "żółty", Field::Str("żółty".to_owned())),
        (Kind::Json, "{}", Field::Str("{}".to_owned())),
    ];
    let kinds: Vec<_> = cases.iter().map(|case| case.0).collect();
    let rows = vec![
        cases.iter().map(|case| Some(case.1.to_owned())).collect(),
        vec![None; cases.len()],
    ];
    let reader = write(&kinds, rows).expect("written");
    let read: Vec<_> = reader
        .get_row_iter(None)
        .expect("rows")
        .map(|row| row.expect("a row"))
        .collect();
    let fields = |at: usize| -> Vec<Field> { read[at].get_column_iter().map(|(_, field)| field.clone()).collect() };
    assert_eq!(fields(0), cases.map(|case| case.2));
    assert!(fields(1).iter().all(|field| *field == Field::Null));
    assert_eq!(read[0].get_column_iter().nth(1).expect("two").0, "c_2");
}

#[test]
fn decimals_keep_every_digit_in_both_widths() {
    let narrow = Kind::Decimal {
        precision: 18,
        scale: 3,
    };
    let wide = Kind::Decimal {
        precision: 38,
        scale: 2,
    };
    let texts = ["-123456789012345.678", "-123456789012345678901234567890.10"];
    let reader = write(
        &[narrow, wide],
        vec![texts.iter().map(|t| Some((*t).to_owned())).collect()],
    )
    .expect("written");
    let row = reader
        .get_row_iter(None)
        .expect("rows")
        .next()
        .expect("one")
        .expect("a row");
    let shown: Vec<_> = row.get_column_iter().map(|(_, field)| field.to_string()).collect();
    assert_eq!(shown, texts);
}

#[test]
fn many_rows_become_several_row_groups() {
    let rows = (0..150_000).map(|n| vec![(n % 3 > 0).then(|| n.to_string())]).collect();
    let reader = write(&[Kind::BigInt], rows).expect("written");
    assert_eq!(reader.metadata().num_row_groups(), 3);
    let sum: i64 = reader
        .get_row_iter(None)
        .expect("rows")
        .map(|row| match row.expect("a row").get_column_iter().next() {
            Some((_, Field::Long(n))) => *n,
            _ => 0,
        })
        .sum();
    assert_eq!(sum, (0..150_000).filter(|n| n % 3 > 0).sum::<i64>());
}

#[test]
fn a_value_of_another_type_is_named_with_its_place() {
    let rows = vec![vec![Some("1".to_owned())], vec![Some("x".to_owned())]];
    let error = write(&[Kind::BigInt], rows).err().expect("an error");
    assert_eq!(
        format!("{error:#}"),
        "column c, row 2: `x` is not a bigint; CAST the column to varchar"
    );
    assert!(write(&[], vec![]).is_err());
}

#[test]
fn texts_become_numbers() {
    assert_eq!(decimal("1.5", 3), Some(1500));
    assert_eq!(decimal("-0.05", 2), Some(-5));
    assert_eq!(decimal("7", 0), Some(7));
    for wrong in ["1.234", "1.-2", "x", ""] {
        assert_eq!(decimal(wrong, 2), None, "{wrong}");
    }
    assert_eq!(
        (days("1970-01-01"), days("1969-12-31"), days("soon")),
        (Some(0), Some(-1), None)
    );
    assert_eq!(microseconds("1970-01-01 00:00:00"), Some(0));
    assert_eq!(microseconds("yesterday"), None);
}
