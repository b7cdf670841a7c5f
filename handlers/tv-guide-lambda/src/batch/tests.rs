use std::collections::BTreeMap;
use std::time::Duration;

use aws_lambda_events::event::{dynamodb, kinesis};
use lambda_kit::batch;
use serde_json::{Value, json};
use tv_guide::{consume, notify};

use super::{Call, Reporter, answer};

const CALL: Call<'_> = Call {
    request_id: "8476a536",
    timestamp_ms: 1_767_992_400_000,
    took: Duration::from_millis(12),
};

fn lines(out: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(out).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_consumed_batch_adds_up_in_its_metrics() {
    let report = consume::Report {
        received: 10,
        written: 4,
        unchanged: 2,
        quarantined: BTreeMap::from([("shape", 2), ("times", 1)]),
        failed: 1,
        enriched: 3,
        pending: 5,
        ..consume::Report::default()
    };
    let mut out = Vec::new();
    Reporter::new("dev", "tv-guide-consume")
        .consumed(&report, CALL, &mut out)
        .unwrap();
    let lines = lines(&out);
    let [batch, shape, times] = &lines[..] else {
        panic!("{lines:?}")
    };
    let directive = &batch["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(
        (&directive["Namespace"], &batch["Function"]),
        (&"headend/dev".into(), &"tv-guide-consume".into())
    );
    let sum: f64 = [
        "RecordsWritten",
        "RecordsUnchanged",
        "RecordsQuarantined",
        "RecordsFailed",
    ]
    .map(|name| batch[name].as_f64().unwrap())
    .iter()
    .sum();
    assert_eq!(batch["RecordsIn"].as_f64(), Some(sum));
    assert_eq!(
        (&batch["TitlesEnriched"], &batch["TitlesPending"]),
        (&3.0.into(), &5.0.into())
    );
    assert_eq!(
        (&shape["Reason"], &shape["RecordsQuarantined"]),
        (&"shape".into(), &2.0.into())
    );
    assert_eq!(
        (&times["Reason"], &times["RecordsQuarantined"]),
        (&"times".into(), &1.0.into())
    );
}

#[test]
fn a_notified_batch_adds_up_in_its_metrics() {
    let report = notify::Report {
        received: 6,
        changes: 3,
        ignored: 2,
        failed: 1,
        sent: 40,
        suppressed: 2,
        ..notify::Report::default()
    };
    let mut out = Vec::new();
    Reporter::new("dev", "tv-guide-notify")
        .notified(&report, CALL, &mut out)
        .unwrap();
    let lines = lines(&out);
    let [batch] = &lines[..] else { panic!("{lines:?}") };
    let sum: f64 = ["Changes", "RecordsUnchanged", "RecordsFailed"]
        .map(|name| batch[name].as_f64().unwrap())
        .iter()
        .sum();
    assert_eq!(batch["RecordsIn"].as_f64(), Some(sum));
    assert_eq!(
        (&batch["NotificationsSent"], &batch["NotificationsSuppressed"]),
        (&40.0.into(), &2.0.into())
    );
}

#[test]
fn the_answer_names_the_first_record_that_must_come_again() {
    let text = |response| serde_json::to_string(&response).unwrap();
    assert_eq!(text(answer(None)), r#"{"batchItemFailures":[]}"#);
    assert_eq!(
        text(answer(Some("4959"))),
        r#"{"batchItemFailures":[{"itemIdentifier":"4959"}]}"#
    );
}

#[test]
fn batches_are_read_as_others_read_them() {
    let record = json!({
        "awsRegion": "eu-west-2", "eventID": "shardId-000000000000:4959", "eventName": "aws:kinesis:record",
        "eventSource": "aws:kinesis", "eventVersion": "1.0",
        "kinesis": {
            "kinesisSchemaVersion": "1.0", "partitionKey": "12345", "data": "eyJhIjoxfQ==",
            "sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
            "approximateArrivalTimestamp": 1_767_992_400.987,
        },
    });
    let text = json!({"Records": [record]}).to_string();
    let theirs: kinesis::KinesisEvent = serde_json::from_str(&text).unwrap();
    let ours: batch::kinesis::Event = serde_json::from_str(&text).unwrap();
    let (theirs, ours) = (&theirs.records[0].kinesis, &ours.records[0]);
    assert_eq!(ours.sequence_number, theirs.sequence_number);
    assert_eq!(ours.partition_key, theirs.partition_key);
    assert_eq!(ours.data.as_ref(), Ok(&theirs.data.0));

    let item = json!({"PK": {"S": "programme:39"}, "ttl": {"N": "1768597200"}, "genres": {"L": [{"S": "Drama"}]}});
    let record = json!({
        "awsRegion": "eu-west-2", "eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_767_992_400, "Keys": {"PK": {"S": "programme:39"}}, "NewImage": item,
            "SequenceNumber": "4421584500000000017450439091", "SizeBytes": 26, "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    });
    let text = json!({"Records": [record]}).to_string();
    let theirs: dynamodb::Event = serde_json::from_str(&text).unwrap();
    let ours: batch::dynamodb::Event = serde_json::from_str(&text).unwrap();
    let (theirs, ours) = (&theirs.records[0].change, &ours.records[0]);
    assert_eq!(Some(&ours.sequence_number), theirs.sequence_number.as_ref());
    assert_eq!(serde_json::to_value(&theirs.new_image).unwrap(), item);
    let plain = json!({"PK": "programme:39", "ttl": 1_768_597_200, "genres": ["Drama"]});
    assert_eq!(ours.new.clone().map(Value::from), Some(plain));
}
