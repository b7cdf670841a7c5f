//! A template as data: read from JSON or YAML, with functions in their long form.

use serde_json::{Map, Value};

/// A template, whoever wrote it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template(Map<String, Value>);

/// Why a text is no template.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The text begins with a brace and is no JSON.
    #[error("the template is no JSON")]
    Json(#[from] serde_json::Error),
    /// The text is no YAML.
    #[error("the template is no YAML")]
    Yaml(#[from] serde_yaml::Error),
    /// The text is something, and not a map.
    #[error("a template is a map of sections, and this is none")]
    NotAMap,
}

/// A resource of a template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) body: &'a Value,
}

impl Template {
    /// Reads JSON where the text begins with a brace, else YAML; an empty text is an empty template.
    ///
    /// # Errors
    ///
    /// When it is neither, or no map.
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        let value = match text.trim_start().starts_with('{') {
            true => serde_json::from_str(text)?,
            false => long_form(serde_yaml::from_str(text)?),
        };
        match value {
            Value::Object(sections) => Ok(Template(sections)),
            Value::Null => Ok(Template::empty()),
            _ => Err(ReadError::NotAMap),
        }
    }

    /// The template that has nothing in it: what stands where no stack does.
    pub fn empty() -> Self {
        Template::default()
    }

    /// The template as minified JSON.
    pub fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    /// The sections by name.
    pub(crate) fn sections(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(crate) fn sections_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }

    /// The resource with this logical id.
    pub(crate) fn resource(&self, id: &str) -> Option<Resource<'_>> {
        self.resources().find(|resource| resource.id == id)
    }

    /// The resources, by logical id.
    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        let resources = self.0.get("Resources").and_then(Value::as_object);
        resources.into_iter().flatten().map(|(id, body)| Resource {
            id,
            kind: body.get("Type").and_then(Value::as_str).unwrap_or_default(),
            body,
        })
    }
}

impl<'a> Resource<'a> {
    /// A top-level property.
    pub(crate) fn property(&self, name: &str) -> Option<&'a Value> {
        self.body.get("Properties")?.get(name)
    }

    /// What stands beside the properties, such as `DeletionPolicy`, where it is a text.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.body.get(name).and_then(Value::as_str)
    }
}

/// Name and argument of the function that a value is.
pub(crate) fn call(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    let (name, argument) = members.iter().next()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name, argument))
}

/// Whether a value refers to the resource with this logical id.
pub(crate) fn refers(value: &Value, id: &str) -> bool {
    let here = match call(value) {
        Some(("Ref", target)) => target == id,
        Some(("Fn::GetAtt", Value::String(path))) => path.split('.').next() == Some(id),
        Some(("Fn::GetAtt", argument)) => argument.get(0).is_some_and(|target| target == id),
        Some(("Fn::Sub", argument)) => {
            pattern(argument).is_some_and(|pattern| variables(pattern).any(|name| name == id))
        }
        _ => false,
    };
    here || match value {
        Value::Array(items) => items.iter().any(|item| refers(item, id)),
        Value::Object(members) => members.values().any(|member| refers(member, id)),
        _ => false,
    }
}

/// The pattern of an `Fn::Sub`, which may stand alone or before a map of its variables.
fn pattern(argument: &Value) -> Option<&str> {
    argument.as_str().or_else(|| argument.get(0)?.as_str())
}

/// The logical ids and parameters that a pattern holds.
fn variables(pattern: &str) -> impl Iterator<Item = &str> {
    let pieces = pattern.split("${").skip(1);
    let pieces = pieces.filter(|piece| !piece.starts_with('!'));
    pieces.filter_map(|piece| piece.split(['}', '.']).next())
}

/// What a YAML reader makes of short forms (`!GetAtt Key.Arn`), as JSON has it.
fn long_form(yaml: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => truth.into(),
        Yaml::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(large)) => large.into(),
            (None, None) => number.as_f64().into(),
        },
        Yaml::String(text) => text.into(),
        Yaml::Sequence(items) => items.into_iter().map(long_form).collect(),
        Yaml::Mapping(members) => {
            let member = |(key, value)| (key_text(&key), long_form(value));
            Value::Object(members.into_iter().map(member).collect())
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let tag = tag.trim_start_matches('!');
            let argument = match (tag, long_form(tagged.value)) {
                ("GetAtt", Value::String(path)) => match path.split_once('.') {
                    Some((id, attribute)) => vec![id, attribute].into(),
                    None => path.into(),
                },
                (_, argument) => argument,
            };
            let name = match tag {
                "Ref" | "Condition" => tag.to_owned(),
                name => format!("Fn::{name}"),
            };
            Value::Object([(name, argument)].into_iter().collect())
        }
    }
}

/// YAML takes some keys without quotes for no texts: account ids, `true`.
fn key_text(key: &serde_yaml::Value) -> String {
    use serde_yaml::Value as Yaml;
    match key {
        Yaml::String(text) => text.clone(),
        Yaml::Bool(truth) => truth.to_string(),
        Yaml::Number(number) => number.to_string(),
        other => long_form(other.clone()).to_string(),
    }
}

/// The template that a piece of YAML is, which may stand in braces.
#[cfg(test)]
pub(crate) fn yaml(text: &str) -> Template {
    Template::parse(&format!("---\n{text}")).unwrap()
}

#[cfg(test)]
mod tests {
    use super::{Template, refers};
    use serde_json::{Value, json};

    #[track_caller]
    fn same(yaml: &str, json: Value) {
        let read = Template::parse(&format!("It: {yaml}")).unwrap();
        assert_eq!(read, Template::parse(&json!({ "It": json }).to_string()).unwrap());
    }

    #[test]
    fn short_forms_are_long_forms() {
        same("!Ref Key", json!({"Ref": "Key"}));
        same("!GetAtt Key.Arn", json!({"Fn::GetAtt": ["Key", "Arn"]}));
        same(
            "!GetAtt Db.Endpoint.Port",
            json!({"Fn::GetAtt": ["Db", "Endpoint.Port"]}),
        );
        same("!Sub '${Key.Arn}/*'", json!({"Fn::Sub": "${Key.Arn}/*"}));
        same(
            "!If [IsProd, !Ref A, 1.5]",
            json!({"Fn::If": ["IsProd", {"Ref": "A"}, 1.5]}),
        );
        same("!Condition IsProd", json!({"Condition": "IsProd"}));
        same("{123456789012: true}", json!({"123456789012": true}));
    }

    #[test]
    fn references_are_seen_in_every_function() {
        for (value, refers_to_key) in [
            (json!({"Ref": "Key"}), true),
            (json!({"Fn::GetAtt": ["Key", "Arn"]}), true),
            (json!({"Fn::GetAtt": "Key.Arn"}), true),
            (json!({"Fn::Sub": "${Key.Arn}/*"}), true),
            (json!({"Fn::Sub": ["${X}/*", {"X": {"Ref": "Key"}}]}), true),
            (json!(["a", {"Fn::If": ["C", {"Ref": "Key"}, 1]}]), true),
            (json!({"Fn::Sub": "${!Key} ${KeyAlias} Key"}), false),
            (json!({"Ref": "KeyAlias", "Other": "Key"}), false),
        ] {
            assert_eq!(refers(&value, "Key"), refers_to_key, "{value}");
        }
    }

    #[test]
    fn what_is_no_template_is_refused() {
        assert_eq!(Template::parse("").unwrap(), Template::empty());
        assert!(Template::parse("{").is_err());
        assert!(Template::parse("- a").is_err());
        assert!(Template::parse("a: [").is_err());
    }
}
