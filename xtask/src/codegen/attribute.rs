//! What `Fn::GetAtt` gives of a type, and as what.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{
    build::split,
    model::{Attribute, Rust},
    name,
    overlay::{Overlay, Reference},
    reference::Targets,
    resolve::Resolver,
    schema::{Schema, paths, text},
};

/// The attributes of a type: its read-only properties, and those that the overlay adds.
pub(super) fn all(
    schema: &Schema,
    overlay: &Overlay,
    targets: &Targets,
    resolver: &Resolver<'_>,
) -> Result<Vec<Attribute>> {
    let mut names = paths(&schema.root, "readOnlyProperties");
    // What lies inside the items of a list has no attribute of its own.
    names.retain(|path| !path.contains('*'));
    let mut attributes = Vec::new();
    for name in &names {
        let node = resolver.node(name)?;
        let outcome = match overlay.attribute(&schema.type_name, name) {
            Some(rust) => value_type(targets.parse(rust)?)?,
            None => match own_reference(schema, overlay, name)? {
                Some(own) => own,
                None => outcome(&node, schema, targets, resolver)?,
            },
        };
        attributes.push((name.clone(), outcome));
    }
    for (name, rust) in overlay.further_attributes(&schema.type_name, &names) {
        resolver
            .node(name)
            .context("overlay.toml has an attribute that is no property")?;
        attributes.push((name.to_owned(), value_type(targets.parse(rust)?)?));
    }
    attributes.sort();
    let attribute = |(name, outcome): (String, String)| Attribute {
        method: name::snake(&name),
        name,
        outcome,
    };
    Ok(attributes.into_iter().map(attribute).collect())
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

/// The type that follows from the schema.
fn outcome(node: &Value, schema: &Schema, targets: &Targets, resolver: &Resolver<'_>) -> Result<String> {
    Ok(match text(node, "type") {
        Some("string") => match targets.marked(node, &schema.type_name)? {
            Some(rust) => value_type(rust)?,
            None => "String".to_owned(),
        },
        Some("integer") => "i64".to_owned(),
        Some("number") => "f64".to_owned(),
        Some("boolean") => "bool".to_owned(),
        Some("array") => {
            let (items, _) = resolver.merged(&node["items"]);
            format!("Vec<{}>", outcome(&items, schema, targets, resolver)?)
        }
        _ => "Json".to_owned(),
    })
}

fn value_type(rust: Rust) -> Result<String> {
    match rust {
        Rust::Value(outcome) => Ok(outcome),
        Rust::Plain(name) => bail!("{name} cannot be the type of an attribute"),
    }
}
