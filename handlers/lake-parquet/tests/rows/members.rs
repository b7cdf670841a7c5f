//! Columns of a layout's own, against `serde_json`.

use std::collections::BTreeMap;
use std::fmt;

use lake_parquet::{Column, Encoder, Form, Layout, Settings, Source};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof};
use proptest::sample::select;
use proptest::{prop_assert_eq, proptest};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::object::{ARRIVAL, Cell, rows};
use crate::texts::json;

const MEMBERS: [(&str, Form); 7] = [
    ("user_id", Form::SkewedInteger),
    ("platform", Form::RepeatedText),
    ("session_id", Form::Text),
    ("score", Form::Double),
    ("g.item", Form::Integer),
    ("g.note", Form::RepeatedText),
    ("h.item", Form::Double),
];

fn encoder() -> Encoder {
    let column = |path: &str, source| Column {
        path: path.split('.').map(str::to_owned).collect(),
        source,
    };
    let mut columns = vec![
        column("event_uuid", Source::EventUuid),
        column("second", Source::CreatedSecond),
    ];
    columns.extend(MEMBERS.map(|(path, form)| column(path, Source::Member(form))));
    columns.push(column("rest", Source::Rest));
    Encoder::new(Layout::new(columns).unwrap(), Settings::default()).unwrap()
}

/// An object's members as they are: duplicates, order and the values' text.
#[derive(Debug, PartialEq)]
struct Members(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    members.push((key, value.get().to_owned()));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// What a column makes of a value's text; `None` where it does not take it.
fn cell(form: Form, value: &str) -> Option<Cell> {
    if value == "null" {
        return Some(Cell::Null);
    }
    match form {
        Form::RepeatedText | Form::Text => serde_json::from_str(value).ok().map(Cell::Text),
        // A number alone, so that no text and no array of one is taken for it.
        Form::Integer | Form::SkewedInteger => value.parse().ok().map(Cell::Integer),
        Form::Double => {
            let is_number = value.starts_with(|first: char| first == '-' || first.is_ascii_digit());
            let double = value
                .parse()
                .ok()
                .filter(|double: &f64| is_number && double.is_finite());
            double.map(Cell::Double)
        }
    }
}

/// Takes `value` for the column of `path`, if there is one that has no value yet.
fn take(cells: &mut BTreeMap<&str, Cell>, path: &str, value: &str) -> bool {
    let Some((path, form)) = MEMBERS.iter().find(|(known, _)| *known == path) else {
        return false;
    };
    let taken = cells.entry(path).or_insert(Cell::Null);
    match cell(*form, value) {
        Some(cell) if *taken == Cell::Null => {
            *taken = cell;
            true
        }
        _ => false,
    }
}

/// The row of an event but its rest, and the rest's members.
fn reference(event: &str) -> Option<(Vec<Cell>, Members)> {
    let Members(all) = serde_json::from_str(event).ok()?;
    let (mut cells, mut rest, mut groups) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (key, value) in all {
        if ["event_uuid", "event_name", "created_at"].contains(&key.as_str()) {
            continue;
        }
        let group = serde_json::from_str::<Members>(&value)
            .ok()
            .filter(|_| ["g", "h"].contains(&key.as_str()));
        let taken = match group {
            Some(Members(members)) if !groups.contains(&key) => {
                let taken = members
                    .iter()
                    .filter(|(name, value)| take(&mut cells, &format!("{key}.{name}"), value));
                let whole = taken.count() == members.len();
                groups.push(key.clone());
                whole
            }
            _ => !key.contains('.') && take(&mut cells, &key, &value),
        };
        if !taken {
            rest.push((key, value));
        }
    }
    let mut row = vec![Cell::Text("u".to_owned()), Cell::Integer(1_712_511_721)];
    // A reader sees one null for a group that is absent.
    for group in ["", "g", "h"] {
        let members = MEMBERS
            .iter()
            .filter(|(path, _)| path.split_once('.').map_or("", |(group, _)| group) == group);
        if group.is_empty() || groups.iter().any(|found| found == group) {
            row.extend(members.map(|(path, _)| cells.remove(path).unwrap_or(Cell::Null)));
        } else {
            row.push(Cell::Null);
        }
    }
    Some((row, Members(rest)))
}

#[track_caller]
fn check(members: &str) -> Result<(), String> {
    let event = format!(r#"{{"event_uuid":"u","event_name":"n","created_at":1712511721{members}}}"#);
    let Some(expected) = reference(&event) else {
        // serde_json cannot give back a key with half a surrogate pair.
        return if event.contains(r"\ud") {
            Ok(())
        } else {
            Err(format!("no event: {event}"))
        };
    };
    let mut encoder = encoder();
    encoder
        .push(event.as_bytes(), Some(ARRIVAL))
        .map_err(|reason| format!("{reason}: {event}"))?;
    let mut row = rows(&mut encoder).into_values().next().unwrap().remove(0);
    let Some(Cell::Text(rest)) = row.pop() else {
        return Err(format!("no rest: {event}"));
    };
    let found = (
        row,
        serde_json::from_str(&rest).map_err(|error| format!("{error}: {rest}"))?,
    );
    if found == expected {
        Ok(())
    } else {
        Err(format!("{event}\n{found:?}\n{expected:?}"))
    }
}

#[test]
fn members_are_taken_once_and_whole() {
    for members in [
        "",
        r#","user_id":7,"platform":"ios","session_id":"s","score":1.5,"g":{"item":1,"note":"n"},"h":{"item":2}"#,
        r#","h":{"item":2},"g":{"note":"n"},"score":0,"session_id":"","user_id":-9223372036854775808"#,
        r#","user_id":1.0,"platform":7,"session_id":null,"score":1e999"#,
        r#","user_id":9223372036854775808,"user_id":2,"user_id":3"#,
        r#","user_id":null,"user_id":3,"user_id":null"#,
        r#","g":{},"h":null"#,
        r#","g":{"item":1,"other":2},"g":{"item":3,"note":"later"}"#,
        r#","g":{"item":{"item":1}},"h":{"item":1,"item":2}"#,
        r#","g":[],"g":{"note":"\u00e9\"\\"},"g.item":4"#,
        r#","\u0075ser_id":5,"platform":"a\nb","session_id":"\ud800","g":{"no\u0074e":"x"}"#,
        r#", "score" : -0.0 , "g" : { "item" : 1 , "note" : null } , "x" : 1"#,
    ] {
        check(members).unwrap();
    }
}

#[test]
fn the_order_of_names_is_learned_and_never_assumed() {
    let mut encoder = encoder();
    let orders = [
        r#""user_id":1,"platform":"a","score":2"#,
        r#""score":2,"platform":"a","user_id":1"#,
        r#""platform":"a","score":2,"user_id":1"#,
    ];
    for order in orders.iter().cycle().take(9) {
        let event = format!(r#"{{"event_uuid":"u",{order},"event_name":"n","created_at":1712511721}}"#);
        encoder.push(event.as_bytes(), Some(ARRIVAL)).unwrap();
    }
    let rows = rows(&mut encoder).into_values().next().unwrap();
    assert_eq!(rows.len(), 9);
    for row in rows {
        assert_eq!(
            row[2..6],
            [
                Cell::Integer(1),
                Cell::Text("a".to_owned()),
                Cell::Null,
                Cell::Double(2.0)
            ]
        );
        assert_eq!(row.last(), Some(&Cell::Text("{}".to_owned())));
    }
}

/// Members with names of columns and others, and values that fit and others.
fn members() -> impl Strategy<Value = String> {
    let value = || {
        prop_oneof![
            3 => select(vec!["1", "-7", "2.5", "1e3", "\"x\"", "\"a\\\"b\"", "\"\"", "null", "true", "[]", "{}"]).prop_map(str::to_owned),
            1 => json(),
        ]
    };
    let inner = (select(vec!["item", "note", "x", r"ite\u006d"]), value())
        .prop_map(|(key, value)| format!("\"{key}\":{value}"));
    let group = vec(inner, 0..4).prop_map(|members| format!("{{{}}}", members.join(",")));
    let member = prop_oneof![
        3 => (select(MEMBERS.map(|(path, _)| path).to_vec()), value()),
        2 => (select(vec!["g", "h"]), group),
        1 => (Just("x"), json()),
    ];
    vec(member.prop_map(|(key, value)| format!(",\"{key}\":{value}")), 0..8).prop_map(|members| members.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn any_members(members in members()) {
        prop_assert_eq!(check(&members), Ok(()));
    }
}
