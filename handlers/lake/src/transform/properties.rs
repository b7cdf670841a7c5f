//! What holds for every request, tested against a transform made of `serde_json` and jiff.

use std::fmt;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq, proptest};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Transformed, Transformer, explain};
use crate::contract::limit::LAMBDA_PAYLOAD;
use crate::contract::{COLUMNS, PARTITIONS};
use crate::generate::{damaged, json};
use crate::reason::Reason;
use crate::request::RequestError;

/// 2024-04-07T17:42:03.120Z
const ARRIVAL: i64 = 1_712_511_723_120;

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

/// What the transform must make of an event, by `serde_json` and jiff: the line's members but the
/// payload, and the payload's; `None` where it must refuse.
fn reference(event: &[u8]) -> Option<(Vec<Value>, Members)> {
    let Members(all) = serde_json::from_slice(event).ok()?;
    let known = |name: &str| {
        let mut values = all.iter().filter(|(key, _)| key == name);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value.as_str())
    };
    let uuid: String = serde_json::from_str(known("event_uuid")?).ok()?;
    let name: String = serde_json::from_str(known("event_name")?).ok()?;
    let number = known("created_at")?;
    let created: f64 = number.parse().ok()?;
    let latest = ARRIVAL as f64 / 1e3 + 86_400.0;
    if uuid.is_empty() || name.is_empty() || !(0.0..=latest).contains(&created) {
        return None;
    }
    let mut parts = name.split(':');
    let kind = parts.next()?;
    let subkind = parts.next().filter(|part| !part.is_empty());
    let second = Timestamp::from_second(created.floor() as i64).unwrap();
    let columns = vec![
        uuid.into(),
        name.as_str().into(),
        kind.into(),
        subkind.into(),
        serde_json::from_str(number).unwrap(),
        second.to_string().into(),
        "2024-04-07T17:42:03.120Z".into(),
    ];
    let known = ["event_uuid", "event_name", "created_at"];
    let rest = all.into_iter().filter(|(key, _)| !known.contains(&key.as_str()));
    Some((columns, Members(rest.collect())))
}

/// Reads a transformed event: its columns but the payload, and the payload's members.
fn read(line: &[u8]) -> (Vec<Value>, Members) {
    assert_eq!(line.last(), Some(&b'\n'));
    let Members(members) = serde_json::from_slice(line).expect("a line of JSON");
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    let expected: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    assert_eq!(names, expected);
    let mut values: Vec<Value> = members
        .iter()
        .map(|(_, value)| serde_json::from_str(value).unwrap())
        .collect();
    let payload = values.pop().unwrap();
    let payload = serde_json::from_str(payload.as_str().unwrap()).expect("a payload of JSON");
    (values, payload)
}

/// An answer's record id, result, data and partition keys.
type Entry = (String, String, String, Vec<(String, String)>);

fn entries(response: &[u8]) -> Vec<Entry> {
    let response: Value = serde_json::from_slice(response).expect("a response of JSON");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    response["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| {
            let keys = record["metadata"].get("partitionKeys");
            let keys = keys.map_or(Vec::new(), |keys| {
                PARTITIONS
                    .iter()
                    .map(|partition| (partition.name.to_owned(), text(&keys[partition.name])))
                    .collect()
            });
            (
                text(&record["recordId"]),
                text(&record["result"]),
                text(&record["data"]),
                keys,
            )
        })
        .collect()
}

fn request(events: &[(String, Vec<u8>)]) -> Vec<u8> {
    let records: Vec<String> = events
        .iter()
        .map(|(id, event)| {
            let id = serde_json::to_string(id).unwrap();
            let data = base64_simd::STANDARD.encode_to_string(event);
            format!(r#"{{"recordId":{id},"approximateArrivalTimestamp":{ARRIVAL},"data":"{data}"}}"#)
        })
        .collect();
    format!(r#"{{"records":[{}]}}"#, records.join(",")).into_bytes()
}

/// An object with the known fields, mostly right, anywhere among others.
fn event() -> impl Strategy<Value = String> {
    let uuid = select(vec![
        r#""event_uuid":"78d1b928""#,
        r#""event_uuid" : "\u00e9\"""#,
        r#""\u0065vent_uuid":"x""#,
        r#""event_uuid":"""#,
        r#""event_uuid":"\ud800""#,
        r#""event_uuid":1"#,
        r#""event_uuid":"☃""#,
    ]);
    let name = select(vec![
        r#""event_name":"payment:order:completed""#,
        r#""event_name":"a""#,
        r#""event_name":"a:""#,
        r#""event_name":":b""#,
        r#""event_name":"\u003a\"x:\\y""#,
        r#""event_name":"é:ü""#,
        r#""event_name":null"#,
        r#""event_n\u0061me":"n""#,
    ]);
    let created = prop_oneof![
        (0.0..1_712_598_123.0f64).prop_map(|created| created.to_string()),
        (0..1_712_598_123u32).prop_map(|created| created.to_string()),
        select(vec![
            "0",
            "-0",
            "1e9",
            "1.5E+9",
            "1e999",
            "-1",
            "1712511721022",
            "\"1\"",
            "01"
        ])
        .prop_map(str::to_owned),
    ]
    .prop_map(|created| format!(r#""created_at":{created}"#));
    let key = select(vec![
        "a",
        "b",
        "payload",
        "event_type",
        "created_datetime",
        "event_uui",
        "EVENT_UUID",
        "é",
        "",
    ]);
    let other = (key, json()).prop_map(|(key, value)| format!("{}:{value}", Value::from(key)));
    let known = (uuid, name, created, any::<[u8; 8]>());
    (known, vec(other, 0..5), select(vec!["", " ", "\n\t"])).prop_map(
        |((uuid, name, created, order), mut members, space)| {
            let [u, n, c, doubt, double, ..] = order.map(usize::from);
            // Now and then a known field is missing or there twice.
            for (member, place) in [(uuid, u), (name, n), (created.as_str(), c)] {
                if (doubt + place) % 16 != 0 {
                    members.insert(place % (members.len() + 1), member.to_owned());
                }
            }
            if double % 16 == 0 {
                members.push(uuid.to_owned());
            }
            format!("{{{space}{}{space}}}", members.join(&format!("{space},")))
        },
    )
}

/// Bytes that a producer might send: events, damaged events, anything.
fn record() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => event().prop_map(String::into_bytes),
        4 => damaged(event()).prop_map(String::into_bytes),
        1 => json().prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..100),
        1 => Just(vec![0x1f, 0x8b, 8, 0]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn an_event_becomes_what_serde_json_and_jiff_make_of_it(event in prop_oneof![event(), damaged(event())]) {
        match (explain(event.as_bytes(), ARRIVAL), reference(event.as_bytes())) {
            (Ok(Transformed { line, partition }), Some(expected)) => {
                let (columns, payload) = read(&line);
                let time = columns[5].as_str().unwrap().to_owned();
                prop_assert_eq!((columns, payload), expected);
                let keys = [&time[..4], &time[5..7], &time[8..10], &time[11..13]];
                for ((partition, key), (name, value)) in PARTITIONS.iter().zip(keys).zip(&partition) {
                    prop_assert_eq!((partition.name, key), (*name, value.as_str()));
                }
            }
            // serde_json cannot give back a key with half a surrogate pair; the lake keeps it.
            (Ok(_), None) => prop_assert!(event.contains(r"\ud")),
            (Err(_), None) => {}
            (Err(reason), Some(_)) => prop_assert!(false, "refused: {reason}"),
        }
    }

    #[test]
    fn every_record_is_answered_once_in_order_as_if_alone(
        events in vec((any::<String>(), record()), 0..12),
    ) {
        let mut transformer = Transformer::default();
        let batch = transformer.transform(&request(&events)).unwrap();
        prop_assert_eq!(batch.records, events.len());
        let answers = entries(batch.response);
        prop_assert_eq!(answers.len(), events.len());
        let failures: Vec<Reason> = batch.failures.iter().map(|failure| failure.reason).collect();
        let mut reasons = failures.iter();
        for ((id, event), (answered, result, data, keys)) in events.iter().zip(&answers) {
            prop_assert_eq!(answered, id);
            match explain(event, ARRIVAL) {
                Ok(Transformed { line, partition }) => {
                    prop_assert_eq!(result, "Ok");
                    prop_assert_eq!(data, &base64_simd::STANDARD.encode_to_string(&line));
                    let partition = partition.map(|(name, value)| (name.to_owned(), value));
                    prop_assert_eq!(keys, &partition);
                }
                Err(reason) => {
                    prop_assert_eq!(result, "ProcessingFailed");
                    prop_assert_eq!((data.as_str(), keys.len()), ("", 0));
                    prop_assert_eq!(reasons.next(), Some(&reason));
                }
            }
        }
        prop_assert_eq!(reasons.next(), None);
        // The same request again gives the same bytes, whatever the buffers held in between.
        let first = batch.response.to_vec();
        let other = request(&[("x".to_owned(), vec![b'['; 3_000])]);
        transformer.transform(&other).unwrap();
        prop_assert_eq!(transformer.transform(&request(&events)).unwrap().response, &first);
    }

    #[test]
    fn no_request_and_no_record_makes_it_panic(
        bytes in vec(any::<u8>(), 0..200),
        text in damaged(event().prop_map(|event| String::from_utf8(request(&[(String::new(), event.into_bytes())])).unwrap())),
    ) {
        let mut transformer = Transformer::default();
        // Only that it returns is asked for; a refusal is as good as an answer.
        let _ = transformer.transform(&bytes);
        let _ = explain(&bytes, ARRIVAL);
        let is_json = serde_json::from_str::<IgnoredAny>(&text).is_ok();
        match transformer.transform(text.as_bytes()) {
            Ok(batch) => {
                prop_assert!(is_json, "{text}");
                prop_assert_eq!(entries(batch.response).len(), batch.records);
            }
            Err(RequestError::NotJson { .. } | RequestError::TrailingBytes { .. }) => prop_assert!(!is_json, "{text}"),
            Err(_) => {}
        }
    }
}

/// Runs a request of `events` and checks the response's size and that nothing is cut.
fn fill(events: &[(String, Vec<u8>)]) -> usize {
    let mut transformer = Transformer::default();
    let batch = transformer.transform(&request(events)).unwrap();
    // The number that is promised, not the constant that keeps it.
    assert!(batch.response.len() < 6_000_000, "{}", batch.response.len());
    let answers = entries(batch.response);
    assert_eq!(answers.len(), events.len());
    for (answer, (id, event)) in answers.iter().zip(events) {
        assert_eq!(&answer.0, id);
        if answer.1 == "Ok" {
            let alone = explain(event, ARRIVAL).unwrap().line;
            assert_eq!(answer.2, base64_simd::STANDARD.encode_to_string(alone));
        }
    }
    for failure in batch.failures {
        assert_eq!(failure.reason, Reason::ResponseFull);
    }
    events.len() - batch.failures.len()
}

#[test]
fn three_megabytes_of_small_events_do_not_pass_the_ceiling() {
    for padding in [0, 100, 250] {
        let padding = "x".repeat(padding);
        let event = format!(r#"{{"event_uuid":"u","event_name":"n","created_at":0,"x":"{padding}"}}"#);
        // Firehose's largest buffer, as far as Lambda passes it on.
        let one = request(&[(format!("4966{:056}", 0), event.clone().into_bytes())]).len();
        let count = (3_000_000 / event.len()).min(LAMBDA_PAYLOAD / one);
        let events: Vec<(String, Vec<u8>)> = (0..count)
            .map(|index| (format!("4966{index:056}"), event.clone().into_bytes()))
            .collect();
        let answered = fill(&events);
        assert!((1..count).contains(&answered), "{answered} of {count} answered");
    }
}

#[test]
fn a_record_that_does_not_fit_leaves_room_for_those_that_do() {
    // Quotes and backslashes double in the payload, and base64 adds a third.
    let quotes = r#"\"\\"#.repeat(255_000);
    let event =
        |rest: &str| format!(r#"{{"event_uuid":"u","event_name":"n","created_at":0,"x":"{rest}"}}"#).into_bytes();
    let large = || event(&quotes);
    assert!(large().len() > 1_000_000);
    let one = |id: &str, event| (id.to_owned(), event);
    assert_eq!(fill(&[one("a", large())]), 1);
    let events = [
        one("a", large()),
        one("b", event("")),
        one("c", large()),
        one("d", large()),
        one("e", event("")),
    ];
    assert_eq!(fill(&events), 4);
}
