use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::{Account, Backoff, Bounds, Kind, Object, Resend, Run};
use crate::produce::fake::{Fake, Faults};
use crate::repair::memory::Shelf;
use crate::repair::run::Account as _;

const ALL: Bounds = Bounds {
    dry_run: false,
    limit: u64::MAX,
};

fn now() -> Timestamp {
    "2026-02-01T00:00:00Z".parse().expect("an instant")
}

fn event(number: u32) -> String {
    format!(r#"{{"event_uuid":"u{number}","event_name":"a:b","created_at":1769900400}}"#)
}

fn line(kind: Kind, data: &str) -> String {
    let base64 = base64_simd::STANDARD.encode_to_string(data);
    let line = match kind {
        Kind::Quarantine => json!({ "reason": "created_in_future", "sequence": "1", "data": base64 }),
        Kind::Errors => json!({ "rawData": base64, "errorCode": "Lambda.FunctionError" }),
    };
    format!("{line}\n")
}

/// Three objects: good and bad lines, only good ones, and one that is no line of ours.
fn shelf(kind: Kind) -> Shelf {
    let metadata = HashMap::from([("headend-first".to_owned(), "1".to_owned())]);
    let object = |lines: &[&str]| Object {
        bytes: lines.concat().into_bytes(),
        metadata: metadata.clone(),
    };
    let good = [event(1), event(2), event(3)].map(|event| line(kind, &event));
    let bad = line(kind, "no event");
    Shelf(
        BTreeMap::from([
            ("p/1".to_owned(), object(&[&good[0], &bad, &good[1]])),
            ("p/2".to_owned(), object(&[&good[2]])),
            ("p/3".to_owned(), object(&["nothing of ours\n"])),
        ])
        .into(),
    )
}

async fn redrive(kind: Kind, shelf: &Shelf, stream: &Arc<Fake>, bounds: Bounds) -> (Account, bool) {
    let backoff = Backoff {
        first: Duration::ZERO,
        most: Duration::ZERO,
    };
    let (mut run, stream) = (Run::unstopped(), Arc::new(Arc::clone(stream)));
    let resend = Resend {
        stream: &stream,
        backoff,
        now: now(),
    };
    let ended = super::redrive(kind, shelf, &resend, bounds, &mut run).await;
    assert!(run.account.adds_up(), "{:?}", run.account);
    (run.account, ended.is_ok())
}

fn sent(stream: &Fake) -> Vec<String> {
    let log = stream.log.lock().expect("alone");
    let mut sent: Vec<_> = log
        .acknowledged
        .iter()
        .map(|record| String::from_utf8(record.data.clone()).expect("text"))
        .collect();
    sent.sort();
    sent
}

#[tokio::test]
async fn what_is_good_by_now_is_sent_and_the_rest_stays_as_it_is() {
    for kind in [Kind::Quarantine, Kind::Errors] {
        let (shelf, stream) = (shelf(kind), Arc::new(Fake::new(1, Faults::default())));
        let (account, is_done) = redrive(kind, &shelf, &stream, ALL).await;
        let counts = (
            account.found,
            account.redriven,
            account.still_bad,
            account.sources,
            account.unreadable,
        );
        assert_eq!((counts, is_done), ((4, 3, 1, 3, 1), true), "{kind:?}");
        assert_eq!(sent(&stream), [event(1), event(2), event(3)], "{kind:?}");
        let left = shelf.0.borrow().clone();
        assert_eq!(left.keys().collect::<Vec<_>>(), ["p/1", "p/3"], "{kind:?}");
        assert_eq!(left["p/1"].bytes, line(kind, "no event").into_bytes());
        assert_eq!(left["p/1"].metadata["headend-first"], "1");
        let (account, _) = redrive(kind, &shelf, &stream, ALL).await;
        assert_eq!(
            (account.redriven, account.still_bad, sent(&stream).len()),
            (0, 1, 3),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn what_the_stream_does_not_take_stays() {
    let (shelf, before) = (shelf(Kind::Errors), shelf(Kind::Errors));
    let stream = Arc::new(Fake::new(
        1,
        Faults {
            reject: 1.0,
            ..Faults::default()
        },
    ));
    let (account, is_done) = redrive(Kind::Errors, &shelf, &stream, ALL).await;
    assert_eq!((account.found, is_done), (0, false));
    assert_eq!(*shelf.0.borrow(), *before.0.borrow());
}

#[tokio::test]
async fn a_dry_run_only_counts_and_a_limit_ends_it() {
    let (shelf, before) = (shelf(Kind::Quarantine), shelf(Kind::Quarantine));
    let stream = Arc::new(Fake::new(1, Faults::default()));
    let (account, _) = redrive(Kind::Quarantine, &shelf, &stream, Bounds { dry_run: true, ..ALL }).await;
    assert_eq!((account.redriven, account.still_bad, sent(&stream).len()), (3, 1, 0));
    assert_eq!(*shelf.0.borrow(), *before.0.borrow());
    let (account, _) = redrive(Kind::Quarantine, &shelf, &stream, Bounds { limit: 1, ..ALL }).await;
    assert_eq!((account.sources, account.redriven), (1, 2));
}
