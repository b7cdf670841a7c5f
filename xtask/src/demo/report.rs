//! What the demo says at its end.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::progress::{count, seconds};

/// Every event, on one side or the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Account {
    /// What the stream took.
    pub(super) events: u64,
    /// Rows that Athena finds.
    pub(super) queryable: u64,
    /// Records under the error prefix.
    pub(super) quarantined: u64,
}

/// How long a step took.
#[derive(Debug, Serialize)]
struct Step {
    name: &'static str,
    seconds: f64,
}

/// The demo's account and times.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    #[serde(flatten)]
    account: Account,
    seconds: f64,
    steps: Vec<Step>,
    kept: bool,
}

impl Report {
    pub(super) fn new(kept: bool) -> Report {
        Report {
            account: Account::default(),
            seconds: 0.0,
            steps: Vec::new(),
            kept,
        }
    }

    /// Does a step and keeps its time.
    pub(super) fn time<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let result = step()?;
        self.steps.push(Step {
            name,
            seconds: start.elapsed().as_secs_f64(),
        });
        Ok(result)
    }

    pub(super) fn finish(&mut self, account: Account, took: Duration) {
        self.account = account;
        self.seconds = took.as_secs_f64();
    }

    /// Prints the report: one JSON object, or the table of events and what to do next.
    pub(super) fn print(&self, json: bool, table: &str) -> Result<()> {
        let text = if json {
            format!("{}\n", serde_json::to_string(self)?)
        } else {
            self.text(table)
        };
        std::io::stdout()
            .write_all(text.as_bytes())
            .context("cannot write to standard output")
    }

    fn text(&self, table: &str) -> String {
        let Account {
            events,
            queryable,
            quarantined,
        } = self.account;
        let steps: Vec<_> = self
            .steps
            .iter()
            .map(|step| format!("{} {}", step.name, seconds(Duration::from_secs_f64(step.seconds))))
            .collect();
        format!(
            "\n{table}\n{} in = {} queryable + {} quarantined\n{} in all: {}\n\n{}",
            count(events),
            count(queryable),
            count(quarantined),
            seconds(Duration::from_secs_f64(self.seconds)),
            steps.join(", "),
            self.next()
        )
    }

    fn next(&self) -> &'static str {
        if self.kept {
            "The local cloud `demo` is still running:\n\
             \x20 cargo xtask produce --name demo --input events.json   your own events, as JSON lines or one array\n\
             \x20 cargo xtask query --name demo \"SELECT * FROM events LIMIT 5\"\n\
             \x20 cargo xtask quarantine --name demo                    what was not taken, and why\n\
             \x20 cargo xtask local down --name demo                    and away with it\n"
        } else {
            "Next, with your own events:\n\
             \x20 cargo xtask local up                                  a local cloud that stays\n\
             \x20 cargo xtask deploy --env local --yes                  the lake on it\n\
             \x20 cargo xtask produce --input events.json               JSON lines, or one array\n\
             \x20 cargo xtask query \"SELECT * FROM events LIMIT 5\"\n\
             \x20 cargo xtask quarantine                                what was not taken, and why\n"
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Account, Report};

    fn report(kept: bool) -> Report {
        let mut report = Report::new(kept);
        report.time("build", || Ok(())).unwrap();
        report.finish(
            Account {
                events: 1000,
                queryable: 997,
                quarantined: 3,
            },
            Duration::from_secs(42),
        );
        report
    }

    #[test]
    fn the_account_is_one_line() {
        let text = report(false).text("event_type  events\n");
        assert!(
            text.contains("\n1,000 in = 997 queryable + 3 quarantined\n42.0 s in all: build "),
            "{text}"
        );
    }

    #[test]
    fn a_kept_cloud_is_named_in_what_comes_next() {
        assert!(report(true).text("").contains("local down --name demo"));
        assert!(!report(false).text("").contains("--name demo"));
    }

    #[test]
    fn the_json_holds_the_account_and_the_steps() {
        let json = serde_json::to_value(report(false)).unwrap();
        assert_eq!(json["queryable"], 997);
        assert_eq!(json["steps"][0]["name"], "build");
    }

    #[test]
    fn a_failed_step_has_no_time() {
        let mut report = Report::new(false);
        assert!(
            report
                .time("build", || anyhow::bail!("no") as anyhow::Result<()>)
                .is_err()
        );
        assert!(report.steps.is_empty());
    }
}
