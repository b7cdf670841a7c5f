//! What the generated code does: the properties that come out, and facts that hold together.

use std::collections::BTreeSet;

use infra_core::facts::{Limit, Object, Rule, Shape, Tags};
use infra_core::policy::{Document, Principal, Statement};
use infra_core::{AnyArn, Arn, Facts, Name, Resource, Template, Url, Value, action, json};

use crate::{AnyKey, Tag, all_facts, ec2, facts, glue, iam, kinesis, kinesis_firehose, kms, lambda, s3, sqs, wafv2};

/// Compares the properties of a resource with JSON written by hand.
#[track_caller]
fn check<R: Resource>(resource: R, expected: &str) {
    let expected: String = expected.lines().map(str::trim).collect();
    assert_eq!(json::to_string(&resource.into_properties()), expected);
}

#[test]
fn what_is_not_set_is_not_there() {
    check(kinesis::Stream::new(), "{}");
}

#[test]
fn values_lists_enums_and_nested_objects() {
    use kinesis::stream::{EncryptionType, EnhancedMetric, StreamEncryption, StreamMode, StreamModeDetails};

    let mut template = Template::new("");
    let key = template.add("Key", kms::Key::new());
    let stream = kinesis::Stream {
        desired_shard_level_metrics: Some(vec![EnhancedMetric::All.into()]),
        retention_period_hours: Some(24.into()),
        stream_encryption: Some(StreamEncryption::new(EncryptionType::Kms, key.arn())),
        stream_mode_details: Some(StreamModeDetails::new(StreamMode::OnDemand)),
        tags: Some(vec![Tag::new("app", "lake")]),
        ..kinesis::Stream::new()
    };
    check(
        stream,
        r#"{"DesiredShardLevelMetrics":["ALL"],
            "RetentionPeriodHours":24,
            "StreamEncryption":{"EncryptionType":"KMS","KeyId":{"Fn::GetAtt":["Key","Arn"]}},
            "StreamModeDetails":{"StreamMode":"ON_DEMAND"},
            "Tags":[{"Key":"app","Value":"lake"}]}"#,
    );
}

#[test]
fn required_properties_are_arguments_in_the_order_of_their_names() {
    use lambda::function::{Architecture, Code, Environment, Runtime};

    let mut template = Template::new("");
    let trust = Statement::allow("Trust", [action!("sts:AssumeRole")]).to(Principal::Service("lambda.amazonaws.com"));
    let role = template.add("Role", iam::Role::new(Document::new([trust])));
    let code = Code {
        s3_bucket: Some(Name::new("assets").into()),
        s3_key: Some("code.zip".into()),
        ..Code::new()
    };
    let function = lambda::Function {
        architectures: Some(vec![Architecture::Arm64.into()]),
        environment: Some(Environment {
            variables: Some(vec![("ZONE".into(), "raw".into()), ("APP".into(), "lake".into())]),
        }),
        memory_size: Some(256.into()),
        runtime: Some(Runtime::ProvidedAl2023.into()),
        ..lambda::Function::new(code, role.arn())
    };
    check(
        function,
        r#"{"Architectures":["arm64"],
            "Code":{"S3Bucket":"assets","S3Key":"code.zip"},
            "Environment":{"Variables":{"ZONE":"raw","APP":"lake"}},
            "MemorySize":256,
            "Role":{"Fn::GetAtt":["Role","Arn"]},
            "Runtime":"provided.al2023"}"#,
    );
}

#[test]
fn references_lead_from_one_resource_to_the_next() {
    use kinesis_firehose::delivery_stream::{ExtendedS3DestinationConfiguration, KinesisStreamSourceConfiguration};

    let mut template = Template::new("");
    let stream = template.add("Stream", kinesis::Stream::new());
    let bucket = template.add("Bucket", s3::Bucket::new());
    let role: Value<Arn<iam::Role>> = Arn::new("arn:aws:iam::123456789012:role/delivery").into();
    let delivery = kinesis_firehose::DeliveryStream {
        extended_s3_destination_configuration: Some(ExtendedS3DestinationConfiguration::new(
            bucket.arn(),
            role.clone(),
        )),
        kinesis_stream_source_configuration: Some(KinesisStreamSourceConfiguration::new(stream.arn(), role)),
        ..kinesis_firehose::DeliveryStream::new()
    };
    check(
        delivery,
        r#"{"ExtendedS3DestinationConfiguration":{"BucketARN":{"Fn::GetAtt":["Bucket","Arn"]},
            "RoleARN":"arn:aws:iam::123456789012:role/delivery"},
            "KinesisStreamSourceConfiguration":{"KinesisStreamARN":{"Fn::GetAtt":["Stream","Arn"]},
            "RoleARN":"arn:aws:iam::123456789012:role/delivery"}}"#,
    );
}

#[test]
fn what_ref_gives_is_typed_per_resource() {
    let mut template = Template::new("");
    let queue = template.add("Queue", sqs::Queue::new());
    let url: Value<Url<sqs::Queue>> = queue.reference();
    let name: Value<Name<sqs::Queue>> = queue.queue_name();
    let dead_letters: Value<AnyArn> = queue.arn().into();
    let texts = [url.text(), name.text(), dead_letters.text()].map(|value| json::to_string(value.node()));
    assert_eq!(
        texts,
        [
            r#"{"Ref":"Queue"}"#,
            r#"{"Fn::GetAtt":["Queue","QueueName"]}"#,
            r#"{"Fn::GetAtt":["Queue","Arn"]}"#
        ]
    );
    let vpc = template.add("Vpc", ec2::Vpc::new());
    check(ec2::Subnet::new(vpc.reference()), r#"{"VpcId":{"Ref":"Vpc"}}"#);
}

#[test]
fn a_key_may_be_given_by_arn_id_or_alias() {
    let mut template = Template::new("");
    let key = template.add("Key", kms::Key::new());
    let alias: Value<Name<kms::Alias>> = Name::new("alias/aws/sqs").into();
    for (given, expected) in [
        (
            AnyKey::from(key.arn()),
            r#"{"KmsMasterKeyId":{"Fn::GetAtt":["Key","Arn"]}}"#,
        ),
        (AnyKey::from(key.reference()), r#"{"KmsMasterKeyId":{"Ref":"Key"}}"#),
        (AnyKey::from(alias), r#"{"KmsMasterKeyId":"alias/aws/sqs"}"#),
    ] {
        let queue = sqs::Queue {
            kms_master_key_id: Some(given),
            ..sqs::Queue::new()
        };
        check(queue, expected);
    }
}

#[test]
fn policies_are_documents_and_parameters_are_maps() {
    use glue::table::TableInput;

    let read = Statement::allow("Read", [action!("s3:GetObject")]).on([AnyArn::new("arn:aws:s3:::lake/*").into()]);
    let bucket: Value<Name<s3::Bucket>> = Name::new("lake").into();
    check(
        s3::BucketPolicy::new(bucket, Document::new([read])),
        r#"{"Bucket":"lake",
            "PolicyDocument":{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow",
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::lake/*"}]}}"#,
    );
    let database: Value<Name<glue::Database>> = Name::new("lake").into();
    let table = glue::Table {
        table_input: Some(TableInput {
            parameters: Some(vec![("classification".into(), "parquet".into())]),
            ..TableInput::new()
        }),
        ..glue::Table::new("123456789012", database)
    };
    check(
        table,
        r#"{"CatalogId":"123456789012","DatabaseName":"lake",
            "TableInput":{"Parameters":{"classification":"parquet"}}}"#,
    );
}

#[test]
fn a_type_that_contains_itself_is_boxed() {
    use wafv2::web_acl::{NotStatement, Statement};

    let inner = Statement {
        geo_match_statement: Some(wafv2::web_acl::GeoMatchStatement {
            country_codes: Some(vec!["GB".into()]),
            ..wafv2::web_acl::GeoMatchStatement::new()
        }),
        ..Statement::new()
    };
    let outer = Statement {
        not_statement: Some(Box::new(NotStatement::new(inner))),
        ..Statement::new()
    };
    let node = infra_core::ToNode::to_node(outer);
    let expected = r#"{"NotStatement":{"Statement":{"GeoMatchStatement":{"CountryCodes":["GB"]}}}}"#;
    assert_eq!(json::to_string(&node), expected);
}

#[test]
fn facts_are_found_by_name() {
    let facts = facts("AWS::Kinesis::Stream").expect("a stream has facts");
    assert!(facts.stateful);
    assert_eq!(facts.tags, Tags::List("Tags"));
    assert_eq!(facts.create_only, ["Name"]);
    assert!(facts.handlers.create.contains(&"kinesis:CreateStream"));
    let Some(Shape::Integer(limits)) = facts.shape("ShardCount") else {
        panic!("a number of shards is an integer");
    };
    assert!(limits.contains(&Limit::AtLeast(1.0)));
    assert!(crate::facts("AWS::Kinesis::Strom").is_none());
}

#[test]
fn all_types_have_facts_in_order() {
    let names: Vec<&str> = all_facts().map(|facts| facts.type_name).collect();
    assert!(names.is_sorted());
    assert_eq!(names.len(), 136);
    assert!(
        names
            .iter()
            .all(|name| facts(name).is_some_and(|facts| facts.type_name == *name))
    );
}

/// All objects of a type, each once.
fn objects(facts: &Facts) -> Vec<&'static Object> {
    fn inside(shape: &'static Shape) -> Option<&'static Object> {
        match shape {
            Shape::Object(object) => Some(object),
            Shape::List(item, _) | Shape::Map(item, _) => inside(item),
            _ => None,
        }
    }
    let (mut found, mut open, mut seen) = (Vec::new(), vec![facts.properties], BTreeSet::new());
    while let Some(object) = open.pop() {
        if seen.insert(std::ptr::from_ref(object)) {
            found.push(object);
            open.extend(object.properties.iter().filter_map(|property| inside(&property.shape)));
        }
    }
    found
}

#[test]
fn objects_name_only_members_that_they_have() {
    for facts in all_facts() {
        for object in objects(facts) {
            let named = object
                .required
                .iter()
                .chain(object.rules.iter().flat_map(|rule| match rule {
                    Rule::ExactlyOne(names) | Rule::AtLeastOne(names) => names.iter(),
                    Rule::Requires(_, names) | Rule::Excludes(_, names) => names.iter(),
                }));
            for name in named {
                assert!(object.property(name).is_some(), "{}: no member {name}", facts.type_name);
            }
            assert!(
                object.properties.is_sorted_by_key(|property| property.name),
                "{}",
                facts.type_name
            );
        }
    }
}

#[test]
fn paths_lead_to_properties() {
    for facts in all_facts() {
        let is_read_only = |path: &str| {
            let covers = |read_only: &&&str| path == **read_only || path.starts_with(&format!("{read_only}."));
            facts.read_only.iter().any(|read_only| covers(&read_only))
        };
        let paths = [
            facts.create_only,
            facts.conditional_create_only,
            facts.write_only,
            facts.deprecated,
        ]
        .concat();
        for path in paths {
            let known = facts.shape(path).is_some() || is_read_only(path);
            assert!(known, "{} has no {path}", facts.type_name);
        }
        for path in facts.read_only {
            assert!(facts.shape(path).is_none(), "{} can set {path}", facts.type_name);
        }
        if let Tags::List(property) | Tags::Map(property) = facts.tags {
            assert!(facts.shape(property).is_some(), "{} has no {property}", facts.type_name);
        }
    }
}

#[test]
fn every_read_only_property_is_an_attribute() {
    for facts in all_facts() {
        for path in facts.read_only.iter().filter(|path| !path.contains('*')) {
            assert!(facts.attributes.contains(path), "{}: {path}", facts.type_name);
        }
        for attribute in facts.attributes {
            let known = facts.read_only.contains(attribute) || facts.shape(attribute).is_some();
            assert!(known, "{}: {attribute}", facts.type_name);
        }
    }
}

#[test]
fn permissions_are_actions() {
    for facts in all_facts() {
        let handlers = &facts.handlers;
        let all = [
            handlers.create,
            handlers.read,
            handlers.update,
            handlers.delete,
            handlers.list,
        ]
        .concat();
        for action in all {
            // Panics where it is none.
            let known = infra_core::policy::Action::new(action);
            assert_eq!(known.as_str(), action, "{}", facts.type_name);
        }
        // The schemas of Lake Formation's older types say nothing about permissions.
        let is_silent = matches!(
            facts.type_name,
            "AWS::LakeFormation::DataLakeSettings" | "AWS::LakeFormation::Resource"
        );
        assert_eq!(handlers.create.is_empty(), is_silent, "{}", facts.type_name);
    }
}
