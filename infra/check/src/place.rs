//! Places that take one kind of thing: the ARN of a role, a key, the name of a log group.
//!
//! The schemas mark such places unevenly; the names of the properties tell better.

use crate::check::Check;

use crate::rule::rules;

rules! {
    FORMAT = error("reference-format", "a literal is the id, name or ARN that its place takes", "give one of that form", ["E1103", "E1150", "E1151", "E1154", "E1155", "E1156", "E1157", "E1158", "E1160", "E1161", "E1162", "E1164"]);
    KIND = error("reference-kind", "a reference points at the kind of thing that its place takes", "refer to the right resource, or to its right attribute", ["E1040", "E1041"]);
}

/// A kind of thing.
struct Place {
    /// What messages call it.
    what: &'static str,
    /// The properties that take it.
    names: &'static [&'static str],
    /// The form of a literal.
    form: &'static str,
    /// Who gives it: type, and attribute or `Ref`.
    sources: &'static [(&'static str, &'static [&'static str])],
}

/// A service's own key, or one of ours: id, alias or ARN.
const KEY: &str = r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|alias/[a-zA-Z0-9:/_-]+|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/.+)$";

static PLACES: [Place; 13] = [
    Place {
        what: "the ARN of a role",
        names: &[
            "CloudWatchRoleArn",
            "CrossAccountRoleArn",
            "ExecutionRoleArn",
            "MonitoringRoleArn",
            "RoleARN",
            "RoleArn",
            "SubscriptionRoleArn",
            "TaskRoleArn",
        ],
        form: r"^(arn:aws[a-z-]*:iam::\d{12}:role/.+|\$.*)$",
        sources: &[("AWS::IAM::Role", &["Arn"])],
    },
    Place {
        what: "a key",
        names: &["KMSMasterKeyID", "KmsKeyId", "KmsMasterKeyId"],
        form: KEY,
        sources: &[
            ("AWS::KMS::Key", &["Ref", "KeyId", "Arn"]),
            ("AWS::KMS::Alias", &["Ref"]),
        ],
    },
    Place {
        what: "the ARN of a key",
        names: &["AWSKMSKeyARN", "KMSKeyArn", "KmsArn", "KmsKeyArn"],
        form: r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/.+$",
        sources: &[("AWS::KMS::Key", &["Arn"])],
    },
    Place {
        what: "the name of a log group",
        names: &["LogGroupName"],
        form: r"^[.\-_/#A-Za-z0-9]{1,512}$",
        sources: &[("AWS::Logs::LogGroup", &["Ref"])],
    },
    Place {
        what: "the ARN of a topic",
        names: &["TopicArn"],
        form: r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:.+$",
        sources: &[("AWS::SNS::Topic", &["Ref", "TopicArn"])],
    },
    Place {
        what: "the ARN of a bucket",
        names: &["BucketARN", "BucketArn"],
        form: r"^arn:aws[a-z-]*:s3:::.+$",
        sources: &[("AWS::S3::Bucket", &["Arn"])],
    },
    Place {
        what: "the name of a bucket",
        names: &["DestinationBucketName", "S3Bucket"],
        form: r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        sources: &[("AWS::S3::Bucket", &["Ref"])],
    },
    Place {
        what: "the ARN of a stream",
        names: &["KinesisStreamARN"],
        form: r"^arn:aws[a-z-]*:kinesis:[a-z0-9-]+:\d{12}:stream/.+$",
        sources: &[("AWS::Kinesis::Stream", &["Arn"])],
    },
    Place {
        what: "the ARN of a function",
        names: &["LambdaArn", "LambdaFunctionArn"],
        form: r"^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:.+$",
        sources: &[
            ("AWS::Lambda::Function", &["Arn"]),
            ("AWS::Lambda::Alias", &["Ref", "AliasArn"]),
            ("AWS::Lambda::Version", &["Ref", "FunctionArn"]),
        ],
    },
    Place {
        what: "a VPC",
        names: &["VpcId"],
        form: r"^vpc-[0-9a-fA-F]{8,17}$",
        sources: &[("AWS::EC2::VPC", &["Ref", "VpcId"]), ("AWS::EC2::Subnet", &["VpcId"])],
    },
    Place {
        what: "a subnet",
        names: &["SubnetId", "SubnetIds"],
        form: r"^subnet-[0-9a-fA-F]{8,17}$",
        sources: &[("AWS::EC2::Subnet", &["Ref", "SubnetId"])],
    },
    Place {
        what: "a security group",
        names: &[
            "SecurityGroupIds",
            "VpcSecurityGroupIds",
            "SourceSecurityGroupId",
            "DestinationSecurityGroupId",
        ],
        form: r"^sg-[0-9a-fA-F]{8,17}$",
        sources: &[
            ("AWS::EC2::SecurityGroup", &["Ref", "GroupId", "Id"]),
            ("AWS::EC2::VPC", &["DefaultSecurityGroup"]),
        ],
    },
    Place {
        what: "the ARN of a certificate",
        names: &["AcmCertificateArn", "CertificateArn"],
        form: r"^arn:aws[a-z-]*:(acm:[a-z0-9-]+:\d{12}:certificate|iam::\d{12}:server-certificate)/.+$",
        sources: &[("AWS::CertificateManager::Certificate", &["Ref"])],
    },
];

/// The kind that a property takes, in types that we know.
fn place(cx: &Check<'_>) -> Option<&'static Place> {
    let is_known = cx
        .path()
        .resource()
        .and_then(|id| cx.resource(id))
        .is_some_and(|it| it.facts.is_some());
    let name = cx.path().property();
    PLACES.iter().find(|place| is_known && place.names.contains(&name))
}

/// Checks a literal in its place.
pub(crate) fn literal(cx: &mut Check<'_>, text: &str) {
    let Some(place) = place(cx) else { return };
    // What a pipeline or a state machine replaces, stays as it is.
    if cx.patterns.matches(place.form, text) == Some(false) && !text.starts_with("{{resolve:") {
        cx.report(&FORMAT, format!("`{text}` is not {}", place.what));
    }
}

/// Checks a reference to a resource of this template: by `Ref`, or by an attribute.
pub(crate) fn reference(cx: &mut Check<'_>, id: &str, attribute: &str) {
    let (Some(place), Some(resource)) = (place(cx), cx.resource(id)) else {
        return;
    };
    // A parameter in SSM, a custom resource or a nested stack may give anything.
    if resource.facts.is_none() || matches!(resource.kind, "AWS::SSM::Parameter" | "AWS::CloudFormation::Stack") {
        return;
    }
    let is_source = |(kind, attributes): &(&str, &[&str])| *kind == resource.kind && attributes.contains(&attribute);
    if !place.sources.iter().any(is_source) {
        let message = format!("{attribute} of {id} ({}) is not {}", resource.kind, place.what);
        cx.report(&KIND, message);
    }
}

/// Types whose `Ref` is an ARN.
const ARN_REFS: [&str; 17] = [
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFormation::Stack",
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::IAM::ManagedPolicy",
    "AWS::Kinesis::StreamConsumer",
    "AWS::Lambda::Alias",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Version",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
];

/// Whether a reference to a resource becomes an ARN; what we do not know is taken for one.
pub(crate) fn is_arn(cx: &Check<'_>, id: &str, attribute: &str) -> bool {
    let Some(resource) = cx.resource(id).filter(|resource| resource.facts.is_some()) else {
        return true;
    };
    match attribute {
        "Ref" => ARN_REFS.contains(&resource.kind),
        "Id" => resource.kind == "AWS::SecretsManager::Secret",
        name => name.to_ascii_lowercase().contains("arn"),
    }
}

#[cfg(test)]
mod tests {
    use super::PLACES;
    use crate::pattern;

    #[test]
    fn every_form_compiles_and_every_source_exists() {
        for place in &PLACES {
            assert!(pattern::compile(place.form).is_ok(), "{}", place.what);
            for (kind, attributes) in place.sources {
                let facts = infra_resources::facts(kind).unwrap();
                for attribute in attributes.iter().filter(|name| **name != "Ref") {
                    assert!(facts.attributes.contains(attribute), "{kind} {attribute}");
                }
            }
        }
    }
}
