//! The lake's settings.

use infra_resources::lambda::function;
use serde::Deserialize;

/// The event lake's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lake {
    /// Who takes events from the stream to the bucket.
    pub delivery: Delivery,
    /// The Kinesis stream.
    pub stream: Stream,
    /// The transform function and the batches it is given.
    pub transform: Transform,
    /// How Firehose collects events into objects.
    pub firehose: Firehose,
    /// The function that writes objects itself.
    pub direct: Direct,
    /// How hours are closed.
    pub compact: Compact,
    /// The data bucket.
    pub data: Data,
}

/// The Kinesis stream's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Who decides on the number of shards.
    pub capacity: Capacity,
    /// Number of shards; only with provisioned capacity. One takes 1,000 records or 1 MB a second.
    pub shards: Option<u16>,
    /// How long a record can be read again, 24 to 8,760 hours; above 24 costs extra.
    pub retention_hours: u16,
}

/// Who decides on the number of shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capacity {
    /// AWS, from the load.
    OnDemand,
    /// This file.
    Provisioned,
}

/// The transform function's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transform {
    /// Memory, 128 to 10,240 MiB; processor share grows with it.
    pub memory_mib: u16,
    /// Longest run, 1 to 300 seconds: Firehose waits five minutes at most.
    pub timeout_seconds: u16,
    /// The processor that it is built for.
    pub architecture: Architecture,
    /// Raw megabytes per call, 0.2 to 3; small events above 2 MB overflow the 6 MB response.
    pub buffer_mb: f64,
    /// Longest wait for a full batch, 0 to 900 seconds.
    pub buffer_seconds: u16,
}

/// The processors that Lambda offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Architecture {
    /// AWS Graviton.
    #[serde(rename = "arm64")]
    Arm64,
    /// Intel and AMD.
    #[serde(rename = "x86_64")]
    X86,
}

impl From<Architecture> for function::Architecture {
    fn from(architecture: Architecture) -> Self {
        match architecture {
            Architecture::Arm64 => function::Architecture::Arm64,
            Architecture::X86 => function::Architecture::X86_64,
        }
    }
}

/// Who takes events from the stream to the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Firehose, with the transform function: at least once, nothing of ours to look after.
    Firehose,
    /// A function of ours, batch by batch: exactly once for each record, and cheaper.
    Direct,
}

/// How Firehose collects events into objects.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Firehose {
    /// Size of an object's input, 64 to 128 MiB: Firehose refuses less with Parquet conversion.
    pub buffer_mib: u16,
    /// Longest wait for a full buffer, 60 to 900 seconds.
    pub buffer_seconds: u16,
}

/// The direct writer's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Direct {
    /// Memory, 128 to 10,240 MiB; processor share grows with it.
    pub memory_mib: u16,
    /// Longest run, 10 to 300 seconds; a dead writer's lease lasts as long.
    pub timeout_seconds: u16,
    /// The processor that it is built for.
    pub architecture: Architecture,
    /// Most records of a batch, 1 to 10,000.
    pub batch: u16,
    /// Longest wait for a full batch, 0 to 300 seconds: a longer one makes fewer and larger objects.
    pub window_seconds: u16,
}

/// How an hour is closed: its objects become one without duplicates.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compact {
    /// Memory, 512 to 10,240 MiB; it bounds how large an hour may be, see `most_mb`.
    pub memory_mib: u16,
    /// Longest run, 60 to 900 seconds.
    pub timeout_seconds: u16,
    /// The processor that it is built for.
    pub architecture: Architecture,
    /// Minutes after its end at which an hour is closed, 1 to 1,440: the wait for late events.
    pub close_after_minutes: u16,
    /// Minutes that the files of an hour stay after newer ones took their place, 45 to 10,080: longer
    /// than the longest query, which Athena ends after 30.
    pub grace_minutes: u16,
    /// Most megabytes (10^6) of an hour's objects that the function closes itself, 1 to 4,000; a
    /// larger hour goes to Athena.
    pub most_mb: u16,
}

/// The data bucket's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// What happens to data when the stack is deleted.
    pub on_delete: OnDelete,
    /// Hours between two runs of the crawler that finds hours whose objects nobody announced, 1 to
    /// 24; a run costs money.
    pub crawl_hours: u8,
    /// Days after which records that could not be delivered are removed.
    pub errors_expire_days: u16,
    /// Days after which query results are removed.
    pub results_expire_days: u16,
}

/// What happens to data when its stack is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnDelete {
    /// It stays, in a bucket and a stream without a stack.
    Keep,
    /// It goes too; `destroy` still asks before it empties a bucket.
    Delete,
}
