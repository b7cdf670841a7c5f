//! Carrying out declared moves: a resource gets another logical id and stays what it is.
//!
//! CloudFormation calls that a stack refactor and takes no other change along with it. So it is
//! sent the deployed template with other ids, and what else is new follows in the change set.

use crate::bucket::Objects;
use crate::clock::{Clock, Pace};
use crate::cloudformation::{CloudFormation, NewRefactor, RefactorState, Standing};
use crate::console::{Console, unless_interrupted};
use crate::engine::Engine;
use crate::plan::Plan;
use crate::template;
use anyhow::{Context as _, Result, bail};
use infra_diff::{Move, Template, rename};
use std::cell::Cell;

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Renames what the plan says has moved and the stack still has under its old id.
    ///
    /// # Errors
    /// [`Interrupted`](crate::console::Interrupted) on Ctrl-C; the answer was no; CloudFormation
    /// does not take the renames, which then are undone.
    pub(crate) async fn rename(&self, plan: &Plan, asset_bucket: &str, yes: bool) -> Result<()> {
        if plan.moves.is_empty() {
            return Ok(());
        }
        let started = Cell::new(false);
        let meaning = || match started.get() {
            false => format!("interrupted; nothing was renamed in stack {}", plan.stack),
            true => format!(
                "stopped watching; the renaming in stack {} goes on in CloudFormation, deploy again when it is done",
                plan.stack
            ),
        };
        let work = self.move_ids(plan, asset_bucket, yes, &started);
        unless_interrupted(&self.console, meaning, work).await
    }

    async fn move_ids(&self, plan: &Plan, asset_bucket: &str, yes: bool, started: &Cell<bool>) -> Result<()> {
        let Some(stack) = self.at_rest(&plan.stack).await? else {
            return Ok(());
        };
        // In any other standing, deploying has something to say first.
        if stack.status.standing() != Standing::Ready {
            return Ok(());
        }
        let deployed = self.deployed(&plan.stack).await?;
        let moves = rename::due(&plan.moves, &deployed, &Template::parse(&plan.template)?);
        if moves.is_empty() {
            return Ok(());
        }
        let renamed = rename::renamed(&deployed, &moves).to_json();
        let wanted = NewRefactor {
            stack: stack.name.clone(),
            template: template::place(&self.objects, asset_bucket, &plan.stack, &renamed).await?,
            moves: moves.iter().map(|step| (step.from.clone(), step.to.clone())).collect(),
        };
        let names = list(&moves);
        self.console.say(&format!("rename in stack {}: {names}", plan.stack));
        let failed = || format!("cannot rename {names} in stack {}", plan.stack);
        let id = self.cloud.create_refactor(&wanted).await.with_context(failed)?;
        self.refactored(&id, RefactorState::Ready).await.with_context(failed)?;
        if !yes && !self.console.confirm(&format!("rename {names}?")).await? {
            bail!("not deployed, as you answered no; stack {} is as it was", plan.stack);
        }
        started.set(true);
        self.cloud.execute_refactor(&id).await.with_context(failed)?;
        self.refactored(&id, RefactorState::Done).await.with_context(failed)?;
        self.console.say(&format!("renamed in stack {}: {names}", plan.stack));
        Ok(())
    }

    /// Waits until a refactor has come so far.
    async fn refactored(&self, id: &str, wanted: RefactorState) -> Result<()> {
        let mut pace = Pace::new();
        loop {
            let wait = match self.cloud.refactor(id).await {
                Ok(refactor) if refactor.state == wanted => return Ok(()),
                Ok(refactor) if refactor.state == RefactorState::Failed => {
                    let reason = refactor.reason.unwrap_or_else(|| "no reason was given".to_owned());
                    bail!("CloudFormation does not take it: {reason}");
                }
                Ok(_) => pace.wait(),
                Err(error) if error.is_transient() => pace.back_off(),
                Err(error) => return Err(error.into()),
            };
            self.clock.sleep(wait).await;
        }
    }
}

fn list(moves: &[&Move]) -> String {
    let moves = moves.iter().map(|step| format!("{} -> {}", step.from, step.to));
    moves.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
