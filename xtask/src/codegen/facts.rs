//! Emits the facts of a resource type as statics.

use super::{
    model::{Limit, Resource, Rule, Shape, Spec, Struct},
    name,
    writer::Writer,
};

/// What `infra_core::facts` offers.
const TYPES: &[&str] = &[
    "Facts", "Handlers", "Limit", "Object", "Property", "Rule", "Shape", "Tags",
];

/// The module `facts` of a resource type.
pub(super) fn module(out: &mut Writer, resource: &Resource) {
    let mut body = Writer::default();
    facts(&mut body, resource);
    for it in std::iter::once(resource.root()).chain(resource.property_structs()) {
        body.line("");
        object(&mut body, it, resource);
    }
    let used: Vec<&str> = TYPES.iter().copied().filter(|name| body.mentions(name)).collect();
    out.block("mod facts {", "}", |out| {
        out.line(format!("use infra_core::facts::{{{}}};", used.join(", ")));
        out.line("");
        out.append(body);
    });
}

fn facts(out: &mut Writer, resource: &Resource) {
    let attributes: Vec<String> = resource
        .attributes
        .iter()
        .map(|attribute| attribute.name.clone())
        .collect();
    let tags = match &resource.tags {
        None => "Tags::None".to_owned(),
        Some(tags) if tags.is_map => format!("Tags::Map({:?})", tags.property),
        Some(tags) => format!("Tags::List({:?})", tags.property),
    };
    out.block("pub(super) static FACTS: Facts = Facts {", "};", |out| {
        out.line(format!("type_name: {:?},", resource.type_name));
        out.line(format!("documentation: {:?},", resource.page));
        out.line(format!("stateful: {},", resource.stateful));
        out.line(format!("delete_before_create: {},", resource.delete_before_create));
        out.line(format!("tags: {tags},"));
        strings(out, "primary_identifier", &resource.primary_identifier);
        strings(out, "attributes", &attributes);
        strings(out, "read_only", &resource.read_only);
        strings(out, "create_only", &resource.create_only);
        strings(out, "conditional_create_only", &resource.conditional_create_only);
        strings(out, "write_only", &resource.write_only);
        strings(out, "deprecated", &resource.deprecated);
        out.block("handlers: Handlers {", "},", |out| {
            for (operation, permissions) in &resource.handlers {
                strings(out, operation, permissions);
            }
        });
        out.line(format!("properties: &{},", static_name(resource.root())));
    });
}

/// A list of texts: on one line where it fits, else one text per line.
fn strings(out: &mut Writer, name: &str, values: &[String]) {
    let one_line = format!("{name}: {},", string_list(values));
    if one_line.len() <= 100 {
        return out.line(one_line);
    }
    out.block(format!("{name}: &["), "],", |out| {
        for value in values {
            out.line(format!("{value:?},"));
        }
    });
}

fn string_list(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
    format!("&[{}]", quoted.join(", "))
}

fn object(out: &mut Writer, it: &Struct, resource: &Resource) {
    let required: Vec<String> = it.required().map(|field| field.property.clone()).collect();
    out.block(format!("static {}: Object = Object {{", static_name(it)), "};", |out| {
        out.block("properties: &[", "],", |out| {
            for field in &it.fields {
                let shape = shape(&field.spec, resource);
                out.line(format!("Property {{ name: {:?}, shape: {shape} }},", field.property));
            }
        });
        strings(out, "required", &required);
        let rules: Vec<String> = it.rules.iter().map(rule).collect();
        out.line(format!("rules: &[{}],", rules.join(", ")));
    });
}

fn static_name(it: &Struct) -> String {
    name::screaming(&it.name)
}

fn shape(spec: &Spec, resource: &Resource) -> String {
    let limits = limits(&spec.limits);
    match &spec.shape {
        Shape::Text => format!("Shape::Text({limits})"),
        Shape::Enum(at) => format!(
            "Shape::Text(&[Limit::OneOf(super::{}::VALUES)])",
            resource.enums[*at].name
        ),
        Shape::Integer => format!("Shape::Integer({limits})"),
        Shape::Number => format!("Shape::Number({limits})"),
        Shape::Boolean => "Shape::Boolean".to_owned(),
        Shape::Any => "Shape::Any".to_owned(),
        Shape::Struct(key) => format!("Shape::Object(&{})", static_name(&resource.structs[key])),
        Shape::List(item) => format!("Shape::List(&{}, {limits})", self::shape(item, resource)),
        Shape::Map(item) => format!("Shape::Map(&{}, {limits})", self::shape(item, resource)),
    }
}

fn limits(limits: &[Limit]) -> String {
    let limits: Vec<String> = limits.iter().map(limit).collect();
    format!("&[{}]", limits.join(", "))
}

fn limit(limit: &Limit) -> String {
    match limit {
        Limit::OneOf(values) => format!("Limit::OneOf({})", string_list(values)),
        Limit::OneOfNumbers(values) => format!("Limit::OneOfNumbers(&{values:?})"),
        Limit::Pattern(pattern) if pattern.contains('"') || pattern.contains('\n') => {
            format!("Limit::Pattern({pattern:?})")
        }
        Limit::Pattern(pattern) => format!("Limit::Pattern(r\"{pattern}\")"),
        Limit::MinLength(length) => format!("Limit::MinLength({length})"),
        Limit::MaxLength(length) => format!("Limit::MaxLength({length})"),
        Limit::AtLeast(bound) => format!("Limit::AtLeast({bound:?})"),
        Limit::AtMost(bound) => format!("Limit::AtMost({bound:?})"),
        Limit::MinItems(count) => format!("Limit::MinItems({count})"),
        Limit::MaxItems(count) => format!("Limit::MaxItems({count})"),
        Limit::Unique => "Limit::Unique".to_owned(),
    }
}

fn rule(rule: &Rule) -> String {
    match rule {
        Rule::ExactlyOne(names) => format!("Rule::ExactlyOne({})", string_list(names)),
        Rule::AtLeastOne(names) => format!("Rule::AtLeastOne({})", string_list(names)),
        Rule::Requires(name, others) => format!("Rule::Requires({name:?}, {})", string_list(others)),
        Rule::Excludes(name, others) => format!("Rule::Excludes({name:?}, {})", string_list(others)),
    }
}
