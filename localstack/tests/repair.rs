//! Repairs of a lake with direct delivery: what was given up, what was refused, what is older than
//! the lake, and what somebody has deleted come into the table, each event once.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use lake::contract::{DATASET, RAW_PREFIX, output, quarantine_prefix};
use localstack_tests::Lake;
use localstack_tests::objects::Bucket;
use localstack_tests::repair::{event, failed, given_up, message, queued, said, sequences, settled};
use serde_json::{Value, json};

#[test]
fn what_is_not_in_the_table_is_brought_there_once() -> Result<()> {
    let lake = Lake::deploy_with(&["lake.delivery=direct"])?;
    let bucket = Bucket::open(lake.output(output::DATA_BUCKET_NAME)?)?;
    let input = lake.folder().join("events.jsonl");
    let lines: Vec<String> = (0..300).map(event).collect();
    fs::write(&input, lines.join("\n"))?;
    lake.produce(&input)?;
    settled(&lake, 300, 300)?;

    what_was_given_up_is_written_where_it_is_lacking(&lake, &bucket)?;
    what_has_expired_is_said_and_stays_in_the_queue(&lake)?;
    what_was_refused_is_sent_again(&lake, &bucket)?;
    files_are_filled_in(&lake)?;
    a_range_of_the_stream_is_there_already(&lake)
}

fn what_was_given_up_is_written_where_it_is_lacking(lake: &Lake, bucket: &Bucket) -> Result<()> {
    let objects = bucket.keys(RAW_PREFIX)?;
    let lost = objects.first().context("an object")?;
    let lacking = bucket.parquet(lost)?.rows.len();
    bucket.remove(lost)?;
    let queue = lake.output(output::FAILURES_QUEUE_URL)?;
    let sent = given_up(&lake.output(output::STREAM_NAME)?, 1_000)?;
    queued(&queue, &sent)?;
    let expected = json!({
        "found": 300, "redriven": lacking, "already_there": 300 - lacking, "still_bad": 0, "expired": 0,
        "sources": sent.len(), "unreadable": 0,
    });
    let redrive = || said(lake.cli("redrive").args(["--from", "failures", "--json"]));
    let dry = said(lake.cli("redrive").args(["--from", "failures", "--json", "--dry-run"]))?;
    assert_eq!(
        (&dry["found"], bucket.keys(RAW_PREFIX)?.len()),
        (&json!(300), objects.len() - 1)
    );
    assert_eq!(redrive()?, expected);
    assert_eq!(redrive()?["found"], 0, "a message is still there");
    assert_eq!(bucket.keys(RAW_PREFIX)?, objects);
    settled(lake, 300, 300)
}

fn what_has_expired_is_said_and_stays_in_the_queue(lake: &Lake) -> Result<()> {
    let (stream, queue) = (
        lake.output(output::STREAM_NAME)?,
        lake.output(output::FAILURES_QUEUE_URL)?,
    );
    let shard = "shardId-000000000000";
    let there = sequences(&stream, shard)?;
    // Five records came before the oldest that the stream has, and are gone; ten are there.
    let tenth = there.get(9).context("ten records")?;
    queued(&queue, &[message(&stream, shard, "1", tenth, 15)])?;
    let expected = json!({
        "found": 15, "redriven": 0, "already_there": 10, "still_bad": 0, "expired": 5, "sources": 1, "unreadable": 0,
    });
    for _ in 0..2 {
        let (account, stderr) = failed(lake.cli("redrive").args(["--from", "failures", "--json"]), 1)?;
        assert_eq!(account, expected);
        assert!(stderr.contains("5 of 15 records"), "{stderr}");
    }
    settled(lake, 300, 300)
}

fn what_was_refused_is_sent_again(lake: &Lake, bucket: &Bucket) -> Result<()> {
    // As if the code of yesterday had refused a good event.
    let line = |data: &str| {
        let data = base64_simd::STANDARD.encode_to_string(data);
        format!("{}\n", json!({ "reason": "wrong_type", "sequence": "1", "data": data }))
    };
    let key = format!("{}shardId-000000000009-1.jsonl", quarantine_prefix(DATASET));
    bucket.put(&key, (line(&event(300)) + &line("no event")).into_bytes())?;
    let redrive = || said(lake.cli("redrive").args(["--from", "quarantine", "--json"]));
    let account = redrive()?;
    assert_eq!(
        (&account["redriven"], &account["still_bad"]),
        (&json!(1), &json!(1)),
        "{account}"
    );
    assert_eq!(bucket.bytes(&key)?, line("no event").as_bytes());
    let account = redrive()?;
    assert_eq!(
        (&account["redriven"], &account["still_bad"]),
        (&json!(0), &json!(1)),
        "{account}"
    );
    settled(lake, 301, 301)
}

fn files_are_filled_in(lake: &Lake) -> Result<()> {
    let input = lake.folder().join("older.jsonl");
    let lines: Vec<String> = (301..500).map(event).collect();
    fs::write(&input, format!("no event\n\n{}\n", lines.join("\n")))?;
    let backfill = || -> Result<(Value, bool)> {
        let output = lake.cli("backfill").arg("--input").arg(&input).arg("--json").output()?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let account = serde_json::from_slice(&output.stdout).with_context(|| stderr.clone())?;
        ensure!(
            output.status.success() || stderr.contains("line 1 is refused"),
            "{stderr}"
        );
        Ok((account, output.status.success()))
    };
    let first = json!({ "read": 200, "sent": 199, "refused": 1, "skipped": 0 });
    assert_eq!(backfill()?, (first, false));
    let second = json!({ "read": 200, "sent": 0, "refused": 0, "skipped": 200 });
    assert_eq!(backfill()?, (second, true));
    settled(lake, 500, 500)
}

fn a_range_of_the_stream_is_there_already(lake: &Lake) -> Result<()> {
    let account = said(
        lake.cli("backfill")
            .args(["--stream", "--from", "2026-01-01T00:00:00Z", "--json"]),
    )?;
    assert_eq!(account, json!({ "read": 500, "sent": 0, "refused": 0, "skipped": 500 }));
    settled(lake, 500, 500)
}
