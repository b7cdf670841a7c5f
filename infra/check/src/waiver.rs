//! Waivers over findings: what stays with a reason, and which waivers are no longer good.

use infra_core::{Date, Waiver};

use crate::document::Document;
use crate::finding::Finding;
use crate::rule::{Severity, rules};
use crate::tree::Tree;

rules! {
    UNUSED = error("waiver-unused", "a waiver waives something", "remove the waiver", []);
    EXPIRED = error("waiver-expired", "a waiver has not expired", "follow the rule, or decide anew", []);
    MISPLACED = error("waiver-misplaced", "a waiver stands only where it may", "follow the rule in this environment", []);
}

/// When, and for which environment, a template is judged.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The day against which waivers expire.
    pub today: Date,
    /// The environment; none for a template that belongs to none.
    pub environment: Option<&'a str>,
}

/// What became of the findings of a template.
#[derive(Debug)]
pub struct Verdict {
    /// What is to be done, sorted by place; bad waivers among it.
    pub open: Vec<Finding>,
    /// What stays, with a reason.
    pub waived: Vec<Finding>,
}

impl Verdict {
    /// Whether nothing but notes is open.
    pub fn is_clean(&self) -> bool {
        self.open.iter().all(|finding| finding.severity() == Severity::Note)
    }
}

/// Checks a template, and sets aside what is waived.
///
/// In a template from Rust, typed waivers decide; one from a file carries what it has told the
/// outside checkers, in the `Metadata` of its resources.
pub fn judge(document: &Document, setting: &Setting<'_>) -> Verdict {
    let waivers = document.waivers();
    let mut used = vec![false; waivers.len()];
    let mut verdict = Verdict {
        open: Vec::new(),
        waived: Vec::new(),
    };
    for finding in crate::check(document) {
        let mut is_waived = is_skipped(document, &finding);
        for (at, (id, waiver)) in waivers.iter().enumerate() {
            if finding.resource.as_deref() == Some(id) && covers(waiver, &finding) {
                used[at] = true;
                is_waived = true;
            }
        }
        match is_waived {
            true => verdict.waived.push(finding),
            false => verdict.open.push(finding),
        }
    }
    for (at, (id, waiver)) in waivers.iter().enumerate() {
        verdict.open.extend(faults(document, id, waiver, used[at], setting));
    }
    verdict.open.sort_by(|left, right| left.key().cmp(&right.key()));
    verdict
}

fn covers(waiver: &Waiver, finding: &Finding) -> bool {
    waiver.rules.iter().any(|name| finding.rule.is_called(name))
}

/// What is wrong with a waiver itself.
fn faults<'a>(
    document: &'a Document,
    id: &'a str,
    waiver: &'a Waiver,
    is_used: bool,
    setting: &'a Setting<'_>,
) -> impl Iterator<Item = Finding> {
    let finding = move |rule, message| Finding {
        rule,
        resource: Some(id.to_owned()),
        path: format!("Resources.{id}"),
        message,
        made_at: document.made_at(id),
    };
    let names = waiver.rules.join(", ");
    // Whether a rule that is only an outside checker's is broken, is for that checker to say.
    let is_ours = crate::rules().any(|rule| waiver.rules.iter().any(|name| !is_nag(name) && rule.is_called(name)));
    let unused = (is_ours && !is_used).then(|| finding(&UNUSED, format!("nothing here breaks {names}")));
    let expired = waiver.expires.filter(|last| *last < setting.today).map(|last| {
        let message = format!(
            "the waiver of {names} held until {last}; {} answers for it",
            waiver.owner
        );
        finding(&EXPIRED, message)
    });
    let misplaced = setting
        .environment
        .filter(|environment| !waiver.environments.is_empty() && !waiver.environments.contains(environment));
    let misplaced = misplaced.map(|environment| {
        let message = format!(
            "the waiver of {names} is for {}, not for {environment}",
            waiver.environments.join(", ")
        );
        finding(&MISPLACED, message)
    });
    [unused, expired, misplaced].into_iter().flatten()
}

/// cdk-nag's rules look at more than ours of the same kind, every star at the end of an ARN for
/// example, so that we cannot say that one is kept.
fn is_nag(rule: &str) -> bool {
    rule.starts_with("AwsSolutions-") || rule.starts_with("Serverless-")
}

/// Where the metadata of a resource names what each outside checker shall skip.
const SKIPS: [&str; 4] = [
    "checkov.skip",
    "guard.SuppressedRules",
    "cdk_nag.rules_to_suppress",
    "cfn-lint.config.ignore_checks",
];

/// Whether the metadata of a template from a file waives the finding.
fn is_skipped(document: &Document, finding: &Finding) -> bool {
    let Some(id) = finding.resource.as_deref().filter(|_| !document.is_from_rust()) else {
        return false;
    };
    let resource = document.root().get("Resources").and_then(|resources| resources.get(id));
    let metadata = resource.and_then(|resource| resource.get("Metadata"));
    let entries = SKIPS.iter().filter_map(|path| metadata?.at(path)).flat_map(Tree::items);
    let names = entries.filter_map(|entry| entry.text().or_else(|| entry.get("id")?.text()));
    names.into_iter().any(|name| finding.rule.is_called(name))
}
