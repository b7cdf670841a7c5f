//! Renames: a resource that keeps its physical self under another logical id.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::template::{Resource, Template};

/// A resource is the one that had another logical id before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The logical id before.
    pub from: String,
    /// The logical id afterwards.
    pub to: String,
}

impl Move {
    /// What to write where a rename was meant.
    pub fn advice(&self) -> String {
        let Move { from, to } = self;
        format!("if {to} is {from} under a new name, say `template.moved(\"{from}\", &handle)` where {to} is added")
    }
}

/// How much of two resources must be the same to take one for the other, in percent.
const ALIKE: usize = 80;

/// The moves that are still to be made: the old id stands before, the new one afterwards, and
/// both have one type. One that was made long ago says nothing any more.
pub fn due<'a>(moves: &'a [Move], before: &Template, after: &Template) -> Vec<&'a Move> {
    let is_due = |step: &&Move| match (before.resource(&step.from), after.resource(&step.to)) {
        (Some(old), Some(new)) => {
            old.kind == new.kind && before.resource(&step.to).is_none() && after.resource(&step.from).is_none()
        }
        _ => false,
    };
    moves.iter().filter(is_due).collect()
}

/// The template with other logical ids, wherever they stand.
pub fn renamed(template: &Template, moves: &[&Move]) -> Template {
    let names: Names<'_> = moves
        .iter()
        .map(|step| (step.from.as_str(), step.to.as_str()))
        .collect();
    let mut template = template.clone();
    let resources = template
        .sections_mut()
        .get_mut("Resources")
        .and_then(Value::as_object_mut);
    if let Some(resources) = resources {
        let entries = std::mem::take(resources).into_iter();
        *resources = entries
            .map(|(id, body)| (new_name(&names, &id).unwrap_or(id), body))
            .collect();
        for depends_on in resources.values_mut().filter_map(|body| body.get_mut("DependsOn")) {
            rename_ids(depends_on, &names);
        }
    }
    for section in template.sections_mut().values_mut() {
        rename_references(section, &names);
    }
    template
}

/// Removed resources for which one of the same type and almost the same content is added: whoever
/// renamed a resource did not mean to replace it.
pub fn suspects(before: &Template, after: &Template) -> Vec<Move> {
    let added = after.resources().filter(|new| before.resource(new.id).is_none());
    let mut added: Vec<Resource<'_>> = added.collect();
    let mut moves = Vec::new();
    for old in before.resources().filter(|old| after.resource(old.id).is_none()) {
        let alike = |new: &Resource<'_>| match new.kind == old.kind {
            true => likeness(old.body, new.body),
            false => 0,
        };
        let Some(at) = (0..added.len()).max_by_key(|at| alike(&added[*at])) else {
            break;
        };
        if alike(&added[at]) >= ALIKE {
            moves.push(Move {
                from: old.id.to_owned(),
                to: added.swap_remove(at).id.to_owned(),
            });
        }
    }
    moves
}

type Names<'a> = BTreeMap<&'a str, &'a str>;

fn new_name(names: &Names<'_>, id: &str) -> Option<String> {
    names.get(id).map(|name| (*name).to_owned())
}

/// Renames ids that stand alone or in a list.
fn rename_ids(value: &mut Value, names: &Names<'_>) {
    match value {
        Value::String(id) => {
            if let Some(name) = new_name(names, id) {
                *id = name;
            }
        }
        Value::Array(ids) => ids.iter_mut().for_each(|id| rename_ids(id, names)),
        _ => {}
    }
}

fn rename_references(value: &mut Value, names: &Names<'_>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename_references(item, names)),
        Value::Object(members) => {
            rename_call(members, names);
            members.values_mut().for_each(|member| rename_references(member, names));
        }
        _ => {}
    }
}

fn rename_call(members: &mut Map<String, Value>, names: &Names<'_>) {
    if members.len() != 1 {
        return;
    }
    if let Some(target) = members.get_mut("Ref") {
        rename_ids(target, names);
    }
    match members.get_mut("Fn::GetAtt") {
        Some(Value::Array(parts)) => parts.iter_mut().take(1).for_each(|id| rename_ids(id, names)),
        Some(Value::String(path)) => {
            if let Some((id, attribute)) = path.split_once('.')
                && let Some(name) = names.get(id)
            {
                *path = format!("{name}.{attribute}");
            }
        }
        _ => {}
    }
    match members.get_mut("Fn::Sub") {
        Some(Value::String(pattern)) => *pattern = rename_in_pattern(pattern, names, None),
        Some(Value::Array(parts)) => {
            if let [Value::String(pattern), Value::Object(own)] = parts.as_mut_slice() {
                *pattern = rename_in_pattern(pattern, names, Some(own));
            }
        }
        _ => {}
    }
}

/// Renames the variables of a pattern but for those that it brings along.
fn rename_in_pattern(pattern: &str, names: &Names<'_>, own: Option<&Map<String, Value>>) -> String {
    let mut pieces = pattern.split("${");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str("${");
        let end = piece.find(['}', '.']).unwrap_or(piece.len());
        let (id, rest) = piece.split_at(end);
        let is_own = own.is_some_and(|own| own.contains_key(id));
        match names.get(id) {
            Some(name) if !is_own => text.push_str(name),
            _ => text.push_str(id),
        }
        text.push_str(rest);
    }
    text
}

/// How much of two values is the same, in percent of the larger.
fn likeness(one: &Value, other: &Value) -> usize {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    leaves(one, String::new(), &mut left);
    leaves(other, String::new(), &mut right);
    let largest = left.len().max(right.len());
    let same = left.iter().filter(|leaf| {
        let at = right.iter().position(|other| other == *leaf);
        at.map(|at| right.swap_remove(at)).is_some()
    });
    (same.count() * 100).checked_div(largest).unwrap_or(100)
}

fn leaves(value: &Value, path: String, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                leaves(member, format!("{path}.{name}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, path.clone(), found)),
        leaf => found.push((path, leaf.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Move, due, renamed, suspects};
    use crate::template::yaml;

    fn to(from: &str, to: &str) -> Move {
        let (from, to) = (from.to_owned(), to.to_owned());
        Move { from, to }
    }

    #[test]
    fn an_id_is_renamed_wherever_it_stands() {
        let before = yaml(
            "{Resources: {Old: {Type: T, Properties: {Name: Old}},
              A: {Type: T, DependsOn: Old}, B: {Type: T, DependsOn: [A, Old]},
              C: {Type: T, Properties: {P: !Ref Old, Q: !GetAtt Old.Arn, R: {'Fn::GetAtt': Old.Arn},
                S: !Sub 'Old ${Old} ${Old.Arn} ${!Old} ${Older}', U: !Sub ['${Old} ${X}', {Old: 1, X: !Ref Old}]}}},
              Outputs: {Old: {Value: !Ref Old}}}",
        );
        let after = yaml(
            "{Resources: {New: {Type: T, Properties: {Name: Old}},
              A: {Type: T, DependsOn: New}, B: {Type: T, DependsOn: [A, New]},
              C: {Type: T, Properties: {P: !Ref New, Q: !GetAtt New.Arn, R: {'Fn::GetAtt': New.Arn},
                S: !Sub 'Old ${New} ${New.Arn} ${!Old} ${Older}', U: !Sub ['${Old} ${X}', {Old: 1, X: !Ref New}]}}},
              Outputs: {Old: {Value: !Ref New}}}",
        );
        assert_eq!(renamed(&before, &[&to("Old", "New")]), after);
    }

    #[test]
    fn a_move_is_due_until_it_is_made() {
        let old = yaml("{Resources: {Old: {Type: T}}}");
        let new = yaml("{Resources: {New: {Type: T}}}");
        let other = yaml("{Resources: {New: {Type: U}}}");
        let moves = [to("Old", "New")];
        assert_eq!(due(&moves, &old, &new).len(), 1);
        assert_eq!(due(&moves, &new, &new).len(), 0);
        assert_eq!(due(&moves, &old, &other).len(), 0);
    }

    #[test]
    fn a_resource_that_comes_back_almost_the_same_is_suspected() {
        let stream = |id: &str, shards: u8| {
            format!(
                "{{Resources: {{{id}: {{Type: 'AWS::Kinesis::Stream', DeletionPolicy: Retain, Properties: \
                 {{Name: events, ShardCount: {shards}, RetentionPeriodHours: 24, StreamModeDetails: {{StreamMode: P}}}}}}}}}}"
            )
        };
        let before = yaml(&stream("Old", 1));
        assert_eq!(suspects(&before, &yaml(&stream("New", 2))), [to("Old", "New")]);
        let other = yaml("{Resources: {New: {Type: 'AWS::Kinesis::Stream', Properties: {Name: clicks}}}}");
        assert_eq!(suspects(&before, &other), []);
        assert_eq!(suspects(&before, &yaml(&stream("Old", 2))), []);
    }
}
