//! Brings a stack whose update failed half-way back to what it was.
//!
//! A rollback that failed is continued, and may leave named resources as they are; an update that
//! failed and was left standing is rolled back.

use crate::bucket::Objects;
use crate::clock::{Clock, spoken};
use crate::cloudformation::{CloudFormation, Event, Stack, Standing};
use crate::console::{Console, unless_interrupted};
use crate::engine::Engine;
use crate::follow::Log;
use crate::plan::Lines;
use crate::progress::Board;
use anyhow::{Result, bail};

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Brings a stack that a failed update has left behind back to what it was; `skip` names the
    /// resources that cannot be, and stay as they are.
    ///
    /// # Errors
    /// [`Interrupted`](crate::console::Interrupted) on Ctrl-C; a sentence with a cure where the
    /// stack is in no such state, or the rollback fails again.
    pub async fn recover(&self, name: &str, skip: &[String]) -> Result<()> {
        let meaning = || {
            format!(
                "stopped watching; a rollback of {name} that was begun goes on in CloudFormation: do the same again to follow it"
            )
        };
        unless_interrupted(&self.console, meaning, self.bring_back(name, skip)).await
    }

    async fn bring_back(&self, name: &str, skip: &[String]) -> Result<()> {
        let stack = match self.at_rest(name).await? {
            Some(stack) if stack.status.standing() != Standing::Absent => stack,
            _ => bail!("stack {name} does not exist, so there is nothing to roll back"),
        };
        let status = &stack.status;
        let rollback_failed = status.0 == "UPDATE_ROLLBACK_FAILED";
        match status.standing() {
            Standing::Ready => {
                self.console
                    .say(&format!("stack {name} is in {status}; there is nothing to roll back"));
                return Ok(());
            }
            Standing::Stuck if rollback_failed || is_rolled_back_whole(&stack) => {}
            _ => bail!(
                "stack {name} is in {status} and cannot be rolled back; {}",
                way_out(&stack)
            ),
        }
        if !rollback_failed && !skip.is_empty() {
            bail!("stack {name} is in {status}; --skip is for the end of a rollback that failed, so leave it out");
        }
        let log = Log::from_now(&self.cloud, &stack.id).await?;
        if rollback_failed {
            self.refuse_needless(&stack, skip).await?;
            let token = self.token("continue-rollback");
            self.cloud.continue_rollback(&stack.id, skip, &token).await?;
        } else {
            self.cloud.roll_back(&stack.id, &self.token("roll-back")).await?;
        }
        self.see_through(&stack, skip, log).await
    }

    async fn see_through(&self, stack: &Stack, skip: &[String], log: Log) -> Result<()> {
        let (name, started) = (&stack.name, self.clock.now());
        let ended = self.follow(&stack.id, log, Board::new([], started)).await?;
        match &ended.stack {
            Some(now) if now.status.standing() == Standing::Ready => {
                let took = spoken(self.clock.now().saturating_sub(started));
                let but = match skip {
                    [] => String::new(),
                    ids => format!(", except {}, which you left as it is", ids.join(", ")),
                };
                self.console.say(&format!(
                    "stack {name} is back as it was ({}) after {took}{but}; mend the fault, then deploy again",
                    now.status
                ));
                Ok(())
            }
            Some(now) => {
                let meaning = format!(
                    "stack {name} could not be brought back and stays in {}; {}",
                    now.status,
                    stuck(now, &ended.events)
                );
                Err(self.failed(meaning, &ended, &stack.id, &Lines::new()).await)
            }
            None => bail!("stack {name} is gone"),
        }
    }

    /// CloudFormation skips only what failed to be put back, and says no more than that.
    async fn refuse_needless(&self, stack: &Stack, skip: &[String]) -> Result<()> {
        if skip.is_empty() {
            return Ok(());
        }
        let mut failed = self.all_resources(&stack.id).await?;
        failed.retain(|resource| resource.status.0 == "UPDATE_FAILED");
        for id in skip {
            // `NestedStack.Resource` is for the service to know.
            if !id.contains('.') && !failed.iter().any(|resource| resource.logical_id == *id) {
                let ids: Vec<&str> = failed.iter().map(|resource| resource.logical_id.as_str()).collect();
                bail!(
                    "{id} is not what keeps {} from being rolled back; {}",
                    stack.name,
                    match ids.as_slice() {
                        [] => "nothing can be skipped".to_owned(),
                        ids => format!("what can be skipped is {}", ids.join(", ")),
                    }
                );
            }
        }
        Ok(())
    }
}

/// Whether a stack is one that a failed update has left standing and that can be rolled back.
fn is_rolled_back_whole(stack: &Stack) -> bool {
    stack.status.0 == "UPDATE_FAILED" && !stack.express
}

/// What a person can do with a stack that takes no update.
pub(crate) fn way_out(stack: &Stack) -> String {
    let name = &stack.name;
    match (stack.status.0.as_str(), stack.express) {
        ("UPDATE_ROLLBACK_FAILED", _) => {
            "mend what is in the way, then finish the rollback with `deploy --continue-rollback`; \
             leave a resource that cannot be put back as it is with `--skip ID`"
                .to_owned()
        }
        ("UPDATE_FAILED", true) => {
            "EXPRESS has no way back: deploy with `--express` until it succeeds, what last worked or the fault mended"
                .to_owned()
        }
        ("UPDATE_FAILED", false) => "roll it back with `deploy --continue-rollback`".to_owned(),
        ("DELETE_FAILED", _) => "delete the rest with `destroy`".to_owned(),
        ("CREATE_FAILED" | "ROLLBACK_FAILED" | "ROLLBACK_COMPLETE", _) => {
            "its creation failed, and the next deployment starts anew".to_owned()
        }
        _ => format!("see to it with `aws cloudformation describe-stack-events --stack-name {name}`"),
    }
}

/// [`way_out`], and which resources a rollback could not put back.
pub(crate) fn stuck(stack: &Stack, events: &[Event]) -> String {
    let way_out = way_out(stack);
    let turned = events
        .iter()
        .position(|event| event.is_of_stack(&stack.id) && event.status.is_rollback());
    let mut ids: Vec<&str> = events
        .iter()
        .skip(turned.unwrap_or(events.len()))
        .filter(|event| !event.is_of_stack(&stack.id) && event.status.0 == "UPDATE_FAILED")
        .map(|event| event.logical_id.as_str())
        .collect();
    ids.dedup();
    match ids.as_slice() {
        [] => way_out,
        ids => format!("{way_out}; not put back: {}", ids.join(", ")),
    }
}

#[cfg(test)]
mod tests;
