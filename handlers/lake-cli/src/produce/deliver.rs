//! How one batch gets to the stream: tries, waits, and an account of every record.

use super::failed::{Failure, code};
use super::stream::{Outcome, PutError, Record, Refusal, Stream};
use fastrand::Rng;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How often a record is sent before it counts as failed.
pub(crate) const MAX_TRIES: u32 = 5;

/// Why a run ends before its source does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It does not.
    #[default]
    No,
    /// Somebody wants it to.
    Interrupted,
    /// No request can succeed.
    Fatal(Refusal),
}

/// What happened to events, for the summary.
#[derive(Debug)]
pub(crate) enum Report {
    /// The stream has these.
    Acknowledged {
        /// How many.
        events: u64,
        /// In how many records.
        records: u64,
        /// Their size without keys.
        bytes: u64,
    },
    /// A request was made.
    Requested,
    /// These are sent once more.
    Retried(u64),
    /// This one is given up.
    Failed(Failure),
}

/// Exponential waits with full jitter: a random time up to a bound that doubles, so that senders
/// that were throttled together do not come back together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// The bound of the first wait.
    pub(crate) first: Duration,
    /// The bound of any wait.
    pub(crate) most: Duration,
}

impl Backoff {
    /// What a shard that takes 1,000 records a second needs to get through a full request.
    pub(crate) const KINESIS: Self = Self {
        first: Duration::from_millis(200),
        most: Duration::from_secs(5),
    };

    fn wait(&self, try_made: u32, rng: &mut Rng) -> Duration {
        let doubled = 2u32.saturating_pow(try_made.saturating_sub(1));
        self.first.saturating_mul(doubled).min(self.most).mul_f64(rng.f64())
    }
}

/// Sends batches one after the other; what is refused is sent again by itself, in its order, and
/// before anything newer.
pub(crate) struct Courier<S> {
    /// Where to.
    pub(crate) stream: Arc<S>,
    /// How long to wait between tries.
    pub(crate) backoff: Backoff,
    /// For the waits.
    pub(crate) rng: Rng,
    /// Says when to give up; also told when no request can succeed.
    pub(crate) stop: watch::Sender<Stop>,
    /// Told what became of each record.
    pub(crate) reports: mpsc::Sender<Report>,
}

impl<S: Stream> Courier<S> {
    /// Sends the records until each is acknowledged or given up; reports all of them.
    pub(crate) async fn deliver(&mut self, mut records: Vec<Record>) {
        let mut tries = 0;
        let last = loop {
            if let Some(reason) = self.stopped() {
                break reason;
            }
            tries += 1;
            let answer = self.stream.put(&records).await;
            self.report(Report::Requested).await;
            let refusal = match answer {
                Ok(outcomes) if outcomes.len() == records.len() => {
                    let Some(refusal) = self.settle(&mut records, outcomes).await else {
                        return;
                    };
                    refusal
                }
                Ok(outcomes) => {
                    break Refusal {
                        code: "BadAnswer".to_owned(),
                        message: format!(
                            "the stream answered {} outcomes for {} records",
                            outcomes.len(),
                            records.len()
                        ),
                    };
                }
                Err(PutError::Transient(refusal)) => refusal,
                Err(PutError::Rejected(refusal)) => break refusal,
                Err(PutError::Fatal(refusal)) => {
                    let fatal = Stop::Fatal(refusal.clone());
                    // An earlier reason stands.
                    self.stop.send_if_modified(|stop| {
                        let first = *stop == Stop::No;
                        if first {
                            *stop = fatal;
                        }
                        first
                    });
                    break refusal;
                }
            };
            if tries == MAX_TRIES {
                break refusal;
            }
            self.pause(tries).await;
            if self.stopped().is_none() {
                let events = records.iter().map(Record::events).sum();
                self.report(Report::Retried(events)).await;
            }
        };
        for data in records.into_iter().flat_map(Record::into_events) {
            self.report(Report::Failed(Failure {
                data,
                error_code: last.code.clone(),
                reason: last.message.clone(),
                attempts: tries,
            }))
            .await;
        }
    }

    /// Keeps the refused records, and answers why the last of them was; none if all got through.
    async fn settle(&self, records: &mut Vec<Record>, outcomes: Vec<Outcome>) -> Option<Refusal> {
        let (mut events, mut sent, mut bytes, mut last) = (0, 0, 0, None);
        let mut outcomes = outcomes.into_iter();
        records.retain(|record| match outcomes.next() {
            Some(Outcome::Refused(refusal)) => {
                last = Some(refusal);
                true
            }
            Some(Outcome::Acknowledged) | None => {
                events += record.events();
                sent += 1;
                bytes += record.data.len() as u64;
                false
            }
        });
        if events > 0 {
            let records = sent;
            let report = Report::Acknowledged { events, records, bytes };
            self.report(report).await;
        }
        last
    }

    /// Waits before the next try; not to the end when the run is to stop.
    async fn pause(&mut self, tries: u32) {
        let wait = self.backoff.wait(tries, &mut self.rng);
        let mut stop = self.stop.subscribe();
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.wait_for(|stop| *stop != Stop::No) => {}
        }
    }

    fn stopped(&self) -> Option<Refusal> {
        match &*self.stop.borrow() {
            Stop::No => None,
            Stop::Interrupted => Some(Refusal {
                code: code::INTERRUPTED.to_owned(),
                message: "the run was interrupted before the stream acknowledged it".to_owned(),
            }),
            Stop::Fatal(refusal) => Some(refusal.clone()),
        }
    }

    async fn report(&self, report: Report) {
        // The receiver outlives every sender; if it does not, the account at the end says so.
        let _ = self.reports.send(report).await;
    }
}

#[cfg(test)]
mod tests;
