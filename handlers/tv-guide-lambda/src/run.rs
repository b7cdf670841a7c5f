//! What `tv-guide-reference` and `tv-guide-ingest` say about a run: what was refused, and counts.

use std::error::Error;
use std::io;

use jiff::{SignedDuration, Timestamp};
use lambda_kit::telemetry::{Metric, Metrics, Unit};
use lambda_runtime::Context;
use tv_guide::contract::ingest::metric;
use tv_guide::retry::Counts;
use tv_guide::snapshot::Report;

/// Reports the runs of one function.
#[derive(Debug, Clone)]
pub struct Reporter {
    namespace: String,
    function: &'static str,
}

impl Reporter {
    /// A reporter of a function in an environment.
    #[must_use]
    pub fn new(environment: &str, function: &'static str) -> Self {
        Self {
            namespace: metric::namespace(environment),
            function,
        }
    }

    /// Logs every dataset that was refused, with the whole reason.
    pub fn log(&self, report: &Report) {
        for (dataset, rejection) in &report.rejected {
            tracing::warn!(function = self.function, dataset, "not published: {}", chain(rejection));
        }
    }

    /// Writes a run's metrics to `out` as one line.
    ///
    /// # Errors
    ///
    /// When `out` fails.
    pub fn metrics(
        &self,
        report: &Report,
        records: usize,
        counts: Counts,
        request_id: &str,
        timestamp_ms: u64,
        out: impl io::Write,
    ) -> io::Result<()> {
        let count = |name, value: f64| Metric {
            name,
            unit: Unit::Count,
            value,
        };
        let mut metrics = vec![
            count(metric::SNAPSHOT_PUBLISHED, report.published.len() as f64),
            count(metric::SNAPSHOT_REJECTED, report.rejected.len() as f64),
            count(metric::RECORDS_PUBLISHED, records as f64),
            count(metric::UPSTREAM_REQUESTS, f64::from(counts.requests)),
            count(metric::UPSTREAM_RETRIES, f64::from(counts.retries)),
        ];
        // A run that asked Watchmode nothing does not know.
        metrics.extend(
            counts
                .budget_left
                .map(|left| count(metric::UPSTREAM_BUDGET_LEFT, left as f64)),
        );
        Metrics {
            namespace: &self.namespace,
            timestamp_ms,
            dimensions: &[(metric::FUNCTION, self.function)],
            metrics: &metrics,
            properties: &[("requestId", request_id)],
        }
        .write(out)
    }
}

/// What is left of an invocation for the answer, the log and the metrics when requests end.
const REST: SignedDuration = SignedDuration::from_secs(5);

/// Until when a function may make requests.
#[must_use]
pub fn deadline(context: &Context) -> Timestamp {
    let end = Timestamp::try_from(context.deadline()).unwrap_or(Timestamp::MAX);
    end.saturating_sub(REST).unwrap_or(Timestamp::MIN)
}

/// A variable of the environment that must hold a number.
///
/// # Errors
///
/// When it holds none.
pub fn number(variable: &'static str, text: &str) -> Result<u64, NotANumber> {
    text.parse().map_err(|_| NotANumber { variable })
}

/// A variable that holds no number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {variable} is no whole number: set it in the stack that deploys the function")]
pub struct NotANumber {
    /// The variable.
    pub variable: &'static str,
}

/// An error and its causes, each once.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
