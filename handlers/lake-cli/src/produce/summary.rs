//! The account of a run: what was taken, and what became of it.

use super::deliver::Report;
use super::failed::FailedFile;
use super::progress::Progress;
use crate::quantity::bytes;
use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;

/// What the reports add up to.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Events that the stream has.
    pub(crate) acknowledged: u64,
    /// Events that it has not.
    pub(crate) failed: u64,
    /// Records that hold the acknowledged ones.
    pub(crate) records: u64,
    /// Bytes of those, without keys.
    pub(crate) bytes: u64,
    /// Requests made.
    pub(crate) requests: u64,
    /// How often an event was sent again.
    pub(crate) retries: u64,
    /// The failed ones by error code.
    pub(crate) failures: BTreeMap<String, u64>,
}

impl Counts {
    /// Adds a report, and writes what failed to its file.
    fn add(&mut self, report: Report, failed: &mut FailedFile) -> Result<()> {
        match report {
            Report::Acknowledged { events, records, bytes } => {
                self.acknowledged += events;
                self.records += records;
                self.bytes += bytes;
            }
            Report::Requested => self.requests += 1,
            Report::Retried(events) => self.retries += events,
            Report::Failed(failure) => {
                self.failed += 1;
                *self.failures.entry(failure.error_code.clone()).or_default() += 1;
                failed.write(&failure)?;
            }
        }
        Ok(())
    }
}

/// Adds the reports up until the last sender is gone.
///
/// A file that cannot be written does not end the count: the events under way are still heard,
/// and the first such error is handed back beside the result.
pub(crate) async fn collect(
    mut reports: mpsc::Receiver<Report>,
    failed: &mut FailedFile,
    progress: &Progress,
) -> (Counts, Result<()>) {
    let (mut counts, mut written) = (Counts::default(), Ok(()));
    let mut tick = tokio::time::interval(progress.interval());
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first tick is at once, when there is nothing to show.
    tick.tick().await;
    loop {
        tokio::select! {
            report = reports.recv() => match report {
                Some(report) => written = written.and(counts.add(report, failed)),
                None => return (counts, written),
            },
            _ = tick.tick() => progress.show(&counts),
        }
    }
}

/// The end of a run, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// Where the events went.
    pub(crate) stream: String,
    /// Events taken from the source; always `acknowledged + failed`.
    pub(crate) sent: u64,
    /// Events that the stream has.
    pub(crate) acknowledged: u64,
    /// Events that it has not.
    pub(crate) failed: u64,
    /// The failed ones by error code.
    pub(crate) failures: BTreeMap<String, u64>,
    /// Where the failed ones are.
    pub(crate) failed_file: Option<PathBuf>,
    /// Lines of the input without an event.
    pub(crate) blank_lines: u64,
    /// Records that hold the acknowledged events.
    pub(crate) records: u64,
    /// Bytes of those records, without keys.
    pub(crate) bytes: u64,
    /// Requests made.
    pub(crate) requests: u64,
    /// How often an event was sent again.
    pub(crate) retries: u64,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Acknowledged events per second.
    pub(crate) rate: f64,
    /// The generator's seed, when it was used.
    pub(crate) seed: Option<u64>,
    /// Whether somebody stopped it.
    pub(crate) interrupted: bool,
}

impl Summary {
    /// The summary for people, as one line.
    pub(crate) fn line(&self) -> String {
        let mut line = format!(
            "sent {} = acknowledged {} + failed {} in {:.1} s ({:.0} events/s, {}, requests {}, retries {})",
            self.sent,
            self.acknowledged,
            self.failed,
            self.seconds,
            self.rate,
            bytes(self.bytes),
            self.requests,
            self.retries
        );
        if self.records != self.acknowledged {
            line += &format!(", {} records", self.records);
        }
        if self.blank_lines > 0 {
            line += &format!(", {} blank lines skipped", self.blank_lines);
        }
        line
    }
}

/// Events per second; nothing in no time is no rate.
pub(crate) fn rate(events: u64, time: Duration) -> f64 {
    let seconds = time.as_secs_f64();
    if seconds > 0.0 { events as f64 / seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{Summary, rate};
    use std::collections::BTreeMap;
    use std::time::Duration;

    #[test]
    fn nothing_in_no_time_is_no_rate() {
        assert_eq!(rate(0, Duration::ZERO), 0.0);
        assert_eq!(rate(10, Duration::from_secs(4)), 2.5);
    }

    #[test]
    fn the_summary_is_one_line_and_one_object() {
        let summary = Summary {
            stream: "headend-local-events".to_owned(),
            sent: 10,
            acknowledged: 9,
            failed: 1,
            failures: BTreeMap::from([("TooLarge".to_owned(), 1)]),
            failed_file: Some("f.jsonl".into()),
            blank_lines: 2,
            records: 3,
            bytes: 2700,
            requests: 1,
            retries: 0,
            seconds: 0.5,
            rate: 18.0,
            seed: None,
            interrupted: false,
        };
        assert_eq!(
            summary.line(),
            "sent 10 = acknowledged 9 + failed 1 in 0.5 s (18 events/s, 2.7 kB, requests 1, retries 0), 3 records, 2 blank lines skipped"
        );
        assert_eq!(
            serde_json::to_string(&summary).expect("serialises"),
            r#"{"stream":"headend-local-events","sent":10,"acknowledged":9,"failed":1,"failures":{"TooLarge":1},"failed_file":"f.jsonl","blank_lines":2,"records":3,"bytes":2700,"requests":1,"retries":0,"seconds":0.5,"rate":18.0,"seed":null,"interrupted":false}"#
        );
    }
}
