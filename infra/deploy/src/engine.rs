//! The engine: the four ports, and what is common to deploying and destroying.

#[cfg(test)]
pub(crate) mod bench;

use crate::bucket::Objects;
use crate::cause::{self, RootCause};
use crate::clock::Clock;
use crate::cloudformation::{CloudFormation, Finding, Resource, Scope, Stack, Standing};
use crate::console::Console;
use crate::error::Error;
use crate::follow::{Ended, Log};
use crate::plan::Lines;
use crate::progress::Board;
use anyhow::Result;

/// Deploys and destroys stacks through its ports.
#[derive(Debug)]
pub struct Engine<C, O, K, H> {
    /// CloudFormation.
    pub cloud: C,
    /// S3.
    pub objects: O,
    /// Time.
    pub clock: K,
    /// The person.
    pub console: H,
    /// Starts every request token of this run; another run must have another one.
    pub run: String,
}

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Makes repeated requests of this run count once, per step.
    pub(crate) fn token(&self, step: &str) -> String {
        format!("{}-{step}", self.run)
    }

    /// The stack once nothing is running on it.
    pub(crate) async fn at_rest(&self, name: &str) -> Result<Option<Stack>> {
        while let Some(stack) = self.cloud.stack(name).await? {
            if stack.status.standing() != Standing::Busy {
                return Ok(Some(stack));
            }
            self.console.say(&format!(
                "stack {name} is in {}; waiting for the end of that",
                stack.status
            ));
            let log = Log::from_now(&self.cloud, &stack.id).await?;
            self.follow(&stack.id, log, Board::new([], self.clock.now())).await?;
        }
        Ok(None)
    }

    /// All resources of a stack.
    pub(crate) async fn all_resources(&self, stack_id: &str) -> Result<Vec<Resource>, Error> {
        let (mut resources, mut page) = (Vec::new(), None);
        loop {
            let read = self.cloud.resources(stack_id, page.as_deref()).await?;
            resources.extend(read.items);
            match read.next {
                Some(next) => page = Some(next),
                None => return Ok(resources),
            }
        }
    }

    /// Deletes a stack and waits until it is gone. `step` tells one deletion of a run from another.
    pub(crate) async fn remove(&self, stack: &Stack, resources: Vec<String>, step: &str) -> Result<()> {
        let log = Log::from_now(&self.cloud, &stack.id).await?;
        self.cloud.delete_stack(&stack.id, &self.token(step)).await?;
        let board = Board::new(resources, self.clock.now());
        let ended = self.follow(&stack.id, log, board).await?;
        match &ended.stack {
            Some(left) if left.status.standing() != Standing::Absent => {
                let said = format!("stack {} was not deleted ({})", stack.name, left.status);
                Err(self.failed(said, &ended, &stack.id, &Lines::new()).await)
            }
            _ => Ok(()),
        }
    }

    /// The error of an operation that failed: what it means for the stack, then the root cause.
    pub(crate) async fn failed(&self, meaning: String, ended: &Ended, stack_id: &str, lines: &Lines) -> anyhow::Error {
        let cause = match cause::among_resources(&ended.events, stack_id) {
            Some(cause) => Some(cause.located(lines)),
            None => match self.first_finding(ended, stack_id, lines).await {
                Some(cause) => Some(cause),
                None => cause::of_stack(&ended.events, stack_id),
            },
        };
        let reason = ended.stack.as_ref().and_then(|stack| stack.reason.clone());
        match (cause, reason) {
            (Some(cause), _) => anyhow::Error::new(cause).context(meaning),
            (None, Some(reason)) => anyhow::Error::msg(reason).context(meaning),
            (None, None) => anyhow::Error::msg(meaning),
        }
    }

    /// What the checks found that run before the first resource is touched.
    async fn first_finding(&self, ended: &Ended, stack_id: &str, lines: &Lines) -> Option<RootCause> {
        let began = ended.events.first()?.at;
        let mut findings = self.findings(Scope::Stack(stack_id)).await;
        // Those of earlier operations come along.
        findings.retain(|finding| finding.at >= began);
        self.say_findings(findings, lines)
    }

    /// Says all findings, each with the line behind its resource; the first is the cause.
    pub(crate) fn say_findings(&self, findings: Vec<Finding>, lines: &Lines) -> Option<RootCause> {
        for finding in &findings {
            let line = lines.get(finding.resource());
            let line = line.map(|line| format!("{line}: ")).unwrap_or_default();
            self.console
                .say(&format!("  {line}{}: {}", finding.path, finding.reason));
        }
        let first = findings.into_iter().next()?;
        Some(cause::of_check(first).located(lines))
    }

    /// What CloudFormation's checks found. It only explains a failure that is reported anyway, so
    /// getting no answer is no error of its own.
    pub(crate) async fn findings(&self, scope: Scope<'_>) -> Vec<Finding> {
        self.cloud.findings(scope).await.unwrap_or_default()
    }
}
