//! `lake-compact`: what it is asked, what it answers and tells; its objects and its merge.

pub mod merge;
pub mod objects;

use std::io;
use std::time::Duration;

use lake::Hour;
use lake::compact::{Outcome, Published, Report, Tally};
use lake::contract::{CompactEnv, LEAST_GRACE_MINUTES, metric};
use serde::{Deserialize, Serialize};

use crate::report::{Invocation, Reporter, count};

/// What the schedule sends, of which nothing is read, or an operator.
#[derive(Debug, Deserialize)]
pub struct Event {
    /// The hour to compact by hand: [`lake::contract::BY_HAND`].
    #[serde(default)]
    pub hour: Option<String>,
}

/// An hour that is none.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no hour; name one like 2026-01-09T20, in UTC")]
pub struct NoHour(String);

impl Event {
    /// The hour to compact by hand; none for a run of all that wait.
    ///
    /// # Errors
    ///
    /// When the event names something else.
    pub fn hour(&self) -> Result<Option<Hour>, NoHour> {
        let Some(name) = &self.hour else {
            return Ok(None);
        };
        Hour::from_name(name).map(Some).ok_or_else(|| NoHour(name.clone()))
    }
}

/// The numbers of [`CompactEnv`], read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// From an hour's end to its compaction.
    pub close_after: Duration,
    /// From a generation's replacement to its removal.
    pub grace: Duration,
    /// Largest hour that the function compacts itself, in bytes.
    pub most_bytes: u64,
}

/// A number of the environment that is none, or too small.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// No number.
    #[error("{value:?} is no number of {what}: set it in the stack that deploys the function")]
    NoNumber {
        /// What it should count.
        what: &'static str,
        /// What is there.
        value: String,
    },
    /// Too short a grace.
    #[error(
        "a grace of {0} minutes is shorter than a query may take: {LEAST_GRACE_MINUTES} are the least, set them in the stack"
    )]
    Grace(u64),
}

impl Numbers {
    /// Reads the numbers.
    ///
    /// # Errors
    ///
    /// When one is none, or the grace is shorter than [`LEAST_GRACE_MINUTES`].
    pub fn read(env: &CompactEnv<String>) -> Result<Self, Unusable> {
        let number = |what, value: &String| {
            value.parse::<u64>().map_err(|_| Unusable::NoNumber {
                what,
                value: value.clone(),
            })
        };
        let grace = number("minutes of grace", &env.grace_minutes)?;
        if grace < LEAST_GRACE_MINUTES {
            return Err(Unusable::Grace(grace));
        }
        let minutes = |minutes: u64| Duration::from_secs(minutes.saturating_mul(60));
        Ok(Numbers {
            close_after: minutes(number("minutes to an hour's closing", &env.close_after_minutes)?),
            grace: minutes(grace),
            most_bytes: number("bytes of an hour", &env.most_bytes)?,
        })
    }
}

/// The answer to whoever invoked it.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The hours that were tried.
    hours: Vec<Line>,
    /// Hours that are closed, marked, and not compacted yet.
    waiting: usize,
    /// Generations that were removed.
    removed: usize,
}

/// An hour in the answer.
#[derive(Debug, Serialize)]
struct Line {
    hour: String,
    outcome: &'static str,
    #[serde(flatten)]
    made: Option<Made>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
}

/// What was made of it.
#[derive(Debug, Serialize)]
struct Made {
    generation: String,
    objects: u64,
    rows_in: u64,
    duplicates: u64,
    rows_out: u64,
}

impl From<&Report> for Answer {
    fn from(report: &Report) -> Self {
        let line = |(hour, outcome): &(Hour, Outcome)| Line {
            hour: hour.name(),
            outcome: word(outcome),
            made: match outcome {
                Outcome::Published(published) => Some(Made {
                    generation: published.generation.clone(),
                    objects: published.objects,
                    rows_in: published.rows.rows_in,
                    duplicates: published.rows.duplicates,
                    rows_out: published.rows.rows_out,
                }),
                _ => None,
            },
            cause: match outcome {
                Outcome::Again(cause) => Some(cause.to_string()),
                _ => None,
            },
        };
        Answer {
            hours: report.hours.iter().map(line).collect(),
            waiting: report.waiting,
            removed: report.swept.map_or(0, |swept| swept.removed),
        }
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Published(_) => "published",
        Outcome::Unchanged => "unchanged",
        Outcome::Leased => "leased",
        Outcome::Underway => "underway",
        Outcome::Again(_) => "again",
    }
}

impl Reporter {
    /// Logs every hour, and writes the metrics of the run to `out`.
    ///
    /// # Errors
    ///
    /// When `out` fails.
    pub fn compacted(&self, report: &Report, invocation: Invocation<'_>, out: impl io::Write) -> io::Result<()> {
        let mut rows = Tally::default();
        for (hour, outcome) in &report.hours {
            log(self.dataset(), *hour, outcome);
            if let Outcome::Published(Published { rows: made, .. }) = outcome {
                rows.rows_in += made.rows_in;
                rows.duplicates += made.duplicates;
                rows.rows_out += made.rows_out;
            }
        }
        if let Ok(swept) = report.swept
            && swept.in_use > 0
        {
            let generations = swept.in_use;
            tracing::warn!(
                generations,
                "the catalog points to retired generations; their hours are compacted anew"
            );
        }
        let outcomes = |wanted: fn(&Outcome) -> bool| {
            let outcomes = report.hours.iter().map(|(_, outcome)| outcome);
            outcomes.filter(|outcome| wanted(outcome)).count()
        };
        let removed = report.swept.map_or(0, |swept| swept.removed);
        let metrics = [
            count(
                metric::HOURS_COMPACTED,
                outcomes(|it| matches!(it, Outcome::Published(_))),
            ),
            count(metric::HOURS_UNCHANGED, outcomes(|it| matches!(it, Outcome::Unchanged))),
            count(metric::HOURS_FAILED, outcomes(|it| matches!(it, Outcome::Again(_)))),
            count(metric::HOURS_WAITING, report.waiting),
            count(metric::ROWS_IN, rows.rows_in as usize),
            count(metric::DUPLICATES, rows.duplicates as usize),
            count(metric::ROWS_OUT, rows.rows_out as usize),
            count(metric::GENERATIONS_REMOVED, removed),
            invocation.latency(),
        ];
        self.line(&metrics, &[], invocation, out)
    }
}

fn log(dataset: &str, hour: Hour, outcome: &Outcome) {
    let hour = hour.name();
    match outcome {
        Outcome::Published(Published {
            generation,
            objects,
            rows,
            ..
        }) => {
            let Tally {
                rows_in,
                duplicates,
                rows_out,
            } = *rows;
            tracing::info!(
                dataset,
                hour,
                generation,
                objects,
                rows_in,
                duplicates,
                rows_out,
                "an hour is compacted"
            );
        }
        Outcome::Again(cause) => {
            let source = std::error::Error::source(cause).map(ToString::to_string);
            tracing::error!(dataset, hour, source, "{cause}");
        }
        Outcome::Unchanged | Outcome::Leased | Outcome::Underway => {
            tracing::info!(dataset, hour, outcome = word(outcome), "an hour stays as it is");
        }
    }
}

#[cfg(test)]
mod tests;
