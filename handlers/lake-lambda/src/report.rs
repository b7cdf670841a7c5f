//! What `lake-transform` says about a batch: a log line for each failed record, and the metrics.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use lake::contract::metric;
use lake::{Batch, Failure};
use lambda_kit::telemetry::{Metric, Metrics, Unit};

/// Reports batches of one dataset.
#[derive(Debug, Clone)]
pub struct Reporter {
    namespace: String,
    dataset: String,
}

impl Reporter {
    /// A reporter for an environment's dataset.
    #[must_use]
    pub fn new(environment: &str, dataset: String) -> Self {
        Self {
            namespace: metric::namespace(environment),
            dataset,
        }
    }

    /// Logs every failed record: its id, its place in the shard, why; never what is in it.
    pub fn log(&self, batch: &Batch<'_>) {
        for Failure {
            record_id,
            sequence_number,
            reason,
        } in batch.failures
        {
            tracing::warn!(
                dataset = self.dataset,
                record_id,
                sequence_number,
                reason = reason.code(),
                offset = reason.offset(),
                "{reason}"
            );
        }
    }

    /// Writes the batch's metrics to `out`: one line for the batch, one for each reason.
    ///
    /// # Errors
    ///
    /// When `out` fails.
    pub fn metrics(
        &self,
        batch: &Batch<'_>,
        request_id: &str,
        took: Duration,
        timestamp_ms: u64,
        mut out: impl io::Write,
    ) -> io::Result<()> {
        let failed = batch.failures.len();
        let count = |name, count: usize| Metric {
            name,
            unit: Unit::Count,
            value: count as f64,
        };
        let all = Metrics {
            namespace: &self.namespace,
            timestamp_ms,
            dimensions: &[(metric::DATASET, &self.dataset)],
            metrics: &[
                count(metric::RECORDS_IN, batch.records),
                count(metric::RECORDS_OK, batch.records - failed),
                count(metric::RECORDS_FAILED, failed),
                Metric {
                    name: metric::RESPONSE_BYTES,
                    unit: Unit::Bytes,
                    value: batch.response.len() as f64,
                },
                Metric {
                    name: metric::BATCH_LATENCY_MS,
                    unit: Unit::Milliseconds,
                    value: took.as_secs_f64() * 1e3,
                },
            ],
            properties: &[("requestId", request_id)],
        };
        all.write(&mut out)?;

        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for failure in batch.failures {
            *reasons.entry(failure.reason.code()).or_default() += 1;
        }
        for (reason, records) in reasons {
            let dimensions = [(metric::DATASET, self.dataset.as_str()), (metric::REASON, reason)];
            Metrics {
                dimensions: &dimensions,
                metrics: &[count(metric::RECORDS_FAILED, records)],
                ..all
            }
            .write(&mut out)?;
        }
        Ok(())
    }
}
