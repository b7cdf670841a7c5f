//! One text for one content: what is hashed to tell whether something has changed.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The JSON of a value without white space, its keys sorted at every depth.
#[must_use]
pub fn text(value: &impl Serialize) -> String {
    // What has no JSON (a map with keys that are no texts) is none of ours.
    let value = serde_json::to_value(value).unwrap_or_default();
    let mut text = String::new();
    write(&mut text, &value);
    text
}

/// The first 8 bytes of the SHA-256 of [`text`], in hexadecimal.
#[must_use]
pub fn digest(value: &impl Serialize) -> String {
    hex(Sha256::digest(text(value)).iter().take(8))
}

/// Lower-case hexadecimal digits, two a byte.
pub(super) fn hex<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> String {
    bytes.into_iter().fold(String::new(), |mut text, byte| {
        // Writing to a String never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(text, value);
            }
            text.push(']');
        }
        Value::Object(map) => {
            // A map keeps its order or sorts it, by a feature that any crate of the build decides.
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (index, (name, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(text, &Value::from(name.as_str()));
                text.push(':');
                write(text, value);
            }
            text.push('}');
        }
        // Writing to a String never fails.
        leaf => drop(write!(text, "{leaf}")),
    }
}
