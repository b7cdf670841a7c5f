//! Waivers: findings of outside checkers that we have read and do not follow.

use std::borrow::Cow;

use crate::node::Node;

/// One finding on one resource that stays, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule's id: `CKV_AWS_18`, or a cfn-lint id such as `W3005`.
    pub rule: &'static str,
    /// Why the finding stays, in a sentence that convinces a reviewer.
    pub reason: &'static str,
}

/// Shorter reasons explain nothing.
const SHORTEST_REASON: usize = 20;

impl Waiver {
    /// A waiver; evaluated in a constant, a reason of under 20 characters does not compile.
    pub const fn new(rule: &'static str, reason: &'static str) -> Self {
        assert!(
            reason.len() >= SHORTEST_REASON,
            "a waiver needs a reason of at least 20 characters"
        );
        Waiver { rule, reason }
    }
}

/// The `Metadata` in which checkov and cfn-lint look for what they shall skip.
pub(crate) fn metadata(waivers: &[Waiver]) -> Vec<(Cow<'static, str>, Node)> {
    let text = |text: &'static str| Node::Text(Cow::Borrowed(text));
    let (checkov, lint): (Vec<_>, Vec<_>) = waivers.iter().partition(|waiver| waiver.rule.starts_with("CKV"));
    let mut members = Vec::new();
    if !checkov.is_empty() {
        let skips = checkov.iter().map(|waiver| {
            Node::Map(vec![
                ("id".into(), text(waiver.rule)),
                ("comment".into(), text(waiver.reason)),
            ])
        });
        members.push((
            "checkov".into(),
            Node::Map(vec![("skip".into(), Node::List(skips.collect()))]),
        ));
    }
    if !lint.is_empty() {
        let ignored = Node::List(lint.iter().map(|waiver| text(waiver.rule)).collect());
        let config = Node::Map(vec![("ignore_checks".into(), ignored)]);
        members.push(("cfn-lint".into(), Node::Map(vec![("config".into(), config)])));
    }
    members
}
