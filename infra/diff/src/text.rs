//! A difference for a terminal.

use std::ffi::OsStr;

use crate::change::Change;
use crate::cost::Cost;
use crate::diff::{Affected, Diff, Impact};
use crate::replacement::Replacement;
use crate::statement::Sign;
use crate::word;

/// Whether to write colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Colours, as terminals have them.
    Colour,
    /// Plain text.
    Plain,
}

#[derive(Clone, Copy)]
enum Hue {
    Red,
    Green,
    Yellow,
    Bold,
}

impl Ink {
    /// Colour on a terminal, unless `NO_COLOR` is set to anything (no-color.org).
    pub fn choose(is_terminal: bool, no_color: Option<&OsStr>) -> Self {
        match is_terminal && no_color.is_none_or(OsStr::is_empty) {
            true => Ink::Colour,
            false => Ink::Plain,
        }
    }

    fn paint(self, hue: Hue, text: &str) -> String {
        let code = match hue {
            Hue::Red => 31,
            Hue::Green => 32,
            Hue::Yellow => 33,
            Hue::Bold => 1,
        };
        match self {
            Ink::Colour if !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }

    fn sign(self, sign: Sign, line: &str) -> String {
        match sign {
            Sign::Added => self.paint(Hue::Green, line),
            Sign::Removed => self.paint(Hue::Red, line),
        }
    }
}

/// The difference as lines of text, the last one ended.
pub fn write(diff: &Diff, ink: Ink) -> String {
    let mut lines = vec![ink.paint(Hue::Bold, &format!("{}: {}", diff.stack, diff.summary()))];
    for lost in diff.at_risk() {
        let line = format!("  DATA LOSS: {} ({}) is {}", lost.id, lost.kind, lost.verdict());
        lines.push(ink.paint(Hue::Red, &line));
    }
    for suspect in &diff.suspects {
        let line = format!("  a rename? {}", suspect.advice());
        lines.push(ink.paint(Hue::Yellow, &line));
    }
    if !diff.resources.is_empty() {
        lines.push(String::new());
    }
    for affected in &diff.resources {
        resource(affected, ink, &mut lines);
    }
    table("IAM statements", STATEMENT, &statements(diff), ink, &mut lines);
    table("Security-group rules", RULE, &rules(diff), ink, &mut lines);
    if let Some(Cost(delta)) = diff.cost.as_ref().filter(|_| !diff.is_empty()) {
        heading(&format!("Cost: {delta}"), ink, &mut lines);
        lines.extend(
            delta
                .changes
                .iter()
                .map(|change| format!("  {}: {}", change.id, price(change))),
        );
    }
    for section in &diff.sections {
        heading(&section.name, ink, &mut lines);
        lines.extend(
            section
                .changes
                .iter()
                .map(|change| format!("  {}", change_line(change, ink))),
        );
    }
    lines.push(String::new());
    lines.join("\n")
}

fn heading(name: &str, ink: Ink, lines: &mut Vec<String>) {
    lines.extend([String::new(), ink.paint(Hue::Bold, name)]);
}

fn resource(affected: &Affected, ink: Ink, lines: &mut Vec<String>) {
    let (mark, hue) = match affected.impact {
        Impact::Remove => ("-", Hue::Red),
        Impact::Replace => ("-/+", Hue::Red),
        Impact::MayRemove => ("-?", Hue::Yellow),
        Impact::MayReplace => ("-/+?", Hue::Yellow),
        Impact::Update => ("~", Hue::Yellow),
        Impact::Annotate => (".", Hue::Yellow),
        Impact::Move => (">", Hue::Green),
        Impact::Add => ("+", Hue::Green),
    };
    let line = format!("{mark:<4} {} ({}) {}", affected.id, affected.kind, affected.verdict());
    lines.push(ink.paint(hue, line.trim_start()));
    let changes = affected.properties.iter().chain(&affected.attributes);
    lines.extend(changes.map(|change| format!("       {}", change_line(change, ink))));
    for follow in &affected.follows {
        lines.push(format!("       {}: follows {}", follow.property, follow.resource));
    }
}

/// `Name: a -> b  (replaces)`.
fn change_line(change: &Change, ink: Ink) -> String {
    let (before, after) = sides(change);
    let before = before.map(|text| ink.paint(Hue::Red, &text));
    let after = after.map(|text| ink.paint(Hue::Green, &text));
    let path = change.path.to_string();
    let name = if path.is_empty() { path } else { format!("{path}: ") };
    let value = match (before, after) {
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (Some(before), None) => format!("- {before}"),
        (None, after) => format!("+ {}", after.unwrap_or_default()),
    };
    let order = if change.reordered { "(order) " } else { "" };
    let consequence = match change.replacement {
        Replacement::Will => ink.paint(Hue::Red, "  (replaces)"),
        Replacement::May => ink.paint(Hue::Yellow, "  (may replace)"),
        Replacement::No => String::new(),
    };
    format!("{name}{order}{value}{consequence}")
}

/// What stood and what will stand, in words.
pub(crate) fn sides(change: &Change) -> (Option<String>, Option<String>) {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            let (before, after) = word::pair(before, after);
            (Some(before), Some(after))
        }
        (before, after) => (before.as_ref().map(word::alone), after.as_ref().map(word::alone)),
    }
}

/// `$10.95 -> $21.90`; what was not there, or will not be, costs nothing.
pub(crate) fn price(change: &infra_price::Change) -> String {
    let [before, after] = [change.before, change.after].map(Option::unwrap_or_default);
    format!("{before} -> {after}")
}

/// A row of a table: cells of one or more lines.
pub(crate) type Row<const N: usize> = (Sign, [Vec<String>; N]);

/// The columns of the table of statements.
pub(crate) const STATEMENT: [&str; 6] = ["EFFECT", "PRINCIPAL", "ACTION", "RESOURCE", "CONDITION", "IN"];

/// The columns of the table of rules.
pub(crate) const RULE: [&str; 5] = ["GROUP", "DIRECTION", "PROTOCOL", "PORTS", "PEER"];

/// The table of statements.
pub(crate) fn statements(diff: &Diff) -> Vec<Row<6>> {
    let row = |statement: &crate::statement::Statement| {
        let one = |text: &String| vec![text.clone()];
        let cells = [
            one(&statement.effect),
            statement.principal.clone(),
            statement.action.clone(),
            statement.resource.clone(),
            one(&statement.condition),
            one(&statement.owner),
        ];
        (statement.sign, cells)
    };
    diff.statements.iter().map(row).collect()
}

/// The table of rules.
pub(crate) fn rules(diff: &Diff) -> Vec<Row<5>> {
    let row = |rule: &crate::rule::Rule| {
        let direction = rule.direction.name().to_owned();
        let cells = [
            rule.group.clone(),
            direction,
            rule.protocol.clone(),
            rule.ports.clone(),
            rule.peer.clone(),
        ];
        (rule.sign, cells.map(|cell| vec![cell]))
    };
    diff.rules.iter().map(row).collect()
}

fn table<const N: usize>(name: &str, header: [&str; N], rows: &[Row<N>], ink: Ink, lines: &mut Vec<String>) {
    if rows.is_empty() {
        return;
    }
    heading(name, ink, lines);
    let mut widths = header.map(str::len);
    for (width, cell) in rows.iter().flat_map(|(_, cells)| cells.iter().enumerate()) {
        let longest = cell.iter().map(|line| line.chars().count()).max();
        widths[width] = widths[width].max(longest.unwrap_or_default());
    }
    let line = |mark: &str, cells: [&str; N]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        format!("{mark:<2} {}", padded.join("  ")).trim_end().to_owned()
    };
    lines.push(line("", header));
    for (sign, cells) in rows {
        let height = cells.iter().map(Vec::len).max().unwrap_or_default();
        for at in 0..height {
            let mark = match (at, sign) {
                (0, Sign::Added) => "+",
                (0, Sign::Removed) => "-",
                _ => "",
            };
            let cells = cells.each_ref().map(|cell| cell.get(at).map_or("", String::as_str));
            lines.push(ink.sign(*sign, &line(mark, cells)));
        }
    }
}

#[cfg(test)]
mod tests;
