//! The raw objects and the generations of a dataset, in S3.

use aws_config::SdkConfig;
use aws_sdk_s3::error::{DisplayErrorContext, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use lake::Hour;
use lake::compact::{Fault, GetFault, RawObject, Store};
use lake::contract::{curated_prefix, hours, raw_prefix};
use lake::write::Store as _;

use crate::bucket::Bucket;

/// S3's answer to a condition that does not hold.
const PRECONDITION_FAILED: u16 = 412;

/// The objects of one dataset.
#[derive(Debug, Clone)]
pub struct Objects {
    bucket: Bucket,
    raw: String,
    curated: String,
}

impl Objects {
    /// The objects of a dataset in a bucket.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: String, dataset: &str) -> Self {
        Objects {
            bucket: Bucket::new(config, bucket),
            raw: raw_prefix(dataset),
            curated: curated_prefix(dataset),
        }
    }

    fn folder(&self, hour: Hour, generation: &str) -> String {
        format!("{}{hour}/{}={generation}/", self.curated, hours::GENERATION)
    }

    /// Everything below a prefix.
    async fn list(&self, prefix: &str) -> Result<Vec<RawObject>, Fault> {
        let mut pages = self
            .bucket
            .client
            .list_objects_v2()
            .bucket(&self.bucket.name)
            .prefix(prefix)
            .into_paginator()
            .send();
        let mut objects = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| fault("ListObjectsV2", prefix, error))?;
            objects.extend(page.contents().iter().filter_map(|object| {
                Some(RawObject {
                    key: object.key()?.to_owned(),
                    etag: object.e_tag().unwrap_or_default().to_owned(),
                    size: object.size().and_then(|size| size.try_into().ok()).unwrap_or(0),
                })
            }));
        }
        Ok(objects)
    }
}

impl Store for Objects {
    async fn raw(&self, hour: Hour) -> Result<Vec<RawObject>, Fault> {
        let prefix = format!("{}{hour}/", self.raw);
        let mut objects = self.list(&prefix).await?;
        // As readers of the table see it.
        objects.retain(|object| {
            let name = object.key.strip_prefix(&prefix).unwrap_or_default();
            !name.is_empty() && !name.starts_with(['_', '.'])
        });
        Ok(objects)
    }

    async fn get(&self, object: &RawObject) -> Result<Vec<u8>, GetFault> {
        let RawObject { key, etag, .. } = object;
        let get = self.bucket.client.get_object().bucket(&self.bucket.name).key(key);
        let answer = match get.if_match(etag).send().await {
            Ok(answer) => answer,
            Err(error) if is_changed(&error) => return Err(GetFault::Changed),
            Err(error) => return Err(fault("GetObject", key, error).into()),
        };
        let body = answer.body.collect().await.map_err(|error| {
            tracing::error!(key, %error, "the bucket stops in the middle of an object");
            Fault
        })?;
        Ok(body.into_bytes().into())
    }

    async fn put(&self, hour: Hour, generation: &str, number: usize, bytes: Vec<u8>) -> Result<(), Fault> {
        let key = format!("{}part-{number:05}.parquet", self.folder(hour, generation));
        let put = self.bucket.client.put_object().bucket(&self.bucket.name).key(&key);
        let answer = put.body(ByteStream::from(bytes)).send().await;
        answer.map(|_| ()).map_err(|error| fault("PutObject", &key, error))
    }

    async fn remove(&self, hour: Hour, generation: &str) -> Result<(), Fault> {
        let objects = self.list(&self.folder(hour, generation)).await?;
        let keys: Vec<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        // It has logged what went wrong.
        self.bucket.delete(&keys).await.map_err(|_| Fault)
    }

    fn location(&self, hour: Hour, generation: &str) -> String {
        format!("s3://{}/{}", self.bucket.name, self.folder(hour, generation))
    }
}

/// Whether the object has another content than was asked for, or none.
fn is_changed(error: &SdkError<GetObjectError>) -> bool {
    match error {
        SdkError::ServiceError(answer) => {
            answer.err().is_no_such_key() || answer.raw().status().as_u16() == PRECONDITION_FAILED
        }
        _ => false,
    }
}

fn fault<E: std::error::Error + 'static>(call: &str, key: &str, error: SdkError<E>) -> Fault {
    let error = DisplayErrorContext(error);
    tracing::error!(call, key, %error, "the bucket does not do what it was asked");
    Fault
}
