//! Conditions, updates and ranges as DynamoDB spells them: names and values apart, so that none is
//! ever part of the text.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use tv_guide::contract::attribute;
use tv_guide::table::{Change, Condition, Index, Item, Range, Write};

use super::{Attributes, value};

/// The expressions of one call, with what their placeholders stand for.
///
/// DynamoDB refuses an empty expression and an empty map, hence the options.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Expression {
    pub(super) update: Option<String>,
    pub(super) condition: Option<String>,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<Attributes>,
}

/// The expressions of a write; none if no item can let it pass.
pub(super) fn write(write: &Write) -> Option<Expression> {
    let mut terms = Terms::default();
    let condition = match &write.condition {
        Condition::Always => None,
        Condition::Absent => Some(terms.absent(attribute::PK)),
        Condition::Newer(version) => Some(terms.absent_or(attribute::VERSION, "<", version.as_str().into())),
        Condition::Equals { attribute, value } => Some(match value {
            None => terms.absent(attribute),
            Some(value) => {
                let (name, value) = (terms.name(attribute), terms.value(value));
                format!("{name} = {value}")
            }
        }),
    };
    let (update, room) = match &write.change {
        Change::Put(_) | Change::Delete => (None, None),
        Change::Merge { set, remove } => (terms.merge(set, remove), None),
        Change::Add { attribute, by, ceiling } => {
            let room = terms.absent_or(attribute, "<=", ceiling.checked_sub(*by)?.into());
            let (name, by) = (terms.name(attribute), terms.value(&Value::from(*by)));
            (Some(format!("ADD {name} {by}")), Some(room))
        }
    };
    let conditions: Vec<String> = condition.into_iter().chain(room).collect();
    let condition = (!conditions.is_empty()).then(|| conditions.join(" AND "));
    Some(terms.expression(update, condition))
}

/// The condition of a query on its keys; none if no key can meet it.
pub(super) fn keys(index: Index, partition: &str, range: &Range) -> Option<Expression> {
    let mut terms = Terms::default();
    let (partition_name, sort_name) = index.attributes();
    let (name, value) = (terms.name(partition_name), terms.text(partition));
    let mut condition = format!("{name} = {value}");
    // DynamoDB takes no empty text for a key, so what one would say is said otherwise.
    let sort = match range {
        Range::All => None,
        Range::Prefix(prefix) if prefix.is_empty() => None,
        Range::From(low) if low.is_empty() => None,
        Range::Below(high) if high.is_empty() => return None,
        Range::Between(low, high) if low > high || high.is_empty() => return None,
        Range::Prefix(prefix) => {
            let (name, prefix) = (terms.name(sort_name), terms.text(prefix));
            Some(format!("begins_with({name}, {prefix})"))
        }
        Range::From(low) => Some(terms.compare(sort_name, ">=", low)),
        Range::Below(high) => Some(terms.compare(sort_name, "<", high)),
        Range::Between(low, high) if low.is_empty() => Some(terms.compare(sort_name, "<=", high)),
        Range::Between(low, high) => {
            let (name, low, high) = (terms.name(sort_name), terms.text(low), terms.text(high));
            Some(format!("{name} BETWEEN {low} AND {high}"))
        }
    };
    if let Some(sort) = sort {
        condition.push_str(" AND ");
        condition.push_str(&sort);
    }
    Some(terms.expression(None, Some(condition)))
}

/// Names and values by their placeholders.
#[derive(Default)]
struct Terms {
    names: HashMap<String, String>,
    values: Attributes,
}

impl Terms {
    fn name(&mut self, attribute: &str) -> String {
        let placeholder = format!("#n{}", self.names.len());
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    fn value(&mut self, value: &Value) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value::attribute(value));
        placeholder
    }

    fn text(&mut self, text: &str) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values
            .insert(placeholder.clone(), AttributeValue::S(text.to_owned()));
        placeholder
    }

    fn absent(&mut self, attribute: &str) -> String {
        format!("attribute_not_exists({})", self.name(attribute))
    }

    fn absent_or(&mut self, attribute: &str, operator: &str, value: Value) -> String {
        let (name, value) = (self.name(attribute), self.value(&value));
        format!("(attribute_not_exists({name}) OR {name} {operator} {value})")
    }

    fn compare(&mut self, attribute: &str, operator: &str, text: &str) -> String {
        let (name, text) = (self.name(attribute), self.text(text));
        format!("{name} {operator} {text}")
    }

    fn merge(&mut self, set: &Item, remove: &[String]) -> Option<String> {
        let set: Vec<String> = set
            .iter()
            .map(|(name, value)| format!("{} = {}", self.name(name), self.value(value)))
            .collect();
        let remove: Vec<String> = remove.iter().map(|name| self.name(name)).collect();
        let clause = |verb: &str, terms: &[String]| (!terms.is_empty()).then(|| format!("{verb} {}", terms.join(", ")));
        let clauses: Vec<String> = [clause("SET", &set), clause("REMOVE", &remove)]
            .into_iter()
            .flatten()
            .collect();
        (!clauses.is_empty()).then(|| clauses.join(" "))
    }

    fn expression(self, update: Option<String>, condition: Option<String>) -> Expression {
        Expression {
            update,
            condition,
            names: Some(self.names).filter(|names| !names.is_empty()),
            values: Some(self.values).filter(|values| !values.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests;
