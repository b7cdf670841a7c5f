//! Deploying one stack: look, work out the changes, ask, execute, follow, report.

use crate::bucket::Objects;
use crate::change_set::{NAME, Worked};
use crate::changes::describe;
use crate::clock::{Clock, spoken};
use crate::cloudformation::{Change, CloudFormation, Mode, NewChangeSet, RollbackAlarms, Stack, Standing};
use crate::console::{Console, unless_interrupted};
use crate::engine::Engine;
use crate::follow::Log;
use crate::plan::Plan;
use crate::progress::Board;
use crate::{guard, template};
use anyhow::{Result, bail};
use std::cell::Cell;

/// What the person allows.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Execute without a question.
    pub yes: bool,
    /// Logical ids of stateful resources that may be replaced or removed.
    pub allow_replace: Vec<String>,
}

/// A stack that stands as its template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// Whether anything had to be changed for it.
    pub changed: bool,
    /// Output key and value.
    pub outputs: Vec<(String, String)>,
}

/// What has been found out before anything is changed.
enum Prepared {
    Unchanged(Stack),
    Ready(Ready),
}

/// What stands where the stack is to be.
enum Ground {
    Nothing,
    /// The empty stack of a change set that was never executed.
    Shell,
    Stack(Stack),
}

struct Ready {
    change_set: String,
    stack_id: String,
    create: bool,
    changes: Vec<Change>,
}

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Brings a stack to what its plan says.
    ///
    /// # Errors
    /// [`Interrupted`](crate::console::Interrupted) on Ctrl-C; [`cause::RootCause`](crate::cause::RootCause) in the chain when
    /// the operation failed; else a sentence with a cure.
    pub async fn deploy(&self, plan: &Plan, asset_bucket: &str, options: &Options) -> Result<Deployed> {
        // Whether the stack was absent, once a change set of ours may stand on it.
        let asked = Cell::new(None);
        let prepared = unless_interrupted(
            &self.console,
            || {
                format!(
                    "interrupted; nothing of this deployment was carried out on {}",
                    plan.stack
                )
            },
            self.prepare(plan, asset_bucket, options, &asked),
        )
        .await;
        let result = match prepared {
            Ok(Prepared::Ready(ready)) => match self.start(&ready).await {
                Ok(log) => return self.finish(plan, ready, log).await,
                Err(error) => Err(error),
            },
            Ok(Prepared::Unchanged(stack)) => {
                self.console.say(&format!("stack {}: no changes", plan.stack));
                Ok(Deployed {
                    changed: false,
                    outputs: stack.outputs,
                })
            }
            Err(error) => Err(error),
        };
        // Nothing was executed, so nothing of ours may stay.
        if let Some(was_absent) = asked.get()
            && let Err(error) = self.discard(&plan.stack, was_absent).await
        {
            self.console.say(&format!(
                "could not delete change set {NAME} of {}: {error}",
                plan.stack
            ));
        }
        result
    }

    async fn prepare(
        &self,
        plan: &Plan,
        asset_bucket: &str,
        options: &Options,
        asked: &Cell<Option<bool>>,
    ) -> Result<Prepared> {
        let ground = self.ground(&plan.stack).await?;
        let create = !matches!(ground, Ground::Stack(_));
        let wanted = NewChangeSet {
            stack: plan.stack.clone(),
            name: NAME.to_owned(),
            create,
            template: template::place(&self.objects, asset_bucket, &plan.stack, &plan.template).await?,
            parameters: plan.parameters.clone(),
            tags: plan.tags.clone(),
            mode: Mode::Standard,
            alarms: RollbackAlarms::default(),
            token: self.token("change-set"),
        };
        let was_absent = matches!(ground, Ground::Nothing);
        if !was_absent {
            self.cloud.delete_change_set(&plan.stack, NAME).await?;
        }
        asked.set(Some(was_absent));
        let ids = self.request(&wanted).await?;
        let changes = match (self.worked_out(&wanted, &ids, &plan.made_at).await?, ground) {
            (Worked::Changes(changes), _) => changes,
            (Worked::Nothing, Ground::Stack(stack)) => return Ok(Prepared::Unchanged(stack)),
            (Worked::Nothing, _) => bail!("the template of {} makes no resource", plan.stack),
        };
        let verb = if create { "create" } else { "update" };
        self.console.say(&format!(
            "{verb} stack {}, {}:",
            plan.stack,
            counted(changes.iter().filter(|change| !change.contingent).count())
        ));
        for line in describe(&changes, self.console.width().saturating_sub(2)) {
            self.console.say(&format!("  {line}"));
        }
        guard::check(&changes, &options.allow_replace)?;
        if !options.yes && !self.console.confirm(&format!("{verb} {}?", plan.stack)).await? {
            bail!("not deployed, as you answered no; stack {} is as it was", plan.stack);
        }
        Ok(Prepared::Ready(Ready {
            change_set: ids.id,
            stack_id: ids.stack_id,
            create,
            changes,
        }))
    }

    /// Finds out what there is to deploy on, and makes room where a creation had failed.
    async fn ground(&self, name: &str) -> Result<Ground> {
        let Some(stack) = self.at_rest(name).await? else {
            return Ok(Ground::Nothing);
        };
        match stack.status.standing() {
            Standing::Ready | Standing::Busy => Ok(Ground::Stack(stack)),
            Standing::Absent => Ok(Ground::Shell),
            Standing::Stillborn => {
                self.console.say(&format!(
                    "stack {name} is in {}, its creation failed; deleting it to create it anew",
                    stack.status
                ));
                self.remove(&stack, Vec::new(), "clear").await?;
                Ok(Ground::Nothing)
            }
            Standing::HalfDeleted => bail!(
                "stack {name} is half deleted ({}); delete the rest with `cargo xtask destroy`, then deploy again",
                stack.status
            ),
            Standing::Stuck => bail!(
                "stack {name} is stuck in {}{}; {}, then deploy again",
                stack.status,
                stack
                    .reason
                    .as_deref()
                    .map(|reason| format!(" ({reason})"))
                    .unwrap_or_default(),
                way_out(&stack)
            ),
        }
    }

    async fn start(&self, ready: &Ready) -> Result<Log> {
        let log = Log::from_now(&self.cloud, &ready.stack_id).await?;
        self.cloud
            .execute_change_set(&ready.change_set, &self.token("execute"))
            .await?;
        Ok(log)
    }

    async fn finish(&self, plan: &Plan, ready: Ready, log: Log) -> Result<Deployed> {
        let name = &plan.stack;
        let started = self.clock.now();
        // Events of a nested stack are not among those of the stack itself.
        let counts = |change: &Change| !change.contingent && !change.logical_id.contains('/');
        let certain = ready.changes.into_iter().filter(counts);
        let certain = certain.map(|change| change.logical_id);
        let board = Board::new(certain, started);
        let ended = unless_interrupted(
            &self.console,
            || left_running(name, ready.create),
            self.follow(&ready.stack_id, log, board),
        )
        .await?;
        let done = if ready.create { "created" } else { "updated" };
        let Some(stack) = &ended.stack else {
            let meaning = format!("stack {name} was not {done} and is gone");
            return Err(self.failed(meaning, &ended, &ready.stack_id, &plan.made_at).await);
        };
        let status = &stack.status;
        match status.standing() {
            Standing::Ready if !status.is_rollback() => {
                let took = spoken(self.clock.now().saturating_sub(started));
                self.console.say(&format!("{done} stack {name} in {took}"));
                Ok(Deployed {
                    changed: true,
                    outputs: stack.outputs.clone(),
                })
            }
            Standing::Ready => {
                let meaning = format!("stack {name} was not {done} and is as it was ({status})");
                Err(self.failed(meaning, &ended, &ready.stack_id, &plan.made_at).await)
            }
            Standing::Stillborn => {
                let meaning = format!("stack {name} was not {done} ({status}); the next deployment starts anew");
                Err(self.failed(meaning, &ended, &ready.stack_id, &plan.made_at).await)
            }
            _ => {
                let meaning = format!("stack {name} was not {done} and stays in {status}; {}", way_out(stack));
                Err(self.failed(meaning, &ended, &ready.stack_id, &plan.made_at).await)
            }
        }
    }
}

fn counted(changes: usize) -> String {
    match changes {
        1 => "1 change".to_owned(),
        many => format!("{many} changes"),
    }
}

fn way_out(stack: &Stack) -> String {
    let command = match stack.status.0.as_str() {
        "UPDATE_ROLLBACK_FAILED" => "continue-update-rollback",
        "UPDATE_FAILED" => "rollback-stack",
        _ => "describe-stack-events",
    };
    format!(
        "see to it with `aws cloudformation {command} --stack-name {}`",
        stack.name
    )
}

fn left_running(name: &str, create: bool) -> String {
    let stop = if create { "delete-stack" } else { "cancel-update-stack" };
    format!(
        "stopped watching; the operation on {name} goes on in CloudFormation: \
         deploy again to follow it, or stop it with `aws cloudformation {stop} --stack-name {name}`"
    )
}

#[cfg(test)]
mod tests;
