//! Drift: which resources are no longer what the template says, because somebody changed them.

use crate::bucket::Objects;
use crate::changes::cut;
use crate::clock::{Clock, Pace};
use crate::cloudformation::{CloudFormation, Detection, Drift, DriftState, Standing};
use crate::console::{Console, unless_interrupted};
use crate::engine::Engine;
use crate::error::Error;
use crate::table;
use anyhow::{Context as _, Result, bail};
use serde::Serialize;

/// How often in a row AWS may put off our looking at the comparison.
const SILENCES: u32 = 6;

/// What became of a stack's resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Name of the stack.
    pub stack: String,
    /// Resources that are not as the template says.
    pub drifted: Vec<Drift>,
    /// Logical ids of those that CloudFormation cannot compare.
    pub unknown: Vec<String>,
}

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Has CloudFormation compare a stack's resources with its template; changes nothing.
    ///
    /// # Errors
    /// [`Interrupted`](crate::console::Interrupted) on Ctrl-C; the stack does not stand, or
    /// CloudFormation refuses.
    pub async fn drift(&self, name: &str) -> Result<Report> {
        let meaning = || "interrupted; nothing was changed".to_owned();
        let found = unless_interrupted(&self.console, meaning, self.compare(name)).await;
        self.console.status(&[]);
        found
    }

    async fn compare(&self, name: &str) -> Result<Report> {
        let stack = match self.at_rest(name).await? {
            Some(stack) if stack.status.standing() != Standing::Absent => stack,
            _ => bail!("stack {name} does not exist; make it with `cargo xtask deploy`"),
        };
        self.console
            .status(&[format!("CloudFormation compares {name} with its template")]);
        let detection = self
            .cloud
            .detect_drift(&stack.id)
            .await
            .with_context(|| format!("stack {name} in {} cannot be compared", stack.status))?;
        if let Some(reason) = self.compared(&detection).await? {
            self.console
                .say(&format!("stack {name}: some resources could not be compared: {reason}"));
        }
        let (mut found, mut page) = (Vec::new(), None);
        loop {
            let read = self.cloud.drifts(&stack.id, page.as_deref()).await?;
            found.extend(read.items);
            match read.next {
                Some(next) => page = Some(next),
                None => break,
            }
        }
        let (unknown, drifted): (Vec<Drift>, Vec<Drift>) =
            found.into_iter().partition(|drift| drift.state == DriftState::Unknown);
        Ok(Report {
            stack: name.to_owned(),
            drifted,
            unknown: unknown.into_iter().map(|drift| drift.logical_id).collect(),
        })
    }

    /// Waits for the end of a comparison; gives back why it is not of all resources, if so.
    async fn compared(&self, detection: &str) -> Result<Option<String>, Error> {
        let (mut pace, mut silences) = (Pace::new(), 0);
        loop {
            let wait = match self.cloud.drift_detection(detection).await {
                Ok(Detection::Complete) => return Ok(None),
                Ok(Detection::Partial(reason)) => return Ok(Some(reason)),
                Ok(Detection::Running) => {
                    silences = 0;
                    pace.wait()
                }
                Err(error) if error.is_transient() && silences < SILENCES => {
                    silences += 1;
                    pace.back_off()
                }
                Err(error) => return Err(error),
            };
            self.clock.sleep(wait).await;
        }
    }
}

/// The report as people read it, in at most `width` columns.
pub fn describe(report: &Report, width: usize) -> Vec<String> {
    let Report {
        stack,
        drifted,
        unknown,
    } = report;
    let mut lines = vec![match drifted.len() {
        0 => format!("stack {stack}: every resource that can be compared is as its template says"),
        1 => format!("stack {stack}: 1 resource is not as its template says"),
        many => format!("stack {stack}: {many} resources are not as their template says"),
    }];
    let rows: Vec<[String; 4]> = drifted.iter().flat_map(rows).collect();
    if !rows.is_empty() {
        let table = table::lines(["RESOURCE", "PROPERTY", "TEMPLATE", "ACTUAL"], &rows);
        lines.extend(table.iter().map(|line| cut(&format!("  {line}"), width)));
    }
    if !unknown.is_empty() {
        lines.push(format!("not compared by CloudFormation: {}", unknown.join(", ")));
    }
    lines
}

/// Longest value in the table; the rest is in the JSON.
const LONGEST: usize = 40;

fn rows(drift: &Drift) -> Vec<[String; 4]> {
    let id = || format!("{} ({})", drift.logical_id, drift.kind);
    if drift.state == DriftState::Deleted {
        return vec![[id(), "all".to_owned(), "there".to_owned(), "deleted".to_owned()]];
    }
    let said = |value: &Option<String>| cut(value.as_deref().unwrap_or("(none)"), LONGEST);
    let differences = drift.differences.iter();
    differences
        .map(|difference| {
            [
                id(),
                difference.path.clone(),
                said(&difference.expected),
                said(&difference.actual),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests;
