//! Repairs of a lake with direct delivery: what was given up, what was refused, what is older than
//! the lake, and what somebody has deleted come into the table, each event once.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use lake::contract::{DATASET, RAW_PREFIX, output, quarantine_prefix};
use localstack_tests::objects::Bucket;
use localstack_tests::{Lake, checked, endpoint, eventually, http};
use serde_json::{Value, json};

#[test]
fn what_is_not_in_the_table_is_brought_there_once() -> Result<()> {
    let lake = Lake::deploy_with(&["lake.delivery=direct"])?;
    let bucket = Bucket::open(lake.output(output::DATA_BUCKET_NAME)?)?;
    let input = lake.folder().join("events.jsonl");
    let lines: Vec<String> = (0..300).map(event).collect();
    fs::write(&input, lines.join("\n"))?;
    lake.produce(&input)?;
    settled(&lake, 300)?;

    what_was_given_up_is_written_where_it_is_lacking(&lake, &bucket)?;
    what_was_refused_is_sent_again(&lake, &bucket)?;
    files_are_filled_in(&lake)?;
    a_range_of_the_stream_is_there_already(&lake)
}

fn event(number: usize) -> String {
    format!(r#"{{"event_uuid":"u{number}","event_name":"lesson:started","created_at":1769900400}}"#)
}

/// Waits until the table has so many rows, each of another event.
fn settled(lake: &Lake, rows: u64) -> Result<()> {
    eventually(|| {
        let sql = "SELECT count(*) AS rows, count(DISTINCT event_uuid) AS events FROM events";
        let counts = lake.query(sql)?;
        let found = counts[0]["rows"].as_u64().context("a count")?;
        ensure!(found <= rows, "{found} rows of {rows}");
        ensure!(
            found < rows || counts[0]["events"] == rows,
            "an event is there twice: {counts:?}"
        );
        Ok((found == rows).then_some(()))
    })
}

fn what_was_given_up_is_written_where_it_is_lacking(lake: &Lake, bucket: &Bucket) -> Result<()> {
    let objects = bucket.keys(RAW_PREFIX)?;
    let lost = objects.first().context("an object")?;
    let lacking = bucket.parquet(lost)?.rows.len();
    bucket.remove(lost)?;
    let queue = lake.output(output::FAILURES_QUEUE_URL)?;
    let sent = given_up(&lake.output(output::STREAM_NAME)?)?;
    for message in &sent {
        let body = json!({ "QueueUrl": queue, "MessageBody": message.to_string() });
        call("AmazonSQS.SendMessage", &body)?;
    }
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
    settled(lake, 300)
}

/// What the event source mapping would say if it had given up all records of a stream.
fn given_up(stream: &str) -> Result<Vec<Value>> {
    let shards = call("Kinesis_20131202.ListShards", &json!({ "StreamName": stream }))?;
    let mut messages = Vec::new();
    for shard in shards["Shards"].as_array().context("shards")? {
        let shard = &shard["ShardId"];
        let from = json!({ "StreamName": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        let place = call("Kinesis_20131202.GetShardIterator", &from)?;
        let records = call(
            "Kinesis_20131202.GetRecords",
            &json!({ "ShardIterator": place["ShardIterator"] }),
        )?;
        let records = records["Records"].as_array().context("records")?;
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            continue;
        };
        messages.push(json!({ "KinesisBatchInfo": {
            "shardId": shard, "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"], "batchSize": records.len(),
            "streamArn": format!("arn:aws:kinesis:eu-west-2:000000000000:stream/{stream}"),
        } }));
    }
    Ok(messages)
}

/// Calls the cloud in AWS's JSON protocol; it takes whoever asks.
fn call(target: &str, body: &Value) -> Result<Value> {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260131/eu-west-2/{}/aws4_request",
        service(target)
    );
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", target),
        ("authorization", authorization.as_str()),
    ];
    let answer = http::send("POST", &endpoint()?, &headers, &body.to_string())?;
    ensure!(answer.status == 200, "{target}: {}", answer.body);
    answer.json()
}

fn service(target: &str) -> &'static str {
    if target.starts_with("Kinesis") {
        "kinesis"
    } else {
        "sqs"
    }
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
    settled(lake, 301)
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
    settled(lake, 500)
}

fn a_range_of_the_stream_is_there_already(lake: &Lake) -> Result<()> {
    let account = said(
        lake.cli("backfill")
            .args(["--stream", "--from", "2026-01-01T00:00:00Z", "--json"]),
    )?;
    assert_eq!(account, json!({ "read": 500, "sent": 0, "refused": 0, "skipped": 500 }));
    settled(lake, 500)
}

/// What a command prints.
fn said(command: &mut Command) -> Result<Value> {
    Ok(serde_json::from_slice(&checked(command)?.stdout)?)
}
