use super::{Backoff, Courier, MAX_TRIES, Report, Stop};
use crate::produce::failed::Failure;
use crate::produce::fake::{Fake, Faults};
use crate::produce::stream::{Outcome, PutError, Record, Stream};
use fastrand::Rng;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

const AT_ONCE: Backoff = Backoff {
    first: Duration::ZERO,
    most: Duration::ZERO,
};

fn records(count: usize) -> Vec<Record> {
    (0..count)
        .map(|n| Record::plain(format!("k{}", n % 7), format!("event {n}").into_bytes()))
        .collect()
}

/// Delivers one batch; what was acknowledged, what failed, what was sent again.
async fn deliver<S: Stream>(
    stream: S,
    backoff: Backoff,
    stop: Stop,
    batch: Vec<Record>,
) -> (u64, Vec<Failure>, u64, Stop) {
    let (reports, mut reported) = mpsc::channel(10_000);
    let (stop, stopped) = watch::channel(stop);
    let mut courier = Courier {
        stream: Arc::new(stream),
        backoff,
        rng: Rng::with_seed(1),
        stop,
        reports,
    };
    courier.deliver(batch).await;
    drop(courier);
    let (mut acknowledged, mut failures, mut retried) = (0, Vec::new(), 0);
    while let Some(report) = reported.recv().await {
        match report {
            Report::Acknowledged { events, .. } => acknowledged += events,
            Report::Failed(failure) => failures.push(failure),
            Report::Retried(events) => retried += events,
            Report::Requested => {}
        }
    }
    let stop = stopped.borrow().clone();
    (acknowledged, failures, retried, stop)
}

#[tokio::test]
async fn only_what_was_refused_is_sent_again() {
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let faults = Faults {
            record: rng.f64(),
            throttle: rng.f64() * 0.5,
            ..Faults::default()
        };
        let fake = Arc::new(Fake::new(seed, faults));
        let batch = records(rng.usize(1..=500));
        let (acknowledged, failures, retried, _) = deliver(Arc::clone(&fake), AT_ONCE, Stop::No, batch.clone()).await;
        let log = fake.log.lock().expect("alone");
        assert_eq!(log.resent, 0, "seed {seed}");
        assert_eq!(log.records as u64, batch.len() as u64 + retried, "seed {seed}");
        assert_eq!(acknowledged, log.acknowledged.len() as u64, "seed {seed}");
        // Nothing is lost and nothing is told twice.
        let mut told: Vec<_> = log.acknowledged.iter().map(|r| r.data.clone()).collect();
        told.extend(failures.iter().map(|f| f.data.clone()));
        told.sort();
        let mut sent: Vec<_> = batch.into_iter().map(|r| r.data).collect();
        sent.sort();
        assert_eq!(told, sent, "seed {seed}");
        assert!(failures.iter().all(|f| f.attempts == MAX_TRIES), "seed {seed}");
    }
}

#[tokio::test]
async fn a_request_that_is_rejected_is_not_repeated() {
    let fake = Arc::new(Fake::new(
        1,
        Faults {
            reject: 1.0,
            ..Faults::default()
        },
    ));
    let (acknowledged, failures, retried, stop) = deliver(Arc::clone(&fake), AT_ONCE, Stop::No, records(3)).await;
    assert_eq!((acknowledged, failures.len(), retried, stop), (0, 3, 0, Stop::No));
    assert_eq!(
        (failures[0].attempts, failures[0].error_code.as_str()),
        (1, "InvalidArgumentException")
    );
    assert_eq!(fake.log.lock().expect("alone").requests, 1);
}

#[tokio::test]
async fn a_fatal_error_stops_the_run() {
    let fake = Arc::new(Fake::new(
        1,
        Faults {
            fatal_after: Some(0),
            ..Faults::default()
        },
    ));
    let (_, failures, _, stop) = deliver(fake, AT_ONCE, Stop::No, records(3)).await;
    assert_eq!(failures.len(), 3);
    assert!(matches!(stop, Stop::Fatal(why) if why.code == "ResourceNotFoundException"));
}

#[tokio::test]
async fn after_a_stop_nothing_is_sent() {
    let fake = Arc::new(Fake::new(1, Faults::default()));
    let (_, failures, _, _) = deliver(Arc::clone(&fake), AT_ONCE, Stop::Interrupted, records(2)).await;
    assert_eq!(
        (failures[0].attempts, failures[0].error_code.as_str()),
        (0, "Interrupted")
    );
    assert_eq!(fake.log.lock().expect("alone").requests, 0);
}

#[tokio::test]
async fn a_stop_cuts_a_wait_short() {
    let long = Backoff {
        first: Duration::from_secs(3600),
        most: Duration::from_secs(3600),
    };
    let (reports, mut reported) = mpsc::channel(10);
    let (stop, _stopped) = watch::channel(Stop::No);
    let fake = Fake::new(
        1,
        Faults {
            throttle: 1.0,
            ..Faults::default()
        },
    );
    let mut courier = Courier {
        stream: Arc::new(Arc::new(fake)),
        backoff: long,
        rng: Rng::with_seed(1),
        stop: stop.clone(),
        reports,
    };
    let waiting = tokio::spawn(async move { courier.deliver(records(1)).await });
    assert!(matches!(reported.recv().await, Some(Report::Requested)));
    stop.send_replace(Stop::Interrupted);
    tokio::time::timeout(Duration::from_secs(10), waiting)
        .await
        .expect("at once")
        .expect("no panic");
    assert!(matches!(reported.recv().await, Some(Report::Failed(f)) if f.attempts == 1));
}

/// Answers too few outcomes.
struct Short;

impl Stream for Short {
    async fn put(&self, _: &[Record]) -> Result<Vec<Outcome>, PutError> {
        Ok(vec![Outcome::Acknowledged])
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_matched_counts_as_failed() {
    let (acknowledged, failures, _, _) = deliver(Short, AT_ONCE, Stop::No, records(2)).await;
    assert_eq!((acknowledged, failures.len()), (0, 2));
    assert_eq!(failures[0].reason, "the stream answered 1 outcomes for 2 records");
}

#[test]
fn waits_double_up_to_a_bound_and_are_spread() {
    let backoff = Backoff {
        first: Duration::from_millis(100),
        most: Duration::from_secs(1),
    };
    let mut rng = Rng::with_seed(1);
    for (tries, bound) in [(1, 100), (2, 200), (4, 800), (5, 1000), (4_000_000_000, 1000)] {
        let waits: Vec<_> = (0..1000).map(|_| backoff.wait(tries, &mut rng)).collect();
        let bound = Duration::from_millis(bound);
        assert!(waits.iter().all(|wait| *wait <= bound));
        assert!(waits.iter().any(|wait| *wait > bound.mul_f64(0.95)));
        assert!(waits.iter().any(|wait| *wait < bound.mul_f64(0.05)));
    }
}
