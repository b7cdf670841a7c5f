use std::fmt::Write as _;

use super::{ERROR_PREFIX, PARTITIONS, RAW_PREFIX};

/// Firehose's `Prefix` expression: the Hive path of an event by the transform's partition keys.
///
/// Firehose refuses a delivery stream whose prefix does not use every key that the transform
/// returns, so it is made from [`PARTITIONS`].
#[must_use]
pub fn prefix() -> String {
    let mut prefix = RAW_PREFIX.to_owned();
    for partition in PARTITIONS {
        // Writing to a String cannot fail.
        let _ = write!(prefix, "{0}=!{{partitionKeyFromLambda:{0}}}/", partition.name);
    }
    prefix
}

/// Firehose's `ErrorOutputPrefix` expression: one folder per kind of error.
#[must_use]
pub fn error_output_prefix() -> String {
    format!("{ERROR_PREFIX}!{{firehose:error-output-type}}/")
}
