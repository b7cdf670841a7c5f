//! A Kinesis stream: encrypted, with as many shards as it is given or as AWS finds right.

use infra_core::{Handle, Name, Template, Value};
use infra_resources::kinesis::{self, stream};
use infra_resources::kms;

/// A Kinesis stream.
pub struct Stream {
    /// The name.
    pub name: String,
    /// Number of shards; without it AWS follows the load. One takes 1,000 records or 1 MB a second.
    pub shards: Option<u16>,
    /// Hours that a record can be read again, 24 to 8,760.
    pub retention_hours: u16,
    /// Whether it outlives its stack.
    pub keep: bool,
}

impl Stream {
    /// Adds the stream.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<kinesis::Stream> {
        let mode = match self.shards {
            Some(_) => stream::StreamMode::Provisioned,
            None => stream::StreamMode::OnDemand,
        };
        // The key that Kinesis manages: a key of ours would have to be granted to every producer.
        let managed = Name::<kms::Alias>::new("alias/aws/kinesis");
        let encryption = stream::StreamEncryption::new(stream::EncryptionType::Kms, Value::from(managed));
        let stream = template.add(
            id,
            kinesis::Stream {
                name: Some(self.name.into()),
                retention_period_hours: Some(i64::from(self.retention_hours).into()),
                shard_count: self.shards.map(|shards| i64::from(shards).into()),
                stream_encryption: Some(encryption),
                stream_mode_details: Some(stream::StreamModeDetails::new(mode)),
                ..kinesis::Stream::new()
            },
        );
        if !self.keep {
            template.options(&stream).delete();
        }
        stream
    }
}
