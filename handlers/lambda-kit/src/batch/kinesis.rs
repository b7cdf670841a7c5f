//! Batches of a Kinesis stream.

use serde::Deserialize;

/// A batch: records of one shard, in their order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Event {
    /// The records.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// One record, of what Lambda says of it what is used.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Envelope")]
pub struct Record {
    /// The shard that it came from: `shardId-000000000006`.
    pub shard: String,
    /// Its place in the shard.
    pub sequence_number: String,
    /// What it was partitioned by.
    pub partition_key: String,
    /// When it arrived in the stream, in seconds since 1970.
    pub arrived: Option<f64>,
    /// Its bytes; or, of what is no base64, the text.
    pub data: Result<Vec<u8>, String>,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "eventID", default)]
    event_id: String,
    kinesis: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    sequence_number: String,
    #[serde(default)]
    partition_key: String,
    approximate_arrival_timestamp: Option<f64>,
    #[serde(default)]
    data: String,
}

impl From<Envelope> for Record {
    fn from(envelope: Envelope) -> Self {
        let Payload {
            sequence_number,
            partition_key,
            approximate_arrival_timestamp: arrived,
            data,
        } = envelope.kinesis;
        // `<shard>:<sequence number>`.
        let shard = envelope.event_id.split(':').next().unwrap_or_default().to_owned();
        let data = base64_simd::STANDARD.decode_to_vec(&data).map_err(|_| data);
        Record {
            shard,
            sequence_number,
            partition_key,
            arrived,
            data,
        }
    }
}
