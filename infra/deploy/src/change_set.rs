//! Change sets: made, awaited, read in full.

use crate::bucket::Objects;
use crate::clock::{Clock, Pace};
use crate::cloudformation::{Change, ChangeSet, ChangeSetIds, ChangeSetState, CloudFormation, NewChangeSet, Scope};
use crate::console::Console;
use crate::engine::Engine;
use crate::error::Error;
use crate::plan::Lines;
use anyhow::Result;

/// The name of our change sets. It never changes, so that a run which was killed leaves one that
/// the next run finds and deletes.
pub const NAME: &str = "infra-deploy";

/// How often in a row AWS may put off our looking at a change set.
const SILENCES: u32 = 6;

/// Begins the reason of a change set whose listing lacks changes because their values were asked
/// for.
const INCOMPLETE: &str = "[WARN] --include-property-values option can return incomplete ChangeSet data";

/// A change set that CloudFormation has worked out.
#[derive(Debug)]
pub enum Worked {
    /// It can be executed.
    Changes(Vec<Change>),
    /// The stack is already what the template says.
    Nothing,
}

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Asks for a change set; its name may still be taken for a moment by the one deleted before.
    pub(crate) async fn request(&self, wanted: &NewChangeSet) -> Result<ChangeSetIds, Error> {
        let (mut pace, mut tries) = (Pace::new(), 0);
        loop {
            match self.cloud.create_change_set(wanted).await {
                Err(error) if error.is_refusal("AlreadyExistsException") && tries < SILENCES => {
                    tries += 1;
                    self.clock.sleep(pace.wait()).await;
                }
                answer => return answer,
            }
        }
    }

    /// Waits until a change set has been worked out, and reads all of it.
    pub(crate) async fn worked_out(&self, wanted: &NewChangeSet, ids: &ChangeSetIds, lines: &Lines) -> Result<Worked> {
        self.console
            .status(&[format!("CloudFormation works out the changes of {}", wanted.stack)]);
        let worked = self.poll_change_set(wanted, ids, lines).await;
        self.console.status(&[]);
        worked
    }

    async fn poll_change_set(&self, wanted: &NewChangeSet, ids: &ChangeSetIds, lines: &Lines) -> Result<Worked> {
        let (mut pace, mut silences) = (Pace::new(), 0);
        loop {
            let wait = match self.cloud.change_set(&ids.id, None, true).await {
                Ok(first) => match first.state {
                    ChangeSetState::Pending => {
                        silences = 0;
                        pace.wait()
                    }
                    ChangeSetState::Ready => return Ok(Worked::Changes(self.with_nested(&ids.id, first).await?)),
                    ChangeSetState::Failed => {
                        let reason = first.reason.unwrap_or_default();
                        if is_empty(&reason) {
                            return Ok(Worked::Nothing);
                        }
                        return Err(self.turned_down(wanted, ids, &reason, lines).await);
                    }
                },
                Err(error) if error.is_transient() && silences < SILENCES => {
                    silences += 1;
                    pace.back_off()
                }
                Err(error) => return Err(error.into()),
            };
            self.clock.sleep(wait).await;
        }
    }

    /// The changes of a change set and of those below it, nested stacks' under `Parent/Child`.
    async fn with_nested(&self, id: &str, first: ChangeSet) -> Result<Vec<Change>, Error> {
        let mut changes = self.all(id, first).await?;
        let mut below = nested(&changes, "");
        while let Some((id, path)) = below.pop() {
            let first = self.cloud.change_set(&id, None, true).await?;
            let mut found = self.all(&id, first).await?;
            below.extend(nested(&found, &path));
            for change in &mut found {
                change.logical_id = format!("{path}{}", change.logical_id);
            }
            changes.extend(found);
        }
        Ok(changes)
    }

    /// The changes on all pages. Where the service says that the values have cost us some, they
    /// are read once more without.
    async fn all(&self, id: &str, first: ChangeSet) -> Result<Vec<Change>, Error> {
        let incomplete = first
            .reason
            .as_deref()
            .is_some_and(|reason| reason.contains(INCOMPLETE));
        let with_values = self.pages(id, first, true).await?;
        if !incomplete {
            return Ok(with_values);
        }
        let first = self.cloud.change_set(id, None, false).await?;
        Ok(merge(self.pages(id, first, false).await?, &with_values))
    }

    async fn pages(&self, id: &str, first: ChangeSet, values: bool) -> Result<Vec<Change>, Error> {
        let (mut changes, mut next) = (first.changes, first.next);
        while let Some(mark) = next {
            let page = self.cloud.change_set(id, Some(&mark), values).await?;
            changes.extend(page.changes);
            next = page.next;
        }
        Ok(changes)
    }

    /// Says what CloudFormation's checks found, where it was they that turned the change set down.
    async fn turned_down(
        &self,
        wanted: &NewChangeSet,
        ids: &ChangeSetIds,
        reason: &str,
        lines: &Lines,
    ) -> anyhow::Error {
        let reason = if reason.is_empty() {
            "no reason was given"
        } else {
            reason
        };
        let meaning = format!("CloudFormation turned down the changes of {}: {reason}", wanted.stack);
        let findings = self.findings(Scope::ChangeSet(&ids.id)).await;
        match self.say_findings(findings, lines) {
            Some(cause) => anyhow::Error::new(cause).context(meaning),
            None => anyhow::Error::msg(meaning),
        }
    }

    /// Deletes our change set, and the empty stack that it stands on if that came with it.
    pub(crate) async fn discard(&self, stack: &str, was_absent: bool) -> Result<(), Error> {
        self.cloud.delete_change_set(stack, NAME).await?;
        if was_absent
            && let Some(shell) = self.cloud.stack(stack).await?
            && shell.status.0 == "REVIEW_IN_PROGRESS"
        {
            self.cloud.delete_stack(&shell.id, &self.token("discard")).await?;
        }
        Ok(())
    }
}

/// Whether a change set failed for want of changes. CloudFormation has no code for it, and two
/// sentences.
fn is_empty(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}

/// The change sets of nested stacks, each with the path of what is in it.
fn nested(changes: &[Change], path: &str) -> Vec<(String, String)> {
    changes
        .iter()
        .filter_map(|change| Some((change.nested.clone()?, format!("{path}{}/", change.logical_id))))
        .collect()
}

/// All changes, with the values as far as they were given.
fn merge(complete: Vec<Change>, with_values: &[Change]) -> Vec<Change> {
    complete
        .into_iter()
        .map(|mut change| {
            let valued = with_values
                .iter()
                .find(|valued| valued.logical_id == change.logical_id && valued.action == change.action);
            if let Some(valued) = valued {
                // The path of a property comes with its values, else there is its name only.
                let known = |name: &str| valued.properties.iter().any(|property| property.name() == name);
                change.properties.retain(|property| !known(property.name()));
                change.properties.extend(valued.properties.iter().cloned());
                change.properties.sort();
            }
            change
        })
        .collect()
}

#[cfg(test)]
mod tests;
