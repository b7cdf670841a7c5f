//! A private bucket: encrypted, versioned, logged, reached by TLS only.

use infra_core::policy::{Document, Principal, Statement};
use infra_core::{Arn, Handle, Name, Template, Value, Waiver, action, concat_values, pseudo};
use infra_resources::s3::{self, bucket};
use infra_resources::{kms, sqs};

/// A bucket for data.
pub struct Bucket<'a> {
    /// The name, unique in all of AWS.
    pub name: Value<String>,
    /// The key that encrypts what is in it.
    pub key: &'a Handle<kms::Key>,
    /// Where its access log goes.
    pub access_log: &'a Handle<s3::Bucket>,
    /// Prefixes whose objects are removed after some days.
    pub expiry: &'a [Expiry],
    /// The queue that is told of each new object.
    pub announces: Option<Announces<'a>>,
    /// Whether it outlives its stack.
    pub keep: bool,
}

/// Objects of a bucket are announced in a queue.
#[derive(Clone, Copy, Debug)]
pub struct Announces<'a> {
    /// The queue, made for this bucket with [`Queue::add_for`](crate::queue::Queue::add_for).
    pub queue: &'a Handle<sqs::Queue>,
    /// The queue's policy: S3 tries it when the bucket is made.
    pub policy: &'a Handle<sqs::QueuePolicy>,
    /// What the keys of announced objects begin with.
    pub prefix: &'a str,
}

/// A bucket by name and ARN: of this stack, or of another one whose output gives the name.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The name.
    pub name: Value<Name<s3::Bucket>>,
    /// The ARN.
    pub arn: Value<Arn<s3::Bucket>>,
}

impl Reference {
    /// A bucket of this stack.
    pub fn to(bucket: &Handle<s3::Bucket>) -> Self {
        Reference {
            name: bucket.reference(),
            arn: bucket.arn(),
        }
    }

    /// A bucket of another stack.
    pub fn named(name: Value<Name<s3::Bucket>>) -> Self {
        let arn = arn(&name.clone().text());
        Reference { name, arn }
    }
}

/// The ARN of a bucket that may not be there yet: it says no more than the name.
pub fn arn(name: &Value<String>) -> Value<Arn<s3::Bucket>> {
    concat_values!["arn:", pseudo::partition(), ":s3:::", name]
}

/// Objects under a prefix are removed after some days.
#[derive(Clone, Copy, Debug)]
pub struct Expiry {
    /// What rule and prefix are called in the console.
    pub name: &'static str,
    /// The prefix, with its slash.
    pub prefix: &'static str,
    /// Days after which an object is removed.
    pub days: u16,
}

/// Days that an overwritten or deleted object can still be brought back.
const NONCURRENT_DAYS: i64 = 30;

/// Days after which the parts of an upload that was never finished are removed.
const ABORT_UPLOAD_DAYS: i64 = 7;

/// Days that access logs are kept.
const ACCESS_LOG_DAYS: i64 = 90;

impl Bucket<'_> {
    /// Adds the bucket and its policy.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<s3::Bucket> {
        let mut rules: Vec<bucket::Rule> = self.expiry.iter().map(expire).collect();
        rules.push(housekeeping());
        let encryption = bucket::ServerSideEncryptionByDefault {
            kms_master_key_id: Some(self.key.arn().into()),
            ..bucket::ServerSideEncryptionByDefault::new(bucket::SseAlgorithm::AwsKms)
        };
        let bucket = template.add(
            id,
            s3::Bucket {
                logging_configuration: Some(logging(self.access_log, id)),
                lifecycle_configuration: Some(bucket::LifecycleConfiguration::new(rules)),
                notification_configuration: self.announces.as_ref().map(announcements),
                ..private(self.name, encryption)
            },
        );
        if let Some(announces) = self.announces {
            template.options(&bucket).depends_on(announces.policy);
        }
        set_deletion(template, &bucket, self.keep);
        template.add(
            &format!("{id}Policy"),
            s3::BucketPolicy::new(bucket.reference(), tls_only(&bucket, [])),
        );
        bucket
    }
}

/// The bucket that access logs of other buckets go to.
pub struct AccessLog {
    /// The name, unique in all of AWS.
    pub name: Value<String>,
    /// Whether it outlives its stack.
    pub keep: bool,
}

impl AccessLog {
    /// Adds the bucket and a policy that lets S3 write logs of this account's buckets to it.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<s3::Bucket> {
        // S3 delivers access logs to buckets with SSE-S3 only, unless a key policy lets it.
        let encryption = bucket::ServerSideEncryptionByDefault::new(bucket::SseAlgorithm::Aes256);
        let expiry = bucket::Rule {
            id: Some("expire".into()),
            expiration_in_days: Some(ACCESS_LOG_DAYS.into()),
            ..bucket::Rule::new(bucket::RuleStatus::Enabled)
        };
        let bucket = template.add(
            id,
            s3::Bucket {
                lifecycle_configuration: Some(bucket::LifecycleConfiguration::new(vec![expiry, housekeeping()])),
                ..private(self.name, encryption)
            },
        );
        set_deletion(template, &bucket, self.keep);
        const WAIVER: Waiver = Waiver::new(
            &["bucket-access-log", "CKV_AWS_18", "S3_BUCKET_LOGGING_ENABLED"],
            "platform",
            "the target of access logs cannot log to itself without a loop",
        );
        template.options(&bucket).waive([WAIVER]);
        let deliver = Statement::allow("DeliverAccessLogs", [action!("s3:PutObject")])
            .to(Principal::Service("logging.s3.amazonaws.com"))
            .on([bucket.arn().path("/*")])
            .when("StringEquals", "aws:SourceAccount", pseudo::account_id());
        template.add(
            &format!("{id}Policy"),
            s3::BucketPolicy::new(bucket.reference(), tls_only(&bucket, [deliver])),
        );
        bucket
    }
}

pub(crate) fn private(name: Value<String>, encryption: bucket::ServerSideEncryptionByDefault) -> s3::Bucket {
    let rule = bucket::ServerSideEncryptionRule {
        server_side_encryption_by_default: Some(encryption),
        // One data key per bucket and hour instead of one per object: far fewer calls to KMS.
        bucket_key_enabled: Some(true.into()),
        ..bucket::ServerSideEncryptionRule::new()
    };
    s3::Bucket {
        bucket_name: Some(name),
        bucket_encryption: Some(bucket::BucketEncryption::new(vec![rule])),
        public_access_block_configuration: Some(bucket::PublicAccessBlockConfiguration {
            block_public_acls: Some(true.into()),
            block_public_policy: Some(true.into()),
            ignore_public_acls: Some(true.into()),
            restrict_public_buckets: Some(true.into()),
        }),
        ownership_controls: Some(bucket::OwnershipControls::new(vec![bucket::OwnershipControlsRule {
            object_ownership: Some(bucket::ObjectOwnership::BucketOwnerEnforced.into()),
        }])),
        versioning_configuration: Some(bucket::VersioningConfiguration::new(bucket::VersioningStatus::Enabled)),
        ..s3::Bucket::new()
    }
}

/// Accesses are logged under the logical id.
pub(crate) fn logging(access_log: &Handle<s3::Bucket>, id: &str) -> bucket::LoggingConfiguration {
    bucket::LoggingConfiguration {
        destination_bucket_name: Some(access_log.reference()),
        log_file_prefix: Some(concat_values![id, "/"]),
        ..bucket::LoggingConfiguration::new()
    }
}

fn announcements(announces: &Announces<'_>) -> bucket::NotificationConfiguration {
    let rule = bucket::FilterRule::new("prefix", announces.prefix);
    let filter = bucket::NotificationFilter::new(bucket::S3KeyFilter::new(vec![rule]));
    let created = bucket::QueueConfiguration {
        filter: Some(filter),
        ..bucket::QueueConfiguration::new("s3:ObjectCreated:*", announces.queue.arn())
    };
    bucket::NotificationConfiguration {
        queue_configurations: Some(vec![created]),
        ..bucket::NotificationConfiguration::new()
    }
}

fn expire(expiry: &Expiry) -> bucket::Rule {
    bucket::Rule {
        id: Some(expiry.name.into()),
        prefix: Some(expiry.prefix.into()),
        expiration_in_days: Some(i64::from(expiry.days).into()),
        ..bucket::Rule::new(bucket::RuleStatus::Enabled)
    }
}

/// What nobody reads any more is removed, or versions would be paid for without end.
pub(crate) fn housekeeping() -> bucket::Rule {
    bucket::Rule {
        id: Some("housekeeping".into()),
        noncurrent_version_expiration: Some(bucket::NoncurrentVersionExpiration::new(NONCURRENT_DAYS)),
        abort_incomplete_multipart_upload: Some(bucket::AbortIncompleteMultipartUpload::new(ABORT_UPLOAD_DAYS)),
        ..bucket::Rule::new(bucket::RuleStatus::Enabled)
    }
}

pub(crate) fn tls_only(bucket: &Handle<s3::Bucket>, more: impl IntoIterator<Item = Statement>) -> Document {
    let deny = Statement::deny_all("TlsOnly", "s3")
        .to(Principal::Everybody)
        .on([bucket.arn().into(), bucket.arn().path("/*")])
        .when("Bool", "aws:SecureTransport", Value::from(false));
    Document::new(more.into_iter().chain([deny]))
}

pub(crate) fn set_deletion(template: &mut Template, bucket: &Handle<s3::Bucket>, keep: bool) {
    if !keep {
        template.options(bucket).delete();
    }
}
