//! Lambda, Step Functions, ECS and ECR.

use super::{Demand, Policy, ensure};
use crate::check::{Check, Resource};
use crate::rule::Rule;
use crate::tree::Tree;

const FUNCTION: &[&str] = &["AWS::Lambda::Function"];
const REPOSITORY: &[&str] = &["AWS::ECR::Repository"];
const MACHINE: &[&str] = &["AWS::StepFunctions::StateMachine"];

pub(super) static POLICIES: &[Policy] = &[
    Policy::new(
        Rule::error(
            "function-dead-letters",
            "a function puts aside events that it failed on",
            "set DeadLetterConfig",
            &["CKV_AWS_116", "LAMBDA_DLQ_CHECK", "Serverless-LambdaDLQ"],
        ),
        FUNCTION,
        Demand::Set("DeadLetterConfig.TargetArn"),
    ),
    Policy::new(
        Rule::warning(
            "function-tracing",
            "a function is traced",
            "set TracingConfig.Mode to Active",
            &["CKV_AWS_50", "Serverless-LambdaTracing"],
        ),
        FUNCTION,
        Demand::Is("TracingConfig.Mode", &["Active"]),
    ),
    Policy::new(
        Rule::error(
            "function-variables-encrypted",
            "environment variables are encrypted with a key of ours",
            "set KmsKeyArn",
            &["CKV_AWS_173"],
        ),
        FUNCTION,
        Demand::Holds(|_, function| {
            let has_variables = function
                .at("Environment.Variables")
                .is_some_and(|variables| !variables.members().is_empty());
            ensure(
                !has_variables || function.at("KmsKeyArn").is_some(),
                "KmsKeyArn is not set",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "function-no-secret",
            "no environment variable holds a secret",
            "keep it in Secrets Manager, and give the function its name",
            &["CKV_AWS_45"],
        ),
        FUNCTION,
        Demand::Holds(|_, function| no_secret(function.at("Environment.Variables"))),
    ),
    Policy::new(
        Rule::warning(
            "function-reserved-concurrency",
            "a function cannot take all of the account's concurrency",
            "set ReservedConcurrentExecutions",
            &["CKV_AWS_115", "LAMBDA_CONCURRENCY_CHECK"],
        ),
        FUNCTION,
        Demand::Set("ReservedConcurrentExecutions"),
    ),
    Policy::new(
        Rule::warning(
            "function-in-vpc",
            "a function runs in a private network",
            "set VpcConfig",
            &["CKV_AWS_117", "LAMBDA_INSIDE_VPC"],
        ),
        FUNCTION,
        Demand::Set("VpcConfig"),
    ),
    Policy::new(
        Rule::error(
            "function-url-authenticated",
            "a function URL asks who calls",
            "set AuthType to AWS_IAM",
            &["CKV_AWS_258"],
        ),
        &["AWS::Lambda::Url"],
        Demand::IsNot("AuthType", &["NONE"]),
    ),
    Policy::new(
        Rule::error(
            "function-url-origins",
            "a function URL does not take all origins",
            "name the origins",
            &["CKV2_AWS_75"],
        ),
        &["AWS::Lambda::Url"],
        Demand::Holds(|_, url| {
            let origins = url.at("Cors.AllowOrigins").map_or(&[][..], Tree::items);
            ensure(
                !origins.iter().any(|origin| origin.text() == Some("*")),
                "all origins are allowed",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "permission-source",
            "a service may call a function for a named source only",
            "set SourceArn or SourceAccount",
            &["CKV_AWS_364"],
        ),
        &["AWS::Lambda::Permission"],
        Demand::Holds(|_, permission| {
            let is_service = permission
                .at("Principal")
                .and_then(Tree::text)
                .is_some_and(|name| name.ends_with(".amazonaws.com"));
            let sources = ["SourceArn", "SourceAccount", "PrincipalOrgID"];
            ensure(
                !is_service || sources.iter().any(|name| permission.at(name).is_some()),
                "any source may call",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "permission-not-public",
            "not everybody may call a function",
            "name who may",
            &["LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED"],
        ),
        &["AWS::Lambda::Permission"],
        Demand::IsNot("Principal", &["*"]),
    ),
    Policy::new(
        Rule::error(
            "mapping-failure-destination",
            "what a function failed on is named somewhere before the stream goes on",
            "set DestinationConfig.OnFailure",
            &["Serverless-LambdaEventSourceMappingDestination"],
        ),
        &["AWS::Lambda::EventSourceMapping"],
        Demand::Holds(|cx, mapping| {
            let is_queue = mapping
                .at("EventSourceArn")
                .and_then(|arn| cx.target(arn))
                .is_some_and(|it| it.kind == "AWS::SQS::Queue");
            ensure(
                is_queue || mapping.at("DestinationConfig.OnFailure").is_some(),
                "DestinationConfig.OnFailure is not set",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "machine-log",
            "a state machine logs what it does",
            "set LoggingConfiguration.Level to ALL or ERROR",
            &["CKV_AWS_285", "AwsSolutions-SF1"],
        ),
        MACHINE,
        Demand::Is("LoggingConfiguration.Level", &["ALL", "ERROR"]),
    ),
    Policy::new(
        Rule::error(
            "machine-tracing",
            "a state machine is traced",
            "set TracingConfiguration.Enabled to true",
            &[
                "CKV_AWS_284",
                "AwsSolutions-SF2",
                "Serverless-StepFunctionStateMachineXray",
            ],
        ),
        MACHINE,
        Demand::True("TracingConfiguration.Enabled"),
    ),
    Policy::new(
        Rule::warning(
            "cluster-insights",
            "a cluster is observed",
            "set containerInsights to enabled or enhanced",
            &["CKV_AWS_65", "AwsSolutions-ECS4"],
        ),
        &["AWS::ECS::Cluster"],
        Demand::Holds(observes),
    ),
    Policy::new(
        Rule::error(
            "repository-immutable",
            "the tag of an image never moves",
            "set ImageTagMutability to IMMUTABLE",
            &["CKV_AWS_51"],
        ),
        REPOSITORY,
        Demand::Is("ImageTagMutability", &["IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"]),
    ),
    Policy::new(
        Rule::error(
            "repository-scan",
            "images are scanned when they are pushed",
            "set ScanOnPush to true",
            &["CKV_AWS_163", "ECR_REPO_SCAN_ON_PUSH"],
        ),
        REPOSITORY,
        Demand::True("ImageScanningConfiguration.ScanOnPush"),
    ),
    Policy::new(
        Rule::warning(
            "repository-encrypted",
            "images are encrypted with a key of ours",
            "set EncryptionType to KMS",
            &["CKV_AWS_136"],
        ),
        REPOSITORY,
        Demand::Is("EncryptionConfiguration.EncryptionType", &["KMS", "KMS_DSSE"]),
    ),
];

/// No value below here looks like a secret.
pub(super) fn no_secret(values: Option<&Tree>) -> Result<(), String> {
    let mut found = None;
    if let Some(values) = values {
        values.walk(&mut |tree| {
            if let Tree::Text(text) = tree
                && is_secret(text)
            {
                found = Some(text.chars().take(4).collect::<String>());
            }
        });
    }
    match found {
        // The rest of it stays out of logs.
        Some(start) => Err(format!("a value that begins with {start} looks like a secret")),
        None => Ok(()),
    }
}

/// AWS access keys and private keys; other secrets have no form to know them by.
fn is_secret(text: &str) -> bool {
    let is_key_id = |word: &str| {
        word.len() == 20
            && ["AKIA", "ASIA"].iter().any(|prefix| word.starts_with(prefix))
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let is_key = |word: &str| {
        // 40 characters of base64 with all kinds in them, and no path or hash.
        word.len() == 40
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
            && word.bytes().any(|byte| byte.is_ascii_digit())
    };
    text.contains("PRIVATE KEY-----")
        || text
            .split([' ', ',', '=', ':', '"'])
            .any(|word| is_key_id(word) || is_key(word))
}

fn observes(_: &Check<'_>, cluster: &Resource<'_>) -> Result<(), String> {
    let settings = cluster.at("ClusterSettings").map_or(&[][..], Tree::items);
    let is_on = |setting: &Tree| {
        setting.get("Name").and_then(Tree::text) == Some("containerInsights")
            && setting
                .get("Value")
                .is_some_and(|value| value.text() != Some("disabled"))
    };
    ensure(settings.iter().any(is_on), "containerInsights is not set")
}
