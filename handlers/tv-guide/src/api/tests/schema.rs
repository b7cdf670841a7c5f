//! Whether an answer is as the document says: as much of JSON Schema as the document uses.
//!
//! A keyword that is not known here fails, so that nothing passes unread.

use serde_json::Value;

/// What is wrong with a value, and where; nothing if it is as its schema says.
pub(super) fn check(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let Some(schema) = schema.as_object() else {
        return if *schema == Value::Bool(true) {
            vec![]
        } else {
            vec![format!("{at}: nothing is allowed here")]
        };
    };
    let mut wrong = Vec::new();
    for (keyword, wanted) in schema {
        match keyword.as_str() {
            "$ref" => {
                let pointer = wanted.as_str().unwrap().trim_start_matches('#');
                wrong.extend(check(document, document.pointer(pointer).unwrap(), value, at));
            }
            "type" => {
                let is = |kind: &Value| match kind.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    other => panic!("unknown type {other}"),
                };
                if !wanted
                    .as_array()
                    .map_or_else(|| is(wanted), |kinds| kinds.iter().any(is))
                {
                    wrong.push(format!("{at}: {value} is no {wanted}"));
                }
            }
            "required" => {
                let names = wanted.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                let missing = names.filter(|name| value.get(name).is_none());
                wrong.extend(missing.map(|name| format!("{at}: {name} is missing")));
            }
            "properties" => {
                for (name, schema) in wanted.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        wrong.extend(check(document, schema, value, &format!("{at}/{name}")));
                    }
                }
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                for (name, value) in value.as_object().into_iter().flatten() {
                    if known.is_none_or(|known| !known.contains_key(name)) {
                        wrong.extend(check(document, wanted, value, &format!("{at}/{name}")));
                    }
                }
            }
            "items" => {
                for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                    wrong.extend(check(document, wanted, value, &format!("{at}/{index}")));
                }
            }
            "maxItems" => {
                if value
                    .as_array()
                    .is_some_and(|items| items.len() as u64 > wanted.as_u64().unwrap())
                {
                    wrong.push(format!("{at}: too many items"));
                }
            }
            "minimum" | "maximum" => {
                let outside = |value: f64| match keyword.as_str() {
                    "minimum" => value < wanted.as_f64().unwrap(),
                    _ => value > wanted.as_f64().unwrap(),
                };
                if value.as_f64().is_some_and(outside) {
                    wrong.push(format!("{at}: {value} is beyond {keyword} {wanted}"));
                }
            }
            "anyOf" | "oneOf" => {
                let fits = |schema: &Value| check(document, schema, value, at).is_empty();
                if !wanted.as_array().unwrap().iter().any(fits) {
                    wrong.push(format!("{at}: {value} is none of {keyword}"));
                }
            }
            "const" if value != wanted => wrong.push(format!("{at}: {value} is not {wanted}")),
            "enum" if !wanted.as_array().unwrap().contains(value) => wrong.push(format!("{at}: {value} is not listed")),
            "pattern" => {
                let text = value.as_str().unwrap_or_default();
                if !value.is_null() && !matches(wanted.as_str().unwrap(), text) {
                    wrong.push(format!("{at}: {text} does not match {wanted}"));
                }
            }
            "const" | "enum" | "format" | "description" | "title" | "default" | "examples" => {}
            other => panic!("{at}: the keyword {other} is not checked"),
        }
    }
    wrong
}

/// The two patterns that the document has.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[A-Za-z0-9_-]{1,64}$" => crate::event::id::SourceId::new(text).is_ok(),
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$" => {
            text.len() == 20 && crate::instant::parse(text).is_some()
        }
        other => panic!("unknown pattern {other}"),
    }
}

#[test]
fn what_does_not_fit_is_found() {
    use serde_json::json;
    let document = json!({"ids": {"type": "array", "maxItems": 1, "items": {"type": "integer", "minimum": 1}}});
    let schema = json!({
        "type": "object", "required": ["ids"], "additionalProperties": false,
        "properties": {"ids": {"$ref": "#/ids"}, "kind": {"anyOf": [{"const": "a"}, {"type": "null"}]}},
    });
    #[track_caller]
    fn count(document: &Value, schema: &Value, value: &Value, expected: usize) {
        assert_eq!(check(document, schema, value, "").len(), expected, "{value}");
    }
    count(&document, &schema, &json!({"ids": [1], "kind": "a"}), 0);
    count(&document, &schema, &json!({"ids": [], "kind": null}), 0);
    count(&document, &schema, &json!({}), 1);
    count(&document, &schema, &json!([]), 2);
    count(&document, &schema, &json!({"ids": [0, 1.5], "kind": "b", "more": 1}), 5);
}
