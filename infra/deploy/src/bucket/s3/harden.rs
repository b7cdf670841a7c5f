//! The settings that the asset bucket has.

use super::{S3, unbuilt};
use crate::error::Error;
use aws_sdk_s3::types as aws;

/// Days for which an overwritten or deleted object can be brought back.
const NONCURRENT_DAYS: i32 = 30;

/// Days after which a template is dropped: CloudFormation reads it once and keeps its own copy.
const TEMPLATE_DAYS: i32 = 30;

impl S3 {
    pub(super) async fn encrypt(&self, bucket: &str) -> Result<(), Error> {
        const CALL: &str = "PutBucketEncryption";
        let by_default = aws::ServerSideEncryptionByDefault::builder()
            .sse_algorithm(aws::ServerSideEncryption::Aes256)
            .build()
            .map_err(unbuilt(CALL))?;
        let configuration = aws::ServerSideEncryptionConfiguration::builder()
            .rules(
                aws::ServerSideEncryptionRule::builder()
                    .apply_server_side_encryption_by_default(by_default)
                    .build(),
            )
            .build()
            .map_err(unbuilt(CALL))?;
        self.client
            .put_bucket_encryption()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .server_side_encryption_configuration(configuration)
            .send()
            .await
            .map(drop)
            .map_err(self.failure(CALL))
    }

    pub(super) async fn close(&self, bucket: &str) -> Result<(), Error> {
        self.client
            .put_public_access_block()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .public_access_block_configuration(
                aws::PublicAccessBlockConfiguration::builder()
                    .block_public_acls(true)
                    .block_public_policy(true)
                    .ignore_public_acls(true)
                    .restrict_public_buckets(true)
                    .build(),
            )
            .send()
            .await
            .map_err(self.failure("PutPublicAccessBlock"))?;
        let policy = tls_only(&format!("arn:{}:s3:::{bucket}", self.identity.partition));
        self.client
            .put_bucket_policy()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .policy(policy)
            .send()
            .await
            .map(drop)
            .map_err(self.failure("PutBucketPolicy"))
    }

    pub(super) async fn keep_versions(&self, bucket: &str) -> Result<(), Error> {
        self.client
            .put_bucket_versioning()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .versioning_configuration(
                aws::VersioningConfiguration::builder()
                    .status(aws::BucketVersioningStatus::Enabled)
                    .build(),
            )
            .send()
            .await
            .map(drop)
            .map_err(self.failure("PutBucketVersioning"))
    }

    /// Drops what nothing reads any more. Assets are not among it: a stack that rolls back years
    /// from now reads the asset that it was last deployed with.
    pub(super) async fn forget(&self, bucket: &str) -> Result<(), Error> {
        const CALL: &str = "PutBucketLifecycleConfiguration";
        let everything = aws::LifecycleRule::builder()
            .id("noncurrent-and-incomplete")
            .status(aws::ExpirationStatus::Enabled)
            .filter(aws::LifecycleRuleFilter::builder().prefix("").build())
            .noncurrent_version_expiration(
                aws::NoncurrentVersionExpiration::builder()
                    .noncurrent_days(NONCURRENT_DAYS)
                    .build(),
            )
            .abort_incomplete_multipart_upload(
                aws::AbortIncompleteMultipartUpload::builder()
                    .days_after_initiation(1)
                    .build(),
            )
            .build()
            .map_err(unbuilt(CALL))?;
        let templates = aws::LifecycleRule::builder()
            .id("templates")
            .status(aws::ExpirationStatus::Enabled)
            .filter(
                aws::LifecycleRuleFilter::builder()
                    .prefix(crate::template::FOLDER)
                    .build(),
            )
            .expiration(aws::LifecycleExpiration::builder().days(TEMPLATE_DAYS).build())
            .build()
            .map_err(unbuilt(CALL))?;
        let configuration = aws::BucketLifecycleConfiguration::builder()
            .rules(everything)
            .rules(templates)
            .build()
            .map_err(unbuilt(CALL))?;
        self.client
            .put_bucket_lifecycle_configuration()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .lifecycle_configuration(configuration)
            .send()
            .await
            .map(drop)
            .map_err(self.failure(CALL))
    }

    pub(super) async fn label(&self, bucket: &str, tags: &[(String, String)]) -> Result<(), Error> {
        const CALL: &str = "PutBucketTagging";
        let mut tagging = aws::Tagging::builder();
        for (key, value) in tags {
            let tag = aws::Tag::builder().key(key).value(value).build();
            tagging = tagging.tag_set(tag.map_err(unbuilt(CALL))?);
        }
        self.client
            .put_bucket_tagging()
            .bucket(bucket)
            .expected_bucket_owner(&self.identity.account)
            .tagging(tagging.build().map_err(unbuilt(CALL))?)
            .send()
            .await
            .map(drop)
            .map_err(self.failure(CALL))
    }
}

/// Denies every call that is not made over TLS.
fn tls_only(arn: &str) -> String {
    format!(
        concat!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"TlsOnly","Effect":"Deny","#,
            r#""Principal":"*","Action":"s3:*","Resource":["{arn}","{arn}/*"],"#,
            r#""Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}]}}"#
        ),
        arn = arn
    )
}

#[cfg(test)]
mod tests {
    use super::tls_only;

    #[test]
    fn the_policy_is_json_and_names_bucket_and_objects() {
        let policy: serde_json::Value = serde_json::from_str(&tls_only("arn:aws:s3:::b")).unwrap();
        let statement = &policy["Statement"][0];
        assert_eq!(statement["Effect"], "Deny");
        assert_eq!(statement["Resource"][0], "arn:aws:s3:::b");
        assert_eq!(statement["Resource"][1], "arn:aws:s3:::b/*");
        assert_eq!(statement["Condition"]["Bool"]["aws:SecureTransport"], "false");
    }
}
