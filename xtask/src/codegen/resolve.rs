//! From a registry schema to the model: follows references, names what has no name.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use super::{
    model::{Enum, Field, Limit, Origin, Rule, Rust, Shape, Spec, Struct, Structs},
    name,
    overlay::Overlay,
    reference::Targets,
    schema::{Schema, paths, text, texts},
};

/// An enumeration with more values than this stays a text: such lists grow with AWS.
const MAX_VARIANTS: usize = 60;

/// Builds the structs and enumerations of one resource type.
pub(super) struct Resolver<'a> {
    schema: &'a Schema,
    overlay: &'a Overlay,
    targets: &'a Targets,
    /// Members that the service sets: struct key and property.
    read_only: BTreeSet<(String, String)>,
    pub(super) structs: Structs,
    pub(super) enums: Vec<Enum>,
}

/// Where a node stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The key of the struct that holds it.
    owner: &'a str,
    property: &'a str,
    /// Whether it is the item of the list or map that the property is.
    is_item: bool,
}

impl Place<'_> {
    /// What a nameless type here is called.
    fn type_name(&self) -> String {
        if self.is_item {
            name::singular(self.property)
        } else {
            self.property.to_owned()
        }
    }
}

impl<'a> Resolver<'a> {
    /// Resolves all that the resource's properties reach.
    pub(super) fn run(schema: &'a Schema, overlay: &'a Overlay, targets: &'a Targets) -> Result<Self> {
        let mut resolver = Self {
            schema,
            overlay,
            targets,
            read_only: BTreeSet::new(),
            structs: Structs::new(),
            enums: Vec::new(),
        };
        for path in paths(&schema.root, "readOnlyProperties") {
            if let Some((key, property, _)) = resolver.find(&path) {
                resolver.read_only.insert((key, property));
            }
        }
        let properties = schema.root.get("properties").context("a schema has properties")?;
        let root = with_properties(&schema.root, properties);
        resolver.add_struct("", &root)?;
        Ok(resolver)
    }

    /// The node at a dotted path, with the key of the struct that holds it and its property name.
    pub(super) fn find(&self, path: &str) -> Option<(String, String, Value)> {
        let (mut node, mut key) = (self.schema.root.clone(), String::new());
        // What nameless items of the node are named after: see `shape`.
        let mut list = (String::new(), String::new());
        let mut found = None;
        for segment in path.split('.') {
            if let Some(items) = node.get("items") {
                let (items, definition) = self.merged(items);
                let place = Place {
                    owner: &list.0,
                    property: &list.1,
                    is_item: true,
                };
                (node, key) = (items, struct_key(definition.as_deref(), place));
            }
            if segment == "*" {
                continue;
            }
            let (member, definition) = self.merged(node.get("properties")?.get(segment)?);
            found = Some((key.clone(), segment.to_owned(), member.clone()));
            list = match &definition {
                Some(definition) => (String::new(), definition.clone()),
                None => (key.clone(), segment.to_owned()),
            };
            let place = Place {
                owner: &key,
                property: segment,
                is_item: false,
            };
            (node, key) = (member, struct_key(definition.as_deref(), place));
        }
        found
    }

    /// The shape and Rust type of the node at a dotted path, for an attribute.
    pub(super) fn attribute_spec(&mut self, path: &str) -> Result<Spec> {
        let (key, property, node) = self.find(path).with_context(|| format!("no property at {path}"))?;
        // An attribute hands out values; structs met on the way are none of the template's types.
        let (structs, enums) = (self.structs.len(), self.enums.len());
        let spec = if text(&node, "type") == Some("object") {
            Spec {
                shape: Shape::Any,
                limits: Vec::new(),
                rust: None,
            }
        } else if node
            .get("items")
            .is_some_and(|items| text(&self.merged(items).0, "type") == Some("object"))
        {
            let item = Spec {
                shape: Shape::Any,
                limits: Vec::new(),
                rust: None,
            };
            Spec {
                shape: Shape::List(Box::new(item)),
                limits: Vec::new(),
                rust: None,
            }
        } else {
            self.spec(
                &node,
                Place {
                    owner: &key,
                    property: &property,
                    is_item: false,
                },
            )?
        };
        ensure!(structs == self.structs.len(), "the attribute {path} has members");
        self.enums.truncate(enums);
        Ok(spec)
    }

    /// The node that `node` refers to with the members beside the `$ref` laid over it, and the name of
    /// the definition.
    fn merged(&self, node: &Value) -> (Value, Option<String>) {
        let Some(target) = text(node, "$ref") else {
            return (node.clone(), None);
        };
        let definition = target.trim_start_matches("#/definitions/");
        let (mut merged, inner) = self.merged(&self.schema.root["definitions"][definition]);
        for (key, value) in node.as_object().into_iter().flatten().filter(|(key, _)| *key != "$ref") {
            merged[key] = value.clone();
        }
        (merged, inner.or_else(|| Some(definition.to_owned())))
    }

    fn add_struct(&mut self, key: &str, node: &Value) -> Result<()> {
        // Announced first, so that a definition which contains itself ends the recursion.
        let empty = Struct {
            name: String::new(),
            fields: Vec::new(),
            rules: Vec::new(),
            is_shared: false,
        };
        self.structs.insert(key.to_owned(), empty);
        let none = Map::new();
        let members = node.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let required = texts(node, "required");
        let mut fields = Vec::new();
        for (property, member) in members {
            if self.read_only.contains(&(key.to_owned(), property.clone())) {
                continue;
            }
            let place = Place {
                owner: key,
                property,
                is_item: false,
            };
            fields.push(Field {
                property: property.clone(),
                name: name::snake(property),
                is_required: required.contains(property),
                is_boxed: false,
                spec: self.spec(member, place).with_context(|| format!("{key}.{property}"))?,
            });
        }
        // cfn-lint puts one rule of a bucket's website beside the object that it is about; a rule
        // without its members would never apply.
        let mut rules = rules(node);
        rules.retain(|rule| rule.names().all(|name| members.contains_key(name)));
        let is_shared = is_tag(key, &fields);
        let name = String::new();
        self.structs.insert(
            key.to_owned(),
            Struct {
                name,
                fields,
                rules,
                is_shared,
            },
        );
        Ok(())
    }

    fn spec(&mut self, node: &Value, place: Place<'_>) -> Result<Spec> {
        let (mut node, mut definition) = self.merged(node);
        if node.get("type").is_none()
            && let Some(first) = node.get("oneOf").and_then(|alternatives| alternatives.get(0))
        {
            (node, definition) = self.merged(first);
        }
        let shape = self.shape(&node, definition.as_deref(), place)?;
        let rust = match &shape {
            // The items carry the type of a list.
            Shape::List(_) => None,
            _ => self.rust_type(&node, &shape, place)?,
        };
        Ok(Spec {
            limits: limits(&node, &shape),
            shape,
            rust,
        })
    }

    fn rust_type(&self, node: &Value, shape: &Shape, place: Place<'_>) -> Result<Option<Rust>> {
        let owner = place.owner.trim_start_matches(['#', '.']);
        let path = if owner.is_empty() {
            place.property.to_owned()
        } else {
            format!("{owner}.{}", place.property)
        };
        if let Some(rust) = self.overlay.field(&self.schema.type_name, &path) {
            return self.targets.parse(rust).map(Some);
        }
        match shape {
            Shape::Text => self.targets.marked(node, &self.schema.type_name),
            Shape::Struct(key) if self.structs[key].is_shared => Ok(Some(Rust::Plain("crate::Tag".to_owned()))),
            _ => Ok(None),
        }
    }

    fn shape(&mut self, node: &Value, definition: Option<&str>, place: Place<'_>) -> Result<Shape> {
        let types = types(node);
        let has = |name: &str| types.iter().any(|it| it == name);
        let members = node
            .get("properties")
            .or_else(|| node.get("oneOf").filter(|_| has("object")));
        if has("array") && types.len() == 1 {
            let mut items = node.get("items").context("a list has items")?.clone();
            if let (Some(format), Some(item)) = (node.get("format"), items.as_object_mut()) {
                item.entry("format").or_insert_with(|| format.clone());
            }
            // Items without a definition are named after the list, and a list may be a definition.
            let (owner, property) = definition.map_or((place.owner, place.property), |definition| ("", definition));
            let place = Place {
                owner,
                property,
                is_item: true,
            };
            return Ok(Shape::List(Box::new(self.spec(&items, place)?)));
        }
        if members.is_some() || is_closed(node) && has("object") && node.get("patternProperties").is_none() {
            let key = struct_key(definition, place);
            if !self.structs.contains_key(&key) {
                self.add_struct(&key, &flattened(node))?;
            }
            return Ok(Shape::Struct(key));
        }
        if let Some(patterns) = node.get("patternProperties").and_then(Value::as_object) {
            let value = patterns.values().next().context("a map has a pattern")?;
            return Ok(Shape::Map(Box::new(self.spec(value, place)?)));
        }
        if let Some(values) = closed_values(node) {
            return Ok(Shape::Enum(self.add_enum(values, definition, place)));
        }
        Ok(match types.first().map(String::as_str) {
            _ if types.len() > 2 || types.is_empty() && text(node, "format") != Some("json") => Shape::Text,
            _ if has("object") || types.is_empty() => Shape::Any,
            Some("integer") => Shape::Integer,
            Some("number") => Shape::Number,
            Some("boolean") => Shape::Boolean,
            _ => Shape::Text,
        })
    }

    fn add_enum(&mut self, values: Vec<String>, definition: Option<&str>, place: Place<'_>) -> usize {
        let origin = match definition {
            Some(definition) => Origin::Definition(definition.to_owned()),
            None => Origin::Property {
                owner: place.owner.to_owned(),
                property: place.type_name(),
            },
        };
        if let Some(at) = self
            .enums
            .iter()
            .position(|known| known.origin == origin && known.values == values)
        {
            return at;
        }
        self.enums.push(Enum {
            name: String::new(),
            values,
            origin,
        });
        self.enums.len() - 1
    }
}

fn struct_key(definition: Option<&str>, place: Place<'_>) -> String {
    match definition {
        Some(definition) => format!("#{definition}"),
        None => format!("{}.{}", place.owner.trim_start_matches(['#', '.']), place.type_name()),
    }
}

fn with_properties(node: &Value, properties: &Value) -> Value {
    let mut node = node.clone();
    node["properties"] = properties.clone();
    node
}

/// An object whose members stand in alternatives, with all of them as its own.
fn flattened(node: &Value) -> Value {
    let Some(alternatives) = node
        .get("oneOf")
        .and_then(Value::as_array)
        .filter(|_| node.get("properties").is_none())
    else {
        return node.clone();
    };
    let members = alternatives
        .iter()
        .filter_map(|it| it.get("properties")?.as_object())
        .flatten();
    let members: Map<String, Value> = members.map(|(name, member)| (name.clone(), member.clone())).collect();
    with_properties(node, &Value::Object(members))
}

fn types(node: &Value) -> Vec<String> {
    match node.get("type") {
        Some(Value::String(name)) => vec![name.clone()],
        _ => texts(node, "type"),
    }
}

fn is_closed(node: &Value) -> bool {
    node.get("additionalProperties") == Some(&Value::Bool(false))
}

/// The texts that an enumeration allows, unless it is no enumeration of texts or too long for a type.
///
/// Some schemas take the same word in two spellings (`GLACIER`, `Glacier`); the first one stays.
fn closed_values(node: &Value) -> Option<Vec<String>> {
    let mut values = match text(node, "const") {
        Some(only) => vec![only.to_owned()],
        None => texts(
            node,
            if node.get("enum").is_some() {
                "enum"
            } else {
                "enumCaseInsensitive"
            },
        ),
    };
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(name::variant(value)));
    (1..=MAX_VARIANTS).contains(&values.len()).then_some(values)
}

/// Whether a struct is the pair of `Key` and `Value` that tags are made of.
fn is_tag(key: &str, fields: &[Field]) -> bool {
    let names: Vec<&str> = fields.iter().map(|field| field.property.as_str()).collect();
    let is_text = |field: &Field| matches!(field.spec.shape, Shape::Text);
    key.ends_with("Tag") && names == ["Key", "Value"] && fields.iter().all(is_text)
}

fn limits(node: &Value, shape: &Shape) -> Vec<Limit> {
    let count = |key: &str| node.get(key).and_then(Value::as_u64);
    let number = |key: &str| node.get(key).and_then(Value::as_f64);
    let mut limits = Vec::new();
    match shape {
        Shape::Text => {
            let values = texts(node, "enum");
            limits.extend((!values.is_empty()).then_some(Limit::OneOf(values)));
            limits.extend(count("minLength").filter(|min| *min > 0).map(Limit::MinLength));
            limits.extend(count("maxLength").map(Limit::MaxLength));
            limits.extend(text(node, "pattern").map(|pattern| Limit::Pattern(pattern.to_owned())));
        }
        Shape::Integer | Shape::Number => {
            let values: Vec<i64> = node
                .get("enum")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_i64)
                .collect();
            limits.extend((!values.is_empty()).then_some(Limit::OneOfNumbers(values)));
            limits.extend(number("minimum").map(Limit::AtLeast));
            limits.extend(number("maximum").map(Limit::AtMost));
        }
        Shape::List(_) => {
            limits.extend(count("minItems").filter(|min| *min > 0).map(Limit::MinItems));
            limits.extend(
                count("maxItems")
                    .or_else(|| count("maxUniqueItems"))
                    .map(Limit::MaxItems),
            );
            limits.extend((node.get("uniqueItems") == Some(&Value::Bool(true))).then_some(Limit::Unique));
        }
        Shape::Map(_) => {
            limits.extend(
                count("minProperties")
                    .or_else(|| count("minItems"))
                    .map(Limit::MinItems),
            );
            limits.extend(
                count("maxProperties")
                    .or_else(|| count("maxItems"))
                    .map(Limit::MaxItems),
            );
            let patterns = node.get("patternProperties").and_then(Value::as_object);
            limits.extend(
                patterns
                    .and_then(|patterns| patterns.keys().next())
                    .cloned()
                    .map(Limit::Pattern),
            );
        }
        Shape::Enum(_) | Shape::Boolean | Shape::Any | Shape::Struct(_) => {}
    }
    limits
}

/// The relations between members that a schema states, cfn-lint's own keywords included.
fn rules(node: &Value) -> Vec<Rule> {
    let mut rules = Vec::new();
    let groups = |key: &str| -> Option<Vec<String>> {
        let alternatives = node.get(key)?.as_array()?.iter().map(|it| texts(it, "required"));
        let single = alternatives.map(|mut names| (names.len() == 1).then(|| names.remove(0)));
        single.collect()
    };
    let listed = |key: &str| Some(texts(node, key)).filter(|names| !names.is_empty());
    rules.extend(listed("requiredXor").or_else(|| groups("oneOf")).map(Rule::ExactlyOne));
    rules.extend(listed("requiredOr").or_else(|| groups("anyOf")).map(Rule::AtLeastOne));
    let pairs = |key: &str| -> Vec<(String, Vec<String>)> {
        let members = node.get(key).and_then(Value::as_object).into_iter().flatten();
        members
            .map(|(name, _)| (name.clone(), texts(&node[key], name)))
            .collect()
    };
    let dependencies = [pairs("dependentRequired"), pairs("dependencies")].concat();
    rules.extend(
        dependencies
            .into_iter()
            .map(|(name, others)| Rule::Requires(name, others)),
    );
    rules.extend(
        pairs("dependentExcluded")
            .into_iter()
            .map(|(name, others)| Rule::Excludes(name, others)),
    );
    rules
}
