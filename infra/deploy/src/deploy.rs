//! Deploying one stack: look, work out the changes, ask, execute, follow, report.

use crate::bucket::Objects;
use crate::change_set::{NAME, Worked};
use crate::changes::describe;
use crate::clock::{Clock, spoken};
use crate::cloudformation::{Change, CloudFormation, Mode, NewChangeSet, Resource, RollbackAlarms, Stack, Standing};
use crate::console::{Console, unless_interrupted};
use crate::engine::Engine;
use crate::follow::Log;
use crate::plan::Plan;
use crate::progress::Board;
use crate::recover::{stuck, way_out};
use crate::{budget, express, parameter, template};
use anyhow::{Result, bail};
use infra_stacks::price::OverBudget;
use std::cell::Cell;

/// What the person allows.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Execute without a question.
    pub yes: bool,
    /// Logical ids of stateful resources that may be replaced or removed.
    pub allow_replace: Vec<String>,
    /// What the stacks cost above their budget, where the person has not agreed to that yet.
    pub over_budget: Option<OverBudget>,
    /// How the changes are carried out.
    pub mode: Mode,
}

/// A stack that stands as its template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// Whether anything had to be changed for it.
    pub changed: bool,
    /// Output key and value.
    pub outputs: Vec<(String, String)>,
}

const ALARM: &str = "AWS::CloudWatch::Alarm";

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
        self.rename(plan, asset_bucket, options.yes).await?;
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
                self.protect(&stack, plan).await?;
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
        let ground = self.ground(&plan.stack, options.mode).await?;
        let create = !matches!(ground, Ground::Stack(_));
        let declared = template::parameters(&plan.template)?;
        let held = match &ground {
            Ground::Stack(stack) => stack.parameters.as_slice(),
            Ground::Nothing | Ground::Shell => &[],
        };
        let arguments = parameter::arguments(&plan.stack, &declared, &plan.parameters, held)?;
        let wanted = NewChangeSet {
            stack: plan.stack.clone(),
            name: NAME.to_owned(),
            create,
            template: template::place(&self.objects, asset_bucket, &plan.stack, &plan.template).await?,
            parameters: arguments.clone(),
            tags: plan.tags.clone(),
            mode: options.mode,
            alarms: match &ground {
                Ground::Stack(stack) if !options.mode.rollback_disabled() => self.alarms(stack, plan).await?,
                _ => RollbackAlarms::default(),
            },
            token: self.token("change-set"),
        };
        let was_absent = matches!(ground, Ground::Nothing);
        if !was_absent {
            self.cloud.delete_change_set(&plan.stack, NAME).await?;
        }
        asked.set(Some(was_absent));
        let ids = self.request(&wanted).await?;
        let standing = match ground {
            Ground::Stack(stack) => Some(stack),
            Ground::Nothing | Ground::Shell => None,
        };
        let mut changes = match (self.worked_out(&wanted, &ids, &plan.made_at).await?, standing.as_ref()) {
            (Worked::Changes(changes), _) => changes,
            (Worked::Nothing, Some(stack)) => return Ok(Prepared::Unchanged(stack.clone())),
            (Worked::Nothing, None) => bail!("the template of {} makes no resource", plan.stack),
        };
        for change in &mut changes {
            parameter::hide(&mut change.properties, &declared, &arguments);
        }
        let verb = if create { "create" } else { "update" };
        self.console.say(&format!(
            "{verb} stack {}, {}:",
            plan.stack,
            counted(changes.iter().filter(|change| !change.contingent).count())
        ));
        for line in describe(&changes, self.console.width().saturating_sub(2)) {
            self.console.say(&format!("  {line}"));
        }
        self.guard(plan, &changes, &options.allow_replace).await?;
        express::check(options.mode, &changes)?;
        if let Some(stack) = &standing {
            self.keep_imported(stack, &plan.template).await?;
        }
        let doing = format!("{verb} {}", plan.stack);
        if let Some(question) = budget::question(&doing, options.yes, options.over_budget.as_ref())?
            && !self.console.confirm(&question).await?
        {
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
    async fn ground(&self, name: &str, mode: Mode) -> Result<Ground> {
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
                "stack {name} is half deleted ({}); {}, then deploy again",
                stack.status,
                way_out(&stack)
            ),
            Standing::Stuck if express::takes_over(mode, &stack) => Ok(Ground::Stack(stack)),
            Standing::Stuck => bail!(
                "stack {name} is stuck in {}{}; {}",
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

    /// The alarms that are to roll the update back, as far as the stack has them already.
    async fn alarms(&self, stack: &Stack, plan: &Plan) -> Result<RollbackAlarms> {
        if plan.watch_minutes == 0 || plan.guards.is_empty() {
            return Ok(RollbackAlarms::default());
        }
        let mut alarms = self.all_resources(&stack.id).await?;
        alarms.retain(|alarm| alarm.kind == ALARM && plan.guards.contains(&alarm.logical_id));
        let mut arns: Vec<String> = alarms.iter().filter_map(|alarm| alarm_arn(&stack.id, alarm)).collect();
        if arns.len() > RollbackAlarms::MOST {
            bail!(
                "{} alarms are to roll {} back, and CloudFormation watches at most {}; choose fewer",
                arns.len(),
                plan.stack,
                RollbackAlarms::MOST
            );
        }
        arns.sort();
        Ok(RollbackAlarms {
            minutes: plan.watch_minutes,
            arns,
        })
    }

    /// Has the service refuse to delete the stack where the plan says so. Taking that back is
    /// left to whoever destroys it.
    async fn protect(&self, stack: &Stack, plan: &Plan) -> Result<()> {
        if plan.protected && !stack.protected {
            self.cloud.protect(&stack.id, true).await?;
            self.console
                .say(&format!("stack {} is now protected against deletion", plan.stack));
        }
        Ok(())
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
                self.protect(stack, plan).await?;
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
                let meaning = format!(
                    "stack {name} was not {done} and stays in {status}; {}",
                    stuck(stack, &ended.events)
                );
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

/// An alarm's ARN, in the partition, region and account of its stack.
fn alarm_arn(stack_id: &str, alarm: &Resource) -> Option<String> {
    let parts: Vec<&str> = stack_id.split(':').collect();
    let [_, partition, _, region, account, ..] = parts.as_slice() else {
        return None;
    };
    let name = &alarm.physical_id;
    Some(format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"))
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
