//! Reading what upstreams send: every field may be absent, null, or of another type than it was.
//!
//! For fields, as `#[serde(default, deserialize_with = "lenient::number")]`: what cannot be
//! understood is none, so that one strange field never costs its neighbours.

use std::str::FromStr;

use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Longest text that is kept, in characters; what follows is dropped.
pub const LONGEST_TEXT: usize = 4_000;
/// Longest URL that is kept, in bytes.
const LONGEST_URL: usize = 2_048;

/// A number, or its text; none if it is no such number.
///
/// # Errors
///
/// When the input is no JSON.
pub fn number<'de, D: Deserializer<'de>, N: FromStr>(deserializer: D) -> Result<Option<N>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => whole(&number.to_string()).parse().ok(),
        Value::String(text) => whole(text.trim()).parse().ok(),
        _ => None,
    })
}

/// A text without white space around it, or a number's text; none if nothing is left.
///
/// # Errors
///
/// When the input is no JSON.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => short(&text),
        _ => None,
    })
}

/// A text without white space around it that must not be empty.
///
/// # Errors
///
/// When there is none.
pub fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer)?.ok_or_else(|| de::Error::custom("a text that is not empty is missing"))
}

/// The URL of a page or a picture; none for the sentences that stand in for one.
///
/// # Errors
///
/// When the input is no JSON.
pub fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        _ => return Ok(None),
    };
    let is_url = text.len() <= LONGEST_URL
        && (text.starts_with("https://") || text.starts_with("http://"))
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    Ok(is_url.then_some(text))
}

/// Anything that may be absent: none if it cannot be read.
///
/// # Errors
///
/// When the input is no JSON.
pub fn maybe<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// A list; what cannot be read of it is left out, and what is none is empty.
///
/// # Errors
///
/// When the input is no JSON.
pub fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(values) => readable(values),
        _ => Vec::new(),
    })
}

/// Those of the values that can be read.
pub(crate) fn readable<T: DeserializeOwned>(values: Vec<Value>) -> Vec<T> {
    let values = values.into_iter();
    values.filter_map(|value| serde_json::from_value(value).ok()).collect()
}

/// A text, trimmed and not longer than [`LONGEST_TEXT`]; none if nothing is left.
#[must_use]
pub fn short(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text.char_indices().nth(LONGEST_TEXT).map_or(text.len(), |(end, _)| end);
    // The end is a character's.
    text.get(..end).filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

/// `35.0` is 35, for whoever wants whole numbers; as a double it is the same.
fn whole(text: &str) -> &str {
    text.strip_suffix(".0").unwrap_or(text)
}
