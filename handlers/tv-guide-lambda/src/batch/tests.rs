use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
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
