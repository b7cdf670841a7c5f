//! What the demo says at its end.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::demo::steps::{self, Step, Steps};
use crate::progress::count;

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
    /// The report of a demo that ends now.
    pub(super) fn new(kept: bool, account: Account, steps: Steps) -> Report {
        let (took, steps) = steps.end();
        Report {
            account,
            seconds: took.as_secs_f64(),
            steps,
            kept,
        }
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
        format!(
            "\n{table}\n{} in = {} queryable + {} quarantined\n{}\n\n{}",
            count(events),
            count(queryable),
            count(quarantined),
            steps::line(Duration::from_secs_f64(self.seconds), &self.steps),
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
             \x20 cargo xtask deploy --env local --app lake --yes       the lake on it\n\
             \x20 cargo xtask produce --input events.json               JSON lines, or one array\n\
             \x20 cargo xtask query \"SELECT * FROM events LIMIT 5\"\n\
             \x20 cargo xtask quarantine                                what was not taken, and why\n"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Account, Report};
    use crate::demo::steps::Steps;

    fn report(kept: bool) -> Report {
        let mut steps = Steps::begin();
        steps.time("build", || Ok(())).unwrap();
        let account = Account {
            events: 1000,
            queryable: 997,
            quarantined: 3,
        };
        Report::new(kept, account, steps)
    }

    #[test]
    fn the_account_is_one_line() {
        let text = report(false).text("event_type  events\n");
        assert!(
            text.contains("\n1,000 in = 997 queryable + 3 quarantined\n0.0 s in all: build "),
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
}
