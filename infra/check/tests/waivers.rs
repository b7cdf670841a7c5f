//! Typed waivers: what they cover, and when they are no longer good.

use infra_check::{Document, Setting, Verdict, judge};
use infra_core::{Date, Template, Waiver};
use infra_resources::logs::LogGroup;

const REASON: &str = "a log of a test that nobody reads";

/// A log group without a key, and with these waivers.
fn verdict(waivers: Vec<Waiver>, environment: &'static str) -> Verdict {
    let mut template = Template::new("A log");
    let log = template.add(
        "Log",
        LogGroup {
            retention_in_days: Some(14.into()),
            ..LogGroup::new()
        },
    );
    template.options(&log).waive(waivers);
    let setting = Setting {
        today: Date::new(2026, 11, 20),
        environment: Some(environment),
    };
    judge(&Document::of(&template), &setting)
}

fn check(waivers: Vec<Waiver>, environment: &'static str, open: &[&str], waived: &[&str]) {
    let verdict = verdict(waivers, environment);
    let ids = |findings: &[infra_check::Finding]| findings.iter().map(|it| it.rule.id).collect::<Vec<_>>();
    assert_eq!(
        (ids(&verdict.open), ids(&verdict.waived)),
        (open.to_vec(), waived.to_vec())
    );
}

#[test]
fn without_a_waiver_the_finding_is_open_and_names_the_line() {
    let verdict = verdict(Vec::new(), "dev");
    let [finding] = verdict.open.as_slice() else {
        panic!("{:?}", verdict.open)
    };
    assert_eq!(finding.rule.id, "log-encrypted");
    assert!(!verdict.is_clean());
    let line = finding.made_at.unwrap();
    assert!(line.file().ends_with("tests/waivers.rs"), "{line}");
    assert!(finding.to_string().contains("(made at "), "{finding}");
}

#[test]
fn a_waiver_covers_by_our_id_and_by_an_outside_one() {
    check(
        vec![Waiver::new(&["log-encrypted"], "us", REASON)],
        "dev",
        &[],
        &["log-encrypted"],
    );
    check(
        vec![Waiver::new(&["CKV_AWS_158"], "us", REASON)],
        "dev",
        &[],
        &["log-encrypted"],
    );
}

#[test]
fn a_waiver_that_waives_nothing_is_a_finding() {
    let waivers = vec![
        Waiver::new(&["log-encrypted"], "us", REASON),
        Waiver::new(&["log-retention"], "us", REASON),
    ];
    check(waivers, "dev", &["waiver-unused"], &["log-encrypted"]);
}

#[test]
fn whether_a_rule_of_others_alone_is_broken_is_theirs_to_say() {
    let waivers = vec![Waiver::new(&["log-encrypted", "CT.LOGS.PR.1"], "us", REASON)];
    check(waivers, "dev", &[], &["log-encrypted"]);
    check(
        vec![Waiver::new(&["CT.LOGS.PR.1"], "us", REASON)],
        "dev",
        &["log-encrypted"],
        &[],
    );
}

#[test]
fn a_waiver_holds_to_the_end_of_its_last_day() {
    let until = |day| vec![Waiver::new(&["log-encrypted"], "us", REASON).until(day)];
    check(until(Date::new(2026, 11, 20)), "dev", &[], &["log-encrypted"]);
    check(
        until(Date::new(2026, 11, 19)),
        "dev",
        &["waiver-expired"],
        &["log-encrypted"],
    );
}

#[test]
fn a_waiver_for_dev_does_not_stand_in_prod() {
    let waivers = || vec![Waiver::new(&["log-encrypted"], "us", REASON).only_in(&["local", "dev"])];
    check(waivers(), "dev", &[], &["log-encrypted"]);
    check(waivers(), "prod", &["waiver-misplaced"], &["log-encrypted"]);
}

#[test]
fn a_template_from_a_file_carries_its_waivers_as_metadata() {
    let judge = |metadata: &str| {
        let yaml = format!(
            "Resources: {{Log: {{Type: AWS::Logs::LogGroup, DeletionPolicy: Delete, UpdateReplacePolicy: Delete, \
             Metadata: {metadata}, Properties: {{RetentionInDays: 14}}}}}}"
        );
        let setting = Setting {
            today: Date::new(2026, 11, 20),
            environment: None,
        };
        let verdict = judge(&Document::parse(&yaml).unwrap(), &setting);
        (verdict.open.len(), verdict.waived.len())
    };
    assert_eq!(judge("{}"), (1, 0));
    assert_eq!(judge("{checkov: {skip: [{id: CKV_AWS_158, comment: x}]}}"), (0, 1));
    assert_eq!(
        judge("{guard: {SuppressedRules: [CLOUDWATCH_LOG_GROUP_ENCRYPTED]}}"),
        (0, 1)
    );
    assert_eq!(judge("{checkov: {skip: [{id: CKV_AWS_66, comment: x}]}}"), (1, 0));
}
