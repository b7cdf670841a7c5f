//! What `tv-guide-consume` and `tv-guide-notify` say about a batch: what failed, and counts.

use std::io;
use std::time::Duration;

use lambda_kit::batch::Response;
use lambda_kit::telemetry::{Metric, Metrics, Unit};
use tv_guide::contract::ingest::metric::namespace;
use tv_guide::contract::table::metric;
use tv_guide::{consume, notify};

use crate::run::chain;

/// Reports the batches of one function.
#[derive(Debug, Clone)]
pub struct Reporter {
    namespace: String,
    function: &'static str,
}

/// When a batch was dealt with, by whom, and how long that took.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Id of the call.
    pub request_id: &'a str,
    /// When it ended, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Time from the parsed call to its answer.
    pub took: Duration,
}

impl Reporter {
    /// A reporter of a function in an environment.
    #[must_use]
    pub fn new(environment: &str, function: &'static str) -> Self {
        Self {
            namespace: namespace(environment),
            function,
        }
    }

    /// Logs and counts what became of a batch of the programme stream.
    ///
    /// # Errors
    ///
    /// When `out` fails.
    pub fn consumed(&self, report: &consume::Report, call: Call<'_>, mut out: impl io::Write) -> io::Result<()> {
        for (code, records) in &report.quarantined {
            tracing::warn!(
                function = self.function,
                reason = code,
                records,
                "records are kept aside"
            );
        }
        if let Some(consume::Failure { sequence_number, error }) = &report.failure {
            let records = report.failed;
            tracing::error!(
                function = self.function,
                sequence_number,
                records,
                "delivered again: {}",
                chain(error)
            );
        }
        if let Some(trouble) = &report.trouble {
            let titles = report.pending;
            tracing::warn!(
                function = self.function,
                titles,
                "details are missing: {}",
                chain(trouble)
            );
        }
        let quarantined: usize = report.quarantined.values().sum();
        let metrics = [
            count(metric::RECORDS_IN, report.received),
            count(metric::RECORDS_WRITTEN, report.written),
            count(metric::RECORDS_UNCHANGED, report.unchanged),
            count(metric::RECORDS_QUARANTINED, quarantined),
            count(metric::RECORDS_FAILED, report.failed),
            count(metric::TITLES_ENRICHED, report.enriched),
            count(metric::TITLES_PENDING, report.pending),
            latency(call.took),
        ];
        self.write(&metrics, None, call, &mut out)?;
        for (reason, records) in &report.quarantined {
            let metrics = [count(metric::RECORDS_QUARANTINED, *records)];
            self.write(&metrics, Some(reason), call, &mut out)?;
        }
        Ok(())
    }

    /// Logs and counts what became of a batch of the table's stream.
    ///
    /// # Errors
    ///
    /// When `out` fails.
    pub fn notified(&self, report: &notify::Report, call: Call<'_>, mut out: impl io::Write) -> io::Result<()> {
        if report.malformed > 0 {
            let records = report.malformed;
            tracing::warn!(function = self.function, records, "programmes cannot be read");
        }
        if let Some(notify::Failure { sequence_number, error }) = &report.failure {
            let records = report.failed;
            tracing::error!(
                function = self.function,
                sequence_number,
                records,
                "delivered again: {}",
                chain(error)
            );
        }
        let metrics = [
            count(metric::RECORDS_IN, report.received),
            count(metric::CHANGES, report.changes),
            count(metric::RECORDS_UNCHANGED, report.ignored),
            count(metric::RECORDS_FAILED, report.failed),
            count(metric::NOTIFICATIONS_SENT, report.sent),
            count(metric::NOTIFICATIONS_SUPPRESSED, report.suppressed),
            latency(call.took),
        ];
        self.write(&metrics, None, call, &mut out)
    }

    fn write(
        &self,
        metrics: &[Metric<'_>],
        reason: Option<&str>,
        call: Call<'_>,
        out: impl io::Write,
    ) -> io::Result<()> {
        let mut dimensions = vec![(metric::FUNCTION, self.function)];
        dimensions.extend(reason.map(|reason| (metric::REASON, reason)));
        Metrics {
            namespace: &self.namespace,
            timestamp_ms: call.timestamp_ms,
            dimensions: &dimensions,
            metrics,
            properties: &[("requestId", call.request_id)],
        }
        .write(out)
    }
}

/// The answer to a batch that must be delivered again from a sequence number, or not at all.
#[must_use]
pub fn answer(again_from: Option<&str>) -> Response {
    again_from.map_or_else(Response::done, Response::again_from)
}

fn count(name: &str, count: usize) -> Metric<'_> {
    Metric {
        name,
        unit: Unit::Count,
        value: count as f64,
    }
}

fn latency(took: Duration) -> Metric<'static> {
    Metric {
        name: metric::BATCH_LATENCY_MS,
        unit: Unit::Milliseconds,
        value: took.as_secs_f64() * 1e3,
    }
}

#[cfg(test)]
mod tests;
