//! What is kept of records that are no rows: JSON objects, one after the other, a line each.
//!
//! Firehose writes error documents without a reason; the direct writer writes its reason beside the
//! record.
//!
//! Transform failures and conversion failures name their members differently (`errorCode`,
//! `lastErrorCode`), and so do the writers that imitate Firehose (`ErrorCode`); names are
//! compared without case and prefix.

use crate::json;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A record that could not be delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Document {
    /// The record's bytes.
    pub(crate) data: Vec<u8>,
    /// Firehose's own code.
    pub(crate) error_code: Option<String>,
    /// Firehose's own words.
    pub(crate) error_message: Option<String>,
    /// When the record arrived, in milliseconds since 1970.
    pub(crate) arrival_ms: Option<i64>,
    /// When Firehose gave up, in milliseconds since 1970.
    pub(crate) ended_ms: Option<i64>,
    /// How often Firehose tried.
    pub(crate) attempts: Option<i64>,
    /// The function that failed.
    pub(crate) function: Option<String>,
    /// Why the direct writer refused it: code and words.
    pub(crate) refused: Option<Refused>,
}

/// The direct writer's reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: String,
    pub(crate) words: String,
}

/// Reads the documents of one line; what cannot be read is said, not skipped.
///
/// The first broken document ends the line, because where the next one starts would be a guess.
pub(crate) fn read(line: &[u8]) -> Vec<Result<Document, String>> {
    let mut documents = Vec::new();
    for text in serde_json::Deserializer::from_slice(line).into_iter::<&RawValue>() {
        let document = text.and_then(|text| serde_json::Deserializer::from_str(text.get()).deserialize_map(Members));
        match document.map_err(|error| json::words(&error)).and_then(Raw::decode) {
            Ok(document) => documents.push(Ok(document)),
            Err(why) => {
                documents.push(Err(why));
                break;
            }
        }
    }
    documents
}

/// A document before its data is decoded.
#[derive(Default)]
struct Raw {
    data: Option<String>,
    rest: Document,
}

impl Raw {
    fn decode(self) -> Result<Document, String> {
        let data = self.data.ok_or("it has neither rawData nor data")?;
        let data = base64_simd::STANDARD
            .decode_to_vec(data)
            .map_err(|_| "its data is not base64")?;
        Ok(Document { data, ..self.rest })
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut raw = Raw::default();
        while let Some(name) = map.next_key::<String>()? {
            let name = name.to_ascii_lowercase();
            let rest = &mut raw.rest;
            match name.strip_prefix("last").unwrap_or(&name) {
                "rawdata" | "data" => raw.data = map.next_value::<Option<String>>()?.or(raw.data),
                "errorcode" => rest.error_code = text(&mut map)?.or(rest.error_code.take()),
                "errormessage" => rest.error_message = text(&mut map)?.or(rest.error_message.take()),
                "arrivaltimestamp" => rest.arrival_ms = number(&mut map)?.or(rest.arrival_ms),
                "arrival_ms" => rest.arrival_ms = number(&mut map)?.or(rest.arrival_ms),
                "reason" => rest.refused.get_or_insert_default().code = text(&mut map)?.unwrap_or_default(),
                "error" => rest.refused.get_or_insert_default().words = text(&mut map)?.unwrap_or_default(),
                "attemptendingtimestamp" => rest.ended_ms = number(&mut map)?.or(rest.ended_ms),
                "attemptsmade" => rest.attempts = number(&mut map)?.or(rest.attempts),
                "lambdaarn" => rest.function = text(&mut map)?.or(rest.function.take()),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(raw)
    }
}

/// A text; other values, such as a number for a code, as they are written.
fn text<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<String>, A::Error> {
    let value: serde_json::Value = map.next_value()?;
    Ok(match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}

/// A whole number, or the text of one, as AWS's documentation shows it.
fn number<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<i64>, A::Error> {
    Ok(text(map)?.and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests;
