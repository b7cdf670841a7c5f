//! The direct writer: one shard's records to objects, exactly once per record in the store.
//!
//! Lambda delivers at least once, and with moving boundaries: a failed batch comes again whole,
//! halved, from an older checkpoint, beside an invocation that is thought dead, or not at all, once
//! its retries are spent. Five rules make every such schedule end in the same rows:
//!
//! 1. A *fence* per shard holds the last sequence number whose rows are in the store; records at or
//!    below it are dropped before they are grouped.
//! 2. An object is named by its partition, its shard, and the first sequence number of *that
//!    partition in that batch*, never by the batch, whose boundaries move.
//! 3. The names are *intended* in the fence's item before the first PUT. Whoever comes next removes
//!    what an attempt before it intended and it does not overwrite itself: that attempt never
//!    moved the fence, so nothing of it counts.
//! 4. The fence moves by compare-and-set once every object is in place, and only then is the batch
//!    reported as done.
//! 5. A *lease* in the same item keeps a second writer from the store meanwhile. It outlives the
//!    invocation by a margin, and whoever finds it taken waits.
//!
//! A partition must follow from the record alone, and one shard needs one ordered consumer
//! (`ParallelizationFactor` 1).
//!
//! Records whose retries were spent are a gap below the fence. [`Writer::redrive`] fills it: it puts
//! what no object covers, under the same lease. What it puts beyond the fence, where the mapping has
//! not come yet, the fence's item remembers, so that batches look for it until they are past it.
//!
//! Reading order: [`Writer::write`], then the ports [`Fence`], [`Store`] and [`Clock`], then
//! [`Sequence`]; [`memory`] and [`conformance`] are for tests. `tests/simulation` runs this code
//! under seeded schedules by the million.

mod batch;
pub mod conformance;
mod lacking;
pub mod memory;
mod port;
mod sequence;

use std::collections::BTreeSet;
use std::time::Duration;

pub use batch::{Batch, Cause, Encode, Margins, Outcome, Part, Placed, Tally, Unencodable};
pub use port::{Acquired, Clock, Committed, Fault, Fence, Millis, Object, PutFault, Range, Reached, Store};
pub use sequence::{NotASequence, Sequence};

/// Writes batches, one after another.
#[derive(Debug)]
pub struct Writer<F, S, C> {
    fence: F,
    store: S,
    clock: C,
    margins: Margins,
}

/// What the fence's item says to whoever holds its lease.
struct Held {
    reached: Reached,
    pending: BTreeSet<String>,
}

impl<F: Fence, S: Store, C: Clock> Writer<F, S, C> {
    /// A writer over these ports.
    pub fn new(fence: F, store: S, clock: C, margins: Margins) -> Self {
        Writer {
            fence,
            store,
            clock,
            margins,
        }
    }

    /// Writes one batch, or says why it must come again; of a batch of very many hours its beginning.
    ///
    /// A lease that is taken is waited for: a batch that fails fast spends one of the few retries
    /// that its event source mapping has.
    pub async fn write<R: Placed + Clone>(&self, batch: &Batch<'_, R>, encode: &mut impl Encode<R>) -> Outcome {
        let held = match self.acquire(batch).await {
            Ok(held) => held,
            Err(cause) => return Outcome::Again(cause),
        };
        let Reached { last, ahead } = &held.reached;
        let is_old = |record: &&R| last.as_ref().is_some_and(|last| record.sequence() <= last);
        let skipped = batch.records.iter().take_while(is_old).count();
        let new = batch.records.get(skipped..).unwrap_or_default();
        let Some(oldest) = new.first() else {
            self.release(batch).await;
            return Outcome::Done(Tally {
                skipped,
                ..Tally::default()
            });
        };
        let (records, made) = self.beginning(new, encode);
        let made = match ahead {
            Some(ahead) if oldest.sequence() <= ahead => self.lacking(batch, &held, records, encode).await,
            _ => made.map(|parts| (parts, 0)).map_err(|Unencodable| Cause::Encoder),
        };
        let last = records.last().map(|newest| newest.sequence().clone());
        let to = Reached {
            ahead: ahead.clone().filter(|ahead| Some(ahead) > last.as_ref()),
            last,
        };
        let tally = Tally {
            skipped,
            records: records.len(),
            left: new.len() - records.len(),
            ..Tally::default()
        };
        self.finish(batch, &held, made, &to, tally).await
    }

    /// As many of the first records as do not make too many objects, and these; one record always.
    fn beginning<'r, R>(
        &self,
        mut records: &'r [R],
        encode: &mut impl Encode<R>,
    ) -> (&'r [R], Result<Vec<Part>, Unencodable>) {
        loop {
            let made = encode.encode(records);
            let are_many = made.as_ref().is_ok_and(|parts| parts.len() > self.margins.objects);
            match records.split_at_checked(records.len() / 2) {
                Some((half, _)) if are_many && !half.is_empty() => records = half,
                _ => return (records, made),
            }
        }
    }

    /// Writes the records of a batch that no object of theirs covers, below the fence or above it; of
    /// a batch of very many hours its beginning.
    ///
    /// For records that the event source mapping gave up, and for any others. The fence stays where
    /// it is.
    pub async fn redrive<R: Placed + Clone>(&self, batch: &Batch<'_, R>, encode: &mut impl Encode<R>) -> Outcome {
        let held = match self.acquire(batch).await {
            Ok(held) => held,
            Err(cause) => return Outcome::Again(cause),
        };
        let (records, _) = self.beginning(batch.records, encode);
        let made = self.lacking(batch, &held, records, encode).await;
        let mut to = held.reached.clone();
        if let Ok((parts, _)) = &made {
            let put = parts.iter().map(|part| &part.last).max();
            let beyond = put.filter(|put| Some(*put) > to.last.as_ref()).cloned();
            to.ahead = to.ahead.max(beyond);
        }
        let tally = Tally {
            records: records.len(),
            left: batch.records.len() - records.len(),
            ..Tally::default()
        };
        self.finish(batch, &held, made, &to, tally).await
    }

    /// Puts what was made and moves the fence; gives the lease back where nothing could be made.
    async fn finish<R>(
        &self,
        batch: &Batch<'_, R>,
        held: &Held,
        made: Result<(Vec<Part>, usize), Cause>,
        to: &Reached,
        tally: Tally,
    ) -> Outcome {
        let (parts, covered) = match made {
            Ok(made) => made,
            Err(cause) => {
                self.release(batch).await;
                return Outcome::Again(cause);
            }
        };
        let tally = Tally { covered, ..tally };
        match self.put(batch, held, parts, tally).await {
            Ok(tally) => self.commit(batch, held, to, tally).await,
            Err(cause) => Outcome::Again(cause),
        }
    }

    /// Takes the lease and reads the fence.
    async fn acquire<R>(&self, batch: &Batch<'_, R>) -> Result<Held, Cause> {
        let until = batch.deadline + millis(self.margins.lease);
        loop {
            let now = self.clock.now();
            let acquired = self.fence.acquire(batch.fence, batch.owner, now, until).await;
            let (free_at, cause) = match acquired {
                Ok(Acquired::Held { reached, pending }) => return Ok(Held { reached, pending }),
                Ok(Acquired::Taken { until }) => (until, Cause::Leased),
                // Whoever asks again gets what it may have been given without hearing of it.
                Err(Fault) => (Millis::MAX, Cause::Fence),
            };
            let now = self.clock.now();
            // A live owner releases early, hence a nap and not the whole wait.
            let nap = millis(self.margins.nap).min(free_at.saturating_sub(now).saturating_add(1));
            if now + nap + millis(self.margins.put) > batch.deadline {
                return Err(cause);
            }
            self.clock.sleep(Duration::from_millis(nap)).await;
        }
    }

    /// Intends the objects, removes what was intended before and is not among them, and puts them.
    async fn put<R>(
        &self,
        batch: &Batch<'_, R>,
        held: &Held,
        parts: Vec<Part>,
        mut tally: Tally,
    ) -> Result<Tally, Cause> {
        let keys: BTreeSet<String> = parts.iter().map(|part| part.key(batch.shard)).collect();
        let intended: BTreeSet<String> = keys.union(&held.pending).cloned().collect();
        if intended != held.pending {
            match self.fence.intend(batch.fence, batch.owner, &intended).await {
                Ok(Committed::Moved) => {}
                Ok(Committed::Overtaken) => return Err(Cause::Overtaken),
                Err(Fault) => return Err(Cause::Fence),
            }
        }
        let stale: Vec<&str> = held.pending.difference(&keys).map(String::as_str).collect();
        if !stale.is_empty() {
            self.in_time(batch).await?;
            self.settle(batch, self.store.delete(&stale).await).await?;
        }
        for part in parts {
            self.in_time(batch).await?;
            tally.objects += 1;
            tally.rows += part.rows;
            tally.bytes += part.bytes.len();
            let object = Object {
                key: part.key(batch.shard),
                first: part.first,
                last: part.last,
                bytes: part.bytes,
            };
            self.settle(batch, self.store.put(object).await).await?;
        }
        Ok(tally)
    }

    /// Whether there is time for one more request to the store; gives the lease back if not.
    async fn in_time<R>(&self, batch: &Batch<'_, R>) -> Result<(), Cause> {
        if self.clock.now() + millis(self.margins.put) > batch.deadline {
            self.release(batch).await;
            return Err(Cause::Deadline);
        }
        Ok(())
    }

    async fn settle<R>(&self, batch: &Batch<'_, R>, answer: Result<(), PutFault>) -> Result<(), Cause> {
        match answer {
            Ok(()) => Ok(()),
            Err(PutFault::Refused) => {
                self.release(batch).await;
                Err(Cause::Store)
            }
            // It may still happen: nobody else may write until the lease has run out.
            Err(PutFault::Unknown) => Err(Cause::Store),
        }
    }

    async fn commit<R>(&self, batch: &Batch<'_, R>, held: &Held, to: &Reached, tally: Tally) -> Outcome {
        let from = held.reached.last.as_ref();
        match self.fence.commit(batch.fence, batch.owner, from, to).await {
            Ok(Committed::Moved) => Outcome::Done(tally),
            Ok(Committed::Overtaken) => Outcome::Again(Cause::Overtaken),
            // It may have moved: the next attempt reads where it stands.
            Err(Fault) => Outcome::Again(Cause::Fence),
        }
    }

    async fn release<R>(&self, batch: &Batch<'_, R>) {
        // A lease that cannot be given back runs out by itself.
        let _ = self.fence.release(batch.fence, batch.owner).await;
    }
}

fn millis(duration: Duration) -> Millis {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
