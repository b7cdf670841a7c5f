//! What a difference costs in a month.

use infra_core::{Intrinsic, Node};
use infra_price::{Delta, Estimate, Load, Money, Region};
use serde::ser::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::rename::{self, Move};
use crate::template::{Template, call};

/// What a month is priced by.
#[derive(Clone, Debug)]
pub struct Tariff {
    /// What happens in it.
    pub load: Load,
    /// Whose prices hold.
    pub region: Region,
}

impl Tariff {
    /// The prices of a region by its name; none where they are not known.
    pub fn of(load: &Load, region: &str) -> Option<Self> {
        let region = Region::named(region)?;
        let load = load.clone();
        Some(Tariff { load, region })
    }
}

/// What one template costs more than another, as an amount that programs can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost(pub Delta);

impl Cost {
    /// Prices both templates; a resource that moves keeps its price.
    pub fn between(before: &Template, after: &Template, moves: &[Move], tariff: &Tariff) -> Self {
        let before = rename::renamed(before, &rename::due(moves, before, after));
        Cost(estimate(&before, tariff).delta(&estimate(after, tariff)))
    }
}

/// Amounts are US dollars a month.
impl Serialize for Cost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Cost(delta) = self;
        let changes = delta.changes.iter().map(|change| {
            let amount = |amount: Option<Money>| amount.map(Money::decimal);
            json!({"id": change.id, "before": amount(change.before), "after": amount(change.after)})
        });
        let cost = json!({
            "before": delta.before.decimal(),
            "after": delta.after.decimal(),
            "changes": changes.collect::<Vec<_>>(),
        });
        cost.serialize(serializer)
    }
}

/// Types that nobody knows have no price.
fn estimate(template: &Template, tariff: &Tariff) -> Estimate {
    let none = json!({});
    let known = template.resources().filter_map(|resource| {
        let kind = infra_resources::facts(resource.kind)?.type_name;
        let properties = resource.body.get("Properties").unwrap_or(&none);
        Some((resource.id, kind, node(properties)))
    });
    let known: Vec<_> = known.collect();
    let resources = known.iter().map(|(id, kind, properties)| (*id, *kind, properties));
    Estimate::of_resources("", resources, &tariff.load, tariff.region)
}

/// A value as the language has it, with the functions that prices look into.
fn node(value: &Value) -> Node {
    let text = |value: &Value| Some(value.as_str()?.to_owned().into());
    let function = match call(value) {
        Some(("Ref", target)) => text(target).map(Intrinsic::Ref),
        Some(("Fn::GetAtt", Value::Array(path))) => match path.as_slice() {
            [id, attribute] => text(id)
                .zip(text(attribute))
                .map(|(id, name)| Intrinsic::GetAtt(id, name)),
            _ => None,
        },
        Some(("Fn::Sub", Value::String(pattern))) => Some(Intrinsic::Sub(pattern.clone())),
        Some(("Fn::If", Value::Array(parts))) => match parts.as_slice() {
            [condition, yes, no] => {
                text(condition).map(|name| Intrinsic::If(name, Box::new(node(yes)), Box::new(node(no))))
            }
            _ => None,
        },
        _ => None,
    };
    if let Some(function) = function {
        return Node::Call(function);
    }
    match value {
        Value::Null => Node::Map(Vec::new()),
        Value::Bool(truth) => Node::Bool(*truth),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Node::Int(whole),
            None => Node::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Node::Text(text.clone().into()),
        Value::Array(items) => Node::List(items.iter().map(node).collect()),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone().into(), node(value)));
            Node::Map(members.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cost, Tariff};
    use crate::rename::Move;
    use crate::template::yaml;
    use infra_price::Load;

    const STREAM: &str = "{Resources: {Stream: {Type: 'AWS::Kinesis::Stream', Properties:
        {ShardCount: 1, StreamModeDetails: {StreamMode: PROVISIONED}}}, It: {Type: 'Custom::It'}}}";

    #[track_caller]
    fn check(after: &str, moves: &[Move], expected: &str) {
        let load = Load {
            hours_per_month: 730,
            ..Load::default()
        };
        let tariff = Tariff::of(&load, "us-east-1").unwrap();
        let cost = Cost::between(&yaml(STREAM), &yaml(after), moves, &tariff);
        assert_eq!(cost.0.to_string(), expected);
    }

    #[test]
    fn templates_without_rust_types_have_the_same_prices() {
        check(STREAM, &[], "no change ($10.95 a month)");
        let two = STREAM.replace("ShardCount: 1", "ShardCount: 2");
        check(&two, &[], "+$10.95 a month ($10.95 -> $21.90)");
        check("{}", &[], "-$10.95 a month ($10.95 -> $0.00)");
    }

    #[test]
    fn a_move_costs_nothing() {
        let moves = [Move {
            from: "Stream".to_owned(),
            to: "Events".to_owned(),
        }];
        check(
            &STREAM.replace("Stream: {Type", "Events: {Type"),
            &moves,
            "no change ($10.95 a month)",
        );
    }
}
