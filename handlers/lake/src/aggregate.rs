//! Many events in one stream record: the format of the Kinesis Producer Library.
//!
//! Kinesis bills a record in units of 25 KB, so that an event of 300 bytes alone pays for eighty.
//! [`Packer`] fills records, [`unpack`] empties them; Firehose, the Kinesis Client Library and others
//! read the same format: a magic number, a protocol buffer, and the MD5 of that.
//!
//! ```text
//! F3 89 9A C2 | AggregatedRecord | MD5, 16 bytes
//!
//! message AggregatedRecord {
//!   repeated string partition_key_table     = 1;
//!   repeated string explicit_hash_key_table = 2;
//!   repeated Record records                 = 3;
//! }
//! message Record {
//!   required uint64 partition_key_index     = 1;
//!   optional uint64 explicit_hash_key_index = 2;
//!   required bytes  data                    = 3;
//!   repeated Tag    tags                    = 4;
//! }
//! ```

mod pack;
#[cfg(test)]
mod tests;
mod unpack;
mod wire;

pub use pack::{Packed, Packer};
pub use unpack::{Malformed, unpack};

/// What an aggregated record begins with.
pub const MAGIC: [u8; 4] = [0xf3, 0x89, 0x9a, 0xc2];

/// Size of the checksum that it ends with, in bytes.
const CHECKSUM: usize = 16;

/// Most events that a [`Packer`] puts into one record: what Firehose takes apart of a record with
/// dynamic partitioning (`dynamic-partitioning-multirecord-deaggergation`).
pub const MOST_PACKED: usize = 500;

/// Most events that [`unpack`] takes out of one record: producers of others pack as many as they
/// like, and Kinesis takes 10 MiB, which is as many events of 100 bytes.
pub const MOST_UNPACKED: usize = 100_000;

/// Size of a record that pays: one PUT unit of Kinesis, in bytes (25 KB, the pricing page's unit).
pub const UNIT: usize = 25_000;

/// Whether a record is aggregated; a record that only begins like one is an event of its own.
#[must_use]
pub fn is_aggregated(record: &[u8]) -> bool {
    record.starts_with(&MAGIC) && record.len() >= MAGIC.len() + CHECKSUM
}
