//! A difference for a pull request.

use std::fmt::Write as _;

use crate::change::Change;
use crate::cost::Cost;
use crate::diff::{Affected, Diff};
use crate::replacement::Replacement;
use crate::statement::Sign;
use crate::text::{RULE, Row, STATEMENT, price, rules, sides, statements};

/// The difference as Markdown: a heading, what is at risk, tables, and the values under folds.
pub fn write(diff: &Diff) -> String {
    let mut out = format!("### {}: {}\n", diff.stack, diff.summary());
    for lost in diff.at_risk() {
        let _ = writeln!(
            out,
            "\n> **Data loss:** {} ({}) is {}.",
            code(&lost.id),
            lost.kind,
            lost.verdict()
        );
    }
    for suspect in &diff.suspects {
        let _ = writeln!(out, "\n> A rename? {}.", suspect.advice());
    }
    if !diff.resources.is_empty() {
        out.push_str("\n| Resource | Type | Change |\n|---|---|---|\n");
    }
    for affected in &diff.resources {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            code(&affected.id),
            affected.kind,
            affected.verdict()
        );
    }
    diff.resources.iter().for_each(|affected| resource(affected, &mut out));
    table("IAM statements", STATEMENT, &statements(diff), &mut out);
    table("Security-group rules", RULE, &rules(diff), &mut out);
    if let Some(Cost(delta)) = diff.cost.as_ref().filter(|_| !diff.is_empty()) {
        let _ = writeln!(out, "\n**Cost:** {delta}");
        for (at, change) in delta.changes.iter().enumerate() {
            let gap = if at == 0 { "\n" } else { "" };
            let _ = writeln!(out, "{gap}- {}: {}", code(&change.id), price(change));
        }
    }
    for section in &diff.sections {
        fold(
            &section.name,
            &section.changes.iter().collect::<Vec<_>>(),
            &[],
            &mut out,
        );
    }
    out
}

fn resource(affected: &Affected, out: &mut String) {
    let changes: Vec<&Change> = affected.properties.iter().chain(&affected.attributes).collect();
    let follows: Vec<String> = affected
        .follows
        .iter()
        .map(|follow| {
            format!(
                "| {} | follows {} | | |",
                code(&follow.property),
                code(&follow.resource)
            )
        })
        .collect();
    if !changes.is_empty() || !follows.is_empty() {
        fold(&affected.id, &changes, &follows, out);
    }
}

/// A table of values that opens on a click.
fn fold(name: &str, changes: &[&Change], more: &[String], out: &mut String) {
    let _ = write!(
        out,
        "\n<details><summary>{name}</summary>\n\n| Where | Before | After | |\n|---|---|---|---|\n"
    );
    for change in changes {
        let (before, after) = sides(change);
        let [before, after] = [before, after].map(|text| text.map(|text| code(&text)).unwrap_or_default());
        let consequence = match change.replacement {
            _ if change.reordered => "order",
            Replacement::Will => "replaces",
            Replacement::May => "may replace",
            Replacement::No => "",
        };
        let _ = writeln!(
            out,
            "| {} | {before} | {after} | {consequence} |",
            code(&change.path.to_string())
        );
    }
    more.iter().for_each(|line| {
        let _ = writeln!(out, "{line}");
    });
    out.push_str("\n</details>\n");
}

fn table<const N: usize>(name: &str, header: [&str; N], rows: &[Row<N>], out: &mut String) {
    if rows.is_empty() {
        return;
    }
    let header = header.map(|name| format!(" {} |", name.to_lowercase()));
    let _ = write!(
        out,
        "\n**{name}**\n\n| |{}\n|---|{}\n",
        header.concat(),
        "---|".repeat(N)
    );
    for (sign, cells) in rows {
        let mark = match sign {
            Sign::Added => "**+**",
            Sign::Removed => "-",
        };
        let cells = cells.each_ref().map(|cell| {
            let lines = cell.iter().map(|line| code(line));
            format!(" {} |", lines.collect::<Vec<_>>().join("<br>"))
        });
        let _ = writeln!(out, "| {mark} |{}", cells.concat());
    }
}

/// A text as it is, within a cell: fenced by more ticks than it has, its bars escaped.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|letter| letter != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or_default() + 1);
    let pad = if fence.len() > 1 { " " } else { "" };
    format!(
        "{fence}{pad}{}{pad}{fence}",
        text.replace('|', "\\|").replace('\n', " ")
    )
}

#[cfg(test)]
mod tests;
