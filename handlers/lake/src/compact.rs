//! Compaction: the many raw objects of an hour to one generation, which takes their place.
//!
//! Readers go by the catalog, and a generation is a folder of its own: it is written whole beside
//! what is read, and one call moves the partition to it. Six rules make every crash end in the old
//! hour or in the new one:
//!
//! 1. An hour is *marked* when an object of it arrives. Whoever compacts takes a *lease* on it that
//!    outlives the invocation, and reads how often it was marked before he lists its objects.
//! 2. A generation's name is new for every attempt, and *intended* in the ledger before its first
//!    file is put. Of what attempts before left behind, only the one that the catalog may point to
//!    is kept.
//! 3. Raw objects are read as they were listed, or not at all: what has changed meanwhile is for the
//!    next attempt.
//! 4. The catalog moves once every file is in place. Then what was replaced is *retired*, and only
//!    then the ledger says which generation is published.
//! 5. The mark is taken off if nobody has marked the hour again since; late events are another mark,
//!    and lead to a new generation of all raw objects.
//! 6. A retired generation is removed after a time of grace, longer than any query and any zombie
//!    lives, and never while the catalog points to it.
//!
//! Raw objects are never removed here, so that a generation can always be made again; one with fewer
//! rows than the one that it replaces is refused, because raw objects must then have gone missing.
//!
//! An hour that is too large for one function, or has used up [`ATTEMPTS`], is written by an
//! [`Engine`], a query of which outlives the invocation; the steps are the same.
//!
//! Reading order: [`Compaction::run`], `attempt` (how a generation is written) and `sweep`; the ports [`Hours`], [`Store`], [`Catalog`], [`Merge`]
//! and [`Engine`]; [`statement`] is what the engine is asked. [`memory`] and [`conformance`] are for
//! tests.

mod attempt;
pub mod conformance;
mod inputs;
pub mod memory;
mod outcome;
mod port;
pub mod statement;
mod sweep;

use std::collections::BTreeSet;
use std::time::Duration;

pub use outcome::{Cause, Outcome, Report, Swept};
pub use port::{
    Catalog, Dirty, Engine, Fault, GetFault, Held, Hours, Intent, Kept, Leased, Merge, Progress, Published, Query,
    RawObject, Retired, Store, Tally, Unmergeable,
};

use crate::Hour;
use crate::write::{Clock, Millis};
use inputs::Inputs;

/// After so many attempts that came to nothing an hour goes to the engine: perhaps it takes longer,
/// or more memory, than a function has.
pub const ATTEMPTS: u64 = 3;

/// What a compaction reaches.
#[derive(Debug)]
pub struct Ports<H, S, C, M, E, T> {
    /// The ledger.
    pub hours: H,
    /// The objects.
    pub store: S,
    /// The tables' partitions.
    pub catalog: C,
    /// What merges an hour in this process.
    pub merge: M,
    /// What merges an hour elsewhere.
    pub engine: E,
    /// The clock.
    pub clock: T,
}

/// When, and how much.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// From an hour's end to its compaction.
    pub close_after: Duration,
    /// From a generation's replacement to its removal.
    pub grace: Duration,
    /// Largest hour that is merged here, in bytes of its raw objects.
    pub most_bytes: u64,
    /// From the invocation's deadline to the end of its leases: as long as a request of it may still
    /// be under way.
    pub lease: Duration,
    /// Least time before the deadline to begin an hour, a file, or another look at a query.
    pub reserve: Duration,
    /// Between two looks at a query.
    pub nap: Duration,
}

impl Settings {
    /// The margins of a function of Lambda's.
    #[must_use]
    pub fn new(close_after: Duration, grace: Duration, most_bytes: u64) -> Self {
        Settings {
            close_after,
            grace,
            most_bytes,
            lease: Duration::from_secs(60),
            reserve: Duration::from_secs(20),
            nap: Duration::from_secs(2),
        }
    }
}

/// Whose work it is, and until when.
#[derive(Debug, Clone, Copy)]
pub struct Shift<'s> {
    /// Unique to the invocation: letters, digits and `-`.
    pub owner: &'s str,
    /// When it ends, whatever it is doing.
    pub deadline: Millis,
}

/// Compacts hours, one after another.
#[derive(Debug)]
pub struct Compaction<H, S, C, M, E, T> {
    ports: Ports<H, S, C, M, E, T>,
    settings: Settings,
}

impl<H: Hours, S: Store, C: Catalog, M: Merge, E: Engine, T: Clock> Compaction<H, S, C, M, E, T> {
    /// A compaction over these ports.
    pub fn new(ports: Ports<H, S, C, M, E, T>, settings: Settings) -> Self {
        Compaction { ports, settings }
    }

    /// Compacts the hours that are marked and closed, those that were tried least first; then removes
    /// what was retired long enough ago.
    ///
    /// # Errors
    ///
    /// When the ledger does not say which hours those are.
    pub async fn run(&mut self, shift: Shift<'_>) -> Result<Report, Fault> {
        let closed = self.ports.clock.now().saturating_sub(millis(self.settings.close_after));
        let mut dirty = match Hour::ended_by(closed) {
            Some(last) => self.ports.hours.dirty(last).await?,
            None => Vec::new(),
        };
        dirty.sort_by_key(|dirty| (dirty.attempts, dirty.hour));
        let mut report = Report::default();
        for Dirty { hour, .. } in &dirty {
            if self.is_late(shift) {
                break;
            }
            let outcome = self.hour(*hour, shift, false).await;
            report.hours.push((*hour, outcome));
        }
        let settled = report.hours.iter().filter(|(_, outcome)| outcome.is_settled());
        report.waiting = dirty.len() - settled.count();
        report.swept = self.sweep(shift).await;
        Ok(report)
    }

    /// Compacts one hour anew, closed or not, and whatever has been published of it.
    ///
    /// # Errors
    ///
    /// When the hour cannot be marked.
    pub async fn by_hand(&mut self, hour: Hour, shift: Shift<'_>) -> Result<Report, Fault> {
        self.ports.hours.mark(hour, self.ports.clock.now()).await?;
        let outcome = self.hour(hour, shift, true).await;
        Ok(Report {
            waiting: usize::from(!outcome.is_settled()),
            hours: vec![(hour, outcome)],
            ..Report::default()
        })
    }

    async fn hour(&mut self, hour: Hour, shift: Shift<'_>, anew: bool) -> Outcome {
        let until = shift.deadline + millis(self.settings.lease);
        let now = self.ports.clock.now();
        let held = match self.ports.hours.lease(hour, shift.owner, now, until).await {
            Ok(Leased::Held(held)) => held,
            Ok(Leased::Taken) => return Outcome::Leased,
            Ok(Leased::Clean) => return Outcome::Unchanged,
            Err(Fault) => return Outcome::Again(Cause::Fault),
        };
        let outcome = self.compact(hour, shift, held, anew).await;
        let outcome = outcome.unwrap_or_else(Outcome::Again);
        // A partition that may still move is not for anybody else until the lease has run out.
        if !outcome.is_settled() && !matches!(outcome, Outcome::Again(Cause::Moving)) {
            // A lease that cannot be given back runs out by itself.
            let _ = self.ports.hours.release(hour, shift.owner).await;
        }
        outcome
    }

    /// Compacts an hour whose lease is ours.
    async fn compact(&mut self, hour: Hour, shift: Shift<'_>, held: Held, anew: bool) -> Result<Outcome, Cause> {
        let Held {
            touched,
            attempts,
            mut intent,
        } = held;
        let asked = intent.query.clone();
        let published = self.ports.hours.published(hour).await?;
        self.ports.catalog.register(&[hour]).await?;
        let inputs = Inputs::of(self.ports.store.raw(hour).await?);
        let location = self.ports.catalog.location(hour).await?;
        let is_read = |store: &S, name: &str| location.as_deref() == Some(store.location(hour, name).as_str());

        let store = &self.ports.store;
        let known = published.iter().map(|published| &published.generation);
        let is_compacted = known.chain(&intent.generations).any(|name| is_read(store, name));
        let is_new = match &published {
            Some(published) => {
                anew || published.inputs != inputs.digest || !is_read(&self.ports.store, &published.generation)
            }
            None => true,
        };
        intent.query = intent.query.filter(|query| is_new && query.inputs == inputs.digest);
        self.abandon(hour, &mut intent, |name| is_read(store, name)).await?;
        if inputs.objects.is_empty() && is_compacted {
            return Err(Cause::Gone);
        }
        if inputs.objects.is_empty() || !is_new {
            self.forget(hour, [asked]).await?;
            return self.clear(hour, shift, touched, Outcome::Unchanged).await;
        }

        let by_engine = intent.query.is_some() || inputs.bytes > self.settings.most_bytes || attempts > ATTEMPTS;
        let made = match by_engine {
            true => None,
            false => self.merge(hour, shift, &inputs, &mut intent).await?,
        };
        let made = match made {
            Some(made) => Some(made),
            None => self.insert(hour, shift, &inputs, &mut intent).await?,
        };
        let Some(made) = made else {
            return Ok(Outcome::Underway);
        };
        let before = published.as_ref().map_or(0, |published| published.rows.rows_out);
        if made.rows.rows_out < before && !anew {
            let rows = made.rows.rows_out;
            return Err(Cause::Shrunk { rows, before });
        }
        intent
            .generations
            .extend(published.map(|published| published.generation));
        let published = Published {
            generation: made.generation,
            inputs: inputs.digest,
            objects: inputs.objects.len() as u64,
            rows: made.rows,
        };
        self.publish(hour, &published, &intent).await?;
        self.forget(hour, [asked, intent.query]).await?;
        self.clear(hour, shift, touched, Outcome::Published(published)).await
    }

    /// Retires what attempts left behind, but for what is read or is still being written.
    async fn abandon(&self, hour: Hour, intent: &mut Intent, is_read: impl Fn(&str) -> bool) -> Result<(), Cause> {
        let written = intent.query.as_ref().map(|query| query.generation.as_str());
        let is_kept = |name: &String| is_read(name) || written == Some(name.as_str());
        let generations = std::mem::take(&mut intent.generations);
        let (kept, dead): (BTreeSet<_>, BTreeSet<_>) = generations.into_iter().partition(is_kept);
        intent.generations = kept;
        self.retire(hour, dead).await
    }

    async fn retire(&self, hour: Hour, generations: impl IntoIterator<Item = String>) -> Result<(), Cause> {
        let since = self.ports.clock.now();
        for generation in generations {
            let retired = Retired {
                hour,
                generation,
                since,
            };
            self.ports.hours.retire(&retired).await?;
        }
        Ok(())
    }

    /// Moves the partition, and says so; `intent` is what it may have pointed to before.
    async fn publish(&self, hour: Hour, published: &Published, intent: &Intent) -> Result<(), Cause> {
        let location = self.ports.store.location(hour, &published.generation);
        let moved = self.ports.catalog.publish(hour, &location).await;
        moved.map_err(|Fault| Cause::Moving)?;
        let replaced = intent.generations.iter().filter(|name| **name != published.generation);
        self.retire(hour, replaced.cloned()).await?;
        match self.ports.hours.publish(hour, published).await? {
            Kept::Made => Ok(()),
            Kept::Overtaken => Err(Cause::Overtaken),
        }
    }

    /// Takes what queries wrote out of the table through which they did; readers go by another one.
    ///
    /// Queries are known until the hour is cleared, and taken up until it is published: this comes
    /// between the two.
    async fn forget(&self, hour: Hour, queries: impl IntoIterator<Item = Option<Query>>) -> Result<(), Cause> {
        for query in queries.into_iter().flatten() {
            self.ports.catalog.drop_generation(hour, &query.generation).await?;
        }
        Ok(())
    }

    async fn clear(&self, hour: Hour, shift: Shift<'_>, touched: u64, outcome: Outcome) -> Result<Outcome, Cause> {
        match self.ports.hours.clear(hour, shift.owner, touched).await? {
            Kept::Made => Ok(outcome),
            Kept::Overtaken => Err(Cause::Overtaken),
        }
    }

    fn is_late(&self, shift: Shift<'_>) -> bool {
        self.ports.clock.now() + millis(self.settings.reserve) > shift.deadline
    }
}

fn millis(duration: Duration) -> Millis {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
