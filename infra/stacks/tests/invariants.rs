//! What holds for every template, whatever it is about.

use std::collections::BTreeSet;
use std::path::Path;

use infra_core::{Node, Stack};
use infra_stacks::environment::Stage;
use infra_stacks::{Environment, app};
use lake::contract;

fn each_stack(check: impl Fn(Stage, &Stack)) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
    for stage in Stage::ALL {
        let environment = Environment::load(&directory, stage.name(), "headend").unwrap();
        app(&environment).unwrap().iter().for_each(|stack| check(stage, stack));
    }
}

fn texts(node: &Node) -> Vec<&str> {
    let mut texts = Vec::new();
    node.walk(&mut |node| {
        if let Node::Text(text) = node {
            texts.push(text.as_ref());
        }
    });
    texts
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    each_stack(|stage, stack| {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
        let again = app(&Environment::load(&directory, stage.name(), "headend").unwrap()).unwrap();
        let again = again.iter().find(|other| other.name == stack.name).unwrap();
        assert_eq!(again.template.to_yaml(), stack.template.to_yaml());
        assert_eq!(again.template.to_json(), stack.template.to_json());
    });
}

/// What a YAML reader makes of the short forms, in the long forms that JSON has.
fn long_forms(value: serde_yaml::Value) -> serde_json::Value {
    use serde_yaml::Value;
    match value {
        Value::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                "Ref" | "Condition" => tag.trim_start_matches('!').to_owned(),
                name => format!("Fn::{name}"),
            };
            let argument = match (name.as_str(), long_forms(tagged.value)) {
                ("Fn::GetAtt", serde_json::Value::String(path)) => {
                    let (id, attribute) = path.split_once('.').unwrap();
                    serde_json::json!([id, attribute])
                }
                (_, argument) => argument,
            };
            serde_json::json!({ name: argument })
        }
        Value::Sequence(items) => items.into_iter().map(long_forms).collect(),
        Value::Mapping(members) => {
            let member = |(key, value): (Value, Value)| (key.as_str().unwrap().to_owned(), long_forms(value));
            serde_json::Value::Object(members.into_iter().map(member).collect())
        }
        plain => serde_json::to_value(plain).unwrap(),
    }
}

#[test]
fn yaml_and_json_say_the_same() {
    each_stack(|_, stack| {
        let yaml = long_forms(serde_yaml::from_str(&stack.template.to_yaml()).unwrap());
        let json: serde_json::Value = serde_json::from_str(&stack.template.to_json()).unwrap();
        assert_eq!(yaml, json);
    });
}

#[test]
fn nothing_goes_past_the_type_system() {
    each_stack(|_, stack| assert_eq!(stack.template.raw_values(), 0));
}

#[test]
fn templates_fit_the_limits_of_cloudformation() {
    each_stack(|_, stack| {
        // Above 51,200 bytes it goes by way of S3, above this not at all.
        assert!(
            stack.template.to_json().len() <= 1_000_000,
            "{} cannot be deployed",
            stack.name
        );
        assert!(stack.template.resources().count() <= 500);
        assert!(stack.name.len() <= 128);
    });
}

#[test]
fn no_role_may_do_all_that_a_service_can() {
    each_stack(|_, stack| {
        let roles = stack
            .template
            .resources()
            .filter(|(_, kind, _)| *kind == "AWS::IAM::Role");
        for (id, _, properties) in roles {
            properties.walk(&mut |node| {
                if let Some(actions) = node.get("Action") {
                    let star = texts(actions).into_iter().find(|action| action.contains('*'));
                    assert_eq!(star, None, "{id}");
                }
            });
        }
    });
}

#[test]
fn every_function_has_a_log_with_an_end_and_an_alarm() {
    each_stack(|_, stack| {
        let resources: Vec<_> = stack.template.resources().collect();
        for (id, _, properties) in resources.iter().filter(|(_, kind, _)| *kind == "AWS::Lambda::Function") {
            let group = properties
                .get("LoggingConfig")
                .and_then(|logging| logging.get("LogGroup"))
                .unwrap();
            let group = infra_core::json::to_string(group);
            let (_, _, log) = resources
                .iter()
                .find(|(log, ..)| group == format!(r#"{{"Ref":"{log}"}}"#))
                .unwrap();
            assert!(log.get("RetentionInDays").is_some(), "the log of {id} has no end");
            let watched = resources
                .iter()
                .filter(|(_, kind, _)| *kind == "AWS::CloudWatch::Alarm")
                .any(|(.., alarm)| infra_core::json::to_string(alarm).contains(&format!(r#"{{"Ref":"{id}"}}"#)));
            assert!(watched, "{id} has no alarm");
        }
    });
}

#[test]
fn every_alarm_tells_somebody_and_has_a_section_in_the_runbook() {
    let runbook = include_str!("../../../docs/runbook.md");
    let sections: BTreeSet<&str> = runbook.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    each_stack(|_, stack| {
        let alarms = stack
            .template
            .resources()
            .filter(|(_, kind, _)| *kind == "AWS::CloudWatch::Alarm");
        let mut seen = 0;
        for (id, _, alarm) in alarms {
            seen += 1;
            assert!(
                matches!(alarm.get("AlarmActions"), Some(Node::List(actions)) if !actions.is_empty()),
                "{id}"
            );
            let Some(Node::Text(description)) = alarm.get("AlarmDescription") else {
                panic!("{id} says nothing")
            };
            let (_, section) = description.split_once("docs/runbook.md#").unwrap();
            assert!(
                sections.contains(section),
                "{id}: the runbook has no section `{section}`"
            );
        }
        assert!(seen > 0, "{} has no alarms", stack.name);
    });
}

#[test]
fn the_table_has_the_columns_of_the_contract() {
    each_stack(|_, stack| {
        let (_, _, table) = stack
            .template
            .resources()
            .find(|(_, kind, _)| *kind == "AWS::Glue::Table")
            .unwrap();
        let input = table.get("TableInput").unwrap();
        let names = |node: &Node| -> Vec<(String, String)> {
            let Node::List(columns) = node else {
                panic!("columns are a list")
            };
            let text = |column: &Node, key: &str| match column.get(key) {
                Some(Node::Text(text)) => text.to_string(),
                other => panic!("{key}: {other:?}"),
            };
            columns
                .iter()
                .map(|column| (text(column, "Name"), text(column, "Type")))
                .collect()
        };
        let columns = names(
            input
                .get("StorageDescriptor")
                .and_then(|storage| storage.get("Columns"))
                .unwrap(),
        );
        let expected: Vec<_> = contract::COLUMNS
            .iter()
            .map(|c| (c.name.to_owned(), c.kind.glue_type().to_owned()))
            .collect();
        assert_eq!(columns, expected);
        let partitions = names(input.get("PartitionKeys").unwrap());
        let expected: Vec<_> = contract::PARTITIONS
            .iter()
            .map(|p| (p.name.to_owned(), "string".to_owned()))
            .collect();
        assert_eq!(partitions, expected);
    });
}

#[test]
fn whoever_deploys_is_asked_for_secrets_alone() {
    each_stack(|_, stack| {
        let inputs = stack.template.inputs().iter().map(|input| input.parameter.as_str());
        let assets = stack.assets.iter().map(|asset| asset.parameter.as_str());
        let found: BTreeSet<&str> = inputs.chain(assets).chain([infra_core::stack::ASSET_BUCKET]).collect();
        let template = stack.template.to_node();
        let parameters = template.get("Parameters").unwrap();
        for name in stack.template.parameter_names() {
            let parameter = parameters.get(name).unwrap();
            let is_secret = parameter.get("NoEcho") == Some(&Node::Bool(true));
            let is_optional = parameter.get("Default").is_some();
            assert!(
                found.contains(name) || is_secret || is_optional,
                "nobody can know {name} of {}",
                stack.name
            );
        }
    });
}

#[test]
fn outputs_of_two_stacks_have_different_names() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
    let environment = Environment::load(&directory, Stage::Dev.name(), "headend").unwrap();
    let mut seen = BTreeSet::new();
    for stack in app(&environment).unwrap() {
        let template = stack.template.to_node();
        let Some(Node::Map(outputs)) = template.get("Outputs") else {
            panic!("{} has no outputs", stack.name)
        };
        for (name, _) in outputs {
            assert!(seen.insert(name.to_string()), "{name} is an output of two stacks");
        }
    }
}

/// A role names its resources; where a service has none, the region bounds the call.
#[test]
fn no_role_may_reach_everything_or_read_whole_tables() {
    each_stack(|_, stack| {
        let resources = stack.template.resources();
        for (id, _, role) in resources.filter(|(_, kind, _)| *kind == "AWS::IAM::Role") {
            let Some(Node::List(policies)) = role.get("Policies") else {
                panic!("{id} may do nothing")
            };
            for policy in policies {
                let Some(Node::List(statements)) = policy.get("PolicyDocument").and_then(|it| it.get("Statement"))
                else {
                    panic!("a policy of {id} says nothing")
                };
                for statement in statements {
                    let everything = texts(statement.get("Resource").unwrap()).contains(&"*");
                    let bounded = statement
                        .get("Condition")
                        .is_some_and(|condition| condition.get("StringEquals").is_some());
                    assert!(!everything || bounded, "{id}: {statement:?}");
                    let actions = texts(statement.get("Action").unwrap());
                    let scan = actions
                        .iter()
                        .find(|action| action.contains("Scan") || action.contains("PartiQL"));
                    assert_eq!(scan, None, "{id}");
                }
            }
        }
    });
}

#[test]
fn data_outlives_its_stack_where_it_matters() {
    each_stack(|stage, stack| {
        let yaml = stack.template.to_yaml();
        let keeps = matches!(stage, Stage::Staging | Stage::Prod);
        for (id, kind, _) in stack.template.resources() {
            if matches!(
                kind,
                "AWS::S3::Bucket"
                    | "AWS::Kinesis::Stream"
                    | "AWS::KMS::Key"
                    | "AWS::DynamoDB::Table"
                    | "AWS::Cognito::UserPool"
            ) {
                let policy = if keeps { "Retain" } else { "Delete" };
                let (_, entry) = yaml.split_once(&format!("\n  {id}:\n    Type: {kind}\n")).unwrap();
                let (entry, _) = entry.split_once("    Properties:").unwrap();
                let policies = format!("    DeletionPolicy: {policy}\n    UpdateReplacePolicy: {policy}\n");
                assert!(entry.contains(&policies), "{id} of {stage}");
            }
        }
    });
}

#[test]
fn partitions_of_every_table_are_found() {
    each_stack(|_, stack| {
        let resources: Vec<_> = stack.template.resources().collect();
        for (id, _, table) in resources.iter().filter(|(_, kind, _)| *kind == "AWS::Glue::Table") {
            let input = infra_core::json::to_string(table);
            let projected = input.contains(r#""projection.enabled":"true""#);
            let crawled = resources
                .iter()
                .filter(|(_, kind, _)| *kind == "AWS::Glue::Crawler")
                .any(|(_, _, crawler)| {
                    let scheduled = crawler
                        .get("Schedule")
                        .and_then(|schedule| schedule.get("ScheduleExpression"))
                        .is_some();
                    scheduled && infra_core::json::to_string(crawler).contains(&format!(r#"{{"Ref":"{id}"}}"#))
                });
            let name = table.get("TableInput").and_then(|input| input.get("Name"));
            let named = name.map(|name| format!(r#"table/${{CatalogDatabase}}/{}""#, texts(name).concat()));
            let registered = resources
                .iter()
                .filter(|(_, kind, _)| *kind == "AWS::IAM::Role")
                .map(|(_, _, role)| infra_core::json::to_string(role))
                .filter(|role| role.contains(r#""glue:BatchCreatePartition""#))
                .any(|role| named.as_ref().is_some_and(|named| role.contains(named)));
            assert!(
                projected || crawled || registered,
                "nothing tells Athena of the partitions of {id}"
            );
        }
    });
}
