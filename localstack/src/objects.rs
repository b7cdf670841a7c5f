//! The lake's objects, read past Athena: by S3's API and the `parquet` crate, which had no part
//! in writing them.

use anyhow::{Context as _, Result};
use aws_sdk_s3::Client;
use bytes::Bytes;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Row;
use parquet::schema::types::Type;

/// A bucket.
pub struct Bucket {
    client: Client,
    name: String,
    runtime: tokio::runtime::Runtime,
}

/// One Parquet object.
pub struct Parquet {
    /// Its key.
    pub key: String,
    /// Name and type of each column, as in a `message` of Parquet's schema language.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Bucket {
    /// The bucket of this name, at the address that the environment says.
    ///
    /// # Errors
    ///
    /// When no runtime can be made.
    pub fn open(name: String) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = runtime.block_on(
            aws_config::defaults(aws_config::BehaviorVersion::latest())
                .http_client(http)
                .load(),
        );
        let client = Client::from_conf(
            aws_sdk_s3::config::Builder::from(&config)
                .force_path_style(true)
                .build(),
        );
        Ok(Bucket { client, name, runtime })
    }

    /// The keys under a prefix.
    ///
    /// # Errors
    ///
    /// When they cannot be listed.
    pub fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.name)
            .prefix(prefix)
            .into_paginator()
            .send();
        self.runtime.block_on(async {
            let mut keys = Vec::new();
            while let Some(page) = pages.next().await {
                keys.extend(
                    page?
                        .contents
                        .unwrap_or_default()
                        .into_iter()
                        .filter_map(|object| object.key),
                );
            }
            Ok(keys)
        })
    }

    /// An object, whole.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn bytes(&self, key: &str) -> Result<Bytes> {
        let get = self.client.get_object().bucket(&self.name).key(key).send();
        self.runtime
            .block_on(async { Ok(get.await?.body.collect().await?.into_bytes()) })
    }

    /// Puts an object.
    ///
    /// # Errors
    ///
    /// When it is not taken.
    pub fn put(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        let put = self.client.put_object().bucket(&self.name).key(key).body(bytes.into());
        self.runtime.block_on(async {
            put.send().await?;
            Ok(())
        })
    }

    /// Removes an object.
    ///
    /// # Errors
    ///
    /// When it cannot be removed.
    pub fn remove(&self, key: &str) -> Result<()> {
        let delete = self.client.delete_object().bucket(&self.name).key(key).send();
        self.runtime.block_on(async {
            delete.await?;
            Ok(())
        })
    }

    /// A Parquet object, whole.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no Parquet.
    pub fn parquet(&self, key: &str) -> Result<Parquet> {
        let reader = SerializedFileReader::new(self.bytes(key)?).with_context(|| format!("{key} is no Parquet"))?;
        let schema = reader.metadata().file_metadata().schema();
        let columns = schema.get_fields().iter().map(|field| describe(field)).collect();
        let rows = reader.get_row_iter(None)?.collect::<Result<Vec<_>, _>>()?;
        Ok(Parquet {
            key: key.to_owned(),
            columns,
            rows,
        })
    }
}

/// The converted type is what every reader understands, old ones too.
fn describe(field: &Type) -> String {
    format!(
        "{} {} {}",
        field.name(),
        field.get_physical_type(),
        field.get_basic_info().converted_type()
    )
}
