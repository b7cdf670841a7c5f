//! What the tests of `redrive` and `backfill` have in common: events, what was given up, and commands
//! that are stopped in their midst.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{Lake, PATIENCE, checked, endpoint, eventually, http};

/// How often it is looked whether a command has come so far.
const GLANCE: Duration = Duration::from_millis(5);

/// The event of this number, of 2026-01-31T23:00Z.
#[must_use]
pub fn event(number: usize) -> String {
    format!(r#"{{"event_uuid":"u{number}","event_name":"lesson:started","created_at":1769900400}}"#)
}

/// The same with so many bytes more.
#[must_use]
pub fn large_event(number: usize, more: usize) -> String {
    let text = "x".repeat(more);
    format!(r#"{{"event_uuid":"u{number}","event_name":"lesson:started","created_at":1769900400,"text":"{text}"}}"#)
}

/// Waits until the table has so many rows, of so many events.
///
/// # Errors
///
/// When it has more rows, or other events.
pub fn settled(lake: &Lake, rows: u64, events: u64) -> Result<()> {
    eventually(|| {
        let sql = "SELECT count(*) AS rows, count(DISTINCT event_uuid) AS events FROM events";
        let counts = lake.query(sql)?;
        let found = counts[0]["rows"].as_u64().context("a count")?;
        ensure!(found <= rows, "{found} rows of {rows}");
        ensure!(
            found < rows || counts[0]["events"] == events,
            "{rows} rows are not of {events} events: {counts:?}"
        );
        Ok((found == rows).then_some(()))
    })
}

/// What a command prints.
///
/// # Errors
///
/// When it fails, or prints no JSON.
pub fn said(command: &mut Command) -> Result<Value> {
    Ok(serde_json::from_slice(&checked(command)?.stdout)?)
}

/// What a command prints that ends with this exit code, and what it says beside that.
///
/// # Errors
///
/// When it ends otherwise, or prints no JSON.
pub fn failed(command: &mut Command, code: i32) -> Result<(Value, String)> {
    let output = command.output()?;
    let stderr = String::from_utf8(output.stderr)?;
    ensure!(
        output.status.code() == Some(code),
        "{command:?} ended with {}: {stderr}",
        output.status
    );
    let account = serde_json::from_slice(&output.stdout).with_context(|| stderr.clone())?;
    Ok((account, stderr))
}

/// What a command prints whom somebody interrupts, with Ctrl-C, once it has come so far.
///
/// # Errors
///
/// When it ends before, takes too long, or does not say that it was interrupted.
pub fn interrupted(command: &mut Command, mut has_come_so_far: impl FnMut() -> Result<bool>) -> Result<Value> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (pid, start) = (Pid::from_child(&child), Instant::now());
    while !has_come_so_far()? {
        if let Some(status) = child.try_wait()? {
            bail!("{command:?} ended with {status} before it could be interrupted");
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            bail!("{command:?} has not come so far within {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(GLANCE);
    }
    kill_process(pid, Signal::INT)?;
    let output = child.wait_with_output()?;
    let stderr = String::from_utf8(output.stderr)?;
    ensure!(
        output.status.code() == Some(130),
        "{command:?} ended with {}: {stderr}",
        output.status
    );
    serde_json::from_slice(&output.stdout).context(stderr)
}

/// What the event source mapping would say if it had given up all records of a stream, so many at a
/// time.
///
/// # Errors
///
/// When the stream cannot be read.
pub fn given_up(stream: &str, size: usize) -> Result<Vec<Value>> {
    let shards = call("Kinesis_20131202.ListShards", &json!({ "StreamName": stream }))?;
    let mut messages = Vec::new();
    for shard in shards["Shards"].as_array().context("shards")? {
        let shard = shard["ShardId"].as_str().context("a shard's id")?;
        for batch in sequences(stream, shard)?.chunks(size) {
            messages.push(message(stream, shard, &batch[0], &batch[batch.len() - 1], batch.len()));
        }
    }
    Ok(messages)
}

/// What the event source mapping says of records that it gives up.
#[must_use]
pub fn message(stream: &str, shard: &str, first: &str, last: &str, records: usize) -> Value {
    json!({ "KinesisBatchInfo": {
        "shardId": shard, "startSequenceNumber": first, "endSequenceNumber": last, "batchSize": records,
        "streamArn": format!("arn:aws:kinesis:eu-west-2:000000000000:stream/{stream}"),
    } })
}

/// The sequence numbers of a shard's records.
///
/// # Errors
///
/// When the shard cannot be read.
pub fn sequences(stream: &str, shard: &str) -> Result<Vec<String>> {
    let from = json!({ "StreamName": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let mut place = call("Kinesis_20131202.GetShardIterator", &from)?["ShardIterator"].clone();
    let mut sequences = Vec::new();
    loop {
        let page = call("Kinesis_20131202.GetRecords", &json!({ "ShardIterator": place }))?;
        let records = page["Records"].as_array().context("records")?;
        if records.is_empty() {
            return Ok(sequences);
        }
        for record in records {
            let sequence = record["SequenceNumber"].as_str().context("a sequence number")?;
            sequences.push(sequence.to_owned());
        }
        place = page["NextShardIterator"].clone();
    }
}

/// Puts messages into a queue.
///
/// # Errors
///
/// When the queue does not take one.
pub fn queued(queue: &str, messages: &[Value]) -> Result<()> {
    for message in messages {
        let body = json!({ "QueueUrl": queue, "MessageBody": message.to_string() });
        call("AmazonSQS.SendMessage", &body)?;
    }
    Ok(())
}

/// Calls the cloud in AWS's JSON protocol; it takes whoever asks.
fn call(target: &str, body: &Value) -> Result<Value> {
    let service = match target.starts_with("Kinesis") {
        true => "kinesis",
        false => "sqs",
    };
    let authorization = format!("AWS4-HMAC-SHA256 Credential=test/20260131/eu-west-2/{service}/aws4_request");
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", target),
        ("authorization", authorization.as_str()),
    ];
    let answer = http::send("POST", &endpoint()?, &headers, &body.to_string())?;
    ensure!(answer.status == 200, "{target}: {}", answer.body);
    answer.json()
}
