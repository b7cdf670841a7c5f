//! What is generated, after names and types have been settled: input of the emitter.

use std::collections::{BTreeMap, BTreeSet};

use super::overlay::Reference;

/// The types of one AWS service, which share a file.
pub(super) struct Service {
    /// `KinesisFirehose`.
    pub(super) aws: String,
    /// `kinesis_firehose`.
    pub(super) module: String,
    /// In the order of their names.
    pub(super) resources: Vec<Resource>,
}

/// One resource type, which has a module of its own.
pub(super) struct Resource {
    pub(super) type_name: String,
    pub(super) hash: String,
    /// `delivery_stream`.
    pub(super) module: String,
    /// `DeliveryStream`.
    pub(super) name: String,
    pub(super) about: String,
    pub(super) page: String,
    pub(super) reference: Reference,
    pub(super) stateful: bool,
    pub(super) delete_before_create: bool,
    pub(super) tags: Option<Tags>,
    pub(super) primary_identifier: Vec<String>,
    pub(super) read_only: Vec<String>,
    pub(super) create_only: Vec<String>,
    pub(super) conditional_create_only: Vec<String>,
    pub(super) write_only: Vec<String>,
    pub(super) deprecated: Vec<String>,
    /// Operation and the IAM actions it needs, in the order create, read, update, delete, list.
    pub(super) handlers: Vec<(&'static str, Vec<String>)>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) structs: Structs,
    pub(super) enums: Vec<Enum>,
}

/// The property that takes tags, and how.
pub(super) struct Tags {
    pub(super) property: String,
    pub(super) is_map: bool,
}

/// Something that `Fn::GetAtt` gives.
pub(super) struct Attribute {
    /// Dotted, as `Fn::GetAtt` wants it.
    pub(super) name: String,
    pub(super) method: String,
    /// The `T` of the `Value<T>`.
    pub(super) outcome: String,
}

/// The structs of a resource by key: `` for the resource itself, `#Definition`, or `Owner.Property`
/// for an object that has no definition of its own.
pub(super) type Structs = BTreeMap<String, Struct>;

/// An object with known members.
pub(super) struct Struct {
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
    pub(super) rules: Vec<Rule>,
    /// Whether a hand-written type stands for it, so that only its facts are generated.
    pub(super) is_shared: bool,
}

/// A member of a [`Struct`].
pub(super) struct Field {
    /// As CloudFormation spells it.
    pub(super) property: String,
    pub(super) name: String,
    pub(super) is_required: bool,
    /// Whether the type would contain itself without a box.
    pub(super) is_boxed: bool,
    pub(super) spec: Spec,
}

/// What a property holds.
pub(super) struct Spec {
    pub(super) shape: Shape,
    pub(super) limits: Vec<Limit>,
    /// The Rust type where it is not simply that of the shape.
    pub(super) rust: Option<Rust>,
}

/// The shape of a property, as the schema says it.
pub(super) enum Shape {
    Text,
    /// An index into [`Resource::enums`].
    Enum(usize),
    Integer,
    Number,
    Boolean,
    Any,
    /// A key of [`Structs`].
    Struct(String),
    List(Box<Spec>),
    Map(Box<Spec>),
}

/// A Rust type that says more than the schema's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rust {
    /// The `T` of a `Value<T>`.
    Value(String),
    /// A property type that is no `Value`.
    Plain(String),
}

/// A closed set of texts.
pub(super) struct Enum {
    pub(super) name: String,
    /// Values as CloudFormation spells them, in the order of the schema.
    pub(super) values: Vec<String>,
    /// Where it was met: struct and property, or the definition's name alone.
    pub(super) origin: Origin,
}

/// Where an enumeration or a nameless object was met.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Definition(String),
    Property { owner: String, property: String },
}

/// A bound on a value.
pub(super) enum Limit {
    OneOf(Vec<String>),
    OneOfNumbers(Vec<i64>),
    Pattern(String),
    MinLength(u64),
    MaxLength(u64),
    AtLeast(f64),
    AtMost(f64),
    MinItems(u64),
    MaxItems(u64),
    Unique,
}

/// What holds between the members of an object.
pub(super) enum Rule {
    ExactlyOne(Vec<String>),
    AtLeastOne(Vec<String>),
    Requires(String, Vec<String>),
    Excludes(String, Vec<String>),
}

impl Resource {
    /// The struct of the resource itself.
    pub(super) fn root(&self) -> &Struct {
        &self.structs[""]
    }

    /// The other structs, by name.
    pub(super) fn property_structs(&self) -> Vec<&Struct> {
        let mut structs: Vec<&Struct> = self
            .structs
            .iter()
            .filter(|(key, _)| !key.is_empty())
            .map(|(_, it)| it)
            .collect();
        structs.sort_by(|left, right| left.name.cmp(&right.name));
        structs
    }
}

impl Rule {
    /// The members that the rule is about.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        let (first, others) = match self {
            Rule::ExactlyOne(names) | Rule::AtLeastOne(names) => (None, names),
            Rule::Requires(name, others) | Rule::Excludes(name, others) => (Some(name), others),
        };
        first.into_iter().chain(others)
    }
}

impl Struct {
    /// The members that the constructor takes, in the order of their names.
    pub(super) fn required(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.is_required)
    }
}

/// Puts a box where a struct would contain itself otherwise.
pub(super) fn box_recursion(structs: &mut Structs) {
    let inside: BTreeMap<String, BTreeSet<String>> = structs
        .iter()
        .map(|(key, it)| (key.clone(), it.fields.iter().filter_map(direct).collect()))
        .collect();
    for (key, it) in structs {
        for field in &mut it.fields {
            field.is_boxed = direct(field).is_some_and(|target| reaches(&inside, &target, key));
        }
    }
}

/// The struct that stands in the field itself, and not in a list or map.
fn direct(field: &Field) -> Option<String> {
    match &field.spec.shape {
        Shape::Struct(key) => Some(key.clone()),
        _ => None,
    }
}

fn reaches(inside: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(key) = open.pop() {
        if key == to {
            return true;
        }
        if seen.insert(key) {
            open.extend(inside[key].iter().map(String::as_str));
        }
    }
    false
}
