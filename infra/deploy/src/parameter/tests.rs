use super::{Given, arguments, hide, values};
use crate::cloudformation::fake::{Script, change, look, nothing, property};
use crate::cloudformation::{Action, Argument, Property, Replacement};
use crate::engine::bench::{bench, plan, yes};
use crate::plan::Plan;
use crate::template::parameters;
use infra_core::{Parameter, Stack, Template};

const DECLARED: &str = r#"{"Resources":{},"Parameters":{
    "Key":{"Type":"String","NoEcho":true,"Description":"The key"},
    "Url":{"Type":"String","Default":"https://example.com"},
    "Zip":{"Type":"String"}}}"#;

fn stack() -> Stack {
    let mut template = Template::new("A stack");
    template.parameter::<String>("WatchmodeUrl", Parameter::default());
    template.parameter::<String>("SiteOrigin", Parameter::default());
    Stack::new("guide", template)
}

#[track_caller]
fn check(given: &[&str], expected: Result<&[(&str, &str)], &str>) {
    let given = given.iter().map(|text| text.parse::<Given>());
    let read = |name: &str| (name == "URL").then(|| "from the environment".to_owned());
    let found = given.collect::<Result<Vec<_>, _>>().and_then(|given| {
        let values = values(&given, read).and_then(|values| super::check(&values, &[stack()]).map(|()| values));
        values.map_err(|error| error.to_string())
    });
    let expected = expected.map(|pairs| {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        owned.collect::<Vec<_>>()
    });
    assert_eq!(found, expected.map_err(str::to_owned));
}

#[test]
fn a_value_is_text_or_comes_from_the_environment() {
    check(&["SiteOrigin="], Ok(&[("SiteOrigin", "")]));
    check(&["SiteOrigin=a=b"], Ok(&[("SiteOrigin", "a=b")]));
    check(
        &["WatchmodeUrl=env:URL", "SiteOrigin=x"],
        Ok(&[("WatchmodeUrl", "from the environment"), ("SiteOrigin", "x")]),
    );
}

#[test]
fn what_cannot_be_meant_is_refused_without_repeating_the_value() {
    check(
        &["watchmodeUrl=x"],
        Err("no template has a parameter watchmodeUrl; did you mean WatchmodeUrl?"),
    );
    check(
        &["WatchmodeUrl=env:UNSET"],
        Err("parameter WatchmodeUrl is to come from UNSET, which is not set"),
    );
    check(
        &["SiteOrigin=a", "SiteOrigin=b"],
        Err("parameter SiteOrigin is given twice"),
    );
    check(&["secret"], Err("a parameter is NAME=VALUE or NAME=env:VARIABLE"));
    check(
        &["=secret"],
        Err("a parameter is NAME=VALUE or NAME=env:VARIABLE, with a name of letters and digits"),
    );
    check(
        &["SiteOrigin=env:"],
        Err("SiteOrigin names no variable; write SiteOrigin=env:VARIABLE"),
    );
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn a_secret_that_is_not_given_again_stays_and_a_default_is_left_to_the_service() {
    let declared = parameters(DECLARED).unwrap();
    let held = ["Key".to_owned(), "Zip".to_owned(), "Url".to_owned()];
    let sent = arguments("guide", &declared, &[pair("Zip", "a.zip")], &held).unwrap();
    assert_eq!(
        sent,
        [
            ("Key".to_owned(), Argument::Held),
            ("Zip".to_owned(), Argument::Given("a.zip".to_owned())),
        ]
    );
    let given = [pair("Zip", "a.zip"), pair("Key", "new"), pair("Url", "u")];
    let sent = arguments("guide", &declared, &given, &held).unwrap();
    assert_eq!(sent[0], ("Key".to_owned(), Argument::Given("new".to_owned())));
    assert_eq!(sent.len(), 3);
}

#[test]
fn a_parameter_without_a_value_says_how_to_give_it() {
    let declared = parameters(DECLARED).unwrap();
    let refused = |given: &[(String, String)]| {
        let error = arguments("guide", &declared, given, &[]).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        refused(&[pair("Zip", "a.zip")]),
        "stack guide wants Key (The key); pass --parameter Key=env:VARIABLE"
    );
    assert_eq!(
        refused(&[pair("Key", "k")]),
        "stack guide wants Zip (a value); pass --parameter Zip=VALUE"
    );
}

#[test]
fn a_secret_is_shown_nowhere() {
    let declared = parameters(DECLARED).unwrap();
    let given = [pair("Key", "hunter2"), pair("Zip", "a.zip")];
    let sent = arguments("guide", &declared, &given, &[]).unwrap();
    assert!(!format!("{sent:?}").contains("hunter2"), "{sent:?}");
    let mut properties = [Property {
        path: "SecretString".to_owned(),
        before: None,
        after: Some(r#"{"key":"hunter2","zip":"a.zip"}"#.to_owned()),
    }];
    hide(&mut properties, &declared, &sent);
    assert_eq!(properties[0].after.as_deref(), Some(r#"{"key":"****","zip":"a.zip"}"#));
}

#[tokio::test]
async fn a_secret_is_held_by_the_stack_or_asked_for_before_anything_is_made() {
    let plan = Plan {
        template: r#"{"Resources":{},"Parameters":{"Key":{"Type":"String","NoEcho":true}}}"#.to_owned(),
        ..plan()
    };
    let absent = bench(Script::new([nothing()]));
    let error = absent.deploy(&plan, "assets", &yes()).await.unwrap_err().to_string();
    assert!(error.ends_with("pass --parameter Key=env:VARIABLE"), "{error}");
    assert!(absent.cloud.deeds().is_empty());

    let looks = [look("CREATE_COMPLETE"), look("UPDATE_COMPLETE")];
    let mut queue = change("Queue", "AWS::SQS::Queue", Action::Modify, Replacement::No);
    let mut script = Script::new(looks.clone()).changing(vec![queue.clone()]);
    script.parameters = vec!["Key"];
    let standing = bench(script);
    standing.deploy(&plan, "assets", &yes()).await.unwrap();
    let wanted = standing.cloud.wanted.take().unwrap();
    assert_eq!(wanted.parameters, [("Key".to_owned(), Argument::Held)]);

    queue.properties = vec![property("SecretString", Some(("", "hunter2")))];
    let given = bench(Script::new(looks).changing(vec![queue]));
    let plan = plan.given(&[("Key".to_owned(), "hunter2".to_owned())]).unwrap();
    given.deploy(&plan, "assets", &yes()).await.unwrap();
    let said = given.console.text();
    assert!(said.contains("****") && !said.contains("hunter2"), "{said}");
}
