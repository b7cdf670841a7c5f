//! What a compaction needs of the world.

use std::collections::BTreeSet;

use crate::write::Millis;

use crate::Hour;

/// A service did not do what it was asked, or did not say so: whether it has happened is unknown.
///
/// The adapter has logged which and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a service does not do what it was asked; its log line says which")]
pub struct Fault;

/// The ledger of one dataset's hours.
pub trait Hours {
    /// Says that there is something new in an hour.
    fn mark(&self, hour: Hour, now: Millis) -> impl Future<Output = Result<(), Fault>>;

    /// The hours up to and with the last one that were marked and not cleared.
    fn dirty(&self, last: Hour) -> impl Future<Output = Result<Vec<Dirty>, Fault>>;

    /// Takes the lease of a marked hour until `until`, if it is free, has run out by `now`, or is the
    /// owner's own; and reads the hour, all in one step.
    fn lease(&self, hour: Hour, owner: &str, now: Millis, until: Millis)
    -> impl Future<Output = Result<Leased, Fault>>;

    /// Keeps which generations may be in the store, and the query that writes one of them, if the
    /// lease is still the owner's.
    fn intend(&self, hour: Hour, owner: &str, intent: &Intent) -> impl Future<Output = Result<Kept, Fault>>;

    /// Gives the lease back, if it is the owner's; everything else stays.
    fn release(&self, hour: Hour, owner: &str) -> impl Future<Output = Result<(), Fault>>;

    /// Ends a compaction, if the lease is still the owner's: of an hour that was marked no more than
    /// `touched` times nothing stays, another stays marked and forgets the attempts.
    fn clear(&self, hour: Hour, owner: &str, touched: u64) -> impl Future<Output = Result<Kept, Fault>>;

    /// The generation of an hour.
    fn published(&self, hour: Hour) -> impl Future<Output = Result<Option<Published>, Fault>>;

    /// Says which generation an hour has; never an older one than it had.
    fn publish(&self, hour: Hour, published: &Published) -> impl Future<Output = Result<Kept, Fault>>;

    /// Puts a generation on the list of those to be removed.
    fn retire(&self, retired: &Retired) -> impl Future<Output = Result<(), Fault>>;

    /// What was retired by `until`, oldest first.
    fn retired(&self, until: Millis) -> impl Future<Output = Result<Vec<Retired>, Fault>>;

    /// Takes a generation off that list.
    fn forget(&self, retired: &Retired) -> impl Future<Output = Result<(), Fault>>;
}

/// An hour that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dirty {
    /// Which.
    pub hour: Hour,
    /// How often it was tried.
    pub attempts: u64,
}

/// The answer to a question for an hour's lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leased {
    /// It is ours.
    Held(Held),
    /// It is somebody else's.
    Taken,
    /// Nobody has marked the hour.
    Clean,
}

/// A marked hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// How often it was marked.
    pub touched: u64,
    /// How often it was leased, this time included.
    pub attempts: u64,
    /// What attempts before intended.
    pub intent: Intent,
}

/// What an attempt is about to do, so that whoever comes next knows what there may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    /// Generations that may be in the store.
    pub generations: BTreeSet<String>,
    /// A query that writes one of them.
    pub query: Option<Query>,
}

/// A query under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The name that the engine gave it.
    pub id: String,
    /// The generation that it writes.
    pub generation: String,
    /// The digest of the raw objects before it began.
    pub inputs: String,
}

/// The generation of an hour, and what was made to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The last folder of its location.
    pub generation: String,
    /// The digest of the raw objects.
    pub inputs: String,
    /// How many those are.
    pub objects: u64,
    /// What became of their rows.
    pub rows: Tally,
}

/// Rows: those that came in are those that went out and the duplicates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows of the raw objects.
    pub rows_in: u64,
    /// Those that were another row's event again.
    pub duplicates: u64,
    /// Rows of the generation.
    pub rows_out: u64,
}

/// A generation that nobody is pointed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// Its hour.
    pub hour: Hour,
    /// Which.
    pub generation: String,
    /// Since when.
    pub since: Millis,
}

/// The answer to a change that not everybody may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is made.
    Made,
    /// Somebody else has the lease, or was there before.
    Overtaken,
}

/// The objects of one dataset.
pub trait Store {
    /// The raw objects of an hour.
    fn raw(&self, hour: Hour) -> impl Future<Output = Result<Vec<RawObject>, Fault>>;

    /// A raw object whole, as it was listed.
    fn get(&self, object: &RawObject) -> impl Future<Output = Result<Vec<u8>, GetFault>>;

    /// Puts a file of a generation, the `number`th.
    fn put(
        &self,
        hour: Hour,
        generation: &str,
        number: usize,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<(), Fault>>;

    /// Removes all files of a generation; none are as good as removed.
    fn remove(&self, hour: Hour, generation: &str) -> impl Future<Output = Result<(), Fault>>;

    /// Where a generation is, as the catalog says it, with a slash at the end.
    fn location(&self, hour: Hour, generation: &str) -> String;
}

/// A raw object as it was listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RawObject {
    /// Its key.
    pub key: String,
    /// Which content it had.
    pub etag: String,
    /// The size of that, in bytes.
    pub size: u64,
}

/// Why a raw object is not there as it was listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GetFault {
    /// It has another content, or is gone.
    #[error("the object is not what was listed")]
    Changed,
    /// As for every service.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The partitions of the dataset's tables.
pub trait Catalog {
    /// Makes the partitions of hours where their raw objects are, in the table that people query and
    /// in the raw one; those that are there stay where they are.
    fn register(&self, hours: &[Hour]) -> impl Future<Output = Result<(), Fault>>;

    /// Where the hour's partition is in the table that people query.
    fn location(&self, hour: Hour) -> impl Future<Output = Result<Option<String>, Fault>>;

    /// Moves that partition, in one step for whoever reads.
    fn publish(&self, hour: Hour, location: &str) -> impl Future<Output = Result<(), Fault>>;

    /// Takes a generation out of the table of generations; that it is not in it is as good.
    fn drop_generation(&self, hour: Hour, generation: &str) -> impl Future<Output = Result<(), Fault>>;
}

/// Merges raw objects in memory and scratch space.
pub trait Merge {
    /// Forgets everything and begins.
    fn begin(&mut self) -> Result<(), Unmergeable>;

    /// Takes a raw object.
    fn push(&mut self, bytes: Vec<u8>) -> Result<(), Unmergeable>;

    /// The next file, once all objects are pushed; none after the last.
    fn next(&mut self) -> Result<Option<Vec<u8>>, Unmergeable>;

    /// What became of the rows, after the last file.
    fn tally(&self) -> Tally;
}

/// Why objects cannot be merged here.
#[derive(Debug, thiserror::Error)]
pub enum Unmergeable {
    /// There are more rows than fit.
    #[error("more rows than one function takes")]
    TooLarge,
    /// An object is none, or scratch space failed.
    #[error("the rows cannot be read or written")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Does the same with as many machines as it takes.
pub trait Engine {
    /// Begins to write a generation of an hour from its raw objects; gives the query's name.
    fn insert(&self, hour: Hour, generation: &str) -> impl Future<Output = Result<String, Fault>>;

    /// How far a query is.
    fn progress(&self, query: &str) -> impl Future<Output = Result<Progress, Fault>>;

    /// Counts the rows of an hour's raw objects and of a generation, which takes the engine some
    /// seconds.
    fn count(&self, hour: Hour, generation: &str) -> impl Future<Output = Result<Tally, Fault>>;
}

/// How far a query is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It waits or runs.
    Running,
    /// All its rows are written.
    Done,
    /// It will write no more; the adapter has logged why.
    Failed,
}
