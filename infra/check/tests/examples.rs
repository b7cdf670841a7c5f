//! One good and one bad example of every rule, as data: the bad one breaks the rule, the good one
//! does not.

use std::collections::BTreeSet;

use infra_check::tree::Tree;
use infra_check::{Document, check, rules};

const FILES: [&str; 2] = [
    include_str!("examples/grammar.yaml"),
    include_str!("examples/policies.yaml"),
];

/// Rules whose examples are sizes or waivers, and stand in tests of their own.
const ELSEWHERE: [&str; 6] = [
    "function-variables-size",
    "template-inline",
    "template-size",
    "waiver-expired",
    "waiver-misplaced",
    "waiver-unused",
];

fn examples() -> Vec<Tree> {
    let files = FILES.iter().map(|text| serde_yaml::from_str::<Tree>(text).unwrap());
    files.flat_map(|tree| tree.items().to_vec()).collect()
}

fn map(members: Vec<(&'static str, Tree)>) -> Tree {
    Tree::Map(members.into_iter().map(|(name, tree)| (name.into(), tree)).collect())
}

/// The template of one side of an example.
fn template(example: &Tree, side: &'static str, beside: &'static str) -> Document {
    let given = example.get(side).unwrap().clone();
    let Some(kind) = example.get("type") else {
        let Tree::Map(mut members) = given else {
            panic!("a template is an object")
        };
        if members.iter().all(|(name, _)| name != "Resources") {
            let topic = map(vec![("Type", Tree::Text("AWS::SNS::Topic".into()))]);
            members.push(("Resources".into(), map(vec![("It", topic)])));
        }
        if let Some(Tree::Int(count)) = example.get("outputs").filter(|_| side == "bad") {
            let output = map(vec![("Value", Tree::Text("a".into()))]);
            let outputs = (0..*count).map(|number| (format!("Output{number}").into(), output.clone()));
            members.push(("Outputs".into(), Tree::Map(outputs.collect())));
        }
        return Document::from(Tree::Map(members));
    };
    let it = map(vec![("Type", kind.clone()), ("Properties", given)]);
    let mut resources = vec![("It".into(), it)];
    for name in ["beside", beside] {
        resources.extend(example.get(name).map_or(&[][..], Tree::members).iter().cloned());
    }
    Document::from(map(vec![("Resources", Tree::Map(resources))]))
}

#[test]
fn the_bad_example_of_each_rule_breaks_it_and_the_good_one_does_not() {
    let mut faults = Vec::new();
    for example in examples() {
        let rule = example.get("rule").and_then(Tree::text).unwrap();
        let breaks = |side, beside| {
            check(&template(&example, side, beside))
                .iter()
                .any(|it| it.rule.id == rule)
        };
        if !breaks("bad", "beside_bad") {
            faults.push(format!("{rule}: the bad example keeps it"));
        }
        if breaks("good", "beside_good") {
            faults.push(format!("{rule}: the good example breaks it"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_rule_has_an_example() {
    let examples = examples();
    let with: BTreeSet<&str> = examples
        .iter()
        .filter_map(|it| it.get("rule")?.text())
        .chain(ELSEWHERE)
        .collect();
    let all: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(with, all);
    assert_eq!(with.len(), rules().count(), "an id stands twice");
    assert_eq!(with.len(), examples.len() + ELSEWHERE.len(), "a rule has two examples");
}

#[test]
fn ids_are_words_and_say_nothing_of_other_checkers() {
    for rule in rules() {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        assert!(rule.id.split('-').all(is_word), "{}", rule.id);
        assert!(!rule.asks.ends_with('.') && !rule.fix.ends_with('.'), "{}", rule.id);
        assert!(!rule.outside.contains(&rule.id), "{}", rule.id);
    }
}

#[test]
fn sizes_have_limits() {
    let found = |value: usize| {
        let text = "a".repeat(value);
        let yaml = format!(
            "Resources: {{It: {{Type: AWS::Lambda::Function, Properties: {{Environment: {{Variables: {{A: {text}}}}}}}}}}}"
        );
        let findings = check(&Document::parse(&yaml).unwrap());
        findings.iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
    };
    assert!(!found(4_000).contains(&"function-variables-size"));
    assert!(found(5_000).contains(&"function-variables-size"));
    assert!(!found(50_000).contains(&"template-inline"));
    assert!(found(52_000).contains(&"template-inline"));
    assert!(found(1_000_001).contains(&"template-size"));
}
