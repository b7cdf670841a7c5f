use serde_json::Value;
use tv_guide::snapshot::Rejection;

use super::*;

#[test]
fn one_line_counts_what_was_taken_and_what_was_not() {
    let report = Report {
        published: vec!["source-203".to_owned()],
        rejected: vec![("genre-4".to_owned(), Rejection::Shrunken { now: 1, before: 9 })],
    };
    let counts = Counts {
        requests: 5,
        retries: 2,
        spent: 5,
        budget_left: Some(895),
    };
    let mut out = Vec::new();
    Reporter::new("dev", "tv-guide-ingest")
        .metrics(&report, 7, counts, "8476a536", 1_767_992_400_123, &mut out)
        .unwrap();
    let line: Value = serde_json::from_slice(&out).unwrap();
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(
        (directive["Namespace"].as_str(), line["Function"].as_str()),
        (Some("headend/dev"), Some("tv-guide-ingest"))
    );
    let values = [
        "SnapshotPublished",
        "SnapshotRejected",
        "RecordsPublished",
        "UpstreamRequests",
        "UpstreamRetries",
        "UpstreamBudgetLeft",
    ]
    .map(|name| line[name].as_f64());
    assert_eq!(values, [1.0, 1.0, 7.0, 5.0, 2.0, 895.0].map(Some));
}

#[test]
fn a_run_that_did_not_ask_does_not_tell_what_is_left() {
    let mut out = Vec::new();
    Reporter::new("dev", "tv-guide-ingest")
        .metrics(&Report::default(), 0, Counts::default(), "8476a536", 1, &mut out)
        .unwrap();
    let line: Value = serde_json::from_slice(&out).unwrap();
    assert!(line.get("UpstreamBudgetLeft").is_none() && line.get("UpstreamRequests").is_some());
}

#[test]
fn an_error_is_told_with_its_causes() {
    let error = std::io::Error::other(tv_guide::upstream::Fault::Cut);
    let outer = tv_guide::ingest::publish::Error {
        stream: "s".to_owned(),
        source: Box::new(error),
    };
    assert_eq!(
        chain(&outer),
        "records cannot be put on stream s: the upstream's answer was cut short"
    );
}
