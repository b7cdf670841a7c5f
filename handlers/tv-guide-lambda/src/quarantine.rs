//! The quarantine in S3: one object for each record.

use std::error::Error;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use tv_guide::consume::poison::{Poison, Quarantine, Refused};

/// A bucket for records that cannot be used.
#[derive(Debug, Clone)]
pub struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    /// The bucket called `name`.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        // A local cloud has no name service for buckets.
        let config = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(config.endpoint_url().is_some())
            .build();
        Bucket {
            client: Client::from_conf(config),
            name: name.into(),
        }
    }
}

impl Quarantine for Bucket {
    async fn keep(&self, Poison { key, body }: Poison) -> Result<(), Refused> {
        let call = self.client.put_object().bucket(&self.name).key(&key);
        let call = call.content_type("application/x-ndjson").body(body.into());
        let refused = |error| Refused {
            key,
            source: Box::<dyn Error + Send + Sync>::from(error),
        };
        call.send().await.map(drop).map_err(refused)
    }
}
