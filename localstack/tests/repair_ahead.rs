//! A backfill of a stream that the direct writer lags behind leaves to it what it has yet to come to.

use std::fs;

use anyhow::Result;
use jiff::Timestamp;
use lake::contract::output;
use localstack_tests::repair::{event, said, settled};
use localstack_tests::{Lake, mapping};
use serde_json::json;

#[test]
fn what_the_writer_has_yet_to_come_to_is_left_to_it() -> Result<()> {
    let lake = Lake::deploy_with(&["lake.delivery=direct"])?;
    let writer = lake.output(output::WRITE_FUNCTION_NAME)?;
    produce(&lake, 0..100)?;
    settled(&lake, 100, 100)?;

    mapping::enable(&writer, false)?;
    produce(&lake, 100..200)?;
    let middle = Timestamp::now().to_string();
    produce(&lake, 200..300)?;
    let backfill = |from: &str| said(lake.cli("backfill").args(["--stream", "--from", from, "--json"]));
    let account = |skipped: u64, ahead: u64| json!({ "read": skipped + ahead, "sent": 0, "refused": 0, "skipped": skipped, "ahead": ahead });
    // In the midst of what the writer will take as a batch, the first record of this is no batch's first.
    assert_eq!(backfill(&middle)?, account(0, 100));
    assert_eq!(backfill("2026-01-01T00:00:00Z")?, account(100, 200));

    mapping::enable(&writer, true)?;
    settled(&lake, 300, 300)?;
    assert_eq!(backfill(&middle)?, account(100, 0));
    settled(&lake, 300, 300)
}

fn produce(lake: &Lake, numbers: std::ops::Range<usize>) -> Result<()> {
    let input = lake.folder().join("events.jsonl");
    fs::write(&input, numbers.map(|number| event(number) + "\n").collect::<String>())?;
    assert_eq!(lake.produce(&input)?["failed"], 0);
    Ok(())
}
