//! What the lake's stack, its Lambda functions and its operator commands agree on.
//!
//! Names that several sides need are written here once; limits stand here with their source, so
//! that a stack's number is never a guess.

mod compact;
mod firehose;
pub mod hours;
mod register;
mod table;
mod write;

pub use compact::{
    BY_HAND, CompactEnv, CompactNeeds, LEAST_GRACE_MINUTES, curated_prefix, generation_partitions, generations_table,
};
pub use firehose::{error_output_prefix, error_prefix, prefix, raw_prefix};
pub use register::{RegisterEnv, RegisterNeeds, raw_table};
pub use table::{COLUMNS, PARTITIONS, QUERIES};
pub use write::{WriteEnv, WriteNeeds, fence, metadata, quarantine_prefix};

/// Name of the lake's own dataset: the table, and the part of every S3 path that says whose data
/// this is.
///
/// Another system's stream lands beside it as a dataset of its own: the same transform, the same
/// columns and partitions, under [`raw_prefix`] and [`error_prefix`] of its name.
pub const DATASET: &str = "events";

/// [`raw_prefix`] of the lake's own dataset.
pub const RAW_PREFIX: &str = "raw/events/";

/// [`error_prefix`] of the lake's own dataset, one folder per kind of error below it.
pub const ERROR_PREFIX: &str = "errors/events/";

/// Where the errors of all datasets are.
pub const ERROR_ROOT: &str = "errors/";

/// Where all is that the direct writer refused.
pub const QUARANTINE_ROOT: &str = "quarantine/";

contract_kit::environment! {
    /// Environment of `lake-transform`.
    pub TransformEnv {
        /// Environment name (`local`, `dev`, ...): the metrics' namespace is `headend/<environment>`.
        environment = "HEADEND_ENVIRONMENT",
        /// Dataset, the dimension of every metric: [`DATASET`], or that of another system's stream.
        dataset = "HEADEND_DATASET",
    }
}

contract_kit::needs! {
    /// What `lake-transform` calls: nothing, its answer follows from its input.
    pub TransformNeeds {}
}

/// Metrics that `lake-transform` writes, for the stack's alarms.
///
/// Each has the dimension [`metric::DATASET`]; [`metric::RECORDS_FAILED`] also appears with
/// [`metric::DATASET`] and [`metric::REASON`] together.
/// `RecordsIn` = `RecordsOk` + `RecordsFailed`, always: the function drops nothing.
pub mod metric {
    /// Records in the request; count.
    pub const RECORDS_IN: &str = "RecordsIn";
    /// Records answered `Ok`; count.
    pub const RECORDS_OK: &str = "RecordsOk";
    /// Records answered `ProcessingFailed`, which Firehose moves to the error prefix; count.
    pub const RECORDS_FAILED: &str = "RecordsFailed";
    /// Size of the response; bytes.
    pub const RESPONSE_BYTES: &str = "ResponseBytes";
    /// Time from the parsed invocation to the finished response; milliseconds.
    pub const BATCH_LATENCY_MS: &str = "BatchLatencyMs";
    /// Records that `lake-write` wrote; count. With [`RECORDS_SKIPPED`] and [`RECORDS_AGAIN`] they
    /// are its [`RECORDS_IN`], always.
    pub const RECORDS_WRITTEN: &str = "RecordsWritten";
    /// Records at or below the fence, which had been written before; count.
    pub const RECORDS_SKIPPED: &str = "RecordsSkippedByFence";
    /// Records that must come again; count.
    pub const RECORDS_AGAIN: &str = "RecordsAgain";
    /// Events that `lake-write` wrote as rows; count.
    pub const ROWS_WRITTEN: &str = "RowsWritten";
    /// Events that it put into quarantine; count, also with [`DATASET`] and [`REASON`] together.
    pub const EVENTS_QUARANTINED: &str = "EventsQuarantined";
    /// Objects that it put; count.
    pub const OBJECTS_WRITTEN: &str = "ObjectsWritten";
    /// Their size; bytes.
    pub const BYTES_WRITTEN: &str = "BytesWritten";
    /// Objects that `lake-register` was told of; count. [`OBJECTS_IGNORED`] are among them.
    pub const OBJECTS_SEEN: &str = "ObjectsSeen";
    /// Those whose key is no hour's of the dataset; count.
    pub const OBJECTS_IGNORED: &str = "ObjectsIgnored";
    /// Hours that it marked for compaction; count.
    pub const HOURS_MARKED: &str = "HoursMarked";
    /// Hours that `lake-compact` published a generation of; count.
    pub const HOURS_COMPACTED: &str = "HoursCompacted";
    /// Hours that were marked and had nothing new; count.
    pub const HOURS_UNCHANGED: &str = "HoursUnchanged";
    /// Hours that it tried and must try again; count.
    pub const HOURS_FAILED: &str = "HoursFailed";
    /// Hours that were closed and marked when it ended, the failed ones among them; count.
    pub const HOURS_WAITING: &str = "HoursWaiting";
    /// Rows of the raw objects that it compacted; count. With [`DUPLICATES`] taken off they are
    /// [`ROWS_OUT`], always.
    pub const ROWS_IN: &str = "RowsIn";
    /// Rows that were another row's event again; count.
    pub const DUPLICATES: &str = "Duplicates";
    /// Rows of the generations that it published; count.
    pub const ROWS_OUT: &str = "RowsOut";
    /// Generations that it removed after their time of grace; count.
    pub const GENERATIONS_REMOVED: &str = "GenerationsRemoved";
    /// Dimension: which dataset.
    pub const DATASET: &str = "Dataset";
    /// Dimension: the code of the reason, one of `lake::Reason`'s closed set.
    pub const REASON: &str = "Reason";

    /// The namespace of an environment's metrics.
    #[must_use]
    pub fn namespace(environment: &str) -> String {
        format!("headend/{environment}")
    }
}

/// Output keys of the lake's stack, read by the operator commands.
pub mod output {
    /// Name of the Kinesis stream that producers write to.
    pub const STREAM_NAME: &str = "StreamName";
    /// Name of the Firehose delivery stream.
    pub const DELIVERY_STREAM_NAME: &str = "DeliveryStreamName";
    /// Name of the bucket with the raw events and the errors.
    pub const DATA_BUCKET_NAME: &str = "DataBucketName";
    /// The stack's [`super::RAW_PREFIX`].
    pub const RAW_PREFIX: &str = "RawPrefix";
    /// The stack's [`super::ERROR_PREFIX`].
    pub const ERROR_PREFIX: &str = "ErrorPrefix";
    /// Name of the Athena workgroup.
    pub const WORKGROUP_NAME: &str = "WorkgroupName";
    /// Name of the Glue database.
    pub const DATABASE_NAME: &str = "DatabaseName";
    /// Name of the Glue table.
    pub const TABLE_NAME: &str = "TableName";
    /// Name of the `lake-transform` function.
    pub const TRANSFORM_FUNCTION_NAME: &str = "TransformFunctionName";
    /// Name of the `lake-write` function, with direct delivery.
    pub const WRITE_FUNCTION_NAME: &str = "WriteFunctionName";
    /// URL of the queue that says which records were given up, with direct delivery.
    pub const FAILURES_QUEUE_URL: &str = "FailuresQueueUrl";
    /// Name of the table of fences, with direct delivery.
    pub const FENCES_TABLE_NAME: &str = "FencesTableName";
    /// The stack's [`super::quarantine_prefix`], with direct delivery.
    pub const QUARANTINE_PREFIX: &str = "EventQuarantinePrefix";
    /// Name of the `lake-register` function.
    pub const REGISTER_FUNCTION_NAME: &str = "RegisterFunctionName";
    /// Name of the `lake-compact` function.
    pub const COMPACT_FUNCTION_NAME: &str = "CompactFunctionName";
    /// Name of the ledger of hours.
    pub const HOURS_TABLE_NAME: &str = "HoursTableName";
    /// URL of the dead-letter queue.
    pub const QUEUE_URL: &str = "QueueUrl";
    /// ARN of the key that encrypts the data bucket.
    pub const DATA_KEY_ARN: &str = "DataKeyArn";
}

/// What the services allow, and what this lake takes of it.
pub mod limit {
    /// Largest response of the transform, in bytes; what does not fit is failed, never cut.
    ///
    /// Lambda takes 6 MB; 6,000,000 leaves room whichever MB is meant.
    pub const RESPONSE_CEILING: usize = 6_000_000;

    /// Lambda's limit for a synchronous request and for its response, in bytes (6 MiB).
    pub const LAMBDA_PAYLOAD: usize = 6_291_456;

    /// Largest record that Firehose takes, in bytes before base64 (1,000 KiB, `API_Record`).
    pub const FIREHOSE_RECORD: usize = 1_024_000;

    /// Smallest and largest buffer hint of Firehose's Lambda processor, in MB.
    pub const TRANSFORM_BUFFER_MB: (f64, f64) = (0.2, 3.0);

    /// The hint that the lake uses, in MB.
    ///
    /// An event of 300 bytes needs about 2.5 times its size in the response (base64, derived
    /// fields, partition keys), so Firehose's maximum of 3 MB would pass Lambda's limit.
    pub const TRANSFORM_BUFFER_DEFAULT_MB: f64 = 1.0;

    /// Smallest and largest interval hint of Firehose's Lambda processor, in seconds.
    pub const TRANSFORM_BUFFER_SECONDS: (u32, u32) = (0, 900);

    /// Smallest and largest S3 buffer hint with format conversion or dynamic partitioning, in MiB.
    pub const DELIVERY_BUFFER_MIB: (u32, u32) = (64, 128);

    /// Largest S3 buffer interval, in seconds; 0 is not available with dynamic partitioning.
    pub const DELIVERY_BUFFER_SECONDS: (u32, u32) = (60, 900);

    /// Partitions that one delivery stream writes at a time by default; an event beyond them goes
    /// to the error prefix.
    pub const ACTIVE_PARTITIONS: u32 = 500;
}

#[cfg(test)]
mod tests;
