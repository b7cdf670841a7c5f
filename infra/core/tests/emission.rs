//! What is written is what was meant, for every reader.

use infra_core::{Node, json, yaml};
use proptest::prelude::*;

fn text(text: &str) -> Node {
    Node::Text(text.to_owned().into())
}

fn map(members: Vec<(&'static str, Node)>) -> Node {
    Node::Map(members.into_iter().map(|(key, node)| (key.into(), node)).collect())
}

#[track_caller]
fn check_yaml(node: &Node, expected: &str) {
    assert_eq!(yaml::to_string(node), expected);
}

/// Texts that YAML 1.1 readers take for something else when they stand without quotes.
const TRICKY: &[&str] = &[
    "y",
    "Y",
    "yes",
    "Yes",
    "YES",
    "n",
    "N",
    "no",
    "No",
    "NO",
    "true",
    "True",
    "TRUE",
    "false",
    "False",
    "FALSE",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "null",
    "Null",
    "NULL",
    "~",
    "",
    " ",
    "012345678901",
    "1e3",
    "0x1F",
    "0o17",
    "017",
    "12:30:45",
    "2012-10-17",
    "2001-12-14t21:59:43.10-05:00",
    "1_000",
    ".5",
    "+1",
    "-",
    "-1",
    "=",
    "<<",
    ".inf",
    ".NaN",
    "a: b",
    "a #b",
    "#",
    "*",
    "&a",
    "!Ref",
    "%",
    "@",
    "`",
    "- a",
    "? a",
    "key:",
    "{a}",
    "[a]",
    "a,b",
    "'",
    "\"",
    "\\",
    "|",
    ">",
    "trailing ",
    "tab\t",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{7f}",
    "é",
    "日本",
    "😀",
    "\r\n",
    "a\nb",
    "\na",
    "a\n",
    " a\nb",
    "a\n\nb\n",
    "a\n\n",
    "a \nb",
    "0.1",
    "1.",
    "190:20:30",
    "---",
    "...",
];

#[test]
fn tricky_texts_are_quoted_unless_they_are_blocks() {
    for tricky in TRICKY {
        let written = yaml::to_string(&map(vec![("key", text(tricky))]));
        let value = written.strip_prefix("key: ").unwrap().trim_end();
        assert!(
            value.starts_with(['"', '|']),
            "{tricky:?} was written plain: {written:?}"
        );
    }
}

#[test]
fn everyday_texts_stand_plain() {
    for plain in [
        "arn:aws:s3",
        "AWS::S3::Bucket",
        "/aws/lambda/x",
        "two words",
        "nothing",
        "yesterday",
        "a-b_c.d",
    ] {
        check_yaml(&map(vec![("key", text(plain))]), &format!("key: {plain}\n"));
    }
}

#[test]
fn structures_read_as_people_write_them() {
    let node = map(vec![
        ("Empty", Node::List(vec![])),
        (
            "List",
            Node::List(vec![text("a"), map(vec![("b", Node::Int(1)), ("c", Node::Bool(true))])]),
        ),
        ("Nested", Node::List(vec![Node::List(vec![text("x"), text("y")])])),
        ("Block", map(vec![("Sql", text("SELECT 1\nFROM t\n"))])),
    ]);
    check_yaml(
        &node,
        "Empty: []\nList:\n  - a\n  - b: 1\n    c: true\nNested:\n  - - x\n    - \"y\"\nBlock:\n  Sql: |\n    SELECT 1\n    FROM t\n",
    );
}

/// A tree as `serde_json` sees our JSON, to compare readers with.
fn through_json(node: &Node) -> serde_json::Value {
    serde_json::from_str(&json::to_string(node)).unwrap()
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(TRICKY).prop_map(str::to_owned),
        2 => "[ -~]{0,20}",
        1 => any::<String>(),
        1 => "([a-z ]{0,6}\n){1,4}[a-z]{0,3}",
    ]
}

fn any_node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Node::Bool),
        any::<i64>().prop_map(Node::Int),
        // Eighths, which serde_json's fast float parser reads exactly.
        (-8_000_000i32..8_000_000).prop_map(|eighths| Node::Float(f64::from(eighths) / 8.0)),
        any_text().prop_map(|text| Node::Text(text.into())),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Node::List),
            prop::collection::btree_map(any_text(), inner, 0..5)
                .prop_map(|members| Node::Map(members.into_iter().map(|(key, node)| (key.into(), node)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn yaml_reads_back_as_json_does(node in any_node()) {
        let written = yaml::to_string(&node);
        let read: serde_json::Value = serde_yaml::from_str(&written)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{written}")))?;
        prop_assert_eq!(read, through_json(&node), "{}", written);
    }
}
