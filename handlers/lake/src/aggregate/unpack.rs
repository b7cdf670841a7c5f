use md5::{Digest as _, Md5};

use super::wire::{Field, Message};
use super::{CHECKSUM, MAGIC, MOST_UNPACKED};

/// Why a record that begins like an aggregated one cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The magic number is missing, or too little follows it.
    #[error("no aggregated record")]
    NotAggregated,
    /// The content does not have the checksum that follows it.
    #[error("the checksum does not fit the content")]
    Checksum,
    /// A length leads past the end.
    #[error("a field ends after the record does")]
    Cut,
    /// A number of more than 64 bits.
    #[error("a number has more than 64 bits")]
    Varint,
    /// A wire type that protocol buffers have given up, or never had.
    #[error("a field has an unknown wire type")]
    WireType,
    /// A field of the format has a value of another kind.
    #[error("a field has a value of the wrong kind")]
    Kind,
    /// A record has no data.
    #[error("an event has no data")]
    NoData,
    /// A record's index is not in the table of partition keys.
    #[error("an event names a partition key that is not there")]
    NoKey,
    /// There are none, so that the record would vanish.
    #[error("there is no event in it")]
    Empty,
    /// More than [`MOST_UNPACKED`].
    #[error("there are more than {MOST_UNPACKED} events in it")]
    TooMany,
}

/// Takes a record apart: the data of each event, in the order in which they were packed.
///
/// All of it is checked before anything is given, so that a record counts as a whole or not at all.
/// Nothing is copied.
///
/// # Errors
///
/// When the record is damaged, or holds no event or too many.
pub fn unpack(record: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let content = record.strip_prefix(&MAGIC).ok_or(Malformed::NotAggregated)?;
    let length = content.len().checked_sub(CHECKSUM).ok_or(Malformed::NotAggregated)?;
    let (message, checksum) = content.split_at_checked(length).ok_or(Malformed::NotAggregated)?;
    if Md5::digest(message).as_slice() != checksum {
        return Err(Malformed::Checksum);
    }
    let mut events = Vec::new();
    let (mut keys, mut highest) = (0_u64, 0_u64);
    let mut fields = Message::new(message);
    while let Some((number, field)) = fields.field()? {
        match (number, field) {
            (1, Field::Bytes(_)) => keys += 1,
            (3, Field::Bytes(record)) => {
                if events.len() == MOST_UNPACKED {
                    return Err(Malformed::TooMany);
                }
                let (key, data) = event(record)?;
                highest = highest.max(key);
                events.push(data);
            }
            (1 | 3, _) => return Err(Malformed::Kind),
            // Hash keys, and what later versions may add: an event does not depend on it.
            _ => {}
        }
    }
    if events.is_empty() {
        return Err(Malformed::Empty);
    }
    if highest >= keys {
        return Err(Malformed::NoKey);
    }
    Ok(events)
}

/// The index of an event's partition key, and its data.
fn event(record: &[u8]) -> Result<(u64, &[u8]), Malformed> {
    let (mut key, mut data) = (None, None);
    let mut fields = Message::new(record);
    while let Some((number, field)) = fields.field()? {
        match (number, field) {
            (1, Field::Number(index)) => key = Some(index),
            (3, Field::Bytes(bytes)) => data = Some(bytes),
            (1 | 3, _) => return Err(Malformed::Kind),
            _ => {}
        }
    }
    Ok((key.ok_or(Malformed::NoKey)?, data.ok_or(Malformed::NoData)?))
}
