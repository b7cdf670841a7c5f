//! Waivers: findings of checkers that we have read and do not follow.

use std::borrow::Cow;

use crate::date::Date;
use crate::node::Node;

/// Findings on one resource that stay: which, why, who answers for it, and for how long.
///
/// The resource is the one whose [`Options`](crate::template::Options) the waiver is given to.
///
/// ```
/// # use infra_core::{Date, Waiver};
/// const WAIVER: Waiver = Waiver::new(
///     &["CKV_AWS_117"],
///     "platform",
///     "reaches no private network, and a NAT gateway would protect nothing",
/// )
/// .until(Date::new(2027, 6, 30))
/// .only_in(&["local", "dev"]);
/// ```
///
/// ```compile_fail
/// # use infra_core::Waiver;
/// const WAIVER: Waiver = Waiver::new(&["CKV_AWS_117"], "platform", "not needed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rules: `infra-check`'s own ids, and those of cfn-lint (`W3005`), checkov
    /// (`CKV_AWS_18`), the Guard registry (`S3_BUCKET_LOGGING_ENABLED`) and cdk-nag
    /// (`AwsSolutions-S1`).
    pub rules: &'static [&'static str],
    /// Who answers for it.
    pub owner: &'static str,
    /// Why the findings stay, in a sentence that convinces a reviewer.
    pub reason: &'static str,
    /// The last day on which it holds; for ever where there is none.
    pub expires: Option<Date>,
    /// The environments in which it may stand; everywhere where there are none.
    pub environments: &'static [&'static str],
}

/// Shorter reasons explain nothing.
const SHORTEST_REASON: usize = 20;

impl Waiver {
    /// A waiver that holds everywhere and for ever.
    ///
    /// # Panics
    ///
    /// When the reason has under 20 characters, or rules or owner are missing; in a constant
    /// that does not compile.
    pub const fn new(rules: &'static [&'static str], owner: &'static str, reason: &'static str) -> Self {
        assert!(
            reason.len() >= SHORTEST_REASON,
            "a waiver needs a reason of at least 20 characters"
        );
        assert!(!rules.is_empty(), "a waiver names the rules that it waives");
        assert!(!owner.is_empty(), "a waiver names who answers for it");
        Waiver {
            rules,
            owner,
            reason,
            expires: None,
            environments: &[],
        }
    }

    /// Holds to the end of this day; afterwards the check fails.
    #[must_use]
    pub const fn until(mut self, day: Date) -> Self {
        self.expires = Some(day);
        self
    }

    /// May stand in these environments only; in another one the check fails.
    #[must_use]
    pub const fn only_in(mut self, environments: &'static [&'static str]) -> Self {
        self.environments = environments;
        self
    }
}

/// Who reads a rule's waiver, which the spelling of its id tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Checkov,
    Guard,
    CdkNag,
    CfnLint,
    /// `infra-check`, which reads the typed waiver and needs no metadata.
    Ours,
}

impl Reader {
    fn of(rule: &str) -> Self {
        let is_lint = matches!(rule.as_bytes(), [b'E' | b'W' | b'I', digits @ ..] if digits.len() == 4 && digits.iter().all(u8::is_ascii_digit));
        match rule {
            _ if is_lint => Reader::CfnLint,
            _ if rule.starts_with("CKV") => Reader::Checkov,
            _ if rule.starts_with("AwsSolutions-") || rule.starts_with("Serverless-") => Reader::CdkNag,
            _ if rule.bytes().any(|byte| byte.is_ascii_lowercase()) => Reader::Ours,
            _ => Reader::Guard,
        }
    }
}

/// The `Metadata` in which each outside checker looks for what it shall skip.
pub(crate) fn metadata(waivers: &[Waiver]) -> Vec<(Cow<'static, str>, Node)> {
    let text = |text: &'static str| Node::Text(Cow::Borrowed(text));
    let listed = |reader: Reader, entry: &dyn Fn(&'static str, &Waiver) -> Node| -> Vec<Node> {
        let rules = waivers
            .iter()
            .flat_map(|waiver| waiver.rules.iter().map(move |rule| (*rule, waiver)));
        let rules = rules.filter(|(rule, _)| Reader::of(rule) == reader);
        rules.map(|(rule, waiver)| entry(rule, waiver)).collect()
    };
    let with_reason = |key: &'static str| {
        move |rule, waiver: &Waiver| Node::Map(vec![("id".into(), text(rule)), (key.into(), text(waiver.reason))])
    };
    let sections = [
        ("checkov", "skip", listed(Reader::Checkov, &with_reason("comment"))),
        ("guard", "SuppressedRules", listed(Reader::Guard, &|rule, _| text(rule))),
        (
            "cdk_nag",
            "rules_to_suppress",
            listed(Reader::CdkNag, &with_reason("reason")),
        ),
        (
            "cfn-lint",
            "ignore_checks",
            listed(Reader::CfnLint, &|rule, _| text(rule)),
        ),
    ];
    let sections = sections.into_iter().filter(|(_, _, entries)| !entries.is_empty());
    sections
        .map(|(tool, key, entries)| {
            let list = Node::Map(vec![(key.into(), Node::List(entries))]);
            match tool {
                "cfn-lint" => (tool.into(), Node::Map(vec![("config".into(), list)])),
                _ => (tool.into(), list),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Waiver, metadata};
    use crate::json;
    use crate::node::Node;

    #[test]
    fn each_checker_finds_its_own() {
        const WAIVER: Waiver = Waiver::new(
            &[
                "bucket-access-log",
                "CKV_AWS_18",
                "S3_BUCKET_LOGGING_ENABLED",
                "AwsSolutions-S1",
                "W3045",
            ],
            "platform",
            "the log target cannot log to itself",
        );
        assert_eq!(
            json::to_string(&Node::Map(metadata(&[WAIVER]))),
            concat!(
                r#"{"checkov":{"skip":[{"id":"CKV_AWS_18","comment":"the log target cannot log to itself"}]},"#,
                r#""guard":{"SuppressedRules":["S3_BUCKET_LOGGING_ENABLED"]},"#,
                r#""cdk_nag":{"rules_to_suppress":[{"id":"AwsSolutions-S1","reason":"the log target cannot log to itself"}]},"#,
                r#""cfn-lint":{"config":{"ignore_checks":["W3045"]}}}"#,
            )
        );
    }

    #[test]
    fn no_waiver_leaves_no_trace() {
        assert!(metadata(&[]).is_empty());
    }
}
