//! The real `lake-transform` binary against a runtime API of our own.

mod runtime;

use std::collections::BTreeMap;

use aws_lambda_events::firehose::KinesisFirehoseResponse;
use lake::contract::metric;
use serde_json::Value;

use runtime::{Answer, run};

const ARRIVAL: u64 = 1_712_511_723_120;

/// One event's request record, in Firehose's form.
fn record(id: &str, event: &[u8]) -> String {
    let data = base64_simd::STANDARD.encode_to_string(event);
    format!(
        r#"{{"recordId":"{id}","approximateArrivalTimestamp":{ARRIVAL},"data":"{data}","kinesisRecordMetadata":{{"shardId":"shardId-000000000000","partitionKey":"k","approximateArrivalTimestamp":{ARRIVAL},"sequenceNumber":"seq-{id}","subsequenceNumber":0}}}}"#
    )
}

fn request(records: &[String]) -> Vec<u8> {
    format!(
        r#"{{"invocationId":"i","deliveryStreamArn":"d","region":"eu-west-2","records":[{}]}}"#,
        records.join(",")
    )
    .into_bytes()
}

fn event(created_at: &str, rest: &str) -> Vec<u8> {
    format!(r#"{{"event_uuid":"78d1b928","event_name":"payment:order:completed","created_at":{created_at}{rest}}}"#)
        .into_bytes()
}

fn response(answer: &Answer) -> KinesisFirehoseResponse {
    assert!(answer.ok, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap()
}

fn lines(log: &str) -> Vec<Value> {
    log.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

/// The metrics with these dimensions, in order, each as a name and a value.
fn metrics(lines: &[Value], dimensions: &[(&str, &str)]) -> Vec<BTreeMap<String, f64>> {
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
    lines
        .iter()
        .filter_map(|line| {
            let directive = line.get("_aws")?.get("CloudWatchMetrics")?.get(0)?;
            assert_eq!(directive["Namespace"], "headend/test");
            assert!(line["_aws"]["Timestamp"].as_u64()? > 1_700_000_000_000);
            let same = dimensions.iter().all(|(name, value)| line[name] == *value);
            if directive["Dimensions"] != serde_json::json!([names]) || !same {
                return None;
            }
            let defined = directive["Metrics"].as_array()?;
            Some(
                defined
                    .iter()
                    .map(|definition| {
                        let name = definition["Name"].as_str().unwrap();
                        (name.to_owned(), line[name].as_f64().unwrap())
                    })
                    .collect(),
            )
        })
        .collect()
}

#[test]
fn good_and_bad_records_are_answered_logged_and_counted() {
    let secret = "4111-1111-1111-1111";
    let good = event("1712511721.022075", r#","amount":12.50"#);
    let late = event("1712511721022", &format!(r#","card":"{secret}""#));
    let cut = format!(r#"{{"event_uuid":"{secret}"#);
    let run = run(vec![request(&[
        record("a", &good),
        record("b", &late),
        record("c", cut.as_bytes()),
        record("d", &good),
    ])]);

    let response = response(&run.answers[0]);
    let results: Vec<(&str, &str, usize)> = response
        .records
        .iter()
        .map(|record| {
            (
                record.record_id.as_deref().unwrap(),
                record.result.as_deref().unwrap(),
                record.metadata.partition_keys.len(),
            )
        })
        .collect();
    assert_eq!(
        results,
        [
            ("a", "Ok", 4),
            ("b", "ProcessingFailed", 0),
            ("c", "ProcessingFailed", 0),
            ("d", "Ok", 4),
        ]
    );
    let line: Value = serde_json::from_slice(&response.records[0].data.0).unwrap();
    assert_eq!(line["created_datetime"], "2024-04-07T17:42:01Z");
    assert_eq!(line["ingested_at"], "2024-04-07T17:42:03.120Z");
    assert_eq!(line["payload"], r#"{"amount":12.50}"#);

    assert!(!run.log.contains(secret), "the log repeats an event");
    let lines = lines(&run.log);
    let reasons: Vec<(&str, &str, &str, &str)> = lines
        .iter()
        .filter(|line| line["level"] == "WARN")
        .map(|line| {
            let text = |name: &str| line["fields"][name].as_str().unwrap();
            (
                text("record_id"),
                text("sequence_number"),
                text("reason"),
                text("message"),
            )
        })
        .collect();
    assert_eq!(
        reasons,
        [
            (
                "b",
                "seq-b",
                "created_unit",
                "created_at looks like milliseconds: send seconds"
            ),
            ("c", "seq-c", "not_json", "not JSON at byte 34: the text ends too early"),
        ]
    );

    let batches = metrics(&lines, &[(metric::DATASET, "events")]);
    let [batch] = batches.as_slice() else {
        panic!("one line of metrics for one batch, not {batches:?}")
    };
    assert_eq!(batch[metric::RECORDS_IN], 4.0);
    assert_eq!(batch[metric::RECORDS_OK], 2.0);
    assert_eq!(batch[metric::RECORDS_FAILED], 2.0);
    assert_eq!(batch[metric::RESPONSE_BYTES], run.answers[0].body.len() as f64);
    assert!(batch[metric::BATCH_LATENCY_MS] > 0.0);
    for reason in ["created_unit", "not_json"] {
        let dimensions = [(metric::DATASET, "events"), (metric::REASON, reason)];
        let [counted] = &metrics(&lines, &dimensions)[..] else {
            panic!("{reason} is not counted once")
        };
        assert_eq!(counted[metric::RECORDS_FAILED], 1.0);
    }
}

#[test]
fn sample_events_of_others_are_refused_record_by_record() {
    let fixtures = [
        include_bytes!("fixtures/firehose-crate.json").as_slice(),
        include_bytes!("fixtures/firehose-sam-direct-put.json"),
        include_bytes!("fixtures/firehose-sam-kinesis-source.json"),
    ];
    let run = run(fixtures.iter().map(|fixture| fixture.to_vec()).collect());
    let mut records = 0;
    for (fixture, answer) in fixtures.iter().zip(&run.answers) {
        let request: Value = serde_json::from_slice(fixture).unwrap();
        let sent: Vec<&str> = request["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| record["recordId"].as_str().unwrap())
            .collect();
        let response = response(answer);
        let returned: Vec<&str> = response
            .records
            .iter()
            .map(|record| record.record_id.as_deref().unwrap())
            .collect();
        assert_eq!(returned, sent);
        for record in &response.records {
            assert_eq!(record.result.as_deref(), Some("ProcessingFailed"));
        }
        records += sent.len();
    }
    let warned = lines(&run.log)
        .iter()
        .filter(|line| line["fields"]["reason"] == "not_json")
        .count();
    assert_eq!(warned, records);
}

#[test]
fn a_request_of_another_service_fails_the_invocation_and_the_next_one_works() {
    let run = run(vec![
        br#"{"Records":[{"eventSource":"aws:s3"}]}"#.to_vec(),
        request(&[record("a", &event("1712511721", ""))]),
    ]);
    let [refused, answered] = run.answers.as_slice() else {
        panic!("two answers")
    };
    assert!(!refused.ok);
    let error: Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(
        error["errorMessage"],
        "the request has no array of records: is this function called by a firehose transform?"
    );
    assert_eq!(response(answered).records[0].result.as_deref(), Some("Ok"));
}

#[test]
fn a_missing_variable_ends_the_function_with_a_sentence() {
    let output = runtime::command().env("HEADEND_ENVIRONMENT", "test").output().unwrap();
    assert!(!output.status.success());
    let log = String::from_utf8(output.stdout).unwrap();
    let sentence = "environment variable HEADEND_DATASET of TransformEnv is not set or empty";
    assert!(log.contains(sentence), "{log}");
}
