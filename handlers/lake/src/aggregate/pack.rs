use md5::{Digest as _, Md5};

use super::wire::{self, width};
use super::{CHECKSUM, MAGIC, MOST_PACKED};

/// Packs events into records of a given size.
///
/// All events of a record share one partition key, the first event's: they end in the same shard
/// anyway, and one key costs less than many.
#[derive(Debug)]
pub struct Packer {
    /// Largest record, in bytes.
    size: usize,
    key: String,
    events: usize,
    /// The records of the message, as they will stand in it.
    message: Vec<u8>,
}

/// A record that is ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The partition key.
    pub key: String,
    /// The record's data.
    pub data: Vec<u8>,
    /// How many events it holds.
    pub events: usize,
}

/// Field numbers of the message and of a record in it.
const KEYS: u64 = 1;
const RECORDS: u64 = 3;
const KEY_INDEX: u64 = 1;
const DATA: u64 = 3;

/// Size of the field that says that an event has the first partition key.
const INDEX: usize = 2;

impl Packer {
    /// A packer of records of at most `size` bytes; [`super::UNIT`] is the size that pays.
    ///
    /// An event that is larger by itself makes a record of its own, which is larger than that.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Packer {
            size,
            key: String::new(),
            events: 0,
            message: Vec::new(),
        }
    }

    /// Adds an event; gives the record that was full before it.
    pub fn push(&mut self, key: &str, event: &[u8]) -> Option<Packed> {
        let full = match self.events == MOST_PACKED || (self.events > 0 && !self.fits(event)) {
            true => self.finish(),
            false => None,
        };
        if self.events == 0 {
            key.clone_into(&mut self.key);
        }
        self.events += 1;
        wire::length(&mut self.message, RECORDS, inner(event));
        wire::number(&mut self.message, KEY_INDEX, 0);
        wire::bytes(&mut self.message, DATA, event);
        full
    }

    /// The record of what has been added since the last one; none when that is nothing.
    pub fn finish(&mut self) -> Option<Packed> {
        if self.events == 0 {
            return None;
        }
        let mut data = Vec::with_capacity(self.length());
        data.extend_from_slice(&MAGIC);
        wire::bytes(&mut data, KEYS, self.key.as_bytes());
        data.extend_from_slice(&self.message);
        let checksum = Md5::digest(data.get(MAGIC.len()..).unwrap_or_default());
        data.extend_from_slice(&checksum);
        let events = std::mem::take(&mut self.events);
        self.message.clear();
        Some(Packed {
            key: std::mem::take(&mut self.key),
            data,
            events,
        })
    }

    fn fits(&self, event: &[u8]) -> bool {
        let inner = inner(event);
        self.length() + 1 + width(inner as u64) + inner <= self.size
    }

    /// Size of the record as it is now.
    fn length(&self) -> usize {
        let key = self.key.len();
        MAGIC.len() + 1 + width(key as u64) + key + self.message.len() + CHECKSUM
    }
}

/// Size of an event's record without what stands before it.
fn inner(event: &[u8]) -> usize {
    INDEX + 1 + width(event.len() as u64) + event.len()
}
