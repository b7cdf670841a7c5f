//! JSON to DynamoDB's types and back; of those, the ones that JSON has.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Number, Value};
use tv_guide::contract::attribute;
use tv_guide::table::{Item, Key};

use super::Attributes;

/// A value that JSON cannot hold: a set, bytes, or a number beyond a double.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a value of another type than JSON's")]
pub(super) struct Unknown;

/// A JSON value as DynamoDB has it.
pub(super) fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(bool) => AttributeValue::Bool(*bool),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(values) => AttributeValue::L(values.iter().map(attribute).collect()),
        Value::Object(map) => AttributeValue::M(attributes(map)),
    }
}

/// An item as DynamoDB has it.
pub(super) fn attributes(item: &Item) -> Attributes {
    let pairs = item.iter().map(|(name, value)| (name.clone(), attribute(value)));
    pairs.collect()
}

/// An item with its key.
pub(super) fn whole(key: &Key, item: &Item) -> Attributes {
    let mut all = attributes(item);
    all.extend(self::key(key));
    all
}

/// A key as DynamoDB has it.
pub(super) fn key(key: &Key) -> Attributes {
    let text = |name: &str, text: &str| (name.to_owned(), AttributeValue::S(text.to_owned()));
    Attributes::from([text(attribute::PK, &key.pk), text(attribute::SK, &key.sk)])
}

/// An item from what DynamoDB answers.
pub(super) fn item(attributes: Attributes) -> Result<Item, Unknown> {
    let pairs = attributes.into_iter().map(|(name, value)| Ok((name, json(value)?)));
    pairs.collect()
}

fn json(value: AttributeValue) -> Result<Value, Unknown> {
    Ok(match value {
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(bool) => Value::Bool(bool),
        AttributeValue::N(text) => Value::Number(number(&text).ok_or(Unknown)?),
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::L(values) => Value::Array(values.into_iter().map(json).collect::<Result<_, _>>()?),
        AttributeValue::M(map) => Value::Object(item(map)?),
        _ => return Err(Unknown),
    })
}

/// Whole numbers stay whole; DynamoDB drops the fraction of 7.0.
fn number(text: &str) -> Option<Number> {
    let whole = text.parse::<u64>().map(Number::from);
    let whole = whole.or_else(|_| text.parse::<i64>().map(Number::from));
    whole.ok().or_else(|| Number::from_f64(text.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{Unknown, attribute, number};

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e100..1e100_f64).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_json_value_comes_back(value in any_value()) {
            prop_assert_eq!(super::json(attribute(&value)), Ok(value));
        }

        #[test]
        fn no_number_panics(text in ".{0,12}") {
            let _ = number(&text);
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_meant() {
        assert_eq!(number("7.6"), json!(7.6).as_number().cloned());
        assert_eq!(number("1E+2"), json!(100.0).as_number().cloned());
        assert_eq!(number("18446744073709551615"), json!(u64::MAX).as_number().cloned());
        assert_eq!([number(""), number("NaN"), number("1e999")], [None, None, None]);
    }

    #[test]
    fn what_json_has_not_is_refused() {
        for value in [AttributeValue::Ss(vec![]), AttributeValue::B(vec![1].into())] {
            assert_eq!(super::json(value), Err(Unknown));
        }
    }
}
