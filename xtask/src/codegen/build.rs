//! From schemas and overlay to the model.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{
    attribute,
    model::{Resource, Service, Shape, Structs, Tags, box_recursion},
    name, naming,
    overlay::Overlay,
    reference::Targets,
    resolve::Resolver,
    schema::{Schema, paths, text, texts},
    spelling::Spelling,
};

/// Where AWS documents its types, each on a page that is named after it.
const PAGES: &str = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/";

/// Builds all services; fails when an entry of the overlay matches nothing.
pub(super) fn services(schemas: &[Schema], overlay: &Overlay, spelling: &Spelling) -> Result<Vec<Service>> {
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
        let resource = resource(schema, overlay, &targets, spelling).with_context(|| schema.type_name.clone())?;
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

/// Service and resource in the name of a type.
pub(super) fn split(type_name: &str) -> Result<(&str, &str)> {
    let parts: Vec<&str> = type_name.split("::").collect();
    match parts.as_slice() {
        ["AWS", service, resource] => Ok((service, resource)),
        _ => bail!("`{type_name}` is no type name of the form AWS::Service::Resource"),
    }
}

fn resource(schema: &Schema, overlay: &Overlay, targets: &Targets, spelling: &Spelling) -> Result<Resource> {
    let type_name = schema.type_name.as_str();
    let (service, resource) = split(type_name)?;
    let resolver = Resolver::run(schema, overlay, targets)?;
    let attributes = attribute::all(schema, overlay, targets, &resolver)?;
    let (mut structs, mut enums) = (resolver.structs, resolver.enums);
    naming::structs(schema, overlay, &mut structs)?;
    naming::enums(schema, overlay, &structs, &mut enums)?;
    box_recursion(&mut structs);
    let page = format!("aws-resource-{service}-{resource}").to_lowercase();
    Ok(Resource {
        type_name: type_name.to_owned(),
        hash: schema.hash.clone(),
        module: name::snake(resource),
        name: name::camel(resource),
        about: overlay.about(type_name)?.to_owned(),
        page: format!("{PAGES}{page}.html"),
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
        handlers: handlers(&schema.root, spelling),
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

fn handlers(root: &Value, spelling: &Spelling) -> Vec<(&'static str, Vec<String>)> {
    let permissions = |operation: &'static str| {
        let handler = root.get("handlers").and_then(|handlers| handlers.get(operation));
        let stated = handler.map(|handler| texts(handler, "permissions")).unwrap_or_default();
        let mut permissions: Vec<String> = stated.iter().flat_map(|stated| spelling.actions(stated)).collect();
        permissions.sort();
        permissions.dedup();
        (operation, permissions)
    };
    ["create", "read", "update", "delete", "list"].map(permissions).into()
}
