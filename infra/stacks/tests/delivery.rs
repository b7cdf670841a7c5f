//! The two ways from the stream to the bucket: what each consists of, and what both share.

use std::collections::BTreeSet;
use std::path::Path;

use infra_core::{Node, Stack, json};
use infra_stacks::environment::Setting;
use infra_stacks::{Environment, app};

fn lake(delivery: &str) -> Stack {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
    let delivery: Setting = format!("lake.delivery={delivery}").parse().unwrap();
    let environment = Environment::load_with(&directory, "prod", "headend", &[delivery]).unwrap();
    app(&environment).unwrap().swap_remove(0)
}

fn ids<'a>(stack: &'a Stack, wanted: &str) -> BTreeSet<&'a str> {
    let resources = stack.template.resources().filter(|(_, kind, _)| *kind == wanted);
    resources.map(|(id, _, _)| id).collect()
}

fn properties<'a>(stack: &'a Stack, id: &str) -> &'a Node {
    let mut resources = stack.template.resources();
    resources.find(|(found, _, _)| *found == id).unwrap().2
}

#[test]
fn each_way_has_its_own_function_and_nothing_of_the_other() {
    let (firehose, direct) = (lake("firehose"), lake("direct"));
    let functions = |stack| ids(stack, "AWS::Lambda::Function");
    assert_eq!(
        functions(&firehose),
        BTreeSet::from(["Transform", "Register", "Compact"])
    );
    assert_eq!(functions(&direct), BTreeSet::from(["Write", "Register", "Compact"]));
    let deliveries = |stack| ids(stack, "AWS::KinesisFirehose::DeliveryStream").len();
    assert_eq!((deliveries(&firehose), deliveries(&direct)), (1, 0));
    let tables = |stack| ids(stack, "AWS::DynamoDB::Table");
    assert_eq!(tables(&firehose), BTreeSet::from(["Hours"]));
    assert_eq!(tables(&direct), BTreeSet::from(["Fences", "Hours"]));
}

#[test]
fn catalog_and_bucket_are_the_same_either_way() {
    let (firehose, direct) = (lake("firehose"), lake("direct"));
    let (data, tables) = (ids(&firehose, "AWS::S3::Bucket"), ids(&firehose, "AWS::Glue::Table"));
    assert_eq!(tables, BTreeSet::from(["CatalogTable", "RawTable", "GenerationsTable"]));
    for id in data.into_iter().chain(tables) {
        assert_eq!(properties(&firehose, id), properties(&direct, id), "{id}");
    }
}

/// What the writer's promise stands on: one ordered reader per shard, halving, an end to the
/// retries, and a place where it is said what was given up.
#[test]
fn the_mapping_is_what_the_writer_was_proved_with() {
    let direct = lake("direct");
    let mapping = json::to_string(properties(&direct, "WriteRecords"));
    for property in [
        r#""ParallelizationFactor":1"#,
        r#""BisectBatchOnFunctionError":true"#,
        r#""MaximumRetryAttempts":5"#,
        r#""MaximumRecordAgeInSeconds":86400"#,
        r#""StartingPosition":"TRIM_HORIZON""#,
        r#""FunctionResponseTypes":["ReportBatchItemFailures"]"#,
        r#""OnFailure":{"Destination":{"Fn::GetAtt":["Failures","Arn"]}}"#,
        r#""EventSourceArn":{"Fn::GetAtt":["Stream","Arn"]}"#,
    ] {
        assert!(mapping.contains(property), "{property} is not in {mapping}");
    }
}

/// An object that is put again leaves the one before as a version that somebody would pay for.
#[test]
fn overwritten_objects_go() {
    let direct = lake("direct");
    let bucket = json::to_string(properties(&direct, "Data"));
    assert!(
        bucket.contains(r#""NoncurrentVersionExpiration":{"NoncurrentDays":30}"#),
        "{bucket}"
    );
}

/// It writes rows and what it refuses, removes what an attempt left behind, and moves its fences:
/// nothing else of the bucket, and no other table.
#[test]
fn the_writer_may_do_what_it_calls_and_no_more() {
    let direct = lake("direct");
    let role = json::to_string(properties(&direct, "WriteRole"));
    for granted in [
        r#"{"Fn::Sub":"${Data.Arn}/raw/events/*"}"#,
        r#"{"Fn::Sub":"${Data.Arn}/quarantine/events/*"}"#,
        r#""Action":"dynamodb:UpdateItem","Resource":{"Fn::GetAtt":["Fences","Arn"]}"#,
    ] {
        assert!(role.contains(granted), "{granted} is not in {role}");
    }
    for foreign in ["curated/", "errors/", "results/", "Hours", "glue:", "athena:"] {
        assert!(!role.contains(foreign), "{foreign} is in {role}");
    }
}

/// S3 tries the queue when the bucket is made, so the policy that lets it send must be there.
#[test]
fn objects_are_announced_to_the_queue_that_lake_register_reads() {
    for delivery in ["firehose", "direct"] {
        let stack = lake(delivery);
        let bucket = json::to_string(properties(&stack, "Data"));
        let announced = r#"{"Event":"s3:ObjectCreated:*","Filter":{"S3Key":{"Rules":[{"Name":"prefix","Value":"raw/events/"}]}},"Queue":{"Fn::GetAtt":["Arrivals","Arn"]}}"#;
        assert!(bucket.contains(announced), "{bucket}");
        let yaml = stack.template.to_yaml();
        let (_, entry) = yaml.split_once("\n  Data:\n").unwrap();
        let (entry, _) = entry.split_once("    Properties:").unwrap();
        assert!(entry.contains("ArrivalsPolicy"), "{entry}");
        let policy = json::to_string(properties(&stack, "ArrivalsPolicy"));
        assert!(policy.contains(r#""Service":"s3.amazonaws.com""#), "{policy}");
        let key = json::to_string(properties(&stack, "Key"));
        assert!(key.contains(r#""Sid":"SendFromS3""#), "{key}");
    }
}
