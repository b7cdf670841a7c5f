//! Whether a change of a property replaces the resource.

use infra_core::Facts;
use serde::Serialize;
use serde_json::Value;

use crate::change::{Change, Step};

/// What becomes of a resource that changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replacement {
    /// It stays.
    #[default]
    No,
    /// It depends on what only CloudFormation knows.
    May,
    /// A new one takes its place.
    Will,
}

/// The verdict on a change of a property; of an unknown type nobody can tell.
pub fn verdict(facts: Option<&Facts>, change: &Change) -> Replacement {
    let Some(facts) = facts else {
        return Replacement::May;
    };
    let touches = |paths: &[&str]| paths.iter().any(|path| touches(path, change));
    if touches(facts.create_only) {
        Replacement::Will
    } else if touches(facts.conditional_create_only) {
        Replacement::May
    } else {
        Replacement::No
    }
}

/// Whether a change is at the property with a dotted path, below it, or above it with another
/// value in that property.
fn touches(property: &str, change: &Change) -> bool {
    let property = names(property);
    let place: Vec<&str> = change
        .path
        .0
        .iter()
        .filter_map(|step| match step {
            Step::Member(name) => Some(name.as_str()),
            Step::Item { .. } => None,
        })
        .collect();
    if place.starts_with(&property) {
        return true;
    }
    match property.strip_prefix(place.as_slice()) {
        Some(rest) => leaves(change.before.as_ref(), rest) != leaves(change.after.as_ref(), rest),
        None => false,
    }
}

/// What stands at the property with a dotted path.
pub(crate) fn values<'a>(properties: Option<&'a Value>, property: &str) -> Vec<&'a Value> {
    leaves(properties, &names(property))
}

/// The members on the way to a property. The items of a list stand for the list: `Rules.*.Prefix`
/// is what `Rules[0].Prefix` changes.
fn names(property: &str) -> Vec<&str> {
    property.split('.').filter(|name| *name != "*").collect()
}

/// What stands under these names, through all lists on the way.
fn leaves<'a>(value: Option<&'a Value>, names: &[&str]) -> Vec<&'a Value> {
    let Some(value) = value else { return Vec::new() };
    match (value, names.split_first()) {
        (value, None) => vec![value],
        (Value::Array(items), Some(_)) => items.iter().flat_map(|item| leaves(Some(item), names)).collect(),
        (value, Some((name, rest))) => leaves(value.get(name), rest),
    }
}

#[cfg(test)]
mod tests {
    use super::{Replacement, verdict};
    use crate::change;
    use infra_core::Facts;
    use serde_json::{Value, json};

    const FACTS: Facts = Facts {
        create_only: &["Name", "Code.Kind", "Rules.*.Prefix"],
        conditional_create_only: &["KeySchema"],
        ..Facts::new("Test::Unit::Thing")
    };

    #[track_caller]
    fn check(before: Value, after: Value, expected: Replacement) {
        let changes = change::between(Some(&before), Some(&after));
        let worst = changes.iter().map(|change| verdict(Some(&FACTS), change)).max();
        assert_eq!(worst, Some(expected), "{before} -> {after}");
    }

    #[test]
    fn the_place_of_a_change_decides() {
        use Replacement::{May, No, Will};
        check(json!({"Name": "a"}), json!({"Name": "b"}), Will);
        check(json!({}), json!({"Name": "b"}), Will);
        check(json!({"NameTag": "a"}), json!({"NameTag": "b"}), No);
        check(json!({"Name": {"Part": 1}}), json!({"Name": {"Part": 2}}), Will);
        check(json!({"KeySchema": ["a"]}), json!({"KeySchema": ["b"]}), May);
        check(
            json!({"Rules": [{"Prefix": "a", "On": 1}]}),
            json!({"Rules": [{"Prefix": "b", "On": 1}]}),
            Will,
        );
        check(
            json!({"Rules": [{"Prefix": "a", "On": 1}]}),
            json!({"Rules": [{"Prefix": "a", "On": 2}]}),
            No,
        );
    }

    #[test]
    fn a_change_above_a_property_counts_where_that_comes_out_different() {
        use Replacement::{No, Will};
        check(json!({}), json!({"Code": {"Kind": "zip"}}), Will);
        check(json!({}), json!({"Code": {"Size": 1}}), No);
        check(json!({"Rules": [{"Prefix": "a"}]}), json!({}), Will);
    }

    #[test]
    fn nobody_can_tell_of_an_unknown_type() {
        let changes = change::between(Some(&json!({"A": 1})), Some(&json!({"A": 2})));
        assert_eq!(verdict(None, &changes[0]), Replacement::May);
    }
}
