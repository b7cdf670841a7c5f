use std::fmt::Write as _;

use super::PARTITIONS;

/// Where Firehose puts a dataset's good events in the data bucket: its table's location.
#[must_use]
pub fn raw_prefix(dataset: &str) -> String {
    format!("raw/{dataset}/")
}

/// Where Firehose puts what it could not deliver of a dataset.
#[must_use]
pub fn error_prefix(dataset: &str) -> String {
    format!("errors/{dataset}/")
}

/// Firehose's `Prefix` expression: the Hive path of an event by the transform's partition keys.
///
/// Firehose refuses a delivery stream whose prefix does not use every key that the transform
/// returns, so it is made from [`PARTITIONS`].
#[must_use]
pub fn prefix(dataset: &str) -> String {
    let mut prefix = raw_prefix(dataset);
    for partition in PARTITIONS {
        // Writing to a String cannot fail.
        let _ = write!(prefix, "{0}=!{{partitionKeyFromLambda:{0}}}/", partition.name);
    }
    prefix
}

/// Firehose's `ErrorOutputPrefix` expression: one folder per kind of error.
#[must_use]
pub fn error_output_prefix(dataset: &str) -> String {
    error_prefix(dataset) + "!{firehose:error-output-type}/"
}
