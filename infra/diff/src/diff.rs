//! The whole difference between two templates, worst first.

use std::collections::BTreeSet;

use infra_core::Facts;
use serde::Serialize;
use serde_json::{Value, json};

use crate::change::{self, Change};
use crate::cost::Cost;
use crate::rename::{self, Move};
use crate::replacement::{self, Replacement};
use crate::rule::{self, Rule};
use crate::statement::{self, Statement};
use crate::template::{Resource, Template, refers};

/// What one template changes about another.
#[derive(Clone, Debug, Serialize)]
pub struct Diff {
    /// The stack's name.
    pub stack: String,
    /// What happens to each resource that something happens to, worst first.
    pub resources: Vec<Affected>,
    /// Permissions that come and go.
    pub statements: Vec<Statement>,
    /// Rules of security groups that come and go.
    pub rules: Vec<Rule>,
    /// The other sections that differ: parameters, conditions, outputs.
    pub sections: Vec<Section>,
    /// What looks like a rename that nobody has declared.
    pub suspects: Vec<Move>,
    /// What it costs in a month, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// A resource that something happens to.
#[derive(Clone, Debug, Serialize)]
pub struct Affected {
    /// Its logical id, the new one where it moves.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happens to it.
    pub impact: Impact,
    /// What becomes of the old resource and its data where one is removed or replaced.
    pub fate: Fate,
    /// The logical id that it had before a move.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
    /// The properties that differ, of a resource that was there and will be.
    pub properties: Vec<Change>,
    /// What differs beside the properties, such as `DeletionPolicy`.
    pub attributes: Vec<Change>,
    /// Properties that refer to what is replaced, and replace this one if they come out different.
    pub follows: Vec<Follow>,
}

/// A property that follows another resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Follow {
    /// The property.
    pub property: String,
    /// The resource that it refers to.
    pub resource: String,
}

/// What happens to a resource; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// It is taken out of the stack.
    Remove,
    /// A new one takes its place.
    Replace,
    /// It may be taken out of the stack, or made, by a condition that comes out different.
    MayRemove,
    /// A new one may take its place.
    MayReplace,
    /// It is changed in place.
    Update,
    /// It stays and nothing but its attributes in the template change.
    Annotate,
    /// It stays under another logical id.
    Move,
    /// It is made.
    Add,
}

/// What becomes of an old resource; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It held data, and that is lost.
    Lost,
    /// It holds data, which is lost if the resource is replaced.
    MayBeLost,
    /// A snapshot of its data is kept.
    Snapshot,
    /// It is left behind as it is, outside of the stack.
    LeftBehind,
    /// There is nothing to lose.
    Nothing,
}

/// A section of the template that differs.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// Its name, such as `Outputs`.
    pub name: String,
    /// What differs in it.
    pub changes: Vec<Change>,
}

impl Diff {
    /// Compares two templates of a stack; what `moves` declares is no removal and no addition.
    pub fn between(stack: &str, before: &Template, after: &Template, moves: &[Move]) -> Self {
        let moves = rename::due(moves, before, after);
        let before = &rename::renamed(before, &moves);
        let switched = switched(before, after);
        let mut ids: Vec<&str> = before.resources().chain(after.resources()).map(|it| it.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let affected = ids.iter().filter_map(|id| {
            let moved_from = moves.iter().find(|step| step.to == *id).map(|step| step.from.clone());
            affected(before.resource(id), after.resource(id), moved_from, &switched)
        });
        let mut resources: Vec<Affected> = affected.collect();
        follow(&mut resources, before, after);
        resources.sort_by(|one, other| one.badness().cmp(&other.badness()));
        Diff {
            stack: stack.to_owned(),
            resources,
            statements: statement::between(before, after),
            rules: rule::between(before, after),
            sections: sections(before, after),
            suspects: rename::suspects(before, after),
            cost: None,
        }
    }

    /// Whether the templates say the same.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.sections.is_empty()
    }

    /// The resources whose data is lost, or may be.
    pub fn at_risk(&self) -> impl Iterator<Item = &Affected> {
        let resources = self.resources.iter();
        resources.filter(|resource| matches!(resource.fate, Fate::Lost | Fate::MayBeLost))
    }

    /// What happens, counted: `1 replaced, 2 added`, or `no changes`.
    pub fn summary(&self) -> String {
        let mut counts: Vec<(Impact, usize)> = Vec::new();
        for resource in &self.resources {
            match counts.iter_mut().find(|(impact, _)| *impact == resource.impact) {
                Some((_, count)) => *count += 1,
                None => counts.push((resource.impact, 1)),
            }
        }
        counts.sort();
        let mut words: Vec<String> = counts
            .iter()
            .map(|(impact, count)| format!("{count} {}", impact.done()))
            .collect();
        if self.resources.is_empty() {
            let names: Vec<&str> = self.sections.iter().map(|section| section.name.as_str()).collect();
            words.push(match names.is_empty() {
                true => "no changes".to_owned(),
                false => format!("no resource changes, but {}", names.join(", ")),
            });
        }
        words.join(", ")
    }
}

impl Affected {
    /// A resource of which nothing has been found yet.
    fn unchanged(resource: &Resource<'_>) -> Self {
        Affected {
            id: resource.id.to_owned(),
            kind: resource.kind.to_owned(),
            impact: Impact::Annotate,
            fate: Fate::Nothing,
            moved_from: None,
            properties: Vec::new(),
            attributes: Vec::new(),
            follows: Vec::new(),
        }
    }

    fn badness(&self) -> (Fate, Impact, &str) {
        (self.fate, self.impact, &self.id)
    }

    /// What becomes of it and of its data, in words.
    pub fn verdict(&self) -> String {
        let fate = match self.fate {
            Fate::Lost => ", and its data is lost",
            Fate::MayBeLost => ", and then its data is lost",
            Fate::Snapshot => ", with a snapshot kept",
            Fate::LeftBehind => ", and the old one is left behind",
            Fate::Nothing => "",
        };
        let done = match (self.impact, self.fate) {
            (Impact::Remove, Fate::LeftBehind) => return "taken out of the stack and left behind".to_owned(),
            (impact, _) => impact.done(),
        };
        let origin = self.moved_from.as_ref();
        let origin = origin.map(|from| format!(" (from {from})")).unwrap_or_default();
        format!("{done}{origin}{fate}")
    }
}

impl Impact {
    /// What has been done to a resource then.
    pub fn done(self) -> &'static str {
        match self {
            Impact::Remove => "removed",
            Impact::Replace => "replaced",
            Impact::MayRemove => "perhaps removed",
            Impact::MayReplace => "perhaps replaced",
            Impact::Update => "updated",
            Impact::Annotate => "annotated",
            Impact::Move => "moved",
            Impact::Add => "added",
        }
    }
}

fn affected(
    before: Option<Resource<'_>>,
    after: Option<Resource<'_>>,
    moved_from: Option<String>,
    switched: &BTreeSet<&str>,
) -> Option<Affected> {
    let it = after.or(before)?;
    let mut affected = Affected {
        moved_from,
        ..Affected::unchanged(&it)
    };
    let (Some(before), Some(after)) = (before, after) else {
        affected.impact = match before {
            Some(_) => Impact::Remove,
            None => Impact::Add,
        };
        affected.fate = fate(&it, affected.impact);
        return Some(affected);
    };
    let facts = infra_resources::facts(after.kind);
    affected.properties = property_changes(&before, &after, facts);
    affected.attributes = change::between(Some(&attributes(&before)), Some(&attributes(&after)));
    let [was, is] = [&before, &after].map(|resource| resource.attribute("Condition"));
    let may_go = was != is || is.is_some_and(|name| switched.contains(name));
    let worst = affected.properties.iter().map(|change| change.replacement).max();
    affected.impact = match worst {
        // CloudFormation has no way from one type to another.
        _ if before.kind != after.kind => Impact::Replace,
        Some(Replacement::Will) => Impact::Replace,
        _ if may_go => Impact::MayRemove,
        Some(Replacement::May) => Impact::MayReplace,
        Some(Replacement::No) => Impact::Update,
        None if !affected.attributes.is_empty() => Impact::Annotate,
        None if affected.moved_from.is_some() => Impact::Move,
        None => return None,
    };
    affected.fate = fate(&after, affected.impact);
    Some(affected)
}

/// The conditions that may come out different: their definitions differ, or those of others that
/// they ask.
fn switched<'a>(before: &'a Template, after: &'a Template) -> BTreeSet<&'a str> {
    let [old, new] = [before, after].map(|template| template.sections().get("Conditions").and_then(Value::as_object));
    let mut switched = BTreeSet::new();
    loop {
        let asks = |definition: &Value| asks(definition, &switched);
        let found = new.into_iter().flatten().filter(|(name, definition)| {
            let differs = old.and_then(|old| old.get(*name)) != Some(*definition);
            !switched.contains(name.as_str()) && (differs || asks(definition))
        });
        let found: Vec<&str> = found.map(|(name, _)| name.as_str()).collect();
        if found.is_empty() {
            return switched;
        }
        switched.extend(found);
    }
}

/// Whether a condition's definition asks one of these conditions.
fn asks(definition: &Value, conditions: &BTreeSet<&str>) -> bool {
    match definition {
        Value::Object(members) => members.iter().any(|(name, value)| match value.as_str() {
            Some(other) if name == "Condition" => conditions.contains(other),
            _ => asks(value, conditions),
        }),
        Value::Array(items) => items.iter().any(|item| asks(item, conditions)),
        _ => false,
    }
}

fn property_changes(before: &Resource<'_>, after: &Resource<'_>, facts: Option<&Facts>) -> Vec<Change> {
    let none = json!({});
    let [old, new] = [before, after].map(|resource| resource.body.get("Properties").unwrap_or(&none));
    let mut changes = change::between(Some(old), Some(new));
    for change in &mut changes {
        change.replacement = replacement::verdict(facts, change);
    }
    changes
}

/// All of a resource but its properties.
fn attributes(resource: &Resource<'_>) -> Value {
    let mut body = resource.body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("Properties");
    }
    body
}

/// What becomes of a resource that goes, as the template that has it says.
fn fate(resource: &Resource<'_>, impact: Impact) -> Fate {
    let policy = match impact {
        Impact::Remove | Impact::MayRemove => resource.attribute("DeletionPolicy").or(default_policy(resource)),
        Impact::Replace | Impact::MayReplace => resource.attribute("UpdateReplacePolicy"),
        _ => return Fate::Nothing,
    };
    let is_stateful = infra_resources::facts(resource.kind).is_some_and(|facts| facts.stateful);
    match policy {
        Some("Retain" | "RetainExceptOnCreate") => Fate::LeftBehind,
        Some("Snapshot") => Fate::Snapshot,
        _ if !is_stateful => Fate::Nothing,
        _ if matches!(impact, Impact::MayRemove | Impact::MayReplace) => Fate::MayBeLost,
        _ => Fate::Lost,
    }
}

/// Databases are the only resources that CloudFormation does not simply delete.
fn default_policy(resource: &Resource<'_>) -> Option<&'static str> {
    match resource.kind {
        "AWS::RDS::DBCluster" => Some("Snapshot"),
        "AWS::RDS::DBInstance" if resource.property("DBClusterIdentifier").is_none() => Some("Snapshot"),
        _ => None,
    }
}

/// Marks the resources that are replaced because they refer to what is replaced, and theirs in turn.
fn follow(resources: &mut Vec<Affected>, before: &Template, after: &Template) {
    let is_replaced = |it: &Affected| matches!(it.impact, Impact::Replace | Impact::MayReplace);
    let mut replaced: Vec<String> = resources
        .iter()
        .filter(|it| is_replaced(it))
        .map(|it| it.id.clone())
        .collect();
    while let Some(id) = replaced.pop() {
        for resource in after.resources().filter(|resource| resource.id != id) {
            let follows = followed(&resource, &id);
            if follows.is_empty() || before.resource(resource.id).is_none() {
                continue;
            }
            let at = match resources.iter().position(|it| it.id == resource.id) {
                Some(at) => at,
                None => {
                    resources.push(Affected::unchanged(&resource));
                    resources.len() - 1
                }
            };
            let affected = &mut resources[at];
            affected.follows.extend(follows);
            if affected.impact > Impact::MayReplace {
                affected.impact = Impact::MayReplace;
                affected.fate = fate(&resource, Impact::MayReplace);
                replaced.push(affected.id.clone());
            }
        }
    }
}

/// The properties that a resource cannot change in place and that refer to another one.
fn followed(resource: &Resource<'_>, id: &str) -> Vec<Follow> {
    let Some(facts) = infra_resources::facts(resource.kind) else {
        return Vec::new();
    };
    let properties = resource.body.get("Properties");
    let fixed = facts.create_only.iter().chain(facts.conditional_create_only);
    let refers = fixed.filter(|path| {
        let values = replacement::values(properties, path);
        values.into_iter().any(|value| refers(value, id))
    });
    refers
        .map(|path| Follow {
            property: (*path).to_owned(),
            resource: id.to_owned(),
        })
        .collect()
}

fn sections(before: &Template, after: &Template) -> Vec<Section> {
    let mut names: Vec<&String> = before.sections().keys().chain(after.sections().keys()).collect();
    names.sort();
    names.dedup();
    let none = json!({});
    let section = |name: &String| {
        let [old, new] = [before, after].map(|template| template.sections().get(name));
        // A section that was not there had no entries.
        let entries = |one: Option<&Value>| one.is_none_or(Value::is_object);
        let changes = match entries(old) && entries(new) {
            true => change::between(Some(old.unwrap_or(&none)), Some(new.unwrap_or(&none))),
            false => change::between(old, new),
        };
        let name = name.clone();
        (!changes.is_empty()).then_some(Section { name, changes })
    };
    names
        .into_iter()
        .filter(|name| *name != "Resources")
        .filter_map(section)
        .collect()
}

#[cfg(test)]
mod tests;
