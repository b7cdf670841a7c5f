//! The bounds that a schema puts on values, and the relations between members.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    model::{Limit, Rule, Shape},
    name,
    schema::{text, texts},
};

/// An enumeration with more values than this stays a text: such lists grow with AWS.
const MAX_VARIANTS: usize = 60;

/// The texts that an enumeration allows, unless it is no enumeration of texts or too long for a type.
///
/// Some schemas take the same word in two spellings (`GLACIER`, `Glacier`); the first one stays.
pub(super) fn closed_values(node: &Value) -> Option<Vec<String>> {
    let mut values = match (text(node, "const"), node.get("enum")) {
        (Some(only), _) => vec![only.to_owned()],
        (None, Some(_)) => texts(node, "enum"),
        (None, None) => texts(node, "enumCaseInsensitive"),
    };
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(name::variant(value)));
    (1..=MAX_VARIANTS).contains(&values.len()).then_some(values)
}

/// The bounds on a value of this shape.
pub(super) fn limits(node: &Value, shape: &Shape) -> Vec<Limit> {
    let count = |key: &str| node.get(key).and_then(Value::as_u64);
    let number = |key: &str| node.get(key).and_then(Value::as_f64);
    let list = |key: &str| node.get(key).and_then(Value::as_array).into_iter().flatten();
    let at_least_one = |min: &u64| *min > 0;
    let limits: Vec<Option<Limit>> = match shape {
        Shape::Text => {
            let values = texts(node, "enum");
            vec![
                (!values.is_empty()).then_some(Limit::OneOf(values)),
                count("minLength").filter(at_least_one).map(Limit::MinLength),
                count("maxLength").map(Limit::MaxLength),
                text(node, "pattern").map(str::to_owned).map(Limit::Pattern),
            ]
        }
        Shape::Integer | Shape::Number => {
            let values: Vec<i64> = list("enum").filter_map(Value::as_i64).collect();
            vec![
                (!values.is_empty()).then_some(Limit::OneOfNumbers(values)),
                number("minimum").map(Limit::AtLeast),
                number("maximum").map(Limit::AtMost),
            ]
        }
        Shape::List(_) => {
            let max = count("maxItems").or_else(|| count("maxUniqueItems"));
            let is_unique = node.get("uniqueItems") == Some(&Value::Bool(true));
            vec![
                count("minItems").filter(at_least_one).map(Limit::MinItems),
                max.map(Limit::MaxItems),
                is_unique.then_some(Limit::Unique),
            ]
        }
        Shape::Map(_) => {
            // Some schemas say "items" of a map and mean its members.
            let min = count("minProperties").or_else(|| count("minItems"));
            let max = count("maxProperties").or_else(|| count("maxItems"));
            let keys = node.get("patternProperties").and_then(Value::as_object);
            let pattern = keys.and_then(|keys| keys.keys().next()).cloned();
            vec![
                min.filter(at_least_one).map(Limit::MinItems),
                max.map(Limit::MaxItems),
                pattern.map(Limit::Pattern),
            ]
        }
        Shape::Enum(_) | Shape::Boolean | Shape::Any | Shape::Struct(_) => Vec::new(),
    };
    limits.into_iter().flatten().collect()
}

/// The relations between members that a schema states, cfn-lint's own keywords included.
pub(super) fn rules(node: &Value) -> Vec<Rule> {
    let listed = |key: &str| Some(texts(node, key)).filter(|names| !names.is_empty());
    let exactly_one = listed("requiredXor").or_else(|| alternatives(node, "oneOf"));
    let at_least_one = listed("requiredOr").or_else(|| alternatives(node, "anyOf"));
    let requires = |(name, others)| Rule::Requires(name, others);
    let excludes = |(name, others)| Rule::Excludes(name, others);
    let mut rules = Vec::new();
    rules.extend(exactly_one.map(Rule::ExactlyOne));
    rules.extend(at_least_one.map(Rule::AtLeastOne));
    rules.extend(pairs(node, "dependentRequired").map(requires));
    rules.extend(pairs(node, "dependencies").map(requires));
    rules.extend(pairs(node, "dependentExcluded").map(excludes));
    rules
}

/// The names in `[{"required": ["A"]}, {"required": ["B"]}]`, unless an alternative asks for several.
fn alternatives(node: &Value, key: &str) -> Option<Vec<String>> {
    let required = node.get(key)?.as_array()?.iter().map(|it| texts(it, "required"));
    required
        .map(|names| <[String; 1]>::try_from(names).ok().map(|[name]| name))
        .collect()
}

/// The entries of `{"A": ["B", "C"]}`, sorted.
fn pairs(node: &Value, key: &str) -> impl Iterator<Item = (String, Vec<String>)> {
    let members = node.get(key).and_then(Value::as_object).into_iter().flatten();
    let pairs: BTreeMap<_, _> = members
        .map(|(name, _)| (name.clone(), texts(&node[key], name)))
        .collect();
    pairs.into_iter()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{alternatives, closed_values, rules};

    #[test]
    fn the_first_of_two_spellings_stays() {
        let node = json!({"enum": ["GLACIER", "Glacier", "STANDARD"]});
        assert_eq!(closed_values(&node).unwrap(), ["GLACIER", "STANDARD"]);
    }

    #[test]
    fn a_long_list_is_no_type() {
        let values: Vec<String> = (0..61).map(|number| format!("V{number}")).collect();
        assert!(closed_values(&json!({"enum": values})).is_none());
        assert!(closed_values(&json!({"enum": values[1..]})).is_some());
    }

    #[test]
    fn alternatives_of_one_name_each_are_a_group() {
        let check = |alternatives_of: Value, expected: Option<Vec<String>>| {
            assert_eq!(alternatives(&json!({"anyOf": alternatives_of}), "anyOf"), expected);
        };
        check(
            json!([{"required": ["A"]}, {"required": ["B"]}]),
            Some(vec!["A".into(), "B".into()]),
        );
        check(json!([{"required": ["A"]}, {"required": ["B", "C"]}]), None);
    }

    #[test]
    fn all_keywords_become_rules() {
        let node = json!({
            "requiredXor": ["A", "B"],
            "requiredOr": ["C", "D"],
            "dependentRequired": {"A": ["C"]},
            "dependencies": {"B": ["C"]},
            "dependentExcluded": {"C": ["D"]},
        });
        assert_eq!(rules(&node).len(), 5);
    }
}
