//! Events as the world sends them: of many shapes, and some of them no events at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

/// One line of input, and what must become of it.
pub struct Case {
    /// The bytes of the line; no line break in them.
    pub line: Vec<u8>,
    /// What must become of it.
    pub fate: Fate,
}

/// What must become of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// A row with this `event_uuid` and this payload.
    Row {
        /// The event's identity.
        uuid: String,
        /// All its other fields.
        payload: Value,
    },
    /// Quarantine, with a reason of this code.
    Refused(&'static str),
}

/// The hour in which all good events were created: 2026-01-31T23:00Z, the last of a month.
const CREATED: f64 = 1_769_900_400.0;

/// Good events of `shapes` different shapes, and after each twenty of them a bad one of each kind.
pub fn mixed(count: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for index in 0..count {
        cases.push(good(index));
        if index % 20 == 19 {
            cases.extend(bad(index));
        }
    }
    cases
}

/// Writes the lines to a file.
///
/// # Errors
///
/// When it cannot be written.
pub fn write(cases: &[Case], folder: &Path) -> Result<PathBuf> {
    let path = folder.join("input.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    for case in cases {
        file.write_all(&case.line)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    Ok(path)
}

fn good(index: usize) -> Case {
    let uuid = format!("00000000-0000-4000-8000-{index:012}");
    let created = CREATED + (index % 7200) as f64 + 0.25;
    let rest = rest(index);
    let mut event = json!({ "event_uuid": uuid, "event_name": name(index), "created_at": created });
    let Value::Object(members) = &rest else {
        unreachable!("the rest is an object")
    };
    let event_members = event.as_object_mut().expect("an object");
    event_members.extend(members.clone());
    let line = serde_json::to_vec(&event).expect("plain data");
    Case {
        line,
        fate: Fate::Row { uuid, payload: rest },
    }
}

fn name(index: usize) -> String {
    let nouns = ["lesson", "payment", "account", "naïve café", "single", "a:b:c:d"];
    match index % 3 {
        0 => nouns[index % nouns.len()].to_owned(),
        1 => format!("{}:created", nouns[index % nouns.len()]),
        _ => format!("{}:order:completed", nouns[index % nouns.len()]),
    }
}

/// What an event holds beyond the three fields: one shape of many, by its index.
fn rest(index: usize) -> Value {
    match index % 12 {
        0 => json!({}),
        1 => json!({ "user_id": index, "platform": "ios", "score": 12.5, "ok": true, "none": null }),
        2 => json!({ "payload": { "item_id": index, "note": "first \"attempt\"\n\tof day \\ \u{1}" } }),
        3 => json!({ "event_type": "mine", "event_subtype": [1, 2], "created_datetime": "yesterday" }),
        4 => json!({ "unicode": "日本語 😀 \u{2028} \u{7f} é", "ключ": { "ключ": ["значение"] } }),
        5 => json!({ "deep": (0..60).fold(json!("bottom"), |inner, _| json!([inner])) }),
        6 => json!({ "huge": u64::MAX, "small": i64::MIN, "float": 1.7976931348623157e308, "tiny": 5e-324 }),
        7 => json!({ "list": (0..200).collect::<Vec<_>>(), "empty": [], "also": {} }),
        8 => json!({ "": "no name", "with.dot": 1, "with space": 2, "Camel": 3, "camel": 4 }),
        9 => json!({ "html": "<script>alert('x')</script>", "sql": "'; DROP TABLE events; --" }),
        10 => json!({ "text": "x".repeat(index % 4000) }),
        // As large as a record may be, every few hundred events.
        _ if index % 600 == 11 => json!({ "large": "é\"".repeat(200_000) }),
        _ => json!({ "year": "1999", "month": 13, "day": null, "hour": "25" }),
    }
}

fn bad(index: usize) -> Vec<Case> {
    let uuid = format!("11111111-0000-4000-8000-{index:012}");
    let event = |members: String| format!("{{{members}}}").into_bytes();
    let valid = format!(r#""event_uuid":"{uuid}","event_name":"a:b","created_at":{CREATED}"#);
    let case = |line: Vec<u8>, code| Case {
        line,
        fate: Fate::Refused(code),
    };
    vec![
        case(
            event(r#""event_name":"a:b","created_at":1"#.to_owned()),
            "missing_field",
        ),
        case(
            event(format!(r#""event_uuid":"{uuid}","event_name":7,"created_at":1"#)),
            "wrong_type",
        ),
        case(
            event(format!(r#""event_uuid":"{uuid}","event_name":"a","created_at":"now""#)),
            "wrong_type",
        ),
        case(
            event(format!(r#""event_uuid":"{uuid}","event_name":"a","created_at":1e999"#)),
            "created_out_of_range",
        ),
        case(
            event(format!(
                r#""event_uuid":"{uuid}","event_name":"a","created_at":1769900400000"#
            )),
            "created_unit",
        ),
        case(
            event(format!(r#""event_uuid":"","event_name":"a","created_at":{CREATED}"#)),
            "empty_field",
        ),
        case(event(format!(r#"{valid},"created_at":2"#)), "duplicate_field"),
        case(event(format!(r#"{valid},"x":"#)), "not_json"),
        case([event(valid.clone()), b"{}".to_vec()].concat(), "trailing_bytes"),
        case(b"[1,2,3]".to_vec(), "not_object"),
        case(b"plain text".to_vec(), "not_json"),
        case(
            event(format!(r#"{valid},"x":{}1{}"#, "[".repeat(200), "]".repeat(200))),
            "too_deep",
        ),
        case([event(valid).as_slice(), b"\xff"].concat(), "not_utf8"),
    ]
}
