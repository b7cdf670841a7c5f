//! The rules as a document.

use std::fmt::Write as _;

use crate::rule::Rule;

/// All rules as a Markdown table: id, severity, what it asks for, the fix, and who else asks.
pub fn markdown() -> String {
    let mut text = String::from(HEAD);
    for rule in crate::rules() {
        let Rule {
            id,
            severity,
            asks,
            fix,
            outside,
        } = rule;
        let outside = outside
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let _ = writeln!(text, "| `{id}` | {} | {asks} | {fix} | {outside} |", severity.name());
    }
    text
}

const HEAD: &str = "\
# What `infra-check` checks

Written by `infra-check --list`; a test holds this file against it.
A waiver may name a rule by its own id or by one of the outside ids beside it.

| rule | severity | what holds | what to do | the same elsewhere |
|---|---|---|---|---|
";
