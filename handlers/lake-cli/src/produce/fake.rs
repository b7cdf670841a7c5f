//! A stream that misbehaves on purpose and remembers everything.

use super::batch::{MAX_RECORDS, MAX_REQUEST_BYTES};
use super::stream::{Outcome, PutError, Record, Refusal, Stream};
use fastrand::Rng;
use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

/// How often what goes wrong, from 0 to 1.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    /// A record is refused.
    pub(crate) record: f64,
    /// A request is throttled.
    pub(crate) throttle: f64,
    /// A request is rejected for good.
    pub(crate) reject: f64,
    /// Every request is answered this way after so many.
    pub(crate) fatal_after: Option<usize>,
    /// Each answer takes this long.
    pub(crate) slow: Duration,
}

#[derive(Default)]
pub(crate) struct Log {
    /// What the stream has, in the order in which it came.
    pub(crate) acknowledged: Vec<Record>,
    seen: HashSet<Vec<u8>>,
    /// Records that came again after they were acknowledged.
    pub(crate) resent: usize,
    /// How many requests came.
    pub(crate) requests: usize,
    /// How many records came, with every try.
    pub(crate) records: usize,
}

pub(crate) struct Fake {
    faults: Faults,
    rng: Mutex<Rng>,
    pub(crate) log: Mutex<Log>,
}

impl Fake {
    pub(crate) fn new(seed: u64, faults: Faults) -> Self {
        Self {
            faults,
            rng: Mutex::new(Rng::with_seed(seed)),
            log: Mutex::default(),
        }
    }

    fn answer(&self, records: &[Record]) -> Result<Vec<Outcome>, PutError> {
        let (mut rng, mut log) = (self.rng.lock().expect("alone"), self.log.lock().expect("alone"));
        assert!((1..=MAX_RECORDS).contains(&records.len()));
        assert!(records.iter().map(Record::size).sum::<usize>() <= MAX_REQUEST_BYTES);
        log.requests += 1;
        log.records += records.len();
        log.resent += records.iter().filter(|r| log.seen.contains(&r.data)).count();
        if self.faults.fatal_after.is_some_and(|after| log.requests > after) {
            return Err(PutError::Fatal(refusal("ResourceNotFoundException")));
        }
        if rng.f64() < self.faults.throttle {
            return Err(PutError::Transient(refusal("ThrottlingException")));
        }
        if rng.f64() < self.faults.reject {
            return Err(PutError::Rejected(refusal("InvalidArgumentException")));
        }
        let outcomes = records.iter().map(|record| {
            if rng.f64() < self.faults.record {
                return Outcome::Refused(refusal("ProvisionedThroughputExceededException"));
            }
            log.seen.insert(record.data.clone());
            log.acknowledged.push(record.clone());
            Outcome::Acknowledged
        });
        Ok(outcomes.collect())
    }
}

impl Stream for std::sync::Arc<Fake> {
    async fn put(&self, records: &[Record]) -> Result<Vec<Outcome>, PutError> {
        if !self.faults.slow.is_zero() {
            tokio::time::sleep(self.faults.slow).await;
        }
        self.answer(records)
    }
}

fn refusal(code: &str) -> Refusal {
    Refusal {
        code: code.to_owned(),
        message: "on purpose".to_owned(),
    }
}
