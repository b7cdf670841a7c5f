use std::time::Duration;

use lake::Hour;
use lake::compact::{Cause, Outcome, Published, Report, Swept, Tally};
use lake::contract::CompactEnv;
use serde_json::{Value, json};

use super::{Answer, Event, Numbers, Unusable};
use crate::report::{Invocation, Reporter};

fn env(close_after: &str, grace: &str, most_bytes: &str) -> CompactEnv<String> {
    let read = |key: &str| {
        let value = match key {
            "HEADEND_CLOSE_AFTER_MINUTES" => close_after,
            "HEADEND_GRACE_MINUTES" => grace,
            "HEADEND_MOST_BYTES" => most_bytes,
            _ => "name",
        };
        Some(value.to_owned())
    };
    CompactEnv::read(read).unwrap()
}

#[test]
fn numbers_are_read_or_said_what_is_wrong_with_them() {
    let numbers = Numbers::read(&env("10", "45", "1000")).unwrap();
    assert_eq!(numbers.close_after, Duration::from_secs(600));
    assert_eq!((numbers.grace, numbers.most_bytes), (Duration::from_secs(2_700), 1_000));
    assert_eq!(Numbers::read(&env("10", "44", "1")), Err(Unusable::Grace(44)));
    for (env, said) in [
        (
            env("ten", "45", "1"),
            "\"ten\" is no number of minutes to an hour's closing",
        ),
        (env("1", "-45", "1"), "\"-45\" is no number of minutes of grace"),
        (env("1", "45", "1.5"), "\"1.5\" is no number of bytes of an hour"),
    ] {
        let error = Numbers::read(&env).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
}

#[test]
fn an_hour_by_hand_is_told_from_the_schedules_event() {
    let hour = |event: Value| serde_json::from_value::<Event>(event).unwrap().hour();
    let scheduled = json!({ "id": "53dc4d37", "detail-type": "Scheduled Event", "time": "2026-01-09T21:10:00Z" });
    assert_eq!(hour(scheduled).unwrap(), None);
    assert_eq!(hour(json!({})).unwrap(), None);
    let named = hour(json!({ "hour": "2026-01-09T20" })).unwrap();
    assert_eq!(named.unwrap().name(), "2026-01-09T20");
    let error = hour(json!({ "hour": "20:00" })).unwrap_err().to_string();
    assert_eq!(error, "\"20:00\" is no hour; name one like 2026-01-09T20, in UTC");
}

#[test]
fn a_report_is_answered_and_counted() {
    let hour = |name| Hour::from_name(name).unwrap();
    let rows = Tally {
        rows_in: 7,
        duplicates: 2,
        rows_out: 5,
    };
    let published = Published {
        generation: "17-a".to_owned(),
        inputs: "digest".to_owned(),
        objects: 3,
        rows,
    };
    let swept = Swept { removed: 2, in_use: 0 };
    let report = Report {
        hours: vec![
            (hour("2026-01-09T20"), Outcome::Published(published)),
            (hour("2026-01-09T21"), Outcome::Unchanged),
            (hour("2026-01-09T22"), Outcome::Again(Cause::Deadline)),
        ],
        waiting: 4,
        swept: Ok(swept),
    };
    let answer = serde_json::to_value(Answer::from(&report)).unwrap();
    let cause = "the invocation ends before the hour is compacted; give it more time, or lower the limit of bytes";
    let expected = json!({
        "hours": [
            {
                "hour": "2026-01-09T20", "outcome": "published", "generation": "17-a", "objects": 3,
                "rows_in": 7, "duplicates": 2, "rows_out": 5,
            },
            { "hour": "2026-01-09T21", "outcome": "unchanged" },
            { "hour": "2026-01-09T22", "outcome": "again", "cause": cause },
        ],
        "waiting": 4, "removed": 2,
    });
    assert_eq!(answer, expected);

    let mut out = Vec::new();
    let reporter = Reporter::new("test", "events".to_owned());
    let invocation = Invocation {
        request_id: "request",
        took: Duration::from_millis(12),
        timestamp_ms: 1_700_000_000_000,
    };
    reporter.compacted(&report, invocation, &mut out).unwrap();
    let line: Value = serde_json::from_slice(&out).unwrap();
    for (name, value) in [
        ("HoursCompacted", 1),
        ("HoursUnchanged", 1),
        ("HoursFailed", 1),
        ("HoursWaiting", 4),
        ("RowsIn", 7),
        ("Duplicates", 2),
        ("RowsOut", 5),
        ("GenerationsRemoved", 2),
        ("BatchLatencyMs", 12),
    ] {
        assert_eq!(line[name], f64::from(value), "{name}");
    }
    assert_eq!(
        (&line["Dataset"], &line["requestId"]),
        (&json!("events"), &json!("request"))
    );
}
