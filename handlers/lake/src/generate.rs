//! Texts to test with: JSON of every kind, and JSON after an accident.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::{Index, select};

/// Valid JSON of every kind, with white space in odd places.
pub(crate) fn json() -> impl Strategy<Value = String> {
    let space = || select(vec!["", "", "", " ", "\n\t", "\r "]);
    let string = vec(
        prop_oneof![
            any::<char>().prop_map(escaped),
            select(vec![
                r"\u0041",
                r"\ud800",
                r"\\",
                r#"\""#,
                r"\/",
                "long enough for two strides"
            ])
            .prop_map(str::to_owned),
        ],
        0..6,
    )
    .prop_map(|parts| format!("\"{}\"", parts.concat()));
    let leaf = prop_oneof![
        select(vec![
            "null",
            "true",
            "false",
            "0",
            "-0.0",
            "1e999",
            "12345678901234567890123"
        ])
        .prop_map(str::to_owned),
        any::<f64>().prop_map(|number| if number.is_finite() {
            number.to_string()
        } else {
            "7".into()
        }),
        string.clone(),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let member = (string.clone(), space(), inner.clone(), space())
            .prop_map(|(key, before, value, after)| format!("{key}{after}:{before}{value}{after}"));
        prop_oneof![
            (vec(inner, 0..6), space()).prop_map(|(all, space)| format!("[{space}{}]", all.join(","))),
            (vec(member, 0..6), space())
                .prop_map(|(all, space)| format!("{{{space}{}{space}}}", all.join(&format!(",{space}")))),
        ]
    })
}

/// A text after some small accidents.
pub(crate) fn damaged(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let bytes = b"{}[]:,\"\\ tfn0123456789.eE+-u/\n\x01".to_vec();
    let accident = (any::<Index>(), 0..4u8, select(bytes));
    (text, vec(accident, 0..4)).prop_map(|(text, accidents)| {
        let mut bytes = text.into_bytes();
        for (place, kind, byte) in accidents {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A character as it may stand in a JSON string.
fn escaped(character: char) -> String {
    let quoted = serde_json::to_string(&character).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}
