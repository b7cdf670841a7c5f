use super::{INCOMPLETE, is_empty, merge};
use crate::cloudformation::fake::{Answer, Script, change, look, news, property, ready, stack_event, turned_down};
use crate::cloudformation::{Action, Change, ChangeSet, Finding, Replacement};
use crate::engine::bench::{Bench, bench, chain, plan, yes};
use std::time::Duration;

fn queue(id: &str) -> Change {
    change(id, "AWS::SQS::Queue", Action::Modify, Replacement::No)
}

/// A stack that is there, and an update of it that ends well.
fn updating(change_sets: Vec<ChangeSet>) -> Script {
    let script = Script::new([
        look("CREATE_COMPLETE"),
        news("UPDATE_COMPLETE", [stack_event("UPDATE_COMPLETE", None)]),
    ]);
    script.change_sets.borrow_mut().push_back(Answer::Give(change_sets));
    script
}

async fn said(bench: &Bench) -> String {
    bench.deploy(&plan(), "assets", &yes()).await.unwrap();
    bench.console.text()
}

#[test]
fn both_sentences_for_no_changes_are_known() {
    assert!(is_empty(
        "The submitted information didn't contain changes. Submit different information to create a change set."
    ));
    assert!(is_empty("No updates are to be performed."));
    assert!(!is_empty("Template error: resource Queue does not exist"));
}

#[test]
fn no_change_and_no_property_is_lost_when_values_are_merged_in() {
    let queue = |properties| {
        let mut queue = change("Queue", "AWS::SQS::Queue", Action::Modify, Replacement::Yes);
        queue.properties = properties;
        queue
    };
    let complete = vec![
        queue(vec![property("QueueName", None), property("Tags", None)]),
        change("Topic", "AWS::SNS::Topic", Action::Add, Replacement::No),
    ];
    let with_values = [queue(vec![property("Tags.0.Value", Some(("a", "b")))])];
    let merged = merge(complete, &with_values);
    assert_eq!(merged.len(), 2);
    assert_eq!(
        merged[0].properties,
        [property("QueueName", None), property("Tags.0.Value", Some(("a", "b")))]
    );
}

#[tokio::test]
async fn what_the_values_cost_is_read_again_without_them() {
    let mut valued = queue("Valued");
    valued.properties = vec![property("DelaySeconds", Some(("0", "5")))];
    let incomplete = ChangeSet {
        reason: Some(format!("{INCOMPLETE} for this stack.")),
        ..ready(vec![valued])
    };
    let mut script = updating(vec![incomplete]);
    // On two pages, so that a reader who stops after the first one is found out.
    script.without_values = Some(vec![ready(vec![queue("Valued")]), ready(vec![queue("Left")])]);
    let bench = bench(script);
    let text = said(&bench).await;
    assert!(text.contains("update stack lake, 2 changes:"), "{text}");
    assert!(text.contains("DelaySeconds: 0 -> 5"), "{text}");
    assert!(text.contains("Left"), "{text}");
}

#[tokio::test]
async fn changes_of_nested_stacks_are_listed_under_their_path() {
    let nested = |id: &str, change_set: &str| {
        let mut nested = change(id, "AWS::CloudFormation::Stack", Action::Modify, Replacement::No);
        nested.nested = Some(change_set.to_owned());
        nested
    };
    let mut script = updating(vec![ready(vec![nested("Outer", "outer")])]);
    script.nested = vec![
        (
            "outer",
            vec![ready(vec![queue("First")]), ready(vec![nested("Inner", "inner")])],
        ),
        ("inner", vec![ready(vec![queue("Last")])]),
    ];
    let bench = bench(script);
    let text = said(&bench).await;
    assert!(text.contains("update stack lake, 4 changes:"), "{text}");
    for path in ["Outer/First", "Outer/Inner ", "Outer/Inner/Last"] {
        assert!(text.contains(path), "{path} in {text}");
    }
}

#[tokio::test]
async fn a_finding_names_the_line_that_made_the_resource() {
    let mut script = updating(vec![turned_down("Validation failed")]);
    let finding = |path: &str, reason: &str| Finding {
        at: Duration::ZERO,
        logical_id: String::new(),
        kind: "AWS::SQS::Queue".to_owned(),
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    script.findings = vec![
        finding("/Resources/Queue/Properties/QueueName", "it exists already"),
        finding("/Resources/Other", "not known here"),
    ];
    let bench = bench(script);
    let mut plan = plan();
    plan.made_at
        .insert("Queue".to_owned(), "stacks/src/lake.rs:80".to_owned());
    let error = bench.deploy(&plan, "assets", &yes()).await.unwrap_err();
    assert_eq!(
        chain(&error),
        [
            "CloudFormation turned down the changes of lake: Validation failed",
            "Queue (AWS::SQS::Queue) at /Resources/Queue/Properties/QueueName: it exists already; \
             made at stacks/src/lake.rs:80",
        ]
    );
    let text = bench.console.text();
    assert!(
        text.contains("  stacks/src/lake.rs:80: /Resources/Queue/Properties/QueueName"),
        "{text}"
    );
    assert!(text.contains("  /Resources/Other: not known here"), "{text}");
}
