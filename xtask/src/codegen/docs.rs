//! Doc sentences, composed from the facts alone.

use super::{
    model::{Enum, Field, Limit, Origin, Resource, Shape, Spec, Struct},
    overlay::Reference,
};

/// Patterns longer than this are left to the facts.
const LONGEST_PATTERN: usize = 60;

/// The doc lines of a resource type, without the slashes.
pub(super) fn resource(resource: &Resource) -> Vec<String> {
    let required: Vec<String> = resource.root().required().map(|field| field.property.clone()).collect();
    let attributes: Vec<String> = resource
        .attributes
        .iter()
        .map(|attribute| attribute.name.clone())
        .collect();
    let mut lines = vec![format!("{}.", resource.about), String::new()];
    let mut item = |label: &str, text: String| lines.push(format!("- {label}: {text}."));
    item("Type", format!("`{}`", resource.type_name));
    item("Required", listed(&required));
    item("A change replaces it", listed(&resource.create_only));
    if !resource.conditional_create_only.is_empty() {
        item("A change may replace it", listed(&resource.conditional_create_only));
    }
    item("`Ref`", reference(resource.reference).to_owned());
    item("Attributes", listed(&attributes));
    if resource.stateful {
        item(
            "Holds data",
            "kept when it leaves the template, unless told otherwise".to_owned(),
        );
    }
    lines.push(String::new());
    lines.push(format!("[AWS documentation]({})", resource.page));
    lines
}

/// The doc line of a property type.
pub(super) fn structure(it: &Struct, resource: &Resource) -> String {
    format!("Part of the properties of [`{}`]: {}.", resource.name, requires(it))
}

fn requires(it: &Struct) -> String {
    let required: Vec<String> = it.required().map(|field| field.property.clone()).collect();
    if required.is_empty() {
        "nothing is required".to_owned()
    } else {
        format!("{} required", listed(&required))
    }
}

/// The doc line of an enumeration.
pub(super) fn enumeration(it: &Enum) -> String {
    let origin = match &it.origin {
        Origin::Definition(definition) => definition.clone(),
        Origin::Property { property, .. } => property.clone(),
    };
    format!("The values of `{origin}`.")
}

/// The doc line of a property; `update` says what a change does, where that is known.
pub(super) fn field(field: &Field, update: Option<&str>, resource: &Resource) -> String {
    let required = if field.is_required { ", required" } else { "" };
    let mut line = format!("`{}`{required}: {}.", field.property, spec(&field.spec, resource));
    if let Some(update) = update {
        line.push(' ');
        line.push_str(update);
    }
    line
}

/// What a change of a property of the resource itself does.
pub(super) fn update(field: &Field, resource: &Resource) -> &'static str {
    let inside = format!("{}.", field.property);
    let has = |paths: &[String]| paths.contains(&field.property);
    if has(&resource.create_only) {
        "A change replaces the resource."
    } else if has(&resource.conditional_create_only) {
        "A change may replace the resource."
    } else if resource.create_only.iter().any(|path| path.starts_with(&inside)) {
        "Some changes replace the resource."
    } else {
        "Changes in place."
    }
}

fn spec(spec: &Spec, resource: &Resource) -> String {
    let (what, limits) = match &spec.shape {
        Shape::Text => ("text".to_owned(), text_limits(&spec.limits)),
        Shape::Enum(at) => (one_of(&resource.enums[*at].values, 4), Vec::new()),
        Shape::Integer => ("whole number".to_owned(), number_limits(&spec.limits)),
        Shape::Number => ("number".to_owned(), number_limits(&spec.limits)),
        Shape::Boolean => ("true or false".to_owned(), Vec::new()),
        Shape::Any => ("object of any form".to_owned(), Vec::new()),
        Shape::Struct(_) => ("object".to_owned(), Vec::new()),
        Shape::List(item) => (format!("list of {}", items(item, resource)), list_limits(&spec.limits)),
        Shape::Map(item) => (format!("map to {}", items(item, resource)), list_limits(&spec.limits)),
    };
    std::iter::once(what).chain(limits).collect::<Vec<_>>().join(", ")
}

/// The items of a list or map, with their own limits in parentheses.
fn items(item: &Spec, resource: &Resource) -> String {
    let spec = spec(item, resource);
    match (&item.shape, spec.split_once(", ")) {
        (Shape::Enum(_), _) => format!("texts ({spec})"),
        (Shape::Text | Shape::Integer | Shape::Number, Some((what, limits))) => format!("{what}s ({limits})"),
        (Shape::List(_) | Shape::Map(_), Some((what, limits))) => format!("{} ({limits})", what.replacen(' ', "s ", 1)),
        (Shape::List(_) | Shape::Map(_), None) => spec.replacen(' ', "s ", 1),
        (Shape::Any, _) => "objects of any form".to_owned(),
        (Shape::Boolean, _) => spec,
        _ => format!("{spec}s"),
    }
}

fn text_limits(limits: &[Limit]) -> Vec<String> {
    let length = limits.iter().fold((None, None), |(min, max), limit| match limit {
        Limit::MinLength(length) => (Some(length.to_string()), max),
        Limit::MaxLength(length) => (min, Some(length.to_string())),
        _ => (min, max),
    });
    let pattern = limits.iter().find_map(|limit| match limit {
        Limit::Pattern(pattern) if pattern.len() <= LONGEST_PATTERN && !pattern.contains('`') => {
            Some(format!("matches `{pattern}`"))
        }
        Limit::Pattern(_) => Some("has a pattern".to_owned()),
        Limit::OneOf(values) => Some(format!("one of {} values", values.len())),
        _ => None,
    });
    range(length, "characters").into_iter().chain(pattern).collect()
}

fn number_limits(limits: &[Limit]) -> Vec<String> {
    let bounds = limits.iter().fold((None, None), |(min, max), limit| match limit {
        Limit::AtLeast(bound) => (Some(bound.to_string()), max),
        Limit::AtMost(bound) => (min, Some(bound.to_string())),
        _ => (min, max),
    });
    let values = limits.iter().find_map(|limit| match limit {
        Limit::OneOfNumbers(values) => Some(one_of(&values.iter().map(i64::to_string).collect::<Vec<_>>(), 8)),
        _ => None,
    });
    range(bounds, "").into_iter().chain(values).collect()
}

fn list_limits(limits: &[Limit]) -> Vec<String> {
    let count = limits.iter().fold((None, None), |(min, max), limit| match limit {
        Limit::MinItems(count) => (Some(count.to_string()), max),
        Limit::MaxItems(count) => (min, Some(count.to_string())),
        _ => (min, max),
    });
    let unique = limits
        .iter()
        .any(|limit| matches!(limit, Limit::Unique))
        .then(|| "none twice".to_owned());
    range(count, "items").into_iter().chain(unique).collect()
}

fn range((min, max): (Option<String>, Option<String>), unit: &str) -> Option<String> {
    let text = match (min, max) {
        (Some(min), Some(max)) if min == max => format!("{min} {unit}"),
        (Some(min), Some(max)) => format!("{min} to {max} {unit}"),
        (Some(min), None) => format!("at least {min} {unit}"),
        (None, Some(max)) => format!("at most {max} {unit}"),
        (None, None) => return None,
    };
    Some(text.trim_end().to_owned())
}

/// The values, or how many there are where there are more than `most`.
fn one_of(values: &[String], most: usize) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    match quoted.as_slice() {
        [only] => format!("always {only}"),
        [first, .., last] if quoted.len() > most => format!("one of {} values, {first} to {last}", quoted.len()),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
        [] => String::new(),
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn reference(reference: Reference) -> &'static str {
    match reference {
        Reference::Arn => "its ARN",
        Reference::Name => "its name",
        Reference::Id => "its id",
        Reference::Url => "its URL",
        Reference::None => "nothing that this library vouches for",
    }
}
