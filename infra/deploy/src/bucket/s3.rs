//! The port's adapter: S3 through the AWS SDK.

mod harden;
mod page;

use super::{BATCH, Holder, Objects, Page, Version};
use crate::client::{Identity, failure};
use crate::error::Error;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types as aws;
use std::error::Error as StdError;

/// S3 as a service, in one region and one account.
#[derive(Debug, Clone)]
pub struct S3 {
    client: Client,
    region: String,
    endpoint: Option<String>,
    identity: Identity,
}

impl S3 {
    /// Wraps a client. Every call says whose bucket it expects, so that a bucket which somebody
    /// else made under our name is refused instead of filled.
    pub fn new(client: Client, region: String, endpoint: Option<String>, identity: Identity) -> Self {
        Self {
            client,
            region,
            endpoint,
            identity,
        }
    }

    fn failure<E>(&self, operation: &'static str) -> impl FnOnce(SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        move |error| {
            let target = self.endpoint.as_deref().unwrap_or("AWS");
            failure(operation, target, error)
        }
    }

    /// Deletes objects by key: this version of each where one is named.
    async fn delete_batch<'a>(
        &self,
        bucket: &str,
        objects: impl Iterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Result<(), Error> {
        const CALL: &str = "DeleteObjects";
        let mut batch = aws::Delete::builder().quiet(true);
        for (key, version) in objects {
            let object = aws::ObjectIdentifier::builder()
                .key(key)
                .set_version_id(version.map(str::to_owned));
            batch = batch.objects(object.build().map_err(unbuilt(CALL))?);
        }
        let answer = self
            .client
            .delete_objects()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .delete(batch.build().map_err(unbuilt(CALL))?)
            .send()
            .await
            .map_err(self.failure(CALL))?;
        // The call succeeds even where single objects are refused.
        match answer.errors.unwrap_or_default().into_iter().next() {
            None => Ok(()),
            Some(error) => Err(Error::Refused {
                operation: CALL,
                code: error.code.unwrap_or_default(),
                message: format!(
                    "{}: {}",
                    error.key.unwrap_or_default(),
                    error.message.unwrap_or_default()
                ),
            }),
        }
    }
}

impl Objects for S3 {
    async fn holder(&self, bucket: &str) -> Result<Holder, Error> {
        let answer = self
            .client
            .head_bucket()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Holder::Us),
            // An answer to HEAD has no body, so the status is all that S3 says.
            Err(error) => match status(&error) {
                Some(404) => Ok(Holder::Nobody),
                Some(301 | 403) => Ok(Holder::Other),
                _ => Err(self.failure("HeadBucket")(error)),
            },
        }
    }

    async fn create(&self, bucket: &str) -> Result<(), Error> {
        let mut call = self.client.create_bucket().bucket(bucket);
        // S3 refuses the name of its oldest region as a constraint.
        if self.region != "us-east-1" {
            call = call.create_bucket_configuration(
                aws::CreateBucketConfiguration::builder()
                    .location_constraint(self.region.as_str().into())
                    .build(),
            );
        }
        call.send().await.map(drop).map_err(self.failure("CreateBucket"))
    }

    async fn harden(&self, bucket: &str, tags: &[(String, String)]) -> Result<(), Error> {
        self.close(bucket).await?;
        self.encrypt(bucket).await?;
        self.keep_versions(bucket).await?;
        self.forget(bucket).await?;
        self.label(bucket, tags).await
    }

    async fn has(&self, bucket: &str, key: &str) -> Result<bool, Error> {
        let answer = self
            .client
            .head_object()
            .bucket(bucket)
            .key(key)
            .expected_bucket_owner(&self.identity.account)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error) if status(&error) == Some(404) => Ok(false),
            Err(error) => Err(self.failure("HeadObject")(error)),
        }
    }

    async fn put(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), Error> {
        self.client
            .put_object()
            .bucket(bucket)
            .key(key)
            .expected_bucket_owner(&self.identity.account)
            .body(bytes.into())
            .send()
            .await
            .map(drop)
            .map_err(self.failure("PutObject"))
    }

    async fn url(&self, bucket: &str, key: &str) -> Result<String, Error> {
        // The SDK's own endpoint rules know partitions and path style.
        let parameters = Params::builder()
            .bucket(bucket)
            .region(&self.region)
            .force_path_style(self.endpoint.is_some())
            .set_endpoint(self.endpoint.clone())
            .build();
        let unresolved = |source: Box<dyn StdError + Send + Sync>| Error::Unreachable {
            operation: "S3",
            target: self.endpoint.clone().unwrap_or_else(|| "AWS".to_owned()),
            source,
        };
        let parameters = parameters.map_err(|error| unresolved(error.into()))?;
        let endpoint = DefaultResolver::new()
            .resolve_endpoint(&parameters)
            .await
            .map_err(unresolved)?;
        Ok(format!("{}/{key}", endpoint.url().trim_end_matches('/')))
    }

    async fn versions(&self, bucket: &str, limit: usize) -> Result<Vec<Version>, Error> {
        let listed = self
            .client
            .list_object_versions()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .max_keys(i32::try_from(limit.min(BATCH)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(self.failure("ListObjectVersions"))?;
        let versions = listed.versions.unwrap_or_default().into_iter();
        let markers = listed.delete_markers.unwrap_or_default().into_iter();
        Ok(versions
            .map(|version| (version.key, version.version_id))
            .chain(markers.map(|marker| (marker.key, marker.version_id)))
            .filter_map(|(key, id)| Some(Version { key: key?, id: id? }))
            .collect())
    }

    async fn delete_versions(&self, bucket: &str, versions: &[Version]) -> Result<(), Error> {
        let objects = versions.iter();
        let objects = objects.map(|version| (version.key.as_str(), Some(version.id.as_str())));
        self.delete_batch(bucket, objects).await
    }

    async fn keys(&self, bucket: &str) -> Result<Vec<String>, Error> {
        self.all_keys(bucket).await
    }

    async fn digest(&self, bucket: &str, key: &str) -> Result<Option<String>, Error> {
        self.digest_of(bucket, key).await
    }

    async fn put_page(&self, bucket: &str, page: &Page) -> Result<(), Error> {
        self.store_page(bucket, page).await
    }

    async fn remove(&self, bucket: &str, keys: &[String]) -> Result<(), Error> {
        self.remove_keys(bucket, keys).await
    }

    async fn delete(&self, bucket: &str) -> Result<(), Error> {
        self.client
            .delete_bucket()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .send()
            .await
            .map(drop)
            .map_err(self.failure("DeleteBucket"))
    }
}

fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|answer| answer.status().as_u16())
}

fn unbuilt(operation: &'static str) -> impl FnOnce(BuildError) -> Error {
    move |error| Error::Refused {
        operation,
        code: "BuildError".to_owned(),
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::S3;
    use crate::bucket::Objects as _;
    use crate::client::Identity;
    use aws_sdk_s3::config::{BehaviorVersion, Config};

    fn s3(region: &str, endpoint: Option<&str>) -> S3 {
        let config = Config::builder().behavior_version(BehaviorVersion::latest()).build();
        S3::new(
            aws_sdk_s3::Client::from_conf(config),
            region.to_owned(),
            endpoint.map(str::to_owned),
            Identity {
                account: "123456789012".to_owned(),
                partition: "aws".to_owned(),
            },
        )
    }

    #[tokio::test]
    async fn template_addresses_follow_partition_and_endpoint() {
        for (region, endpoint, expected) in [
            (
                "eu-west-2",
                None,
                "https://bucket.s3.eu-west-2.amazonaws.com/templates/a",
            ),
            (
                "cn-north-1",
                None,
                "https://bucket.s3.cn-north-1.amazonaws.com.cn/templates/a",
            ),
            (
                "eu-west-2",
                Some("http://127.0.0.1:4566"),
                "http://127.0.0.1:4566/bucket/templates/a",
            ),
        ] {
            let url = s3(region, endpoint).url("bucket", "templates/a").await;
            assert_eq!(url.unwrap(), expected);
        }
    }
}
