//! The template: parameters, conditions, resources and outputs, in the order they were added.

mod across;

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

use crate::condition::{Condition, Test};
use crate::node::{Intrinsic, Node, Properties};
use crate::pseudo;
use crate::reference::{Handle, LogicalId, Resource};
use crate::value::Value;
use crate::waiver::{self, Waiver};
use crate::{json, yaml};

pub use across::{Export, Input, StackOutput};

/// The only version of the template format.
const FORMAT: &str = "2010-09-09";

/// A CloudFormation template.
#[derive(Debug, Default)]
pub struct Template {
    description: String,
    parameters: Vec<(String, Parameter)>,
    conditions: Vec<(String, Node)>,
    resources: Vec<Entry>,
    outputs: Vec<(String, Output)>,
    moves: Vec<Move>,
    inputs: Vec<Input>,
    faults: Vec<Fault>,
}

/// A resource that had another logical id before.
#[derive(Debug)]
struct Move {
    from: String,
    to: LogicalId,
    made_at: &'static Location<'static>,
}

#[derive(Debug)]
struct Entry {
    id: LogicalId,
    kind: &'static str,
    properties: Node,
    options: Options,
    made_at: &'static Location<'static>,
}

#[derive(Debug)]
struct Output {
    description: &'static str,
    value: Node,
    export: Option<Node>,
}

/// A parameter: a text that is given when the stack is made or updated.
#[derive(Clone, Debug, Default)]
pub struct Parameter {
    /// What it is for, shown in the console.
    pub description: &'static str,
    /// The value when none is given; without it the parameter must be given.
    pub default: Option<String>,
    /// A regular expression that the value must match.
    pub allowed_pattern: Option<&'static str>,
    /// The shortest value, in characters.
    pub min_length: Option<i64>,
    /// Whether it is a secret: CloudFormation then shows asterisks wherever it shows the value.
    pub no_echo: bool,
}

/// What a template got wrong, and which line of Rust did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    what: String,
    made_at: &'static Location<'static>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.made_at.file(), self.made_at.line(), self.what)
    }
}

/// What stands beside the properties of a resource.
#[derive(Debug, Default)]
pub struct Options {
    depends_on: Vec<LogicalId>,
    policy: Option<&'static str>,
    condition: Option<Condition>,
    waivers: Vec<Waiver>,
    guards_updates: bool,
}

impl Options {
    /// Made after `other`, where no reference says so already.
    pub fn depends_on<R: Resource>(&mut self, other: &Handle<R>) -> &mut Self {
        self.depends_on.push(other.logical_id().clone());
        self
    }

    /// Left alone when it is taken out of the template, replaced, or its stack deleted.
    pub fn retain(&mut self) -> &mut Self {
        self.policy = Some("Retain");
        self
    }

    /// Deleted with its stack, with all that it holds; stateful types are retained otherwise.
    pub fn delete(&mut self) -> &mut Self {
        self.policy = Some("Delete");
        self
    }

    /// Made only where the condition holds.
    pub fn only_if(&mut self, condition: &Condition) -> &mut Self {
        self.condition = Some(condition.clone());
        self
    }

    /// Undoes an update of the stack when it goes off while that is watched; for alarms.
    pub fn guards_updates(&mut self) -> &mut Self {
        self.guards_updates = true;
        self
    }

    /// Records findings of checkers that stay, with their reasons.
    pub fn waive(&mut self, waivers: impl IntoIterator<Item = Waiver>) -> &mut Self {
        self.waivers.extend(waivers);
        self
    }
}

impl Template {
    /// An empty template; the description is at most 1,024 bytes.
    pub fn new(description: impl Into<String>) -> Self {
        Template {
            description: description.into(),
            ..Template::default()
        }
    }

    /// Adds a resource under a logical id of letters and digits that no other one has.
    ///
    /// Stateful types are retained unless [`Options::delete`] says otherwise.
    #[track_caller]
    pub fn add<R: Resource>(&mut self, id: &str, resource: R) -> Handle<R> {
        let made_at = Location::caller();
        self.check_name(id, "logical id", made_at);
        let id = LogicalId::new(id);
        let options = Options {
            policy: R::facts().stateful.then_some("Retain"),
            ..Options::default()
        };
        let properties = resource.into_properties();
        self.resources.push(Entry {
            id: id.clone(),
            kind: R::TYPE,
            properties,
            options,
            made_at,
        });
        Handle::new(id)
    }

    /// What stands beside the properties of a resource of this template.
    ///
    /// # Panics
    ///
    /// When the handle comes from another template.
    #[track_caller]
    pub fn options<R: Resource>(&mut self, handle: &Handle<R>) -> &mut Options {
        match self.resources.iter_mut().find(|entry| entry.id == *handle.logical_id()) {
            Some(entry) => &mut entry.options,
            None => panic!("{handle:?} is a resource of another template"),
        }
    }

    /// Says that a resource is the one that had another logical id before, so that deploying
    /// renames it where it would replace it.
    ///
    /// Not a part of what is emitted; once every stack has the new id, the line can go.
    #[track_caller]
    pub fn moved<R: Resource>(&mut self, old: &str, handle: &Handle<R>) {
        self.moves.push(Move {
            from: old.to_owned(),
            to: handle.logical_id().clone(),
            made_at: Location::caller(),
        });
    }

    /// Declares a parameter; whoever gives its value vouches that it is a `T`.
    #[track_caller]
    pub fn parameter<T>(&mut self, name: &str, parameter: Parameter) -> Value<T> {
        self.check_name(name, "parameter", Location::caller());
        self.parameters.push((name.to_owned(), parameter));
        Value::from_node(Node::Call(Intrinsic::Ref(Cow::Owned(name.to_owned()))))
    }

    /// Declares a condition.
    #[track_caller]
    pub fn condition(&mut self, name: &str, test: Test) -> Condition {
        self.check_name(name, "condition", Location::caller());
        self.conditions.push((name.to_owned(), test.0));
        Condition::new(name)
    }

    /// Declares an output.
    #[track_caller]
    pub fn output<T>(&mut self, name: &str, description: &'static str, value: impl Into<Value<T>>) {
        self.check_name(name, "output", Location::caller());
        let value = value.into().node().clone();
        self.outputs.push((
            name.to_owned(),
            Output {
                description,
                value,
                export: None,
            },
        ));
    }

    /// The names of the declared parameters.
    pub fn parameter_names(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(name, _)| name.as_str())
    }

    /// Logical id, type and properties of each resource, in order.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &'static str, &Node)> {
        self.resources
            .iter()
            .map(|entry| (entry.id.as_str(), entry.kind, &entry.properties))
    }

    /// The old and the new logical id of each resource that was moved.
    pub fn moves(&self) -> impl Iterator<Item = (&str, &str)> {
        self.moves.iter().map(|step| (step.from.as_str(), step.to.as_str()))
    }

    /// The line of Rust that added each resource, by logical id, in order.
    pub fn made_at(&self) -> impl Iterator<Item = (&str, &'static Location<'static>)> {
        self.resources.iter().map(|entry| (entry.id.as_str(), entry.made_at))
    }

    /// The logical ids of what [guards updates](Options::guards_updates).
    pub fn update_guards(&self) -> impl Iterator<Item = &str> {
        let guards = self.resources.iter().filter(|entry| entry.options.guards_updates);
        guards.map(|entry| entry.id.as_str())
    }

    /// The waivers, each with the logical id of its resource.
    pub fn waivers(&self) -> impl Iterator<Item = (&str, &Waiver)> {
        self.resources.iter().flat_map(|entry| {
            let waivers = entry.options.waivers.iter();
            waivers.map(|waiver| (entry.id.as_str(), waiver))
        })
    }

    /// The whole template as the tree that is written.
    pub fn to_node(&self) -> Node {
        self.node()
    }

    /// How many values went in past the type system, through [`Value::raw`].
    pub fn raw_values(&self) -> usize {
        let mut count = 0;
        for entry in &self.resources {
            entry
                .properties
                .walk(&mut |node| count += usize::from(matches!(node, Node::Raw(_))));
        }
        count
    }

    /// All that is wrong with this template as far as the language can tell: ids that are taken
    /// or misspelt, and references to what is not in it.
    ///
    /// # Errors
    ///
    /// Every fault, each with the line of Rust that made it.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        let mut faults = self.faults.clone();
        for step in self.moves.iter().filter(|step| self.declares(&step.from)) {
            faults.push(Fault {
                what: format!(
                    "{} cannot have been `{}`, which is still in this template",
                    step.to, step.from
                ),
                made_at: step.made_at,
            });
        }
        for entry in &self.resources {
            entry.properties.walk(&mut |node| {
                for target in targets(node) {
                    if !self.declares(&target) {
                        let what = format!("{} refers to `{target}`, which is not in this template", entry.id);
                        faults.push(Fault {
                            what,
                            made_at: entry.made_at,
                        });
                    }
                }
            });
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// The template for people: YAML with short-form intrinsics.
    pub fn to_yaml(&self) -> String {
        yaml::to_string(&self.node())
    }

    /// The template for the API: minified JSON.
    pub fn to_json(&self) -> String {
        json::to_string(&self.node())
    }

    fn declares(&self, name: &str) -> bool {
        pseudo::ALL.contains(&name)
            || self.resources.iter().any(|entry| entry.id.as_str() == name)
            || self.parameters.iter().any(|(parameter, _)| parameter == name)
    }

    fn check_name(&mut self, name: &str, kind: &str, made_at: &'static Location<'static>) {
        let well_formed = (1..=255).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !well_formed {
            self.faults.push(Fault {
                what: format!("{kind} `{name}` must be 1 to 255 letters and digits"),
                made_at,
            });
        }
        let taken = match kind {
            "output" => self.outputs.iter().any(|(other, _)| other == name),
            "condition" => self.conditions.iter().any(|(other, _)| other == name),
            _ => self.declares(name),
        };
        if taken {
            self.faults.push(Fault {
                what: format!("{kind} `{name}` is taken"),
                made_at,
            });
        }
    }

    fn node(&self) -> Node {
        let text = |text: &str| Node::Text(Cow::Owned(text.to_owned()));
        let mut members = vec![
            (Cow::Borrowed("AWSTemplateFormatVersion"), text(FORMAT)),
            (Cow::Borrowed("Description"), text(&self.description)),
        ];
        let mut section = |name: &'static str, entries: Vec<(Cow<'static, str>, Node)>| {
            if !entries.is_empty() {
                members.push((Cow::Borrowed(name), Node::Map(entries)));
            }
        };
        section("Parameters", named(&self.parameters, Parameter::node));
        section("Conditions", named(&self.conditions, Node::clone));
        section(
            "Resources",
            self.resources
                .iter()
                .map(|entry| (Cow::Owned(entry.id.as_str().to_owned()), entry.node()))
                .collect(),
        );
        section("Outputs", named(&self.outputs, Output::node));
        Node::Map(members)
    }
}

fn named<T>(entries: &[(String, T)], node: impl Fn(&T) -> Node) -> Vec<(Cow<'static, str>, Node)> {
    entries
        .iter()
        .map(|(name, entry)| (Cow::Owned(name.clone()), node(entry)))
        .collect()
}

/// The names that a node refers to, without those below it.
fn targets(node: &Node) -> Vec<String> {
    match node {
        Node::Call(Intrinsic::Ref(target) | Intrinsic::GetAtt(target, _)) => vec![target.to_string()],
        Node::Call(Intrinsic::Sub(pattern)) => pattern
            .split("${")
            .skip(1)
            .filter(|rest| !rest.starts_with('!'))
            .filter_map(|rest| rest.split(['}', '.']).next())
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

impl Entry {
    fn node(&self) -> Node {
        let text = |text: &str| Node::Text(Cow::Owned(text.to_owned()));
        let mut members: Vec<(Cow<'static, str>, Node)> = vec![("Type".into(), text(self.kind))];
        if let Some(condition) = &self.options.condition {
            members.push(("Condition".into(), Node::Text(condition.name())));
        }
        if !self.options.depends_on.is_empty() {
            let ids = self.options.depends_on.iter().map(|id| text(id.as_str()));
            members.push(("DependsOn".into(), Node::List(ids.collect())));
        }
        if let Some(policy) = self.options.policy {
            members.push(("DeletionPolicy".into(), text(policy)));
            members.push(("UpdateReplacePolicy".into(), text(policy)));
        }
        let metadata = waiver::metadata(&self.options.waivers);
        if !metadata.is_empty() {
            members.push(("Metadata".into(), Node::Map(metadata)));
        }
        if self.properties != Node::Map(Vec::new()) {
            members.push(("Properties".into(), self.properties.clone()));
        }
        Node::Map(members)
    }
}

impl Parameter {
    fn node(&self) -> Node {
        Properties::new()
            .set("Type", Value::<String>::from("String"))
            .set("Description", Value::<String>::from(self.description))
            .set_opt("Default", self.default.clone().map(Value::from))
            .set_opt("AllowedPattern", self.allowed_pattern.map(Value::<String>::from))
            .set_opt("MinLength", self.min_length.map(Value::from))
            .set_opt("NoEcho", self.no_echo.then(|| Value::from(true)))
            .into_node()
    }
}

impl Output {
    fn node(&self) -> Node {
        let mut members = vec![
            (
                Cow::Borrowed("Description"),
                Node::Text(Cow::Borrowed(self.description)),
            ),
            (Cow::Borrowed("Value"), self.value.clone()),
        ];
        if let Some(export) = &self.export {
            members.push(across::export_member(export));
        }
        Node::Map(members)
    }
}
