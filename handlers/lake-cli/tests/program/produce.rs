use crate::stand_in::{Reply, Request, json as reply, refused, run, start};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::Output;
use std::sync::{Arc, Mutex};

/// Every record that a request held, and whether it was taken.
type Seen = Arc<Mutex<Vec<(String, bool)>>>;

/// Kinesis; `refuses` says which records are throttled the first time they come.
fn kinesis(refuses: fn(&str) -> bool) -> (String, Seen) {
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    (start(move |request| answer(request, &log, refuses)), seen)
}

fn answer(request: &Request, seen: &Seen, refuses: fn(&str) -> bool) -> Reply {
    let body = request.json();
    match request.operation.as_str() {
        "DescribeStreamSummary" if body["StreamName"] == "missing" => {
            reply(400, json!({"__type": "ResourceNotFoundException", "message": "no"}))
        }
        "DescribeStreamSummary" => reply(200, summary()),
        "PutRecords" => reply(200, put(&body, seen, refuses)),
        other => panic!("{other}"),
    }
}

fn summary() -> Value {
    json!({"StreamDescriptionSummary": {
        "StreamName": "events", "StreamARN": "arn:aws:kinesis:eu-west-2:000000000000:stream/events",
        "StreamStatus": "ACTIVE", "RetentionPeriodHours": 24, "StreamCreationTimestamp": 1.0,
        "EnhancedMonitoring": [], "OpenShardCount": 1,
    }})
}

fn put(body: &Value, seen: &Seen, refuses: fn(&str) -> bool) -> Value {
    let mut seen = seen.lock().expect("alone");
    let mut failed = 0;
    let records: Vec<Value> = body["Records"]
        .as_array()
        .expect("records")
        .iter()
        .map(|record| {
            let data = base64_simd::STANDARD
                .decode_to_vec(record["Data"].as_str().expect("data"))
                .expect("base64");
            let data = String::from_utf8(data).expect("text");
            let again = seen.iter().any(|(before, _)| *before == data);
            let taken = again || !refuses(&data);
            seen.push((data, taken));
            if taken {
                return json!({"SequenceNumber": seen.len().to_string(), "ShardId": "shardId-000000000000"});
            }
            failed += 1;
            json!({"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"})
        })
        .collect();
    json!({"FailedRecordCount": failed, "Records": records})
}

fn produce(endpoint: &str, input: &str, arguments: &[&str]) -> Output {
    run(endpoint, &[&["produce", "--json"], arguments].concat(), input)
}

#[test]
fn what_kinesis_throttles_is_sent_again_and_nothing_else() {
    let (endpoint, seen) = kinesis(|data| data.contains("slow"));
    let lines: Vec<_> = (0..1200)
        .map(|n| {
            format!(
                r#"{{"event_uuid":"{n}","name":"{}"}}"#,
                if n % 10 == 0 { "slow" } else { "é" }
            )
        })
        .collect();
    let output = produce(
        &endpoint,
        &(lines.join("\n") + "\n\n"),
        &["--stream", "events", "--input", "-"],
    );
    let summary: Value = serde_json::from_slice(&output.stdout).expect("a summary");
    assert_eq!(output.status.code(), Some(0), "{summary}");
    assert_eq!(
        (&summary["sent"], &summary["acknowledged"], &summary["failed"]),
        (&json!(1200), &json!(1200), &json!(0))
    );
    assert_eq!((&summary["retries"], &summary["blank_lines"]), (&json!(120), &json!(1)));

    let seen = seen.lock().expect("alone");
    assert_eq!(seen.len(), 1320);
    let mut taken: Vec<_> = seen
        .iter()
        .filter(|(_, taken)| *taken)
        .map(|(data, _)| data.clone())
        .collect();
    let mut wanted = lines;
    taken.sort();
    wanted.sort();
    assert_eq!(taken, wanted);
}

#[test]
fn an_event_too_large_fails_and_is_kept() {
    let (endpoint, seen) = kinesis(|_| false);
    let input = format!("{{\"small\":1}}\n{{\"large\":\"{}\"}}\n", "x".repeat(1024 * 1024));
    let output = produce(
        &endpoint,
        &input,
        &["--stream", "events", "--input", "-", "--failed", "kept.jsonl"],
    );
    let summary: Value = serde_json::from_slice(&output.stdout).expect("a summary");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        (&summary["sent"], &summary["failures"]),
        (&json!(2), &json!({"TooLarge": 1}))
    );
    assert_eq!(summary["failed_file"], "kept.jsonl");
    assert_eq!(seen.lock().expect("alone").len(), 1);
}

#[test]
fn what_cannot_work_is_said_in_one_sentence() {
    let (endpoint, _) = kinesis(|_| false);
    refused(
        &produce(&endpoint, "", &["--stream", "missing"]),
        "there is no stream missing; deploy the stack first",
    );
    refused(
        &produce(&endpoint, "", &[]),
        "no StreamName: give --stream NAME, or --outputs FILE",
    );
    refused(
        &produce(&endpoint, "", &["--stream", "events", "--input", "nowhere.jsonl"]),
        "cannot open nowhere.jsonl",
    );
    // A port that was free a moment ago, so that nothing listens on it.
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    refused(
        &produce(&format!("http://{free}"), "", &["--stream", "events"]),
        "start the local cloud with `cargo xtask local up`",
    );
}
