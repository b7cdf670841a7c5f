//! What `lake-register` and its stack agree on.

use contract_kit::operation;

contract_kit::environment! {
    /// Environment of `lake-register`.
    pub RegisterEnv {
        /// Environment name (`local`, `dev`, ...): the metrics' namespace is `headend/<environment>`.
        environment = "HEADEND_ENVIRONMENT",
        /// Dataset: objects under its [`raw_prefix`](super::raw_prefix) are hours of it, others are none.
        dataset = "HEADEND_DATASET",
        /// The Glue database.
        database = "HEADEND_DATABASE",
        /// The table that people query.
        table = "HEADEND_TABLE",
        /// The table of raw objects: [`raw_table`].
        raw_table = "HEADEND_RAW_TABLE",
        /// The ledger of hours.
        hours = "HEADEND_HOURS",
    }
}

contract_kit::needs! {
    /// What `lake-register` calls.
    pub RegisterNeeds {
        /// The table that people query.
        table: operation::glue::Table [BATCH_CREATE_PARTITION, GET_TABLE],
        /// The table of raw objects.
        raw_table: operation::glue::Table [BATCH_CREATE_PARTITION, GET_TABLE],
        /// The ledger of hours.
        hours: operation::dynamodb::Table [UPDATE_ITEM],
    }
}

/// The table whose partitions are always the raw objects: what audits read, and Athena where it
/// compacts.
#[must_use]
pub fn raw_table(dataset: &str) -> String {
    format!("{dataset}_raw")
}
