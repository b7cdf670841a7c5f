//! Follows an operation on a stack to its end.

use crate::bucket::Objects;
use crate::clock::{Clock, Pace};
use crate::cloudformation::{CloudFormation, Event, Stack, Standing};
use crate::console::Console;
use crate::engine::Engine;
use crate::error::Error;
use crate::progress::Board;
use anyhow::{Context as _, Result};
use std::collections::HashSet;
use std::time::Duration;

/// How often in a row AWS may be silent before we give up watching. The SDK has already tried
/// each call several times, so this is minutes.
const SILENCES: u32 = 6;

/// How often a stack's description may lag behind its events. CloudFormation is eventually
/// consistent, and a description from before the operation also says `COMPLETE`.
const STALE_READS: u32 = 10;

/// Silence after which a log without live rows gets a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How an operation ended.
#[derive(Debug)]
pub struct Ended {
    /// The stack, or `None` where it is gone.
    pub stack: Option<Stack>,
    /// The operation's events, oldest first.
    pub events: Vec<Event>,
}

/// The part of a stack's history that has been read.
#[derive(Debug, Default)]
pub struct Log {
    seen: HashSet<String>,
}

impl Log {
    /// A log that starts after what has happened so far.
    ///
    /// # Errors
    /// CloudFormation does not give the events.
    pub async fn from_now(cloud: &impl CloudFormation, stack_id: &str) -> Result<Self, Error> {
        let newest = cloud.events(stack_id, None).await?;
        let seen = newest.items.into_iter().map(|event| event.id).collect();
        Ok(Self { seen })
    }

    /// What has happened since the last time, oldest first.
    ///
    /// # Errors
    /// CloudFormation does not give the events; nothing counts as read then.
    pub async fn news(&mut self, cloud: &impl CloudFormation, stack_id: &str) -> Result<Vec<Event>, Error> {
        let mut news = Vec::new();
        let mut page = None;
        'pages: loop {
            let read = cloud.events(stack_id, page.as_deref()).await?;
            for event in read.items {
                if self.seen.contains(&event.id) {
                    break 'pages;
                }
                news.push(event);
            }
            match read.next {
                Some(next) => page = Some(next),
                None => break,
            }
        }
        news.reverse();
        // Pages may overlap when events arrive while they are read.
        news.retain(|event| self.seen.insert(event.id.clone()));
        Ok(news)
    }
}

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Watches a stack until its operation has ended, and tells the console what happens.
    pub(crate) async fn follow(&self, stack_id: &str, mut log: Log, mut board: Board) -> Result<Ended> {
        let mut events = Vec::new();
        let (mut pace, mut silences, mut stale_reads) = (Pace::new(), 0, 0);
        let mut said = self.clock.now();
        loop {
            let wait = match self.look(stack_id, &mut log).await {
                Ok((stack, news)) => {
                    silences = 0;
                    let now = self.clock.now();
                    for event in &news {
                        if let Some(line) = board.take(event, stack_id, now) {
                            self.console.say(&line);
                            said = now;
                        }
                    }
                    self.console.status(&board.lines(now));
                    events.extend(news);
                    match reading(stack.as_ref(), &events, stack_id) {
                        Reading::Ended => {
                            self.console.status(&[]);
                            return Ok(Ended { stack, events });
                        }
                        Reading::Stale if stale_reads == STALE_READS => {
                            self.console.status(&[]);
                            return Ok(Ended { stack, events });
                        }
                        Reading::Stale => stale_reads += 1,
                        Reading::Running => stale_reads = 0,
                    }
                    pace.wait()
                }
                Err(error) if error.is_transient() && silences < SILENCES => {
                    silences += 1;
                    pace.back_off()
                }
                Err(error) => {
                    self.console.status(&[]);
                    return Err(error).context("lost sight of the stack; its operation goes on in CloudFormation");
                }
            };
            self.clock.sleep(wait).await;
            let now = self.clock.now();
            if !self.console.is_live() && now.saturating_sub(said) >= HEARTBEAT {
                self.console.say(&board.heartbeat(now));
                said = now;
            }
        }
    }

    /// The stack first and its events after, so that the events cover all that led to its status.
    async fn look(&self, stack_id: &str, log: &mut Log) -> Result<(Option<Stack>, Vec<Event>), Error> {
        let Some(stack) = self.cloud.stack(stack_id).await? else {
            return Ok((None, Vec::new()));
        };
        let news = log.news(&self.cloud, stack_id).await?;
        Ok((Some(stack), news))
    }
}

/// What a description of the stack says about its operation.
#[derive(Debug, PartialEq, Eq)]
enum Reading {
    Running,
    Ended,
    /// It says the operation has ended, and the events do not bear it out.
    Stale,
}

fn reading(stack: Option<&Stack>, events: &[Event], stack_id: &str) -> Reading {
    let Some(stack) = stack else { return Reading::Ended };
    if stack.status.standing() == Standing::Busy {
        return Reading::Running;
    }
    let last = events.iter().rev().find(|event| event.is_of_stack(stack_id));
    if last.is_some_and(|event| event.status == stack.status) {
        Reading::Ended
    } else {
        Reading::Stale
    }
}

#[cfg(test)]
mod tests;
