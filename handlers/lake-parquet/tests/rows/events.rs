//! The lake's own columns: each row is what Firehose's conversion makes of the transform's line.

use std::collections::BTreeMap;

use lake::{Reason, Transformed, explain};
use lake_parquet::{Compression, Encoder, Layout, Pushed, Settings};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::sample::{Index, select};
use proptest::{prop_assert_eq, proptest};

use crate::object::{ARRIVAL, Cell, converted, rows};
use crate::texts::{damaged, json};

fn encoder(settings: Settings) -> Encoder {
    Encoder::new(Layout::lake(), settings).unwrap()
}

/// What must become of records: the rows of each hour, and the reasons of the refused.
fn expected(records: &[Vec<u8>]) -> (BTreeMap<String, Vec<Vec<Cell>>>, Vec<Reason>) {
    let (mut hours, mut reasons) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
    for record in records {
        match explain(record, ARRIVAL) {
            Ok(Transformed { line, partition }) => {
                let folder = partition.map(|(name, value)| format!("{name}={value}")).join("/");
                hours.entry(folder).or_default().push(converted(&line));
            }
            Err(reason) => reasons.push(reason),
        }
    }
    (hours, reasons)
}

fn push(encoder: &mut Encoder, records: &[Vec<u8>]) -> Vec<Reason> {
    let push = |record: &Vec<u8>| encoder.push(record, Some(ARRIVAL)).err();
    records.iter().filter_map(push).collect()
}

#[track_caller]
fn check(records: &[Vec<u8>]) {
    let mut encoder = encoder(Settings::default());
    let (hours, reasons) = expected(records);
    assert_eq!(push(&mut encoder, records), reasons);
    assert_eq!(rows(&mut encoder), hours);
}

fn event(uuid: &str, name: &str, created: &str, rest: &str) -> Vec<u8> {
    format!(r#"{{"event_uuid":"{uuid}","event_name":"{name}","created_at":{created}{rest}}}"#).into_bytes()
}

#[test]
fn the_event_of_the_brief() {
    let record = event(
        "78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10",
        "payment:order:completed",
        "1712511721.022075",
        r#","amount":12.50,"note":"a \"b\" é""#,
    );
    let mut encoder = encoder(Settings::default());
    encoder.push(&record, Some(ARRIVAL)).unwrap();
    let text = |text: &str| Cell::Text(text.to_owned());
    let row = vec![
        text("78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10"),
        text("payment:order:completed"),
        text("payment"),
        text("order"),
        Cell::Double(1_712_511_721.022_075),
        Cell::Integer(1_712_511_721_000),
        Cell::Integer(ARRIVAL),
        text(r#"{"amount":12.50,"note":"a \"b\" é"}"#),
    ];
    let hours = BTreeMap::from([("year=2024/month=04/day=07/hour=17".to_owned(), vec![row])]);
    assert_eq!(rows(&mut encoder), hours);
}

#[test]
fn good_and_bad_records_of_several_hours() {
    check(&[
        event("a", "x:y", "1712511721", ""),
        event("b", "x", "1712500000.5", r#","n":[1,{"a":null}]"#),
        b"no event".to_vec(),
        event("c", r#"\u0078:\"y"#, "1712511721.25", r#","x" : 1 , "y":"\ud800""#),
        event("a", "x:y", "1712511721", ""),
        event("", "x:y", "1712511721", ""),
        event("d", "x:", "0", ""),
        vec![0xff],
    ]);
    check(&[]);
}

#[test]
fn hours_that_fill_several_pages_and_dictionaries() {
    let many = |count: usize, name: &dyn Fn(usize) -> String| -> Vec<Vec<u8>> {
        let record = |number: usize| {
            let rest = format!(r#","number":{number},"text":"{}""#, "x".repeat(number % 90));
            event(
                &format!("event {number}"),
                &name(number),
                &format!("17125{:05}.5", number % 11_721),
                &rest,
            )
        };
        (0..count).map(record).collect()
    };
    check(&many(45_000, &|number| format!("type:{}", number % 300)));
    // Every third without a second part, and more names than a dictionary holds.
    check(&many(15_000, &|number| {
        if number % 3 == 0 {
            format!("t{number}")
        } else {
            format!("t:{number}")
        }
    }));
}

#[test]
fn equal_events_become_one_row_where_that_is_asked_for() {
    let again = event("78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10", "later", "1712500000", "");
    let records = [
        event("78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10", "first", "1712511721", ""),
        again.clone(),
        event("u", "first", "1712511721", ""),
        event("\\u0075", "later", "1712511721", ""),
    ];
    for (deduplicate, expected) in [(true, [true, false, true, false]), (false, [true; 4])] {
        let mut encoder = encoder(Settings {
            deduplicate,
            ..Settings::default()
        });
        for _ in 0..2 {
            let pushed: Vec<Pushed> = records
                .iter()
                .map(|record| encoder.push(record, Some(ARRIVAL)).unwrap())
                .collect();
            let is_new: Vec<bool> = pushed.iter().map(|pushed| pushed.is_new).collect();
            assert_eq!(is_new, expected);
            let rows: usize = rows(&mut encoder).values().map(Vec::len).sum();
            assert_eq!(rows, expected.iter().filter(|is_new| **is_new).count());
        }
    }
}

#[test]
fn every_compression_gives_the_same_rows() {
    let records: Vec<Vec<u8>> = (0..3_000)
        .map(|number| event(&number.to_string(), "a:b", "1712511721", ""))
        .collect();
    let (hours, _) = expected(&records);
    for compression in [
        Compression::Zstd(1),
        Compression::Zstd(9),
        Compression::Snappy,
        Compression::Uncompressed,
    ] {
        let mut encoder = encoder(Settings {
            compression,
            ..Settings::default()
        });
        push(&mut encoder, &records);
        assert_eq!(rows(&mut encoder), hours, "{compression:?}");
    }
    let settings = Settings {
        compression: Compression::Zstd(99),
        ..Settings::default()
    };
    assert!(Encoder::new(Layout::lake(), settings).is_err());
}

/// Events, good ones mostly, with any members in any order.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let uuid = select(vec![
        "u",
        "78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10",
        r"\u00e9\n",
        r"\ud83d",
        "",
    ]);
    let name = select(vec![
        "a:b:c",
        "a",
        "a:",
        "ünï:☃",
        r#"a\":b"#,
        r"a\u003ab",
        ":b",
        r"\ud83d\ude00:x",
    ]);
    let created = prop_oneof![
        (1_712_400_000..1_712_520_000u64).prop_map(|second| second.to_string()),
        (1_712_400_000.0..1_712_520_000.0f64).prop_map(|second| second.to_string()),
        select(vec![
            "1712511721.022075",
            "1.7125e9",
            "1e999",
            "-1",
            "-0.0",
            "null",
            "1712511721022"
        ])
        .prop_map(str::to_owned),
    ];
    let known = (uuid, name, created).prop_map(|(uuid, name, created)| {
        vec![
            format!(r#""event_uuid":"{uuid}""#),
            format!(r#""event_name" : "{name}""#),
            format!(r#""created_at":{created}"#),
        ]
    });
    let key = select(vec![
        "payload",
        "x",
        r"\u0078",
        "event_uuid",
        "é",
        "",
        r"\ud800",
        "event_type",
    ]);
    let others = vec(
        (key, json()).prop_map(|(key, value)| format!("\"{key}\":{value}")),
        0..5,
    );
    let text = (known, others, any::<Index>(), select(vec![",", ", ", "\n,\t"]))
        .prop_map(|(mut members, others, place, comma)| {
            let at = place.index(members.len() + 1);
            members.splice(at..at, others);
            format!("{{{}}}", members.join(comma))
        })
        .boxed();
    prop_oneof![
        8 => text.clone().prop_map(String::into_bytes),
        2 => damaged(text).prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..20),
        1 => Just(Vec::new()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn rows_are_what_the_transform_and_the_conversion_give(records in vec(record(), 0..30)) {
        let mut encoder = encoder(Settings::default());
        let (hours, reasons) = expected(&records);
        prop_assert_eq!(push(&mut encoder, &records), reasons);
        let bytes: Vec<Vec<u8>> = encoder.finish().map(|object| object.unwrap().bytes).collect();
        push(&mut encoder, &records);
        let again: Vec<Vec<u8>> = encoder.finish().map(|object| object.unwrap().bytes).collect();
        prop_assert_eq!(&bytes, &again, "the same records gave other bytes");
        let found: Vec<Vec<Vec<Cell>>> = bytes.into_iter().map(crate::object::read).collect();
        prop_assert_eq!(found, hours.into_values().collect::<Vec<_>>());
    }

    #[test]
    fn base64_changes_nothing(record in record(), cut in any::<Index>()) {
        let mut plain = encoder(Settings::default());
        let mut decoded = encoder(Settings::default());
        let text = base64_simd::STANDARD.encode_to_string(&record);
        prop_assert_eq!(decoded.push_base64(text.as_bytes(), Some(ARRIVAL)), plain.push(&record, Some(ARRIVAL)));
        prop_assert_eq!(rows(&mut decoded), rows(&mut plain));
        // A text that is cut is no base64, or another record.
        let cut = &text[..cut.index(text.len() + 1)];
        match base64_simd::STANDARD.decode_to_vec(cut) {
            Ok(record) => prop_assert_eq!(decoded.push_base64(cut.as_bytes(), None), plain.push(&record, None)),
            Err(_) => prop_assert_eq!(decoded.push_base64(cut.as_bytes(), None), Err(Reason::NotBase64)),
        }
    }
}
