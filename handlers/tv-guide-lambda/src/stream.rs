//! The programme stream in Kinesis.

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use tv_guide::ingest::publish::{Entry, Error, Stream};

/// A stream in Kinesis.
#[derive(Debug, Clone)]
pub struct Kinesis {
    client: Client,
    stream: String,
}

impl Kinesis {
    /// The stream called `stream`.
    #[must_use]
    pub fn new(config: &SdkConfig, stream: impl Into<String>) -> Self {
        // Tries are counted by the record, which the SDK cannot do: it would send all of a call's
        // records again.
        let config = aws_sdk_kinesis::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(config),
            stream: stream.into(),
        }
    }

    fn failed(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error {
            stream: self.stream.clone(),
            source: source.into(),
        }
    }
}

impl Stream for Kinesis {
    async fn put(&self, entries: &[&Entry]) -> Result<Vec<Option<String>>, Error> {
        let records = entries.iter().map(|entry| {
            PutRecordsRequestEntry::builder()
                .data(Blob::new(entry.data.as_slice()))
                .partition_key(&entry.partition_key)
                .build()
        });
        let records = records
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| self.failed(error))?;
        let call = self
            .client
            .put_records()
            .stream_name(&self.stream)
            .set_records(Some(records));
        let answer = call
            .send()
            .await
            .map_err(|error| self.failed(error.into_service_error()))?;
        let taken = answer.records.into_iter();
        Ok(taken
            .map(|record| record.sequence_number.filter(|_| record.error_code.is_none()))
            .collect())
    }
}
