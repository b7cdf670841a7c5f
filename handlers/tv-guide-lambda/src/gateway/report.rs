//! What `tv-guide-api` says about an answer: its metrics, and in the log what went wrong behind it.

use std::io;
use std::time::Duration;

use lambda_kit::telemetry::{Metric, Metrics, Unit};
use tv_guide::api::Response;
use tv_guide::contract::api::metric;
use tv_guide::token::Refusal;

/// Logs what failed behind the API, and items that are not what their keys say; never what a user
/// sent or has.
pub fn log(response: &Response) {
    if let Some(cause) = &response.cause {
        let operation = response.operation.unwrap_or("none");
        tracing::error!(
            operation,
            cause = chain(cause.as_ref()),
            "the request could not be answered"
        );
    }
    for malformed in &response.malformed {
        tracing::error!(cause = chain(malformed), "an item is left out");
    }
}

/// An error and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// An answer's metrics.
#[derive(Debug, Clone, Copy)]
pub struct Report<'r> {
    /// Namespace of the environment.
    pub namespace: &'r str,
    /// Operation, or `none`.
    pub operation: &'r str,
    /// Status.
    pub status: u16,
    /// Why the token was refused, if it was.
    pub refusal: Option<Refusal>,
    /// How long the answer took.
    pub took: Duration,
    /// Id of the invocation.
    pub request_id: &'r str,
    /// Time, in milliseconds since 1970.
    pub timestamp_ms: u64,
}

impl Report<'_> {
    /// Writes the metrics to `out`, one line for each set of dimensions.
    ///
    /// # Errors
    ///
    /// When `out` fails.
    pub fn write(&self, mut out: impl io::Write) -> io::Result<()> {
        let status = format!("{}xx", self.status / 100);
        let count = |name| Metric {
            name,
            unit: Unit::Count,
            value: 1.0,
        };
        let latency = Metric {
            name: metric::LATENCY_MS,
            unit: Unit::Milliseconds,
            value: self.took.as_secs_f64() * 1e3,
        };
        let mut line = |dimensions: &[(&str, &str)], metric: Metric<'_>| {
            Metrics {
                namespace: self.namespace,
                timestamp_ms: self.timestamp_ms,
                dimensions,
                metrics: &[metric],
                properties: &[("requestId", self.request_id)],
            }
            .write(&mut out)
        };
        let route = (metric::ROUTE, self.operation);
        line(&[route, (metric::STATUS, &status)], count(metric::REQUESTS))?;
        line(&[route], latency)?;
        match self.refusal {
            Some(refusal) => line(&[(metric::REASON, refusal.code())], count(metric::AUTH_REJECTED)),
            None => Ok(()),
        }
    }
}
