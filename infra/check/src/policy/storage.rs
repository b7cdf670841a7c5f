//! S3, Athena and Glue.

use super::{Demand, Policy, ensure};
use crate::check::{Check, Resource};
use crate::rule::Rule;
use crate::tree::Tree;

const BUCKET: &[&str] = &["AWS::S3::Bucket"];
const WORKGROUP: &[&str] = &["AWS::Athena::WorkGroup"];
const GLUE: &[&str] = &["AWS::Glue::Crawler", "AWS::Glue::Job"];

pub(super) static POLICIES: &[Policy] = &[
    Policy::new(
        Rule::error(
            "bucket-encrypted",
            "a bucket encrypts what it holds",
            "set BucketEncryption",
            &[
                "CKV_AWS_19",
                "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
                "S3_DEFAULT_ENCRYPTION_KMS",
            ],
        ),
        BUCKET,
        Demand::Set("BucketEncryption.ServerSideEncryptionConfiguration"),
    ),
    Policy::new(
        Rule::error(
            "bucket-versioned",
            "a bucket keeps old versions, so that a mistake can be undone",
            "set VersioningConfiguration.Status to Enabled",
            &["CKV_AWS_21", "S3_BUCKET_VERSIONING_ENABLED"],
        ),
        BUCKET,
        Demand::Is("VersioningConfiguration.Status", &["Enabled"]),
    ),
    Policy::new(
        Rule::error(
            "bucket-access-log",
            "a bucket logs who reads it",
            "set LoggingConfiguration",
            &["CKV_AWS_18", "S3_BUCKET_LOGGING_ENABLED", "AwsSolutions-S1"],
        ),
        BUCKET,
        Demand::Set("LoggingConfiguration"),
    ),
    Policy::new(
        Rule::error(
            "bucket-blocks-public-acls",
            "a bucket takes no access list that makes it public",
            "set BlockPublicAcls to true",
            &[
                "CKV_AWS_53",
                "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
                "AwsSolutions-S2",
            ],
        ),
        BUCKET,
        Demand::True("PublicAccessBlockConfiguration.BlockPublicAcls"),
    ),
    Policy::new(
        Rule::error(
            "bucket-blocks-public-policy",
            "a bucket takes no policy that makes it public",
            "set BlockPublicPolicy to true",
            &[
                "CKV_AWS_54",
                "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
                "AwsSolutions-S2",
            ],
        ),
        BUCKET,
        Demand::True("PublicAccessBlockConfiguration.BlockPublicPolicy"),
    ),
    Policy::new(
        Rule::error(
            "bucket-ignores-public-acls",
            "a bucket ignores access lists that make it public",
            "set IgnorePublicAcls to true",
            &[
                "CKV_AWS_55",
                "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
                "AwsSolutions-S2",
            ],
        ),
        BUCKET,
        Demand::True("PublicAccessBlockConfiguration.IgnorePublicAcls"),
    ),
    Policy::new(
        Rule::error(
            "bucket-restricts-public",
            "a bucket with a public policy is open to its own account only",
            "set RestrictPublicBuckets to true",
            &[
                "CKV_AWS_56",
                "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
                "AwsSolutions-S2",
            ],
        ),
        BUCKET,
        Demand::True("PublicAccessBlockConfiguration.RestrictPublicBuckets"),
    ),
    Policy::new(
        Rule::error(
            "bucket-not-public",
            "a bucket is not public",
            "remove AccessControl",
            &[
                "CKV_AWS_20",
                "CKV_AWS_57",
                "S3_BUCKET_PUBLIC_READ_ACL",
                "S3_BUCKET_PUBLIC_READ_PROHIBITED",
                "S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
            ],
        ),
        BUCKET,
        Demand::IsNot("AccessControl", &["PublicRead", "PublicReadWrite", "AuthenticatedRead"]),
    ),
    Policy::new(
        Rule::warning(
            "bucket-owner-enforced",
            "a bucket owns all its objects and has no access lists",
            "set ObjectOwnership to BucketOwnerEnforced",
            &[],
        ),
        BUCKET,
        Demand::Holds(owns_objects),
    ),
    Policy::new(
        Rule::error(
            "bucket-tls-only",
            "a bucket is reached over TLS only",
            "deny requests where aws:SecureTransport is false, in its policy",
            &["S3_BUCKET_SSL_REQUESTS_ONLY", "AwsSolutions-S10"],
        ),
        BUCKET,
        Demand::Holds(|cx, bucket| super::statement::is_tls_only(cx, bucket, "AWS::S3::BucketPolicy", "Bucket")),
    ),
    Policy::new(
        Rule::warning(
            "bucket-aborts-uploads",
            "a bucket removes uploads that were never finished",
            "add AbortIncompleteMultipartUpload to a lifecycle rule",
            &["CKV_AWS_300"],
        ),
        BUCKET,
        Demand::Holds(|_, bucket| {
            ensure(
                has_lifecycle(bucket, &["AbortIncompleteMultipartUpload"]),
                "no lifecycle rule aborts uploads",
            )
        }),
    ),
    Policy::new(
        Rule::warning(
            "bucket-expires-versions",
            "a versioned bucket removes old versions in the end",
            "add NoncurrentVersionExpiration to a lifecycle rule",
            &[],
        ),
        BUCKET,
        Demand::Holds(expires_versions),
    ),
    Policy::new(
        Rule::error(
            "workgroup-enforced",
            "a workgroup's settings hold for every query",
            "set EnforceWorkGroupConfiguration to true",
            &["CKV_AWS_82"],
        ),
        WORKGROUP,
        Demand::Holds(enforces),
    ),
    Policy::new(
        Rule::error(
            "workgroup-encrypted",
            "query results are encrypted",
            "set EncryptionConfiguration of the results",
            &["CKV_AWS_159", "AwsSolutions-ATH1"],
        ),
        WORKGROUP,
        Demand::Set("WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration"),
    ),
    Policy::new(
        Rule::warning(
            "crawler-security-configuration",
            "crawlers and jobs encrypt what they write",
            "set a security configuration",
            &["CKV_AWS_195", "AwsSolutions-GL1", "AwsSolutions-GL3"],
        ),
        GLUE,
        Demand::Holds(|_, glue| {
            let names = ["CrawlerSecurityConfiguration", "SecurityConfiguration"];
            ensure(
                names.iter().any(|name| glue.at(name).is_some()),
                "there is no security configuration",
            )
        }),
    ),
];

fn owns_objects(_: &Check<'_>, bucket: &Resource<'_>) -> Result<(), String> {
    let rules = bucket.at("OwnershipControls.Rules").map_or(&[][..], Tree::items);
    let owns = |rule: &Tree| rule.get("ObjectOwnership").and_then(Tree::text) == Some("BucketOwnerEnforced");
    ensure(rules.iter().any(owns), "ObjectOwnership is not BucketOwnerEnforced")
}

/// Whether an enabled rule of the bucket's lifecycle has one of these actions.
fn has_lifecycle(bucket: &Resource<'_>, actions: &[&str]) -> bool {
    let rules = bucket.at("LifecycleConfiguration.Rules").map_or(&[][..], Tree::items);
    let is_enabled = |rule: &&Tree| rule.get("Status").and_then(Tree::text) != Some("Disabled");
    rules
        .iter()
        .filter(is_enabled)
        .any(|rule| actions.iter().any(|action| rule.get(action).is_some()))
}

fn expires_versions(_: &Check<'_>, bucket: &Resource<'_>) -> Result<(), String> {
    let is_versioned = bucket.at("VersioningConfiguration.Status").and_then(Tree::text) == Some("Enabled");
    let actions = ["NoncurrentVersionExpiration", "NoncurrentVersionExpirationInDays"];
    ensure(
        !is_versioned || has_lifecycle(bucket, &actions),
        "old versions stay for ever",
    )
}

/// The setting is on unless it is turned off, but only where there is a configuration.
fn enforces(_: &Check<'_>, workgroup: &Resource<'_>) -> Result<(), String> {
    let is_on = workgroup
        .at("WorkGroupConfiguration.EnforceWorkGroupConfiguration")
        .is_some_and(|it| it.truth() != Some(false));
    ensure(is_on, "whoever asks may override the settings")
}
