//! Files of a web site in a bucket.

use super::{S3, status};
use crate::bucket::Page;
use crate::error::Error;

/// The metadata that holds a page's digest. Its ETag would not do: it is no hash of the content
/// where a key of KMS encrypts it.
const DIGEST: &str = "digest";

impl S3 {
    pub(super) async fn all_keys(&self, bucket: &str) -> Result<Vec<String>, Error> {
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .into_paginator()
            .send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let found = page
                .map_err(self.failure("ListObjectsV2"))?
                .contents
                .unwrap_or_default();
            keys.extend(found.into_iter().filter_map(|object| object.key));
        }
        Ok(keys)
    }

    pub(super) async fn digest_of(&self, bucket: &str, key: &str) -> Result<Option<String>, Error> {
        let answer = self
            .client
            .head_object()
            .bucket(bucket)
            .key(key)
            .expected_bucket_owner(&self.identity.account)
            .send()
            .await;
        match answer {
            Ok(object) => Ok(object.metadata.and_then(|mut metadata| metadata.remove(DIGEST))),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(self.failure("HeadObject")(error)),
        }
    }

    pub(super) async fn store_page(&self, bucket: &str, page: &Page) -> Result<(), Error> {
        self.client
            .put_object()
            .bucket(bucket)
            .key(&page.key)
            .expected_bucket_owner(&self.identity.account)
            .content_type(page.content_type)
            .cache_control(page.cache_control)
            .metadata(DIGEST, &page.digest)
            .body(page.bytes.clone().into())
            .send()
            .await
            .map(drop)
            .map_err(self.failure("PutObject"))
    }

    pub(super) async fn remove_keys(&self, bucket: &str, keys: &[String]) -> Result<(), Error> {
        let objects = keys.iter().map(|key| (key.as_str(), None));
        self.delete_batch(bucket, objects).await
    }
}
