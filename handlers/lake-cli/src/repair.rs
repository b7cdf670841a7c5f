//! What `redrive` and `backfill` are made of: the ports to where records are, and to where they go.
//!
//! Reading order: [`shard`] (records of the stream), [`queue`] (what the event source mapping gave
//! up), [`objects`] (what was refused), [`writer`] (the direct writer, asked for what is lacking),
//! [`sender`] (the stream, for events that go the whole way again), [`run`] (a repair under way: its
//! account, and how it stops); [`signed`] is how the queue and the writer are called.

pub(crate) mod objects;
pub(crate) mod queue;
pub(crate) mod run;
pub(crate) mod sender;
pub(crate) mod shard;
pub(crate) mod signed;
pub(crate) mod writer;

#[cfg(test)]
pub(crate) mod memory;
