//! Several stacks: each after those that it needs, others beside it.

use crate::bucket::Objects;
use crate::clock::Clock;
use crate::cloudformation::CloudFormation;
use crate::console::{Console, Interrupted};
use crate::engine::Engine;
use crate::lane::{Lane, Lanes, labels};
use crate::order;
use anyhow::Result;
use infra_core::Stack;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Most stacks that are worked on at a time. AWS counts calls per account, and each stack looks
/// at its events every two seconds.
pub const AT_ONCE: usize = 4;

/// What became of a piece of work.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It was done.
    Done(T),
    /// It failed.
    Failed(anyhow::Error),
    /// It was not begun, because the work at this position was not done.
    Skipped(usize),
}

impl<C, O, K, H> Engine<C, O, K, H>
where
    C: CloudFormation + Clone,
    O: Objects + Clone,
    K: Clock + Clone,
    H: Console,
{
    /// Does a piece of work on every stack, those first that others need, at most `limit` at a
    /// time. Where one fails, those that need it are not begun and the others are finished.
    ///
    /// # Errors
    /// Stacks wait for each other in a circle; else the first failure, after a summary where
    /// there are several stacks.
    pub async fn each<T>(
        &self,
        stacks: &[Stack],
        limit: usize,
        work: impl AsyncFn(&Engine<C, O, K, Lane<'_, H>>, &Stack) -> Result<T>,
    ) -> Result<Vec<T>> {
        let needs = order::needs(stacks)?;
        let names: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
        let lanes = Lanes::new(&self.console);
        let engines: Vec<_> = labels(&names)
            .into_iter()
            .map(|label| Engine {
                cloud: self.cloud.clone(),
                objects: self.objects.clone(),
                clock: self.clock.clone(),
                run: match &label {
                    Some(label) => format!("{}-{label}", self.run),
                    None => self.run.clone(),
                },
                console: lanes.lane(label),
            })
            .collect();
        let outcomes = run(&needs, limit, |at| work(&engines[at], &stacks[at])).await;
        if let [_, _, ..] = names.as_slice() {
            for line in summary(&names, &outcomes) {
                self.console.say(&line);
            }
        }
        let mut done = Vec::new();
        for outcome in outcomes {
            match outcome {
                Outcome::Done(result) => done.push(result),
                Outcome::Failed(error) => return Err(error),
                Outcome::Skipped(_) => {}
            }
        }
        Ok(done)
    }
}

/// Does every piece of work after those that it needs. Once somebody has broken one off, no other
/// is begun.
async fn run<T, F>(needs: &[Vec<usize>], limit: usize, work: impl Fn(usize) -> F) -> Vec<Outcome<T>>
where
    F: Future<Output = Result<T>>,
{
    let mut outcomes: Vec<Option<Outcome<T>>> = needs.iter().map(|_| None).collect();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    let mut broken_off = None;
    poll_fn(|context| {
        loop {
            let mut moved = false;
            for at in 0..needs.len() {
                if outcomes[at].is_some() || running.iter().any(|(other, _)| *other == at) {
                    continue;
                }
                let lacking = |need: &usize| matches!(outcomes[*need], Some(Outcome::Failed(_) | Outcome::Skipped(_)));
                let obstacle = broken_off.or_else(|| needs[at].iter().copied().find(lacking));
                if let Some(obstacle) = obstacle {
                    outcomes[at] = Some(Outcome::Skipped(obstacle));
                    moved = true;
                } else if running.len() < limit
                    && needs[at]
                        .iter()
                        .all(|need| matches!(outcomes[*need], Some(Outcome::Done(_))))
                {
                    running.push((at, Box::pin(work(at))));
                }
            }
            running.retain_mut(|(at, piece)| match piece.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(result) => {
                    moved = true;
                    outcomes[*at] = Some(match result {
                        Ok(done) => Outcome::Done(done),
                        Err(error) => {
                            broken_off = broken_off.or(error.is::<Interrupted>().then_some(*at));
                            Outcome::Failed(error)
                        }
                    });
                    false
                }
            });
            match (moved, running.is_empty()) {
                (true, _) => {}
                (false, true) => return Poll::Ready(()),
                (false, false) => return Poll::Pending,
            }
        }
    })
    .await;
    outcomes.into_iter().flatten().collect()
}

fn summary<T>(names: &[&str], outcomes: &[Outcome<T>]) -> Vec<String> {
    let lines = names.iter().zip(outcomes).map(|(name, outcome)| match outcome {
        Outcome::Done(_) => format!("{name}: done"),
        Outcome::Failed(error) => format!("{name}: failed: {error}"),
        Outcome::Skipped(obstacle) => {
            format!(
                "{name}: not begun, as {} was not done",
                names.get(*obstacle).unwrap_or(&"another")
            )
        }
    });
    lines.collect()
}

#[cfg(test)]
mod tests;
