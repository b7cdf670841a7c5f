//! Security faults: each property that keeps a template safe, deleted or turned round.

use infra_check::tree::Tree;

use crate::mutant::{Edit, Mutant, Step};

/// Type, path below the properties, and what is done: nothing means removed.
const FAULTS: [(&str, &str, Option<Change>); 48] = [
    ("AWS::S3::Bucket", "BucketEncryption", None),
    ("AWS::S3::Bucket", "LoggingConfiguration", None),
    ("AWS::S3::Bucket", "VersioningConfiguration", None),
    (
        "AWS::S3::Bucket",
        "VersioningConfiguration.Status",
        Some(Change::Text("Suspended")),
    ),
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration", None),
    (
        "AWS::S3::Bucket",
        "PublicAccessBlockConfiguration.BlockPublicAcls",
        Some(Change::False),
    ),
    (
        "AWS::S3::Bucket",
        "PublicAccessBlockConfiguration.BlockPublicPolicy",
        Some(Change::False),
    ),
    (
        "AWS::S3::Bucket",
        "PublicAccessBlockConfiguration.IgnorePublicAcls",
        Some(Change::False),
    ),
    (
        "AWS::S3::Bucket",
        "PublicAccessBlockConfiguration.RestrictPublicBuckets",
        Some(Change::False),
    ),
    (
        "AWS::S3::Bucket",
        "PublicAccessBlockConfiguration.BlockPublicAcls",
        None,
    ),
    (
        "AWS::S3::Bucket",
        "PublicAccessBlockConfiguration.RestrictPublicBuckets",
        None,
    ),
    ("AWS::S3::Bucket", "AccessControl", Some(Change::Text("PublicRead"))),
    (
        "AWS::S3::Bucket",
        "AccessControl",
        Some(Change::Text("PublicReadWrite")),
    ),
    (
        "AWS::S3::BucketPolicy",
        "PolicyDocument.Statement.0.Action",
        Some(Change::Text("*")),
    ),
    (
        "AWS::S3::BucketPolicy",
        "PolicyDocument.Statement.0.Effect",
        Some(Change::Text("Allow")),
    ),
    ("AWS::Kinesis::Stream", "StreamEncryption", None),
    ("AWS::KMS::Key", "EnableKeyRotation", None),
    ("AWS::KMS::Key", "EnableKeyRotation", Some(Change::False)),
    (
        "AWS::KMS::Key",
        "KeyPolicy.Statement.0.Principal",
        Some(Change::Text("*")),
    ),
    (
        "AWS::KMS::Key",
        "KeyPolicy.Statement.0.Principal.AWS",
        Some(Change::Text("*")),
    ),
    ("AWS::SQS::Queue", "KmsMasterKeyId", None),
    (
        "AWS::SQS::QueuePolicy",
        "PolicyDocument.Statement.0.Effect",
        Some(Change::Text("Allow")),
    ),
    ("AWS::SNS::Topic", "KmsMasterKeyId", None),
    (
        "AWS::SNS::TopicPolicy",
        "PolicyDocument.Statement.1.Effect",
        Some(Change::Text("Allow")),
    ),
    ("AWS::Logs::LogGroup", "RetentionInDays", None),
    ("AWS::Logs::LogGroup", "KmsKeyId", None),
    ("AWS::Lambda::Function", "DeadLetterConfig", None),
    ("AWS::Lambda::Function", "TracingConfig", None),
    (
        "AWS::Lambda::Function",
        "TracingConfig.Mode",
        Some(Change::Text("PassThrough")),
    ),
    ("AWS::Lambda::Function", "KmsKeyArn", None),
    ("AWS::Lambda::Function", "Runtime", Some(Change::Text("nodejs12.x"))),
    (
        "AWS::Lambda::Function",
        "Environment.Variables.SECRET",
        Some(Change::Text("AKIAIOSFODNN7EXAMPLE")),
    ),
    (
        "AWS::Athena::WorkGroup",
        "WorkGroupConfiguration.EnforceWorkGroupConfiguration",
        Some(Change::False),
    ),
    (
        "AWS::Athena::WorkGroup",
        "WorkGroupConfiguration.EnforceWorkGroupConfiguration",
        None,
    ),
    (
        "AWS::Athena::WorkGroup",
        "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration",
        None,
    ),
    (
        "AWS::IAM::Role",
        "AssumeRolePolicyDocument.Statement.0.Principal",
        Some(Change::Text("*")),
    ),
    (
        "AWS::IAM::Role",
        "AssumeRolePolicyDocument.Statement.0.Principal",
        Some(Change::Everybody),
    ),
    (
        "AWS::IAM::Role",
        "Policies.0.PolicyDocument.Statement.0.Action",
        Some(Change::Text("*")),
    ),
    (
        "AWS::IAM::Role",
        "Policies.0.PolicyDocument.Statement.0.Resource",
        Some(Change::Text("*")),
    ),
    (
        "AWS::IAM::Role",
        "Policies.0.PolicyDocument.Statement.1.Resource",
        Some(Change::Text("*")),
    ),
    (
        "AWS::IAM::Role",
        "Policies.0.PolicyDocument.Statement.1.Condition",
        None,
    ),
    (
        "AWS::IAM::Role",
        "Policies.0.PolicyDocument.Statement.2.Resource",
        Some(Change::Text("*")),
    ),
    (
        "AWS::IAM::Role",
        "Policies.0.PolicyDocument.Statement.3.Resource",
        Some(Change::Text("*")),
    ),
    (
        "AWS::IAM::Role",
        "Policies.0.PolicyDocument.Statement.0",
        Some(Change::Admin),
    ),
    (
        "AWS::IAM::Role",
        "Policies.0.PolicyDocument.Statement.0.Action",
        Some(Change::Text("iam:PassRole")),
    ),
    (
        "AWS::IAM::Role",
        "Policies.0.PolicyDocument.Statement.0.Action",
        Some(Change::Text("s3:*")),
    ),
    (
        "AWS::KinesisFirehose::DeliveryStream",
        "ExtendedS3DestinationConfiguration.EncryptionConfiguration",
        None,
    ),
    ("AWS::CloudWatch::Alarm", "AlarmActions", None),
];

/// What a property is set to.
#[derive(Clone, Copy)]
enum Change {
    False,
    Text(&'static str),
    /// `{"AWS": "*"}`.
    Everybody,
    /// A statement that allows everything.
    Admin,
}

impl Change {
    fn tree(self) -> Tree {
        let text = |text: &'static str| Tree::Text(text.into());
        match self {
            Change::False => Tree::Bool(false),
            Change::Text(value) => text(value),
            Change::Everybody => Tree::Map(vec![("AWS".into(), text("*"))]),
            Change::Admin => Tree::Map(vec![
                ("Effect".into(), text("Allow")),
                ("Action".into(), text("*")),
                ("Resource".into(), text("*")),
            ]),
        }
    }
}

/// The security faults of all resources.
pub(crate) fn all(golden: &Tree) -> Vec<Mutant> {
    let mut faults = Vec::new();
    for (id, entry) in golden.get("Resources").map_or(&[][..], Tree::members) {
        let kind = entry.get("Type").and_then(Tree::text);
        for (_, path, change) in FAULTS.iter().filter(|(of, ..)| Some(*of) == kind) {
            let start = ["Resources", id, "Properties"];
            let steps = start.into_iter().chain(path.split('.')).map(|name| match name.parse() {
                Ok(index) => Step::Index(index),
                Err(_) => Step::Name(name.to_owned()),
            });
            let edit = change.map_or(Edit::Remove, |change| Edit::Replace(change.tree()));
            let (class, path) = (
                if change.is_some() {
                    "security turned round"
                } else {
                    "security removed"
                },
                steps.collect::<Vec<_>>(),
            );
            let mutant = Mutant::new(class, &path, edit);
            let mut changed = golden.clone();
            mutant.apply(&mut changed);
            // Not every resource of a type has the property.
            if changed != *golden {
                faults.push(mutant);
            }
        }
    }
    faults
}
