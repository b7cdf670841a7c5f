use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use serde_json::{Map, Value, json};

use super::{Change, Step, between};
use crate::word::show;

/// One line per change: where, what stood, what will stand.
#[track_caller]
fn check(before: Value, after: Value, expected: &[&str]) {
    let line = |change: &Change| {
        let word = |side: &Option<Value>| side.as_ref().map_or("none".to_owned(), show);
        let order = if change.reordered { " in order" } else { "" };
        format!(
            "{}{order}: {} -> {}",
            change.path,
            word(&change.before),
            word(&change.after)
        )
    };
    let found: Vec<String> = between(Some(&before), Some(&after)).iter().map(line).collect();
    assert_eq!(found, expected);
}

#[test]
fn members_are_compared_one_by_one() {
    check(
        json!({"Same": 1, "Gone": "a", "Deep": {"Down": [true]}}),
        json!({"Same": 1, "Deep": {"Down": [true], "New": {"A": 1}}}),
        &["Deep.New: none -> {A: 1}", "Gone: a -> none"],
    );
}

#[test]
fn a_function_is_one_value() {
    check(
        json!({"Arn": {"Fn::GetAtt": ["Key", "Arn"]}}),
        json!({"Arn": {"Fn::GetAtt": ["Other", "Arn"]}}),
        &["Arn: !GetAtt Key.Arn -> !GetAtt Other.Arn"],
    );
    check(
        json!({"A": {"Ref": "X"}}),
        json!({"A": {"B": 1}}),
        &["A: !Ref X -> {B: 1}"],
    );
}

#[test]
fn items_with_names_are_matched_by_them() {
    let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
    check(
        json!({"Tags": [tag("team", "a"), tag("stage", "dev")]}),
        json!({"Tags": [tag("owner", "me"), tag("team", "b"), tag("stage", "dev")]}),
        &[
            "Tags[Key=team].Value: a -> b",
            "Tags[Key=owner]: none -> {Key: owner, Value: me}",
        ],
    );
}

#[test]
fn another_order_is_said_once_and_by_name() {
    let rule = |id: &str, on: bool| json!({"Id": id, "On": on});
    check(
        json!({"Rules": [rule("a", true), rule("b", true)]}),
        json!({"Rules": [rule("b", true), rule("a", false)]}),
        &["Rules in order: [a, b] -> [b, a]", "Rules[Id=a].On: true -> false"],
    );
    check(
        json!({"L": [1, 2, 2]}),
        json!({"L": [2, 1, 2]}),
        &["L in order: [1, 2, 2] -> [2, 1, 2]"],
    );
}

#[test]
fn items_without_names_keep_their_place_among_equals() {
    check(
        json!({"Actions": ["a", "b", "c"]}),
        json!({"Actions": ["a", "x", "c", "d"]}),
        &[
            "Actions[1]: b -> none",
            "Actions[1]: none -> x",
            "Actions[3]: none -> d",
        ],
    );
    check(
        json!({"Rules": [{"From": 1, "To": 1}, {"From": 2, "To": 2}]}),
        json!({"Rules": [{"From": 1, "To": 9}, {"From": 2, "To": 2}]}),
        &["Rules[0].To: 1 -> 9"],
    );
}

/// Values of the shapes that templates have, from so few words that they often meet.
fn value() -> impl Strategy<Value = Value> {
    let word = prop_oneof![Just("a"), Just("b"), Just("Key")];
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..3).prop_map(Value::from),
        word.clone().prop_map(Value::from),
        word.clone().prop_map(|id| json!({ "Ref": id })),
        (word.clone(), word.clone()).prop_map(|(id, name)| json!({"Fn::GetAtt": [id, name]})),
    ];
    let named = (word.clone(), 0..3).prop_map(|(id, on)| json!({"Id": id, "On": on}));
    leaf.prop_recursive(4, 32, 4, move |inner| {
        let members = collection::vec((word.clone(), inner.clone()), 0..4);
        prop_oneof![
            collection::vec(inner, 0..5).prop_map(Value::from),
            collection::vec(named.clone(), 0..4).prop_map(Value::from),
            members.prop_map(|members| {
                let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(members.collect::<Map<_, _>>())
            }),
        ]
    })
}

/// Makes `after` of `before` by carrying the changes out; what they do not say stays as it was.
fn apply(before: Option<&Value>, changes: &[(&[Step], &Change)]) -> Option<Value> {
    if let Some((_, change)) = changes
        .iter()
        .find(|(path, change)| path.is_empty() && !change.reordered)
    {
        return change.after.clone();
    }
    let into = |step: &Step| {
        let below = changes.iter().filter(|(path, _)| path.first() == Some(step));
        below.map(|(path, change)| (&path[1..], *change)).collect::<Vec<_>>()
    };
    match before? {
        Value::Object(old) => {
            let mut names: Vec<&String> = old.keys().collect();
            names.extend(changes.iter().filter_map(|(path, _)| match path.first() {
                Some(Step::Member(name)) => Some(name),
                _ => None,
            }));
            let member =
                |name: &String| Some((name.clone(), apply(old.get(name), &into(&Step::Member(name.clone())))?));
            Some(Value::Object(names.into_iter().filter_map(member).collect()))
        }
        Value::Array(old) => Some(Value::Array(apply_to_list(old, changes, into))),
        leaf => Some(leaf.clone()),
    }
}

fn apply_to_list<'a>(
    old: &[Value],
    changes: &[(&'a [Step], &'a Change)],
    into: impl Fn(&Step) -> Vec<(&'a [Step], &'a Change)>,
) -> Vec<Value> {
    let mut steps: Vec<&Step> = changes.iter().filter_map(|(path, _)| path.first()).collect();
    steps.dedup();
    let mut items: Vec<Option<Value>> = old.iter().cloned().map(Some).collect();
    let mut new = Vec::new();
    for step in steps {
        let Step::Item { before, after, .. } = step else {
            continue;
        };
        let value = apply(before.map(|at| &old[at]), &into(step));
        match (before, after) {
            (Some(at), Some(_)) => items[*at] = value,
            (Some(at), None) => items[*at] = None,
            (None, Some(at)) => new.push((*at, value)),
            (None, None) => {}
        }
    }
    let mut items: Vec<Value> = items.into_iter().flatten().collect();
    if let Some((_, order)) = changes
        .iter()
        .find(|(path, change)| path.is_empty() && change.reordered)
    {
        let names = order.after.as_ref().and_then(Value::as_array).unwrap();
        let told = |item: &Value, name: &Value| {
            item == name || item.as_object().is_some_and(|it| it.values().any(|told| told == name))
        };
        let mut sorted = Vec::new();
        for name in names {
            let at = items
                .iter()
                .position(|item| item == name)
                .or(items.iter().position(|item| told(item, name)));
            sorted.push(items.remove(at.unwrap()));
        }
        items = sorted;
    }
    new.sort_by_key(|(at, _)| *at);
    for (at, value) in new {
        items.insert(at, value.unwrap());
    }
    items
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(value in value()) {
        assert_eq!(between(Some(&value), Some(&value)), []);
    }

    #[test]
    fn the_changes_account_for_every_difference(before in value(), after in value()) {
        let changes = between(Some(&before), Some(&after));
        assert_eq!(changes.is_empty(), before == after);
        let found: Vec<(&[Step], &Change)> = changes.iter().map(|change| (change.path.0.as_slice(), change)).collect();
        assert_eq!(apply(Some(&before), &found), Some(after), "{changes:?}");
    }
}
