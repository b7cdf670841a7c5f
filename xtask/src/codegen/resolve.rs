//! From a registry schema to the model: follows references, names what has no name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::{
    limits::{closed_values, limits, rules},
    model::{Enum, Field, Origin, Rust, Shape, Spec, Struct, Structs},
    name,
    overlay::Overlay,
    reference::Targets,
    schema::{Schema, paths, text, texts},
};

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

impl<'a> Place<'a> {
    fn member(owner: &'a str, property: &'a str) -> Self {
        Place {
            owner,
            property,
            is_item: false,
        }
    }

    fn item(owner: &'a str, property: &'a str) -> Self {
        Place {
            owner,
            property,
            is_item: true,
        }
    }

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
    fn find(&self, path: &str) -> Option<(String, String, Value)> {
        let (mut node, mut key) = (self.schema.root.clone(), String::new());
        // What nameless items of the node are named after: see `shape`.
        let mut list = (String::new(), String::new());
        let mut found = None;
        for segment in path.split('.') {
            if let Some(items) = node.get("items") {
                let (items, definition) = self.merged(items);
                let place = Place::item(&list.0, &list.1);
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
            let place = Place::member(&key, segment);
            (node, key) = (member, struct_key(definition.as_deref(), place));
        }
        found
    }

    /// The node at a dotted path, references followed.
    pub(super) fn node(&self, path: &str) -> Result<Value> {
        let (_, _, node) = self.find(path).with_context(|| format!("no property at {path}"))?;
        Ok(node)
    }

    /// The node that `node` refers to with the members beside the `$ref` laid over it, and the name of
    /// the definition.
    pub(super) fn merged(&self, node: &Value) -> (Value, Option<String>) {
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
        // Sorted here, because serde_json keeps an order of its own when some crate asks it to.
        let members = node.get("properties").and_then(Value::as_object).into_iter().flatten();
        let members: BTreeMap<&String, &Value> = members.collect();
        let required = texts(node, "required");
        let mut fields = Vec::new();
        for (&property, &member) in &members {
            if self.read_only.contains(&(key.to_owned(), property.clone())) {
                continue;
            }
            let place = Place::member(key, property);
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
            let place = Place::item(owner, property);
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

/// Whether a struct is the pair of `Key` and `Value` that tags are made of.
fn is_tag(key: &str, fields: &[Field]) -> bool {
    let names: Vec<&str> = fields.iter().map(|field| field.property.as_str()).collect();
    let is_text = |field: &Field| matches!(field.spec.shape, Shape::Text);
    key.ends_with("Tag") && names == ["Key", "Value"] && fields.iter().all(is_text)
}
