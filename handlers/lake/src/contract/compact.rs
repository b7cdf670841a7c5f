//! What `lake-compact` and its stack agree on.

use contract_kit::{Partition, operation};

use super::{PARTITIONS, hours};

contract_kit::environment! {
    /// Environment of `lake-compact`.
    pub CompactEnv {
        /// Environment name (`local`, `dev`, ...): the metrics' namespace is `headend/<environment>`.
        environment = "HEADEND_ENVIRONMENT",
        /// Dataset: the part of every key that says whose data this is, and a dimension of metrics.
        dataset = "HEADEND_DATASET",
        /// The data bucket.
        bucket = "HEADEND_BUCKET",
        /// The Glue database.
        database = "HEADEND_DATABASE",
        /// The table that people query.
        table = "HEADEND_TABLE",
        /// The table of raw objects: [`raw_table`](super::raw_table).
        raw_table = "HEADEND_RAW_TABLE",
        /// The table that Athena writes generations through: [`generations_table`].
        generations_table = "HEADEND_GENERATIONS_TABLE",
        /// The ledger of hours.
        hours = "HEADEND_HOURS",
        /// The Athena workgroup for hours that are too large for one function.
        workgroup = "HEADEND_WORKGROUP",
        /// Minutes from an hour's end to its compaction: how late events may be without a second one.
        close_after_minutes = "HEADEND_CLOSE_AFTER_MINUTES",
        /// Minutes from a generation's replacement to its removal, [`LEAST_GRACE_MINUTES`] or more.
        grace_minutes = "HEADEND_GRACE_MINUTES",
        /// Largest hour that the function compacts itself, in bytes of its raw objects.
        most_bytes = "HEADEND_MOST_BYTES",
    }
}

contract_kit::needs! {
    /// What `lake-compact` calls.
    pub CompactNeeds {
        /// The objects under [`raw_prefix`](super::raw_prefix): reads them.
        raw: operation::s3::Object [GET_OBJECT],
        /// The same: lists them.
        raw_listing: operation::s3::Listing [LIST_BUCKET],
        /// The objects under [`curated_prefix`]: writes and removes generations.
        curated: operation::s3::Object [DELETE_OBJECT, PUT_OBJECT],
        /// The same: lists what it removes.
        curated_listing: operation::s3::Listing [LIST_BUCKET],
        /// The ledger of hours.
        hours: operation::dynamodb::Table [DELETE_ITEM, GET_ITEM, PUT_ITEM, QUERY, UPDATE_ITEM],
        /// The table that people query: moves its partitions.
        table: operation::glue::Table [BATCH_CREATE_PARTITION, GET_PARTITION, GET_TABLE, UPDATE_PARTITION],
        /// The table of raw objects.
        raw_table: operation::glue::Table [BATCH_CREATE_PARTITION, GET_TABLE],
        /// The table that Athena writes generations through.
        generations_table: operation::glue::Table [DELETE_PARTITION],
        /// The workgroup; what Athena calls on the function's behalf is `infra_constructs`' to grant.
        workgroup: operation::athena::WorkGroup [GET_QUERY_EXECUTION, GET_QUERY_RESULTS, START_QUERY_EXECUTION],
    }
}

/// Least minutes between a generation's replacement and its removal.
///
/// A query of Athena's runs for 30 minutes at most by default, and may have planned its reading just
/// before the replacement; a function that was thought dead writes for 15 at most.
pub const LEAST_GRACE_MINUTES: u64 = 45;

/// The event with which an operator has one hour compacted at once, whatever the clock says:
/// `{"hour":"2026-01-09T20"}`.
pub const BY_HAND: &str = "hour";

/// Where a dataset's compacted hours are in the data bucket.
#[must_use]
pub fn curated_prefix(dataset: &str) -> String {
    format!("curated/{dataset}/")
}

/// The table over [`curated_prefix`] that has a partition of each generation while Athena writes it.
#[must_use]
pub fn generations_table(dataset: &str) -> String {
    format!("{dataset}_generations")
}

/// The partition keys of [`generations_table`]: those of the dataset, and the generation.
#[must_use]
pub fn generation_partitions() -> Vec<Partition> {
    let generation = Partition {
        name: hours::GENERATION,
        comment: "Which compaction of the hour wrote it; sorts by time",
    };
    PARTITIONS.iter().copied().chain([generation]).collect()
}
