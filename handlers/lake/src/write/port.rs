//! What the writer needs of the world: a fence, a store, a clock.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Sequence;

/// Milliseconds since 1970.
pub type Millis = u64;

/// One item per stream and shard: how far the shard is in the store, the names that an attempt
/// intends to put, and a lease.
pub trait Fence {
    /// Takes the lease until `until`, if it is free, has run out by `now`, or is the owner's own;
    /// and reads the item, all in one step.
    fn acquire(
        &self,
        fence: &str,
        owner: &str,
        now: Millis,
        until: Millis,
    ) -> impl Future<Output = Result<Acquired, Fault>>;

    /// Keeps the names of all objects that may be in the store without being below the fence, if
    /// the lease is still the owner's.
    fn intend(
        &self,
        fence: &str,
        owner: &str,
        keys: &BTreeSet<String>,
    ) -> impl Future<Output = Result<Committed, Fault>>;

    /// Moves the fence from `from` to `to`, forgets the intended names, and gives the lease back;
    /// if the fence still stands at `from` and the lease is still the owner's.
    fn commit(
        &self,
        fence: &str,
        owner: &str,
        from: Option<&Sequence>,
        to: &Reached,
    ) -> impl Future<Output = Result<Committed, Fault>>;

    /// Gives the lease back, if it is the owner's; fence and intended names stay.
    fn release(&self, fence: &str, owner: &str) -> impl Future<Output = Result<(), Fault>>;
}

/// How far a shard is in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// The fence: every record up to this one has been written, or was given up; none before the
    /// first batch.
    pub last: Option<Sequence>,
    /// The last record beyond the fence that a redrive has put; none where there is no such record.
    pub ahead: Option<Sequence>,
}

/// The answer to a question for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acquired {
    /// It is ours.
    Held {
        /// Where the fence stands.
        reached: Reached,
        /// Names that attempts without a commit intended.
        pending: BTreeSet<String>,
    },
    /// It is somebody else's.
    Taken {
        /// When it runs out.
        until: Millis,
    },
}

/// The answer to a change that only the lease's owner may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// It is made.
    Moved,
    /// The fence stood elsewhere, or the lease was somebody else's.
    Overtaken,
}

/// The table did not answer; whether it did what was asked is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the fence's table does not answer")]
pub struct Fault;

/// Where objects are put.
pub trait Store {
    /// Puts an object, over one of the same key.
    fn put(&self, object: Object) -> impl Future<Output = Result<(), PutFault>>;

    /// Removes all of these objects; one that is not there is as good as removed.
    fn delete(&self, keys: &[&str]) -> impl Future<Output = Result<(), PutFault>>;

    /// The keys of a shard's objects in a folder.
    fn keys(&self, folder: &str, shard: &str) -> impl Future<Output = Result<Vec<String>, PutFault>>;

    /// Which records these objects hold. Of a folder and a shard no two reach over one another, but for
    /// what an attempt without a commit has left behind.
    fn ranges(&self, keys: &[String]) -> impl Future<Output = Result<Vec<Range>, PutFault>>;
}

/// An object, and the records of its partition that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Sequence number of its first record.
    pub first: Sequence,
    /// Sequence number of its last record.
    pub last: Sequence,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What an object holds: all records of its partition from the first to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The object's key.
    pub key: String,
    /// Sequence number of its first record.
    pub first: Sequence,
    /// Sequence number of its last record.
    pub last: Sequence,
}

impl Range {
    /// What an object holds.
    #[must_use]
    pub fn of(object: &Object) -> Self {
        Range {
            key: object.key.clone(),
            first: object.first.clone(),
            last: object.last.clone(),
        }
    }

    /// Whether a record of the partition is among them.
    #[must_use]
    pub fn holds(&self, sequence: &Sequence) -> bool {
        (&self.first..=&self.last).contains(&sequence)
    }
}

/// Why a request to the store failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PutFault {
    /// The store has answered that it did not do it.
    #[error("the store refused the request")]
    Refused,
    /// No answer: it may have happened, or may happen in a moment.
    #[error("the store did not answer")]
    Unknown,
}

/// The time.
pub trait Clock {
    /// Now.
    fn now(&self) -> Millis;

    /// Waits.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;
}
