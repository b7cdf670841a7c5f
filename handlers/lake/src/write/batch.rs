//! What the writer is given, and what it answers.

use std::time::Duration;

use super::{Millis, Sequence};

/// What the writer keeps between itself and trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Margins {
    /// Most objects of one batch, as far as one record does not need more: their names must fit
    /// into an item of 400 KB (DynamoDB), and putting them into an invocation.
    pub objects: usize,
    /// No request to the store begins with less than this left before the invocation's deadline.
    pub put: Duration,
    /// How long the lease outlives the deadline.
    ///
    /// A request that began in time must be over, or given up by client and server, before the
    /// lease has run out: the store's own time-out has to be shorter than this.
    pub lease: Duration,
    /// How long the writer sleeps at most before it asks again for a lease that is taken.
    pub nap: Duration,
}

impl Default for Margins {
    /// Two hundred objects, two seconds before the deadline, ten behind it, half a second between
    /// two questions.
    fn default() -> Self {
        Margins {
            objects: 200,
            put: Duration::from_secs(2),
            lease: Duration::from_secs(10),
            nap: Duration::from_millis(500),
        }
    }
}

/// Records of one shard, as one invocation was given them.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'b, R> {
    /// What the fence is kept for: stream and shard.
    pub fence: &'b str,
    /// The shard's id, which becomes a part of every object's name.
    pub shard: &'b str,
    /// Who writes; another invocation is another owner.
    pub owner: &'b str,
    /// When the invocation is ended.
    pub deadline: Millis,
    /// The records, in the order of their sequence numbers.
    pub records: &'b [R],
}

/// A record's place in its shard.
pub trait Placed {
    /// The sequence number.
    fn sequence(&self) -> &Sequence;
}

/// Turns records into the contents of objects.
pub trait Encode<R> {
    /// The objects of these records: every event in exactly one of them, in the order of the
    /// records. The folder of an event follows from its record alone, and no folder appears twice.
    ///
    /// # Errors
    ///
    /// When no object can be made at all; never for a bad record, which has a place of its own.
    fn encode(&mut self, records: &[R]) -> Result<Vec<Part>, Unencodable>;
}

/// No object can be made of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no object can be made of the records")]
pub struct Unencodable;

/// What becomes one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The partition, as the beginning of a key: `raw/events/year=2026/…/hour=20/`.
    pub folder: String,
    /// Sequence number of the partition's first record in the batch.
    pub first: Sequence,
    /// Sequence number of the partition's last record in the batch.
    pub last: Sequence,
    /// Events in it.
    pub rows: usize,
    /// The end of the key, such as `.parquet`.
    pub suffix: &'static str,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Part {
    /// The object's key: partition, shard, first sequence number of the partition in the batch.
    #[must_use]
    pub fn key(&self, shard: &str) -> String {
        format!("{}{shard}-{}{}", self.folder, self.first, self.suffix)
    }

    /// The first sequence number that a key of this folder and shard names; none for a key of another
    /// kind.
    #[must_use]
    pub fn first_of(&self, shard: &str, key: &str) -> Option<Sequence> {
        let name = key.strip_prefix(&self.folder)?.strip_prefix(shard)?.strip_prefix('-')?;
        name.strip_suffix(self.suffix)?.parse().ok()
    }
}

/// What has become of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every record but those that are left is in the store, by this invocation or by one before it.
    Done(Tally),
    /// Nothing is known to be in the store: the whole batch must come again, from its first record.
    Again(Cause),
}

/// What a batch that is done has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records at or below the fence, which earlier invocations wrote.
    pub skipped: usize,
    /// Records that this invocation wrote.
    pub records: usize,
    /// Records at the batch's end that must come again: all of them would have made too many
    /// objects.
    pub left: usize,
    /// Events in them that it put into objects.
    pub rows: usize,
    /// Events that were in the store already, by a redrive or found by one.
    pub covered: usize,
    /// Objects put.
    pub objects: usize,
    /// Their size in bytes.
    pub bytes: usize,
}

/// Why a batch must come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Another invocation held the lease for longer than this one had.
    #[error("another invocation holds the shard's lease")]
    Leased,
    /// The time left was too short for another object.
    #[error("too little time is left before the invocation's deadline")]
    Deadline,
    /// The fence could not be read or moved.
    #[error("the fence's table does not answer")]
    Fence,
    /// The lease had run out, and another invocation has taken it.
    #[error("another invocation has taken the shard's lease")]
    Overtaken,
    /// An object could not be put.
    #[error("the bucket does not take an object")]
    Store,
    /// No object could be made.
    #[error("no object can be made of the records")]
    Encoder,
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn a_key_names_the_record_that_its_object_begins_with() {
        let part = Part {
            folder: "raw/events/hour=20/".to_owned(),
            first: "17".parse().unwrap(),
            last: "19".parse().unwrap(),
            rows: 3,
            suffix: ".parquet",
            bytes: Vec::new(),
        };
        let first = |key: &str| part.first_of("shard-1", key).map(|first| first.to_string());
        assert_eq!(first(&part.key("shard-1")).as_deref(), Some("17"));
        let no_number = "raw/events/hour=20/shard-1-x.parquet".to_owned();
        for other in [part.key("shard-10"), part.key("shard-1") + ".part", no_number] {
            assert_eq!(first(&other), None, "{other}");
        }
    }
}
