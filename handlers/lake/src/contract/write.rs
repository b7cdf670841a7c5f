//! What the direct writer, its table and the commands that repair agree on.

use contract_kit::operation;

contract_kit::environment! {
    /// Environment of `lake-write`.
    pub WriteEnv {
        /// Environment name (`local`, `dev`, ...): the metrics' namespace is `headend/<environment>`.
        environment = "HEADEND_ENVIRONMENT",
        /// Dataset: the part of every key that says whose data this is, and a dimension of metrics.
        dataset = "HEADEND_DATASET",
        /// The data bucket.
        bucket = "HEADEND_BUCKET",
        /// The table of fences.
        fences = "HEADEND_FENCES",
    }
}

contract_kit::needs! {
    /// What `lake-write` calls.
    pub WriteNeeds {
        /// Rows and quarantine: puts them, removes what an attempt before left behind, and, to drive
        /// records again, asks which of them an object holds.
        objects: operation::s3::Object [PUT_OBJECT, DELETE_OBJECT, GET_OBJECT],
        /// The objects of a partition, to drive records again.
        listing: operation::s3::Listing [LIST_BUCKET],
        /// The fences.
        fences: operation::dynamodb::Table [UPDATE_ITEM],
    }
}

/// The attributes of a fence's item.
pub mod fence {
    /// The partition key: `<stream>/<shard id>`.
    pub const SHARD: &str = "shard";
    /// The last sequence number that is in the store.
    pub const LAST: &str = "last";
    /// The last sequence number beyond that which was driven again.
    pub const AHEAD: &str = "ahead";
    /// Who holds the lease: a request id.
    pub const OWNER: &str = "owner";
    /// When the lease runs out, in milliseconds since 1970.
    pub const UNTIL: &str = "until";
    /// The names that an attempt without a commit intended.
    pub const PENDING: &str = "pending";
}

/// What an object of the writer says about itself.
pub mod metadata {
    /// Sequence number of the first record in it.
    pub const FIRST: &str = "headend-first";
    /// Sequence number of the last record in it.
    pub const LAST: &str = "headend-last";
}

/// Where the direct writer puts the records of a dataset that are no events, with their reasons.
#[must_use]
pub fn quarantine_prefix(dataset: &str) -> String {
    format!("{}{dataset}/", super::QUARANTINE_ROOT)
}
