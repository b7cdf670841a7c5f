//! The port to the programme stream, and how many records go into one call of it.

pub mod memory;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::event::Record;
use crate::upstream::Pace;

/// Most records of one `PutRecords` (`API_PutRecords`).
pub const MOST_RECORDS: usize = 500;
/// Most bytes of one `PutRecords`, partition keys included (5 MiB, `API_PutRecords`).
pub const MOST_BYTES: usize = 5 * 1_024 * 1_024;
/// Most bytes of one record, its partition key included (1 MiB, the limit of every stream that has
/// not been given a higher one).
pub const LARGEST_RECORD: usize = 1_024 * 1_024;
/// Calls for one record, the first included.
const TRIES: u32 = 5;
/// The first wait is random below this; every following one below twice the one before.
const BASE: Duration = Duration::from_millis(200);

/// A record as the stream takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The record's bytes.
    pub data: Vec<u8>,
    /// What keeps the records of one thing in order.
    pub partition_key: String,
}

impl Entry {
    fn size(&self) -> usize {
        self.data.len() + self.partition_key.len()
    }
}

/// A call that failed as a whole.
#[derive(Debug, thiserror::Error)]
#[error("records cannot be put on stream {stream}")]
pub struct Error {
    /// Name of the stream.
    pub stream: String,
    /// What the service, or the way to it, said.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// The programme stream.
#[allow(async_fn_in_trait, reason = "a function handles one event at a time, on one thread")]
pub trait Stream {
    /// One call with up to [`MOST_RECORDS`] records; returns the sequence number of each, in their
    /// order, none for those that the stream did not take.
    ///
    /// # Errors
    ///
    /// When the call fails as a whole; some records may have been taken all the same.
    async fn put(&self, entries: &[&Entry]) -> Result<Vec<Option<String>>, Error>;
}

/// What became of records.
#[derive(Debug, Default)]
pub struct Published {
    /// Sequence number of the last record that was taken.
    pub sequence_number: Option<String>,
    /// Which were not taken, by their places.
    pub failed: BTreeSet<usize>,
    /// Why the last call failed that failed as a whole.
    pub error: Option<Error>,
}

/// Puts records on the stream; those that it does not take are sent again, and only those.
pub async fn publish<S: Stream, P: Pace>(records: &[Record], stream: &S, pace: &P) -> Published {
    let entry = |record: &Record| Entry {
        data: record.encode(),
        partition_key: record.partition_key().to_owned(),
    };
    let entries: Vec<(usize, Entry)> = records.iter().map(entry).enumerate().collect();
    let mut published = Published::default();
    // What no call can take is not sent at all, so that it costs the others nothing.
    let (mut open, too_large): (Vec<_>, Vec<_>) = entries.iter().partition(|(_, entry)| entry.size() <= LARGEST_RECORD);
    for attempt in 1..=TRIES {
        let mut left = Vec::new();
        for chunk in chunks(&open, |(_, entry)| entry.size()) {
            let entries: Vec<&Entry> = chunk.iter().map(|(_, entry)| entry).collect();
            match stream.put(&entries).await {
                Ok(numbers) => {
                    // An answer with too few places says nothing of the last records.
                    let numbers = numbers.into_iter().chain(std::iter::repeat(None));
                    for (entry, number) in chunk.iter().zip(numbers) {
                        match number {
                            Some(number) => published.sequence_number = Some(number),
                            None => left.push(*entry),
                        }
                    }
                }
                Err(error) => {
                    left.extend(chunk);
                    published.error = Some(error);
                }
            }
        }
        open = left;
        if open.is_empty() {
            break;
        }
        if attempt < TRIES {
            pace.sleep(pace.jitter(BASE * (1 << (attempt - 1)))).await;
        }
    }
    published.failed = open.into_iter().chain(too_large).map(|(place, _)| *place).collect();
    published
}

/// Cuts items into runs that one call takes, in their order.
fn chunks<I>(items: &[I], size: impl Fn(&I) -> usize) -> impl Iterator<Item = &[I]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |item: &&I| {
            bytes += size(item);
            bytes <= MOST_BYTES
        };
        let count = rest.iter().take(MOST_RECORDS).take_while(fits).count();
        // One that is too large for any call goes alone, so that the rest is not held up.
        let (chunk, after) = rest.split_at_checked(count.max(1))?;
        rest = after;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests;
