use super::{Plan, Taken, run};
use crate::produce::batch::MAX_RECORD_BYTES;
use crate::produce::deliver::{Backoff, Stop};
use crate::produce::failed::FailedFile;
use crate::produce::fake::{Fake, Faults};
use crate::produce::progress::Progress;
use crate::produce::source::{Item, Source, spawn};
use crate::produce::stream::Record;
use crate::produce::summary::{Counts, collect};
use anyhow::anyhow;
use fastrand::Rng;
use lake::aggregate::UNIT;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

struct Outcome {
    taken: Taken,
    counts: Counts,
    failed: String,
    time: Duration,
}

fn plan(lanes: usize) -> Plan {
    let backoff = Backoff {
        first: Duration::ZERO,
        most: Duration::ZERO,
    };
    Plan {
        rate: None,
        duration: None,
        lanes,
        aggregate: false,
        backoff,
        rng: Rng::with_seed(5),
    }
}

async fn go(fake: &Arc<Fake>, source: Source, plan: Plan, stop: watch::Sender<Stop>) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("failed.jsonl");
    let mut failed = FailedFile::create(Some(path.clone()), jiff::Timestamp::UNIX_EPOCH).expect("made");
    let (reports, reported) = mpsc::channel(16);
    let (start, progress) = (Instant::now(), Progress::new(None));
    let source = spawn(source).expect("a thread");
    let (taken, (counts, written)) = tokio::join!(
        run(Arc::clone(fake), source, plan, stop, reports),
        collect(reported, &mut failed, &progress)
    );
    written.expect("written");
    failed.finish().expect("finished");
    let failed = std::fs::read_to_string(&path).unwrap_or_default();
    Outcome {
        taken: taken.expect("lanes live"),
        counts,
        failed,
        time: start.elapsed(),
    }
}

fn numbered(count: usize, keys: usize) -> Source {
    Box::new((0..count).map(move |n| {
        Ok(Item::Event(
            format!(r#"{{"event_uuid":"{}","n":{n}}}"#, n % keys).into_bytes(),
        ))
    }))
}

#[tokio::test]
async fn sent_is_acknowledged_and_failed_whatever_happens() {
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let faults = Faults {
            record: rng.f64() * 0.8,
            throttle: rng.f64() * 0.4,
            reject: rng.f64() * 0.1,
            fatal_after: rng.bool().then(|| rng.usize(0..30)),
            ..Faults::default()
        };
        let fake = Arc::new(Fake::new(seed, faults));
        let count = rng.usize(0..3000);
        let source = numbered(count, usize::MAX);
        let (stop, stopped) = watch::channel(Stop::No);
        let outcome = go(&fake, source, plan(rng.usize(1..6)), stop).await;
        let log = fake.log.lock().expect("alone");
        assert_eq!(log.resent, 0, "seed {seed}");
        assert_eq!(
            outcome.counts.acknowledged,
            log.acknowledged.len() as u64,
            "seed {seed}"
        );
        let told = outcome.counts.acknowledged + outcome.counts.failed;
        assert_eq!(outcome.taken.events, told, "seed {seed}");
        assert_eq!(
            outcome.failed.lines().count() as u64,
            outcome.counts.failed,
            "seed {seed}"
        );
        if *stopped.borrow() == Stop::No {
            assert_eq!(outcome.taken.events, count as u64, "seed {seed}");
        }
    }
}

#[tokio::test]
async fn events_of_one_key_stay_in_order() {
    let fake = Arc::new(Fake::new(
        1,
        Faults {
            throttle: 0.3,
            ..Faults::default()
        },
    ));
    let outcome = go(&fake, numbered(20_000, 50), plan(4), watch::channel(Stop::No).0).await;
    assert_eq!(outcome.counts.acknowledged + outcome.counts.failed, 20_000);
    let mut last: HashMap<String, Vec<u8>> = HashMap::new();
    for record in &fake.log.lock().expect("alone").acknowledged {
        let number = |data: &[u8]| -> u64 {
            let event: serde_json::Value = serde_json::from_slice(data).expect("JSON");
            event["n"].as_u64().expect("a number")
        };
        if let Some(before) = last.insert(record.key.clone(), record.data.clone()) {
            assert!(number(&before) < number(&record.data));
        }
    }
    assert_eq!(last.len(), 50);
}

#[tokio::test]
async fn an_event_too_large_is_not_sent_and_a_blank_line_not_counted() {
    let small = br#"{"event_uuid":"a"}"#.to_vec();
    // With the 16 characters of a hashed key this is exactly the limit, and then one more.
    let largest = vec![b'x'; MAX_RECORD_BYTES - 16];
    let larger = vec![b'x'; MAX_RECORD_BYTES - 15];
    let items = [
        Item::Event(small),
        Item::Blank,
        Item::Event(largest),
        Item::Event(larger),
    ];
    let fake = Arc::new(Fake::new(1, Faults::default()));
    let outcome = go(
        &fake,
        Box::new(items.into_iter().map(Ok)),
        plan(2),
        watch::channel(Stop::No).0,
    )
    .await;
    assert_eq!((outcome.taken.events, outcome.taken.blank), (3, 1));
    assert_eq!((outcome.counts.acknowledged, outcome.counts.failed), (2, 1));
    assert_eq!(outcome.counts.failures["TooLarge"], 1);
    assert!(
        outcome
            .failed
            .contains("the event has 1048561 bytes and its partition key 16"),
        "{}",
        &outcome.failed[..200]
    );
}

#[tokio::test]
async fn a_broken_source_does_not_lose_what_came_before() {
    let source = numbered(700, 9).chain([Err(anyhow!("byte 9"))]).chain(numbered(5, 1));
    let fake = Arc::new(Fake::new(1, Faults::default()));
    let outcome = go(&fake, Box::new(source), plan(3), watch::channel(Stop::No).0).await;
    assert_eq!((outcome.taken.events, outcome.counts.acknowledged), (700, 700));
    assert_eq!(outcome.taken.broken.expect("an error").to_string(), "byte 9");
}

#[tokio::test]
async fn a_stop_accounts_for_what_was_taken() {
    let endless: Source = Box::new(std::iter::repeat_with(|| Ok(Item::Event(b"{}".to_vec()))));
    let slow = Faults {
        slow: Duration::from_millis(30),
        ..Faults::default()
    };
    let fake = Arc::new(Fake::new(1, slow));
    let (stop, _stopped) = watch::channel(Stop::No);
    let interrupt = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        interrupt.send_replace(Stop::Interrupted);
    });
    let outcome = go(&fake, endless, plan(1), stop).await;
    assert!(outcome.counts.acknowledged > 0);
    assert_eq!(
        outcome.taken.events,
        outcome.counts.acknowledged + outcome.counts.failed
    );
    assert_eq!(outcome.counts.failed, outcome.counts.failures["Interrupted"]);
}

#[tokio::test]
async fn a_duration_ends_the_run_and_a_rate_holds_it_back() {
    let fake = Arc::new(Fake::new(1, Faults::default()));
    let duration = Some(Duration::from_millis(600));
    let plan = Plan {
        rate: Some(100.0),
        duration,
        ..plan(2)
    };
    let outcome = go(&fake, numbered(usize::MAX, 5), plan, watch::channel(Stop::No).0).await;
    // The clock is real here: a busy machine may be late, but never early.
    assert!(outcome.time >= Duration::from_millis(600));
    assert!((2..=75).contains(&outcome.taken.events), "{}", outcome.taken.events);
    assert_eq!(outcome.taken.events, outcome.counts.acknowledged);
    // Events waited for each other, but no longer than the linger allows.
    assert!(
        (2..=20).contains(&outcome.counts.requests),
        "{}",
        outcome.counts.requests
    );
}

#[tokio::test]
async fn packed_events_are_all_there_and_failed_ones_come_back_one_by_one() {
    for seed in 0..50 {
        let mut rng = Rng::with_seed(seed);
        let faults = Faults {
            record: rng.f64() * 0.8,
            reject: rng.f64() * 0.2,
            ..Faults::default()
        };
        let fake = Arc::new(Fake::new(seed, faults));
        let count = rng.usize(1..3000);
        let plan = Plan {
            aggregate: true,
            ..plan(3)
        };
        let outcome = go(&fake, numbered(count, usize::MAX), plan, watch::channel(Stop::No).0).await;
        let counts = &outcome.counts;
        assert_eq!(outcome.taken.events, count as u64);
        assert_eq!(counts.acknowledged + counts.failed, count as u64, "seed {seed}");
        assert_eq!(outcome.failed.lines().count() as u64, counts.failed);
        let log = fake.log.lock().expect("alone");
        assert_eq!(log.acknowledged.len() as u64, counts.records);
        let mut events: Vec<_> = log.acknowledged.iter().cloned().flat_map(Record::into_events).collect();
        assert_eq!(events.len() as u64, counts.acknowledged);
        events.sort_unstable();
        events.dedup();
        assert_eq!(events.len() as u64, counts.acknowledged, "an event is there twice");
        assert!(log.acknowledged.iter().all(|record| record.data.len() <= UNIT));
    }
}

#[tokio::test]
async fn an_event_that_fills_a_record_goes_by_itself() {
    let fake = Arc::new(Fake::new(1, Faults::default()));
    let large = MAX_RECORD_BYTES - 40;
    let source: Source = Box::new(
        [10, large, 10]
            .into_iter()
            .map(|size| Ok(Item::Event(vec![b'x'; size]))),
    );
    let plan = Plan {
        aggregate: true,
        ..plan(1)
    };
    let outcome = go(&fake, source, plan, watch::channel(Stop::No).0).await;
    assert_eq!(outcome.counts.acknowledged, 3);
    let log = fake.log.lock().expect("alone");
    let packed: Vec<_> = log.acknowledged.iter().map(|record| record.packed).collect();
    assert_eq!(packed, [Some(1), None, Some(1)]);
}
