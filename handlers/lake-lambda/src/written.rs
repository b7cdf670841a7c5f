//! What `lake-write` answers, and what it says about a batch.

use std::io;

use lake::contract::metric;
use lake::write::{Batch, Outcome, Tally};
use serde::Serialize;

use crate::parts::{Counts, Record};
use crate::report::{Invocation, Reporter, bytes, count};

/// The answer to the event source mapping, or to the operator who drives records again.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To the mapping: what must come again.
    #[serde(rename_all = "camelCase")]
    Mapping {
        /// The lowest record that must; none when all are done.
        batch_item_failures: Vec<Item>,
    },
    /// To the operator.
    Redriven {
        /// Records that it took: the first of those that were sent, and all but of very many hours.
        records: usize,
        /// Events that were lacking, and are there now.
        rows: usize,
        /// Events that were there.
        covered: usize,
    },
}

/// A record that must come again, and all that follow it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    item_identifier: String,
}

impl Answer {
    /// Everything is done but the last `left` records: they must come again, from the first of them
    /// on.
    #[must_use]
    pub fn again(records: &[Record<'_>], left: usize) -> Self {
        let first = records.len().checked_sub(left).and_then(|first| records.get(first));
        let item = |record: &Record<'_>| Item {
            item_identifier: record.sequence.to_string(),
        };
        Answer::Mapping {
            batch_item_failures: first.map(item).into_iter().collect(),
        }
    }

    /// The records that were lacking are there.
    #[must_use]
    pub fn redriven(tally: &Tally) -> Self {
        Answer::Redriven {
            records: tally.records,
            rows: tally.rows,
            covered: tally.covered,
        }
    }
}

impl Reporter {
    /// Logs a batch that must come again, and writes the metrics of every batch.
    pub fn written<R>(&self, batch: &Batch<'_, R>, outcome: Outcome, counts: &Counts, invocation: Invocation<'_>) {
        let out = io::stdout();
        let written = match outcome {
            Outcome::Done(tally) => self.done(batch, &tally, counts, invocation, out),
            Outcome::Again(cause) => {
                tracing::error!(fence = batch.fence, records = batch.records.len(), "{cause}");
                let metrics = [
                    count(metric::RECORDS_IN, batch.records.len()),
                    count(metric::RECORDS_AGAIN, batch.records.len()),
                ];
                self.line(&metrics, &[], invocation, out)
            }
        };
        if let Err(error) = written {
            // The events are worth more than their count.
            tracing::error!(%error, "metrics are not written");
        }
    }

    fn done<R>(
        &self,
        batch: &Batch<'_, R>,
        tally: &Tally,
        counts: &Counts,
        invocation: Invocation<'_>,
        mut out: impl io::Write,
    ) -> io::Result<()> {
        let written = tally.records > 0;
        let quarantined = match written {
            true => counts.quarantined.values().sum(),
            false => 0,
        };
        let metrics = [
            count(metric::RECORDS_IN, batch.records.len()),
            count(metric::RECORDS_WRITTEN, tally.records),
            count(metric::RECORDS_SKIPPED, tally.skipped),
            count(metric::RECORDS_AGAIN, tally.left),
            count(metric::ROWS_WRITTEN, tally.rows.saturating_sub(quarantined)),
            count(metric::EVENTS_QUARANTINED, quarantined),
            count(metric::OBJECTS_WRITTEN, tally.objects),
            bytes(metric::BYTES_WRITTEN, tally.bytes),
            invocation.latency(),
        ];
        self.line(&metrics, &[], invocation, &mut out)?;
        for (reason, quarantined) in counts.quarantined.iter().filter(|_| written) {
            tracing::warn!(fence = batch.fence, reason, quarantined, "events are in quarantine");
            let metrics = [count(metric::EVENTS_QUARANTINED, *quarantined)];
            self.line(&metrics, &[(metric::REASON, reason)], invocation, &mut out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;
    use crate::parts::Record;

    #[track_caller]
    fn check(answer: &Answer, expected: &str) {
        assert_eq!(serde_json::to_string(answer).unwrap(), expected);
    }

    #[test]
    fn answers_are_spelled_as_the_mapping_wants_them() {
        let record = |sequence: &str| Record {
            sequence: sequence.parse().unwrap(),
            data: "",
            arrival_ms: 0,
        };
        let records = [record("99"), record("100")];
        let again = |left| Answer::again(&records, left);
        check(&again(0), r#"{"batchItemFailures":[]}"#);
        check(&again(1), r#"{"batchItemFailures":[{"itemIdentifier":"100"}]}"#);
        check(&again(2), r#"{"batchItemFailures":[{"itemIdentifier":"99"}]}"#);
        check(&Answer::again(&[], 0), r#"{"batchItemFailures":[]}"#);
    }
}
