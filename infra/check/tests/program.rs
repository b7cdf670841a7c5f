//! The program on files: what it prints, and how it ends.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_infra-check"))
        .args(arguments)
        .output()
        .unwrap()
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

const GOOD: &str = "Resources: {Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/a, TargetKeyId: b}}}";

#[test]
fn a_good_template_passes_in_silence() {
    let path = file("good.yaml", GOOD);
    let output = run(&[path.to_str().unwrap()]);
    assert!(output.status.success());
    assert_eq!((output.stdout, output.stderr), (Vec::new(), Vec::new()));
}

#[test]
fn a_bad_template_fails_with_a_line_per_finding() {
    let path = file(
        "bad.json",
        r#"{"Resources":{"Alias":{"Type":"AWS::KMS::Alias","Properties":{"AliasNam":"alias/a"}}}}"#,
    );
    let output = run(&[path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(
        text.contains("error[unknown-property] Resources.Alias.Properties.AliasNam: "),
        "{text}"
    );
    assert!(text.contains("AliasName is the nearest"), "{text}");
}

#[test]
fn findings_are_data_where_a_program_asks() {
    let path = file(
        "data.yaml",
        "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: [a]}}}",
    );
    let output = run(&["--format", "json", path.to_str().unwrap()]);
    let findings: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let finding = findings
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["rule"] == "value-type")
        .unwrap();
    assert_eq!(finding["resource"], "Topic");
    assert_eq!(finding["path"], "Resources.Topic.Properties.TopicName");
    assert_eq!(finding["severity"], "error");
}

#[test]
fn what_is_no_template_is_said_to_be_none() {
    let path = file("none.json", "{");
    let output = run(&[path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("none.json is no template")
    );
}

#[test]
fn the_document_of_the_rules_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks.md");
    let output = run(&["--list"]);
    let current = String::from_utf8(output.stdout).unwrap();
    assert!(
        current == std::fs::read_to_string(path).unwrap(),
        "write it anew: cargo run -p infra-check -- --list > docs/checks.md"
    );
}
