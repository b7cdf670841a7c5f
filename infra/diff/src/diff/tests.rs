use super::Diff;
use crate::rename::Move;
use crate::template::yaml;

/// One line per resource: its id and what becomes of it.
#[track_caller]
fn check(before: &str, after: &str, moves: &[(&str, &str)], expected: &[&str]) -> Diff {
    let moves: Vec<Move> = moves
        .iter()
        .map(|(from, to)| Move {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
        })
        .collect();
    let read = |resources: &str| yaml(&format!("Resources:\n{resources}"));
    let diff = Diff::between("stack", &read(before), &read(after), &moves);
    let line = |resource: &super::Affected| format!("{} {}", resource.id, resource.verdict());
    assert_eq!(diff.resources.iter().map(line).collect::<Vec<_>>(), expected);
    diff
}

const STREAM: &str = "  Stream: {Type: 'AWS::Kinesis::Stream', Properties: {Name: events, ShardCount: 1}}";

#[test]
fn equal_templates_do_not_differ() {
    let diff = check(STREAM, STREAM, &[], &[]);
    assert!(diff.is_empty());
    assert_eq!(diff.summary(), "no changes");
}

#[test]
fn a_property_decides_what_happens() {
    check(
        STREAM,
        &STREAM.replace("ShardCount: 1", "ShardCount: 2"),
        &[],
        &["Stream updated"],
    );
    check(
        STREAM,
        &STREAM.replace("events", "clicks"),
        &[],
        &["Stream replaced, and its data is lost"],
    );
    check(
        "  Sub: {Type: 'AWS::SNS::Subscription', Properties: {Region: a}}",
        "  Sub: {Type: 'AWS::SNS::Subscription', Properties: {Region: b}}",
        &[],
        &["Sub perhaps replaced"],
    );
    check(
        "  It: {Type: 'Custom::Thing', Properties: {A: 1}}",
        "  It: {Type: 'Custom::Thing', Properties: {A: 2}}",
        &[],
        &["It perhaps replaced"],
    );
    check(
        "  It: {Type: 'AWS::SNS::Topic'}",
        "  It: {Type: 'AWS::SQS::Queue'}",
        &[],
        &["It replaced, and its data is lost"],
    );
    check(
        STREAM,
        &STREAM.replace("Properties", "DeletionPolicy: Retain, Properties"),
        &[],
        &["Stream annotated"],
    );
}

#[test]
fn the_policy_of_the_template_that_has_it_decides_on_the_data() {
    let kept = STREAM.replace(
        "Properties",
        "DeletionPolicy: Retain, UpdateReplacePolicy: Delete, Properties",
    );
    check(&kept, "  {}", &[], &["Stream taken out of the stack and left behind"]);
    check(
        &kept,
        &kept.replace("events", "clicks"),
        &[],
        &["Stream replaced, and its data is lost"],
    );
    let retained = kept.replace("Policy: Delete", "Policy: Retain");
    check(
        &kept,
        &retained.replace("events", "clicks"),
        &[],
        &["Stream replaced, and the old one is left behind"],
    );
    check(STREAM, "  {}", &[], &["Stream removed, and its data is lost"]);
    let database = "  Db: {Type: 'AWS::RDS::DBInstance'}";
    check(database, "  {}", &[], &["Db removed, with a snapshot kept"]);
    check("  T: {Type: 'AWS::SNS::Topic'}", "  {}", &[], &["T removed"]);
}

#[test]
fn a_condition_that_comes_out_different_may_take_a_resource_away() {
    let conditional = STREAM.replace("Properties", "Condition: IsBig, Properties");
    check(
        STREAM,
        &conditional,
        &[],
        &["Stream perhaps removed, and then its data is lost"],
    );

    let conditions = |stage: &str| {
        let text =
            format!("Conditions: {{IsProd: !Equals [a, {stage}], IsBig: !Not [!Condition IsProd]}}\nResources:\n");
        yaml(&(text + &conditional))
    };
    let diff = Diff::between("stack", &conditions("a"), &conditions("b"), &[]);
    assert_eq!(diff.summary(), "1 perhaps removed");
    assert_eq!(diff.resources[0].attributes, []);
    assert!(Diff::between("stack", &conditions("a"), &conditions("a"), &[]).is_empty());
}

#[test]
fn what_refers_to_a_replaced_resource_may_follow_it() {
    let chain = "
  Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: a}}
  Sub: {Type: 'AWS::SNS::Subscription', Properties: {TopicArn: !Ref Topic, Protocol: sqs}}
  Alarm: {Type: 'AWS::CloudWatch::Alarm', Properties: {AlarmActions: [!Ref Topic]}}
  Table: {Type: 'AWS::Glue::Table', Properties: {TableInput: {Name: a, Description: !Ref Topic}}}";
    let diff = check(
        chain,
        &chain.replace("TopicName: a", "TopicName: b"),
        &[],
        &["Topic replaced", "Sub perhaps replaced"],
    );
    let follow = &diff.resources[1].follows[0];
    assert_eq!(
        (follow.property.as_str(), follow.resource.as_str()),
        ("TopicArn", "Topic")
    );
}

#[test]
fn the_worst_comes_first() {
    let before = format!("{STREAM}\n  Topic: {{Type: 'AWS::SNS::Topic', Properties: {{DisplayName: a}}}}");
    let after = "  Topic: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: b}}
  Added: {Type: 'AWS::SNS::Topic'}";
    let diff = check(
        &before,
        after,
        &[],
        &["Stream removed, and its data is lost", "Topic updated", "Added added"],
    );
    assert_eq!(diff.summary(), "1 removed, 1 updated, 1 added");
}

#[test]
fn a_declared_move_is_no_removal() {
    let user = "\n  Alarm: {Type: 'AWS::CloudWatch::Alarm', Properties: {AlarmName: !Ref Stream}}";
    let before = format!("{STREAM}{user}");
    let after = before
        .replace("Stream: ", "Events: ")
        .replace("!Ref Stream", "!Ref Events");
    let moves = [("Stream", "Events")];
    check(&before, &after, &moves, &["Events moved (from Stream)"]);
    check(
        &before,
        &after.replace("ShardCount: 1", "ShardCount: 2"),
        &moves,
        &["Events updated (from Stream)"],
    );
    // Afterwards the declaration says nothing any more.
    check(&after, &after, &moves, &[]);
}

#[test]
fn an_undeclared_move_is_suspected() {
    let after = STREAM.replace("Stream: ", "Events: ");
    let lost = ["Stream removed, and its data is lost", "Events added"];
    let diff = check(STREAM, &after, &[], &lost);
    assert_eq!(
        diff.suspects[0].advice(),
        "if Events is Stream under a new name, say `template.moved(\"Stream\", &handle)` where Events is added"
    );
}

#[test]
fn the_other_sections_are_compared_entry_by_entry() {
    let before = yaml("{Description: a, Outputs: {A: {Value: 1}}}");
    let after = yaml("{Description: b, Outputs: {A: {Value: 2}}, Parameters: {P: {Type: String}}}");
    let diff = Diff::between("stack", &before, &after, &[]);
    let places = diff.sections.iter().flat_map(|section| {
        let name = &section.name;
        section
            .changes
            .iter()
            .map(move |change| format!("{name} {}", change.path))
    });
    assert_eq!(
        places.collect::<Vec<_>>(),
        ["Description ", "Outputs A.Value", "Parameters P"]
    );
    assert_eq!(
        diff.summary(),
        "no resource changes, but Description, Outputs, Parameters"
    );
    assert!(!diff.is_empty());
}
