//! Settles names, attributes and update behaviour: from schemas and overlay to the model.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::{
    emit,
    model::{Attribute, Enum, Origin, Resource, Rust, Service, Shape, Spec, Structs, Tags, box_recursion},
    name,
    overlay::{Overlay, Reference},
    reference::Targets,
    resolve::Resolver,
    schema::{Schema, paths, text, texts},
};

/// Where AWS documents a type; the page's name follows.
const PAGES: &str = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/";

/// Builds all services; fails when an entry of the overlay matches nothing.
pub(super) fn services(schemas: &[Schema], overlay: &Overlay) -> Result<Vec<Service>> {
    let mut known = BTreeMap::new();
    for schema in schemas {
        let (service, resource) = split(&schema.type_name)?;
        known.insert(
            schema.type_name.clone(),
            format!("{}::{}", name::service(service), name::camel(resource)),
        );
    }
    let targets = Targets(known);
    let mut services: BTreeMap<String, Service> = BTreeMap::new();
    for schema in schemas {
        let (aws, _) = split(&schema.type_name)?;
        let resource = resource(schema, overlay, &targets).with_context(|| schema.type_name.clone())?;
        let module = name::service(aws);
        let service = services.entry(module.clone()).or_insert_with(|| Service {
            aws: aws.to_owned(),
            module,
            resources: Vec::new(),
        });
        service.resources.push(resource);
    }
    let types: BTreeSet<String> = schemas.iter().map(|schema| schema.type_name.clone()).collect();
    overlay.check_all_used(&types)?;
    Ok(services.into_values().collect())
}

fn split(type_name: &str) -> Result<(&str, &str)> {
    let parts: Vec<&str> = type_name.split("::").collect();
    match parts.as_slice() {
        ["AWS", service, resource] => Ok((service, resource)),
        _ => bail!("`{type_name}` is no type name of the form AWS::Service::Resource"),
    }
}

fn resource(schema: &Schema, overlay: &Overlay, targets: &Targets) -> Result<Resource> {
    let type_name = schema.type_name.as_str();
    let (service, resource) = split(type_name)?;
    let mut resolver = Resolver::run(schema, overlay, targets)?;
    let attributes = attributes(schema, overlay, targets, &mut resolver)?;
    let (mut structs, mut enums) = (resolver.structs, resolver.enums);
    name_structs(type_name, resource, overlay, &mut structs)?;
    name_enums(type_name, overlay, &structs, &mut enums)?;
    box_recursion(&mut structs);
    let page = format!("aws-resource-{service}-{resource}").to_lowercase();
    Ok(Resource {
        type_name: type_name.to_owned(),
        hash: schema.hash.clone(),
        module: name::snake(resource),
        name: name::camel(resource),
        about: overlay.about(type_name)?.to_owned(),
        page: format!("{PAGES}{}.html", overlay.page(type_name).unwrap_or(&page)),
        reference: overlay.reference(type_name),
        stateful: overlay.is_stateful(type_name),
        delete_before_create: text(&schema.root, "replacementStrategy") == Some("delete_then_create"),
        tags: tags(&schema.root, &structs),
        primary_identifier: paths(&schema.root, "primaryIdentifier"),
        read_only: paths(&schema.root, "readOnlyProperties"),
        create_only: paths(&schema.root, "createOnlyProperties"),
        conditional_create_only: paths(&schema.root, "conditionalCreateOnlyProperties"),
        write_only: paths(&schema.root, "writeOnlyProperties"),
        deprecated: paths(&schema.root, "deprecatedProperties"),
        handlers: handlers(&schema.root),
        attributes,
        structs,
        enums,
    })
}

fn tags(root: &Value, structs: &Structs) -> Option<Tags> {
    let tagging = root.get("tagging")?;
    if tagging.get("taggable") != Some(&Value::Bool(true)) {
        return None;
    }
    let property = text(tagging, "tagProperty")?
        .trim_start_matches("/properties/")
        .to_owned();
    let field = structs[""].fields.iter().find(|field| field.property == property)?;
    let is_map = !matches!(field.spec.shape, Shape::List(_));
    Some(Tags { property, is_map })
}

fn handlers(root: &Value) -> Vec<(&'static str, Vec<String>)> {
    let permissions = |operation: &'static str| {
        let handler = root.get("handlers").and_then(|handlers| handlers.get(operation));
        let mut permissions = handler.map(|handler| texts(handler, "permissions")).unwrap_or_default();
        permissions.sort();
        permissions.dedup();
        (operation, permissions)
    };
    ["create", "read", "update", "delete", "list"].map(permissions).into()
}

fn attributes(
    schema: &Schema,
    overlay: &Overlay,
    targets: &Targets,
    resolver: &mut Resolver<'_>,
) -> Result<Vec<Attribute>> {
    // What lies inside the items of a list has no attribute of its own.
    let mut names = paths(&schema.root, "readOnlyProperties");
    names.retain(|path| !path.contains('*'));
    let mut attributes = Vec::new();
    for name in &names {
        let outcome = match overlay.attribute(&schema.type_name, name) {
            Some(rust) => value_type(targets.parse(rust)?)?,
            None => match own_reference(schema, overlay, name)? {
                Some(own) => own,
                None => outcome(&resolver.attribute_spec(name)?),
            },
        };
        attributes.push((name.clone(), outcome));
    }
    for (name, rust) in overlay.further_attributes(&schema.type_name, &names) {
        ensure!(
            resolver.find(name).is_some(),
            "overlay.toml has the attribute {name}, which is no property"
        );
        attributes.push((name.to_owned(), value_type(targets.parse(rust)?)?));
    }
    attributes.sort();
    let method = |name: String, outcome| Attribute {
        method: name::snake(&name),
        name,
        outcome,
    };
    Ok(attributes
        .into_iter()
        .map(|(name, outcome)| method(name, outcome))
        .collect())
}

/// The type of an attribute that names the resource itself: its ARN, or what `Ref` gives too.
fn own_reference(schema: &Schema, overlay: &Overlay, attribute: &str) -> Result<Option<String>> {
    let (_, resource) = split(&schema.type_name)?;
    let own = name::camel(resource);
    if attribute == "Arn" || attribute == format!("{resource}Arn") {
        return Ok(Some(format!("Arn<{own}>")));
    }
    if paths(&schema.root, "primaryIdentifier") != [attribute] {
        return Ok(None);
    }
    Ok(match overlay.reference(&schema.type_name) {
        Reference::None => None,
        kind => Some(format!("{kind:?}<{own}>")),
    })
}

fn value_type(rust: Rust) -> Result<String> {
    match rust {
        Rust::Value(outcome) => Ok(outcome),
        Rust::Plain(name) => bail!("{name} cannot be the type of an attribute"),
    }
}

fn outcome(spec: &Spec) -> String {
    match (&spec.rust, &spec.shape) {
        (Some(Rust::Value(outcome)), _) => outcome.clone(),
        (_, Shape::Integer) => "i64".to_owned(),
        (_, Shape::Number) => "f64".to_owned(),
        (_, Shape::Boolean) => "bool".to_owned(),
        (_, Shape::Text | Shape::Enum(_)) => "String".to_owned(),
        (_, Shape::List(item)) => format!("Vec<{}>", outcome(item)),
        (_, Shape::Any | Shape::Struct(_) | Shape::Map(_)) => "Json".to_owned(),
    }
}

fn name_structs(type_name: &str, resource: &str, overlay: &Overlay, structs: &mut Structs) -> Result<()> {
    let own = name::camel(resource);
    let keys: Vec<String> = structs.keys().cloned().collect();
    let short = |key: &str| {
        let name = key.rsplit(['#', '.']).next().unwrap_or(key);
        name::camel(name)
    };
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for key in &keys {
        let owner = key.rsplit_once('.').map_or("", |(owner, _)| owner);
        let is_taken = |name: &str| emit::IMPORTS.contains(&name) || name == own || names.contains_key(name);
        let name = match overlay.name(type_name, key.trim_start_matches(['#', '.'])) {
            Some(name) => name.to_owned(),
            None if key.is_empty() => own.clone(),
            None if is_taken(&short(key)) => format!(
                "{}{}",
                if owner.is_empty() {
                    own.clone()
                } else {
                    name::camel(owner)
                },
                short(key)
            ),
            None => short(key),
        };
        if let Some(other) = names.insert(name.clone(), key.clone()) {
            bail!("both `{other}` and `{key}` would be called {name}; name one in overlay.toml");
        }
    }
    for (name, key) in names {
        structs.entry(key).and_modify(|it| it.name = name);
    }
    Ok(())
}

/// An enumeration is called like its property, with the struct's name before it where the property's
/// is a single word (`Status`) or means different things in different structs.
fn name_enums(type_name: &str, overlay: &Overlay, structs: &Structs, enums: &mut [Enum]) -> Result<()> {
    let is_struct = |name: &str| structs.values().any(|it| it.name == name);
    let plain = |it: &Enum| match &it.origin {
        Origin::Definition(definition) => name::camel(definition),
        Origin::Property { property, .. } => name::camel(property),
    };
    let long = |it: &Enum, owner_suffix: &str| match &it.origin {
        Origin::Definition(_) => format!("{}{}", structs[""].name, plain(it)),
        Origin::Property { owner, .. } => {
            let owner = structs[owner].name.as_str();
            format!("{}{}", owner.strip_suffix(owner_suffix).unwrap_or(owner), plain(it))
        }
    };
    let mut names = Vec::new();
    for (at, it) in enums.iter().enumerate() {
        let name = plain(it);
        let (key, is_nested) = match &it.origin {
            Origin::Definition(definition) => (definition.clone(), false),
            Origin::Property { owner, property } if owner.is_empty() => (property.clone(), false),
            Origin::Property { owner, property } => {
                (format!("{}.{property}", owner.trim_start_matches(['#', '.'])), true)
            }
        };
        let differs = |(other, known): (usize, &Enum)| other != at && plain(known) == name && known.values != it.values;
        let is_ambiguous = is_nested && (name::words(&name).len() == 1 || enums.iter().enumerate().any(differs));
        let is_taken = is_struct(&name) || emit::IMPORTS.contains(&name.as_str());
        names.push(match overlay.name(type_name, &key) {
            Some(name) => name.to_owned(),
            None if is_ambiguous || is_taken => {
                // `VersioningStatus` rather than `VersioningConfigurationStatus`.
                let shorter = ["Configuration", "Config"].map(|suffix| long(it, suffix));
                let fits = |name: &&String| !is_struct(name) && !names.contains(*name) && **name != long(it, "");
                shorter.iter().find(fits).cloned().unwrap_or_else(|| long(it, ""))
            }
            None => name,
        });
    }
    for (it, name) in enums.iter_mut().zip(names) {
        it.name = name;
    }
    for (at, it) in enums.iter().enumerate() {
        let clashes = |other: &Enum| other.name == it.name && other.values != it.values;
        ensure!(
            !is_struct(&it.name) && !enums[..at].iter().any(clashes),
            "two types would be called {}; name one in overlay.toml",
            it.name
        );
        let variants: BTreeSet<String> = it.values.iter().map(|value| name::variant(value)).collect();
        ensure!(
            variants.len() == it.values.len(),
            "values of {} have the same variant: {:?}",
            it.name,
            it.values
        );
    }
    Ok(())
}
