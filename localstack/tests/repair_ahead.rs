//! A backfill of a stream that the direct writer lags behind: what it has written ahead of the writer,
//! the writer does not write again when it comes to it.

use std::fs;

use anyhow::Result;
use jiff::Timestamp;
use lake::contract::output;
use localstack_tests::repair::{event, said, settled};
use localstack_tests::{Lake, mapping};
use serde_json::json;

#[test]
fn what_was_filled_in_ahead_of_the_writer_is_there_once() -> Result<()> {
    let lake = Lake::deploy_with(&["lake.delivery=direct"])?;
    let writer = lake.output(output::WRITE_FUNCTION_NAME)?;
    produce(&lake, 0..100)?;
    settled(&lake, 100, 100)?;

    mapping::enable(&writer, false)?;
    produce(&lake, 100..200)?;
    let middle = Timestamp::now().to_string();
    produce(&lake, 200..300)?;
    let backfill = |from: &str| said(lake.cli("backfill").args(["--stream", "--from", from, "--json"]));
    let account =
        |sent: u64, skipped: u64| json!({ "read": sent + skipped, "sent": sent, "refused": 0, "skipped": skipped });
    // In the midst of what the writer will take as a batch, whose first record is none of these.
    assert_eq!(backfill(&middle)?, account(100, 0));
    assert_eq!(backfill(&middle)?, account(0, 100));
    settled(&lake, 200, 200)?;

    mapping::enable(&writer, true)?;
    settled(&lake, 300, 300)?;
    assert_eq!(backfill("2026-01-01T00:00:00Z")?, account(0, 300));
    settled(&lake, 300, 300)
}

fn produce(lake: &Lake, numbers: std::ops::Range<usize>) -> Result<()> {
    let input = lake.folder().join("events.jsonl");
    fs::write(&input, numbers.map(|number| event(number) + "\n").collect::<String>())?;
    assert_eq!(lake.produce(&input)?["failed"], 0);
    Ok(())
}
