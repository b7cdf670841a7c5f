//! Where the functions' reports go, and what is common to them.

use std::io;
use std::time::Duration;

use lake::contract::metric;
use lambda_kit::telemetry::{Metric, Metrics, Unit};

/// Reports what is done for one dataset of an environment; each function's module says what that is.
#[derive(Debug, Clone)]
pub struct Reporter {
    namespace: String,
    dataset: String,
}

/// What is reported of every invocation.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'i> {
    /// Its name in the log.
    pub request_id: &'i str,
    /// How long its work took.
    pub took: Duration,
    /// When it was done, in milliseconds since 1970.
    pub timestamp_ms: u64,
}

impl Reporter {
    /// A reporter for an environment's dataset.
    #[must_use]
    pub fn new(environment: &str, dataset: String) -> Self {
        Reporter {
            namespace: metric::namespace(environment),
            dataset,
        }
    }

    /// The dataset.
    pub(crate) fn dataset(&self) -> &str {
        &self.dataset
    }

    /// Writes metrics of the dataset to `out`, as one line; `further` are dimensions beside it.
    pub(crate) fn line(
        &self,
        metrics: &[Metric<'_>],
        further: &[(&str, &str)],
        invocation: Invocation<'_>,
        out: impl io::Write,
    ) -> io::Result<()> {
        let own = (metric::DATASET, self.dataset.as_str());
        let dimensions: Vec<_> = [own].into_iter().chain(further.iter().copied()).collect();
        let metrics = Metrics {
            namespace: &self.namespace,
            timestamp_ms: invocation.timestamp_ms,
            dimensions: &dimensions,
            metrics,
            properties: &[("requestId", invocation.request_id)],
        };
        metrics.write(out)
    }
}

impl Invocation<'_> {
    pub(crate) fn latency(&self) -> Metric<'static> {
        Metric {
            name: metric::BATCH_LATENCY_MS,
            unit: Unit::Milliseconds,
            value: self.took.as_secs_f64() * 1_000.0,
        }
    }
}

/// So many things.
pub(crate) fn count(name: &'static str, value: usize) -> Metric<'static> {
    Metric {
        name,
        unit: Unit::Count,
        value: value as f64,
    }
}

/// So many bytes.
pub(crate) fn bytes(name: &'static str, value: usize) -> Metric<'static> {
    Metric {
        name,
        unit: Unit::Bytes,
        value: value as f64,
    }
}
