//! The writer's store as a bucket: each object says in its metadata which records it holds.

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use lake::contract::metadata;
use lake::write::{Object, PutFault, Range, Sequence, Store};
use tokio::task::JoinSet;

/// Most keys in one request (`DeleteObjects`).
const KEYS: usize = 1_000;

/// Questions for an object's metadata that are under way at a time: a batch that comes again may be in
/// hundreds of objects, and one after another they would take longer than the writer has.
const HEADS: usize = 32;

/// Objects of a bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl Bucket {
    /// The bucket of this name; where an endpoint is set, buckets are folders of it, because a local
    /// cloud has no name service for them.
    #[must_use]
    pub fn new(config: &SdkConfig, name: String) -> Self {
        let config = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(config.endpoint_url().is_some())
            .build();
        let client = Client::from_conf(config);
        Bucket { client, name }
    }

    /// What a HEAD says an object holds; none for an object that is not the writer's.
    async fn range(self, key: String) -> Result<Option<Range>, PutFault> {
        let answer = self.client.head_object().bucket(&self.name).key(&key).send().await;
        let answer = answer.map_err(|error| fault("HeadObject", &key, error))?;
        let sequence = |name: &str| -> Option<Sequence> { answer.metadata()?.get(name)?.parse().ok() };
        let (first, last) = (sequence(metadata::FIRST), sequence(metadata::LAST));
        let Some((first, last)) = first.zip(last) else {
            tracing::warn!(key, "an object does not say which records it holds");
            return Ok(None);
        };
        Ok(Some(Range { key, first, last }))
    }
}

impl Store for Bucket {
    async fn put(&self, object: Object) -> Result<(), PutFault> {
        let Object {
            key,
            first,
            last,
            bytes,
        } = object;
        let answer = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(&key)
            .metadata(metadata::FIRST, first.as_str())
            .metadata(metadata::LAST, last.as_str())
            .body(ByteStream::from(bytes))
            .send()
            .await;
        answer.map(|_| ()).map_err(|error| fault("PutObject", &key, error))
    }

    async fn delete(&self, keys: &[&str]) -> Result<(), PutFault> {
        for keys in keys.chunks(KEYS) {
            let identifier = |key: &&str| ObjectIdentifier::builder().key(*key).build();
            let objects: Result<Vec<_>, _> = keys.iter().map(identifier).collect();
            let delete = objects.and_then(|objects| Delete::builder().set_objects(Some(objects)).quiet(true).build());
            let delete = delete.map_err(|_| PutFault::Refused)?;
            let answer = self
                .client
                .delete_objects()
                .bucket(&self.name)
                .delete(delete)
                .send()
                .await;
            let first = keys.first().copied().unwrap_or_default();
            let answer = answer.map_err(|error| fault("DeleteObjects", first, error))?;
            for error in answer.errors() {
                let (key, code) = (error.key().unwrap_or_default(), error.code().unwrap_or_default());
                tracing::error!(key, code, "the bucket does not remove an object");
            }
            if !answer.errors().is_empty() {
                return Err(PutFault::Refused);
            }
        }
        Ok(())
    }

    async fn keys(&self, folder: &str, shard: &str) -> Result<Vec<String>, PutFault> {
        let prefix = format!("{folder}{shard}-");
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.name)
            .prefix(&prefix)
            .into_paginator()
            .send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| fault("ListObjectsV2", &prefix, error))?;
            let objects = page.contents.unwrap_or_default().into_iter();
            keys.extend(objects.filter_map(|object| object.key));
        }
        Ok(keys)
    }

    async fn ranges(&self, keys: &[String]) -> Result<Vec<Range>, PutFault> {
        let (mut ranges, mut heads) = (Vec::new(), JoinSet::new());
        for key in keys {
            if heads.len() == HEADS {
                ranges.extend(answered(&mut heads).await?);
            }
            heads.spawn(self.clone().range(key.clone()));
        }
        while !heads.is_empty() {
            ranges.extend(answered(&mut heads).await?);
        }
        Ok(ranges)
    }
}

/// The next answer to one of these questions.
async fn answered(heads: &mut JoinSet<Result<Option<Range>, PutFault>>) -> Result<Option<Range>, PutFault> {
    match heads.join_next().await {
        Some(Ok(answer)) => answer,
        Some(Err(_)) => Err(PutFault::Unknown),
        None => Ok(None),
    }
}

/// What an error means for the object: only an answer of the service's own that blames the request
/// says that nothing has happened.
fn fault<E, R>(call: &str, key: &str, error: SdkError<E, R>) -> PutFault
where
    E: std::error::Error + 'static,
    R: Status + std::fmt::Debug,
{
    let fault = match &error {
        SdkError::ServiceError(answer) if answer.raw().is_the_requests_fault() => PutFault::Refused,
        SdkError::ConstructionFailure(_) => PutFault::Refused,
        _ => PutFault::Unknown,
    };
    let error = DisplayErrorContext(error);
    tracing::error!(call, key, %error, "the bucket does not do what it was asked");
    fault
}

/// The HTTP status of an answer.
trait Status {
    /// Whether the service has refused the request, as against failed at it.
    fn is_the_requests_fault(&self) -> bool;
}

impl Status for aws_sdk_s3::config::http::HttpResponse {
    fn is_the_requests_fault(&self) -> bool {
        self.status().is_client_error()
    }
}
