use serde_json::json;
use tv_guide::table::{Change, Condition, Index, Item, Key, Range, Write};

use super::{Expression, keys, write};

/// The expressions with every placeholder replaced by what it stands for.
fn spell(expression: Expression) -> (Option<String>, Option<String>) {
    let names = expression.names.unwrap_or_default();
    let values = expression.values.unwrap_or_default();
    let replace = |mut text: String| {
        for (placeholder, name) in &names {
            text = text.replace(placeholder, name);
        }
        for (placeholder, value) in &values {
            let value = value.as_s().or_else(|value| value.as_n()).expect("a text or a number");
            text = text.replace(placeholder, &format!("'{value}'"));
        }
        text
    };
    (expression.update.map(replace), expression.condition.map(replace))
}

#[track_caller]
fn check(change: Change, condition: Condition, update: Option<&str>, expected: Option<&str>) {
    let key = Key {
        pk: "p".to_owned(),
        sk: "s".to_owned(),
    };
    let (spelled, conditions) = spell(write(&Write { key, change, condition }).expect("it can pass"));
    assert_eq!((spelled.as_deref(), conditions.as_deref()), (update, expected));
}

fn add(by: u64, ceiling: u64) -> Change {
    Change::Add {
        attribute: "requests".to_owned(),
        by,
        ceiling,
    }
}

#[test]
fn conditions_are_spelled_exactly() {
    let put = || Change::Put(Item::new());
    let equals = |value| Condition::Equals {
        attribute: "state".to_owned(),
        value,
    };
    check(put(), Condition::Always, None, None);
    check(put(), Condition::Absent, None, Some("attribute_not_exists(PK)"));
    check(
        Change::Delete,
        Condition::Newer("7".to_owned()),
        None,
        Some("(attribute_not_exists(version) OR version < '7')"),
    );
    check(put(), equals(None), None, Some("attribute_not_exists(state)"));
    check(put(), equals(Some(json!("open"))), None, Some("state = 'open'"));
}

#[test]
fn updates_are_spelled_exactly() {
    let merge = |set: Item, remove: &[&str]| Change::Merge {
        set,
        remove: remove.iter().map(ToString::to_string).collect(),
    };
    let set = Item::from_iter([("size".to_owned(), json!(2))]);
    check(
        merge(set.clone(), &["a", "b"]),
        Condition::Always,
        Some("SET size = '2' REMOVE a, b"),
        None,
    );
    check(merge(set, &[]), Condition::Always, Some("SET size = '2'"), None);
    check(merge(Item::new(), &[]), Condition::Always, None, None);
    let room = "(attribute_not_exists(requests) OR requests <= '899')";
    check(add(1, 900), Condition::Always, Some("ADD requests '1'"), Some(room));
    let both = format!("attribute_not_exists(PK) AND {room}");
    check(add(1, 900), Condition::Absent, Some("ADD requests '1'"), Some(&both));
}

#[test]
fn what_can_never_fit_has_no_expression() {
    let key = Key {
        pk: "p".to_owned(),
        sk: "s".to_owned(),
    };
    let change = add(2, 1);
    let condition = Condition::Always;
    assert_eq!(write(&Write { key, change, condition }), None);
}

#[test]
fn ranges_are_spelled_exactly() {
    #[track_caller]
    fn check(range: Range, expected: Option<&str>) {
        let spelled = keys(Index::Gsi2, "day:1", &range).map(|expression| spell(expression).1.unwrap_or_default());
        assert_eq!(spelled.as_deref(), expected);
    }
    let text = str::to_owned;
    check(Range::All, Some("GSI2PK = 'day:1'"));
    check(Range::Prefix(text("")), Some("GSI2PK = 'day:1'"));
    check(
        Range::Prefix(text("a")),
        Some("GSI2PK = 'day:1' AND begins_with(GSI2SK, 'a')"),
    );
    check(Range::From(text("a")), Some("GSI2PK = 'day:1' AND GSI2SK >= 'a'"));
    check(Range::Below(text("a")), Some("GSI2PK = 'day:1' AND GSI2SK < 'a'"));
    check(Range::Below(text("")), None);
    check(
        Range::Between(text("a"), text("b")),
        Some("GSI2PK = 'day:1' AND GSI2SK BETWEEN 'a' AND 'b'"),
    );
    check(
        Range::Between(text(""), text("b")),
        Some("GSI2PK = 'day:1' AND GSI2SK <= 'b'"),
    );
    check(Range::Between(text("b"), text("a")), None);
}

#[test]
fn names_and_values_are_never_text_of_the_expression() {
    let strange = "a = :v9, #n9";
    let set = Item::from_iter([(strange.to_owned(), json!(strange))]);
    let remove = vec![];
    let expression = write(&Write {
        key: Key {
            pk: "p".to_owned(),
            sk: "s".to_owned(),
        },
        change: Change::Merge { set, remove },
        condition: Condition::Always,
    });
    assert_eq!(
        expression.and_then(|expression| expression.update).as_deref(),
        Some("SET #n0 = :v0")
    );
}
