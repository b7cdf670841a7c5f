//! The lake, end to end: the real template, the real programs, an independent reader.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use lake::contract::{self, output};
use localstack_tests::Lake;
use localstack_tests::events::{self, Fate};
use localstack_tests::objects::Bucket;
use parquet::record::RowAccessor as _;
use serde_json::Value;

const FIREHOSE: &str = "lake.delivery=firehose";
const DIRECT: &str = "lake.delivery=direct";

#[test]
fn every_event_is_queryable_or_quarantined_with_its_reason() -> Result<()> {
    check(FIREHOSE, &[])
}

#[test]
fn so_it_is_when_many_share_a_record() -> Result<()> {
    check(FIREHOSE, &["--aggregate"])
}

#[test]
fn so_it_is_with_direct_delivery() -> Result<()> {
    check(DIRECT, &[])
}

#[test]
fn so_it_is_with_direct_delivery_when_many_share_a_record() -> Result<()> {
    check(DIRECT, &["--aggregate"])
}

#[track_caller]
fn check(delivery: &str, options: &[&str]) -> Result<()> {
    let lake = Lake::deploy_with(&[delivery])?;
    let cases = events::mixed(3_000);
    let sent = lake.produce_with(&events::write(&cases, lake.folder())?, options)?;
    assert_eq!(sent["acknowledged"], cases.len(), "{sent}");
    assert_eq!(sent["failed"], 0, "{sent}");
    let (rows, quarantined) = lake.settle(cases.len())?;

    let mut expected_codes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut expected_rows: BTreeMap<&str, &Value> = BTreeMap::new();
    for case in &cases {
        match &case.fate {
            Fate::Refused(code) => *expected_codes.entry(code).or_default() += 1,
            Fate::Row { uuid, payload } => drop(expected_rows.insert(uuid, payload)),
        }
    }
    assert_eq!(rows, expected_rows.len());
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &quarantined {
        assert!(
            record["reason"].as_str().is_some_and(|reason| !reason.is_empty()),
            "{record}"
        );
        *codes.entry(record["code"].as_str().unwrap_or("none")).or_default() += 1;
    }
    assert_eq!(codes, expected_codes);

    read_back(&lake, &expected_rows)
}

/// Reads every object with the `parquet` crate: each event once, in its own hour, with all it had.
fn read_back(lake: &Lake, expected: &BTreeMap<&str, &Value>) -> Result<()> {
    let bucket = Bucket::open(lake.output(output::DATA_BUCKET_NAME)?)?;
    let column = |name: &str| contract::COLUMNS.iter().position(|column| column.name == name).unwrap();
    let mut seen = BTreeSet::new();
    for key in bucket.keys(contract::RAW_PREFIX)? {
        let object = bucket.parquet(&key)?;
        // Firehose writes microseconds here, and the direct writer milliseconds: readers ask the file.
        let columns = object.columns.iter();
        let columns = columns.map(|column| column.trim_end_matches("_MICROS").trim_end_matches("_MILLIS"));
        assert_eq!(
            columns.collect::<Vec<_>>(),
            [
                "event_uuid BYTE_ARRAY UTF8",
                "event_name BYTE_ARRAY UTF8",
                "event_type BYTE_ARRAY UTF8",
                "event_subtype BYTE_ARRAY UTF8",
                "created_at DOUBLE NONE",
                "created_datetime INT64 TIMESTAMP",
                "ingested_at INT64 TIMESTAMP",
                "payload BYTE_ARRAY UTF8",
            ],
            "{key}"
        );
        for row in &object.rows {
            let uuid = row.get_string(column("event_uuid"))?;
            let payload: Value = serde_json::from_str(row.get_string(column("payload"))?)?;
            assert_eq!(Some(&&payload), expected.get(uuid.as_str()), "{uuid}");
            assert!(seen.insert(uuid.clone()), "{uuid} was delivered twice");
            let created = row.get_double(column("created_at"))?;
            let hour = if created < 1_769_904_000.0 {
                "2026/month=01/day=31/hour=23"
            } else {
                "2026/month=02/day=01/hour=00"
            };
            assert!(
                key.starts_with(&format!("raw/events/year={hour}/")),
                "{created} is in {key}"
            );
        }
    }
    assert_eq!(seen.len(), expected.len());
    Ok(())
}

#[test]
fn every_named_query_is_deployed_and_runs() -> Result<()> {
    let lake = Lake::deploy()?;
    let cases = events::mixed(40);
    lake.produce(&events::write(&cases, lake.folder())?)?;
    lake.settle(cases.len())?;
    for query in contract::QUERIES {
        let rows = lake.query(query.name)?;
        match query.name {
            "duplicates" => assert!(rows.is_empty(), "{rows:?}"),
            name => assert!(!rows.is_empty(), "{name} found nothing"),
        }
    }
    Ok(())
}

#[test]
fn a_changed_function_is_one_upload_and_one_update() -> Result<()> {
    let lake = Lake::deploy()?;
    let built = localstack_tests::root().join("target/lambda");
    let again = lake.redeploy(&built)?;
    assert!(again.contains("no changes"), "{again}");

    // A zip may have bytes before its first entry, so this one is another file with the same code.
    let changed = lake.folder().join("lambda");
    std::fs::create_dir(&changed)?;
    for entry in std::fs::read_dir(&built)? {
        let path = entry?.path();
        let name = path.file_name().unwrap();
        match name == "lake-transform.zip" {
            true => std::fs::write(
                changed.join(name),
                [b"changed ".as_slice(), &std::fs::read(&path)?].concat(),
            )?,
            false => std::os::unix::fs::symlink(&path, changed.join(name))?,
        }
    }
    let update = lake.redeploy(&changed)?;
    assert!(update.contains("1 uploaded"), "{update}");
    assert!(update.contains("Transform "), "{update}");
    for untouched in ["Stream ", "Data ", "CatalogTable "] {
        assert!(!update.contains(untouched), "{untouched}is in\n{update}");
    }

    let cases = events::mixed(20);
    lake.produce(&events::write(&cases, lake.folder())?)?;
    lake.settle(cases.len())?;
    Ok(())
}

#[test]
fn a_destroyed_lake_leaves_nothing_and_can_be_made_again() -> Result<()> {
    let lake = Lake::deploy()?;
    let cases = events::mixed(20);
    lake.produce(&events::write(&cases, lake.folder())?)?;
    lake.settle(cases.len())?;
    let bucket = Bucket::open(lake.output(output::DATA_BUCKET_NAME)?)?;
    lake.destroy()?;
    assert!(bucket.keys("").is_err(), "the bucket is still there");
    assert!(lake.destroy()?.contains("nothing to destroy"));
    lake.redeploy(&localstack_tests::root().join("target/lambda"))?;
    assert!(bucket.keys("raw/")?.is_empty());
    Ok(())
}
