//! What holds for the TV guide's template in every environment.

use std::collections::BTreeSet;
use std::path::Path;

use infra_core::{Node, Stack, json};
use infra_stacks::environment::Stage;
use infra_stacks::{Environment, app};
use tv_guide::contract::api::{Method, ROUTES, USER_KEY};
use tv_guide::contract::{attribute, ingest, output, table};

fn each_guide(check: impl Fn(Stage, &Stack)) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
    for stage in Stage::ALL {
        let environment = Environment::load(&directory, stage.name(), "headend").unwrap();
        let stacks = app(&environment).unwrap();
        let guide = stacks.iter().find(|stack| stack.name.ends_with("-tv-guide")).unwrap();
        check(stage, guide);
    }
}

/// The properties of the resources of a type, with their logical ids.
fn of_kind<'a>(stack: &'a Stack, kind: &str) -> Vec<(&'a str, &'a Node)> {
    let resources = stack.template.resources();
    let resources = resources.filter(|(_, other, _)| *other == kind);
    resources.map(|(id, _, properties)| (id, properties)).collect()
}

fn resource<'a>(stack: &'a Stack, id: &str) -> &'a Node {
    let mut resources = stack.template.resources();
    let found = resources.find(|(other, ..)| *other == id);
    found.unwrap_or_else(|| panic!("there is no {id}")).2
}

#[track_caller]
fn text<'a>(node: &'a Node, key: &str) -> &'a str {
    match node.get(key) {
        Some(Node::Text(text)) => text,
        other => panic!("{key}: {other:?}"),
    }
}

#[test]
fn the_gateway_has_the_routes_of_the_contract_and_one_for_the_rest() {
    each_guide(|_, stack| {
        let made: BTreeSet<(String, String)> = of_kind(stack, "AWS::ApiGatewayV2::Route")
            .into_iter()
            .map(|(_, route)| {
                (
                    text(route, "RouteKey").to_owned(),
                    text(route, "AuthorizationType").to_owned(),
                )
            })
            .collect();
        let authorized = |public| if public { "NONE" } else { "JWT" };
        let mut expected: BTreeSet<(String, String)> = ROUTES
            .iter()
            .map(|route| (route.key(), authorized(route.public).to_owned()))
            .collect();
        expected.insert(("$default".to_owned(), "NONE".to_owned()));
        assert_eq!(made, expected);
    });
}

#[test]
fn every_route_that_writes_has_a_limit_of_its_own() {
    each_guide(|_, stack| {
        let [(_, stage)] = of_kind(stack, "AWS::ApiGatewayV2::Stage")[..] else {
            panic!("an API has one stage")
        };
        let Some(Node::Map(limits)) = stage.get("RouteSettings") else {
            panic!("no route has a limit")
        };
        let limited: BTreeSet<String> = limits.iter().map(|(key, _)| key.to_string()).collect();
        let writes = ROUTES.iter().filter(|route| route.method != Method::Get);
        assert_eq!(limited, writes.map(|route| route.key()).collect());
    });
}

#[test]
fn the_data_of_users_is_one_sessions_and_one_users() {
    each_guide(|_, stack| {
        let function = json::to_string(resource(stack, "ApiRole"));
        assert!(
            !function.contains("userpref"),
            "the function reaches users' data by itself"
        );
        assert!(!function.contains(r#""fav:"#), "the function can ask who follows what");
        let user = resource(stack, "UserData");
        let trust = json::to_string(user.get("AssumeRolePolicyDocument").unwrap());
        assert!(trust.contains(r#"{"AWS":{"Fn::GetAtt":["ApiRole","Arn"]}}"#), "{trust}");
        let policies = json::to_string(user.get("Policies").unwrap());
        let bound = format!(r#""ForAllValues:StringEquals":{{"dynamodb:LeadingKeys":["{USER_KEY}"]}}"#);
        assert!(policies.contains(&bound), "{policies}");
        assert_eq!(policies.matches("dynamodb:PutItem").count(), 1, "{policies}");
        assert!(!policies.contains("/index/"), "{policies}");
    });
}

#[test]
fn the_table_is_as_the_contract_names_it() {
    each_guide(|stage, stack| {
        let table = resource(stack, "Programmes");
        assert_eq!(text(table, "TableName"), format!("headend-{stage}-UKTVProgrammes"));
        let Some(Node::List(indexes)) = table.get("GlobalSecondaryIndexes") else {
            panic!("the table has no index")
        };
        let names: Vec<&str> = indexes.iter().map(|index| text(index, "IndexName")).collect();
        assert_eq!(names, [table::index::GSI1, table::index::GSI2, table::index::GSI3]);
        let lives = table.get("TimeToLiveSpecification").unwrap();
        assert_eq!(text(lives, "AttributeName"), attribute::TTL);
        let changes = table.get("StreamSpecification").unwrap();
        assert_eq!(text(changes, "StreamViewType"), "NEW_AND_OLD_IMAGES");
    });
}

/// The seed's schedule left the genres out, so that they were never fetched.
#[test]
fn the_seeds_schedules_say_all_that_is_to_be_fetched() {
    each_guide(|stage, stack| {
        let told = |end: &str| {
            let name = format!("headend-{stage}-{end}");
            let schedules = of_kind(stack, "AWS::Scheduler::Schedule");
            let found = schedules.into_iter().find(|(_, it)| text(it, "Name") == name);
            let (_, schedule) = found.unwrap_or_else(|| panic!("there is no {name}"));
            assert_eq!(text(schedule, "ScheduleExpression"), "rate(1 day)");
            let input = text(schedule.get("Target").unwrap(), "Input");
            serde_json::from_str::<serde_json::Value>(input).unwrap()
        };
        let reference = told("DailyUKTVReferenceTrigger");
        for (key, value) in [("refresh_sources", "Y"), ("refresh_genres", "Y"), ("regions", "GB")] {
            assert_eq!(reference[key], value, "{key}");
        }
        let ingest: serde_json::Value = serde_json::from_str(ingest::schedule::TITLES_INPUT).unwrap();
        assert_eq!(told("DailyUKTVDataIngestionTrigger"), ingest);
    });
}

#[test]
fn no_secret_is_shown_by_the_template() {
    each_guide(|_, stack| {
        let secret = resource(stack, "WatchmodeKey");
        assert_eq!(
            json::to_string(secret.get("SecretString").unwrap()),
            r#"{"Ref":"WatchModeApiKey"}"#
        );
        let uses = stack.template.to_json().matches(r#"{"Ref":"WatchModeApiKey"}"#).count();
        assert_eq!(uses, 1, "the key is used for the secret alone");
    });
}

#[test]
fn the_page_is_told_by_outputs_that_there_are() {
    each_guide(|_, stack| {
        let template = stack.template.to_node();
        let outputs = template.get("Outputs").unwrap();
        let [site] = &stack.sites[..] else {
            panic!("the guide has one page")
        };
        let mut names = vec![site.bucket];
        for (_, setting) in &site.config {
            if let infra_core::stack::Setting::Output(name) = setting {
                names.push(name);
            }
        }
        for name in names {
            assert!(outputs.get(name).is_some(), "there is no output {name}");
        }
        assert_eq!(
            text(outputs.get(output::TEST_USERNAME).unwrap(), "Value"),
            output::TEST_USER
        );
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for page in ["index.html", "404.html"] {
            assert!(
                root.join(site.folder).join(page).is_file(),
                "{} has no {page}",
                site.folder
            );
        }
    });
}

/// CloudWatch evaluates at most a day of shorter periods, and a week of those from an hour on.
#[test]
fn alarms_look_back_no_further_than_cloudwatch_does() {
    each_guide(|_, stack| {
        for (id, alarm) in of_kind(stack, "AWS::CloudWatch::Alarm") {
            let number = |key: &str| match alarm.get(key) {
                Some(Node::Int(number)) => *number,
                other => panic!("{id}: {key}: {other:?}"),
            };
            let most = if number("Period") < 3_600 { 86_400 } else { 604_800 };
            assert!(number("Period") * number("EvaluationPeriods") <= most, "{id}");
        }
    });
}

#[test]
fn the_absence_of_what_runs_by_the_clock_is_an_alarm() {
    each_guide(|_, stack| {
        for id in ["ReferenceNoSnapshotAlarm", "IngestNoSnapshotAlarm"] {
            assert_eq!(text(resource(stack, id), "TreatMissingData"), "breaching", "{id}");
        }
    });
}
