//! What `lake-transform` says about a batch: a log line for each failed record, and the metrics.

use std::collections::BTreeMap;
use std::io;

use lake::contract::metric;
use lake::{Batch, Failure};

use crate::report::{Invocation, Reporter, bytes, count};

impl Reporter {
    /// Logs every failed record of a batch, and writes its metrics to `out`: one line for the batch,
    /// one for each reason.
    ///
    /// # Errors
    ///
    /// When `out` fails.
    pub fn transformed(
        &self,
        batch: &Batch<'_>,
        invocation: Invocation<'_>,
        mut out: impl io::Write,
    ) -> io::Result<()> {
        log(self.dataset(), batch);
        let failed = batch.failures.len();
        let metrics = [
            count(metric::RECORDS_IN, batch.records),
            count(metric::RECORDS_OK, batch.records - failed),
            count(metric::RECORDS_FAILED, failed),
            bytes(metric::RESPONSE_BYTES, batch.response.len()),
            invocation.latency(),
        ];
        self.line(&metrics, &[], invocation, &mut out)?;

        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for failure in batch.failures {
            *reasons.entry(failure.reason.code()).or_default() += 1;
        }
        for (reason, records) in reasons {
            let metrics = [count(metric::RECORDS_FAILED, records)];
            self.line(&metrics, &[(metric::REASON, reason)], invocation, &mut out)?;
        }
        Ok(())
    }
}

/// Logs every failed record: its id, its place in the shard, why; never what is in it.
fn log(dataset: &str, batch: &Batch<'_>) {
    for Failure {
        record_id,
        sequence_number,
        reason,
    } in batch.failures
    {
        tracing::warn!(
            dataset,
            record_id,
            sequence_number,
            reason = reason.code(),
            offset = reason.offset(),
            "{reason}"
        );
    }
}
