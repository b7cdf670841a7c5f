//! A change set as people see it: a table, and under each resource the values that change.

use crate::cloudformation::{Action, Change, Property, Replacement};
use crate::table;

/// What stands for a value that is not there.
const NOTHING: &str = "(none)";

/// The changes as a table of at most `width` columns, and under it the resources that may follow.
pub fn describe(changes: &[Change], width: usize) -> Vec<String> {
    let (followers, changes): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(|change| change.contingent);
    let rows: Vec<[String; 5]> = changes.iter().map(|change| row(change)).collect();
    let mut table = table::lines(["ACTION", "RESOURCE", "TYPE", "REPLACED", "PROPERTIES"], &rows).into_iter();
    let mut lines: Vec<String> = table.next().into_iter().map(|line| cut(&line, width)).collect();
    for (change, line) in changes.iter().zip(table) {
        lines.push(cut(&line, width));
        lines.extend(change.properties.iter().filter_map(|property| values(property, width)));
    }
    if !followers.is_empty() {
        let ids: Vec<&str> = followers.iter().map(|change| change.logical_id.as_str()).collect();
        lines.push(format!("and, if values that they refer to change: {}", ids.join(", ")));
    }
    lines
}

fn row(change: &Change) -> [String; 5] {
    let mut names: Vec<&str> = change.properties.iter().map(Property::name).collect();
    names.dedup();
    [
        match change.action {
            Action::Add => "add",
            Action::Modify => "modify",
            Action::Remove => "remove",
            Action::Import => "import",
            Action::Dynamic => "unknown",
        }
        .to_owned(),
        change.logical_id.clone(),
        change.kind.clone(),
        match change.replacement {
            Replacement::No => "",
            Replacement::Perhaps => "may be",
            Replacement::Yes => "yes",
        }
        .to_owned(),
        names.join(", "),
    ]
}

/// `Path: before -> after`, where the service gave a value.
fn values(property: &Property, width: usize) -> Option<String> {
    if property.before.is_none() && property.after.is_none() {
        return None;
    }
    let start = format!("          {}: ", property.path);
    // Both values keep their beginnings, however long the other is.
    let share = width.saturating_sub(start.chars().count() + 4) / 2;
    let said = |value: &Option<String>| cut(value.as_deref().unwrap_or(NOTHING), share.max(12));
    let (before, after) = (said(&property.before), said(&property.after));
    Some(format!("{start}{before} -> {after}"))
}

/// The beginning of a text, on one line, and a mark where it goes on.
pub(crate) fn cut(text: &str, width: usize) -> String {
    let text = text.replace('\n', " ");
    if text.chars().count() <= width {
        return text;
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::{cut, describe};
    use crate::cloudformation::fake::{change, property};
    use crate::cloudformation::{Action, Property, Replacement};

    #[test]
    fn the_table_says_what_is_replaced_and_why() {
        let mut queue = change("Queue", "AWS::SQS::Queue", Action::Modify, Replacement::Yes);
        queue.properties = vec![property("QueueName", Some(("old", "new"))), property("Tags", None)];
        let add = change("Topic", "AWS::SNS::Topic", Action::Add, Replacement::No);
        let mut alarm = change("Alarm", "AWS::CloudWatch::Alarm", Action::Modify, Replacement::Perhaps);
        alarm.contingent = true;
        assert_eq!(
            describe(&[alarm, queue, add], 80),
            [
                "ACTION  RESOURCE  TYPE             REPLACED  PROPERTIES",
                "modify  Queue     AWS::SQS::Queue  yes       QueueName, Tags",
                "          QueueName: old -> new",
                "add     Topic     AWS::SNS::Topic",
                "and, if values that they refer to change: Alarm",
            ]
        );
    }

    #[test]
    fn long_values_are_cut_on_both_sides_and_missing_ones_are_said() {
        let mut queue = change("Queue", "AWS::SQS::Queue", Action::Modify, Replacement::No);
        queue.properties = vec![
            property("Policy", Some((&"a".repeat(400), &"b".repeat(400)))),
            Property {
                path: "Tags.0".to_owned(),
                before: None,
                after: Some("{\n}".to_owned()),
            },
        ];
        let lines = describe(&[queue], 60);
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{lines:#?}");
        assert!(lines[2].contains("aaa… -> bbb"), "{}", lines[2]);
        assert_eq!(lines[3].trim(), "Tags.0: (none) -> { }");
    }

    #[test]
    fn cutting_counts_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
    }
}
