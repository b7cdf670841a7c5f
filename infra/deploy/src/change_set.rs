//! Change sets: made, awaited, read in full, shown.

use crate::bucket::Objects;
use crate::clock::{Clock, Pace};
use crate::cloudformation::{
    Action, Change, ChangeSetIds, ChangeSetState, CloudFormation, NewChangeSet, Replacement, Scope,
};
use crate::console::Console;
use crate::engine::Engine;
use crate::error::Error;
use crate::table;
use anyhow::{Result, bail};

/// The name of our change sets. It never changes, so that a run which was killed leaves one that
/// the next run finds and deletes.
pub const NAME: &str = "infra-deploy";

/// How often in a row AWS may put off our looking at a change set.
const SILENCES: u32 = 6;

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
    pub(crate) async fn worked_out(&self, wanted: &NewChangeSet, ids: &ChangeSetIds) -> Result<Worked> {
        self.console
            .status(&[format!("CloudFormation works out the changes of {}", wanted.stack)]);
        let worked = self.poll_change_set(wanted, ids).await;
        self.console.status(&[]);
        worked
    }

    async fn poll_change_set(&self, wanted: &NewChangeSet, ids: &ChangeSetIds) -> Result<Worked> {
        let (mut pace, mut silences) = (Pace::new(), 0);
        loop {
            let wait = match self.cloud.change_set(&ids.id, None).await {
                Ok(first) => match first.state {
                    ChangeSetState::Pending => {
                        silences = 0;
                        pace.wait()
                    }
                    ChangeSetState::Ready => {
                        let rest = self.rest(ids, first.next).await?;
                        return Ok(Worked::Changes([first.changes, rest].concat()));
                    }
                    ChangeSetState::Failed => {
                        let reason = first.reason.unwrap_or_default();
                        if is_empty(&reason) {
                            return Ok(Worked::Nothing);
                        }
                        return self.turned_down(wanted, ids, &reason).await;
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

    async fn rest(&self, ids: &ChangeSetIds, mut next: Option<String>) -> Result<Vec<Change>, Error> {
        let mut changes = Vec::new();
        while let Some(mark) = next {
            let page = self.cloud.change_set(&ids.id, Some(&mark)).await?;
            changes.extend(page.changes);
            next = page.next;
        }
        Ok(changes)
    }

    /// Says what CloudFormation's checks found, where it was they that turned the change set down.
    async fn turned_down(&self, wanted: &NewChangeSet, ids: &ChangeSetIds, reason: &str) -> Result<Worked> {
        for finding in self.findings(Scope::ChangeSet(&ids.id)).await {
            self.console.say(&format!("  {}: {}", finding.path, finding.reason));
        }
        bail!(
            "CloudFormation turned down the changes of {}: {}",
            wanted.stack,
            if reason.is_empty() {
                "no reason was given"
            } else {
                reason
            }
        );
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

/// The changes as a table for people, and under it the resources that may follow them.
pub fn describe(changes: &[Change]) -> Vec<String> {
    let (followers, changes): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(|change| change.contingent);
    let rows: Vec<[String; 5]> = changes
        .into_iter()
        .map(|change| {
            [
                match change.action {
                    Action::Add => "add",
                    Action::Modify => "modify",
                    Action::Remove => "remove",
                    Action::Import => "import",
                    Action::Dynamic => "unknown",
                }
                .to_owned(),
                change.logical_id.clone(),
                change.kind.clone(),
                match change.replacement {
                    Replacement::No => "",
                    Replacement::Perhaps => "may be",
                    Replacement::Yes => "yes",
                }
                .to_owned(),
                change.properties.join(", "),
            ]
        })
        .collect();
    let mut lines = table::lines(["ACTION", "RESOURCE", "TYPE", "REPLACED", "PROPERTIES"], &rows);
    if !followers.is_empty() {
        let ids: Vec<&str> = followers.iter().map(|change| change.logical_id.as_str()).collect();
        lines.push(format!("and, if values that they refer to change: {}", ids.join(", ")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{describe, is_empty};
    use crate::cloudformation::fake::change;
    use crate::cloudformation::{Action, Replacement};

    #[test]
    fn both_sentences_for_no_changes_are_known() {
        assert!(is_empty(
            "The submitted information didn't contain changes. Submit different information to create a change set."
        ));
        assert!(is_empty("No updates are to be performed."));
        assert!(!is_empty("Template error: resource Queue does not exist"));
    }

    #[test]
    fn the_table_says_what_is_replaced_and_why() {
        let mut queue = change("Queue", "AWS::SQS::Queue", Action::Modify, Replacement::Yes);
        queue.properties = vec!["QueueName".to_owned()];
        let add = change("Topic", "AWS::SNS::Topic", Action::Add, Replacement::No);
        let mut alarm = change("Alarm", "AWS::CloudWatch::Alarm", Action::Modify, Replacement::Perhaps);
        alarm.contingent = true;
        assert_eq!(
            describe(&[alarm, queue, add]),
            [
                "ACTION  RESOURCE  TYPE             REPLACED  PROPERTIES",
                "modify  Queue     AWS::SQS::Queue  yes       QueueName",
                "add     Topic     AWS::SNS::Topic",
                "and, if values that they refer to change: Alarm",
            ]
        );
    }
}
