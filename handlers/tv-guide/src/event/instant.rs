//! Instants on the wire: `2026-01-09T21:00:00Z`, UTC, whole seconds.
//!
//! For fields, as `#[serde(with = "instant")]`.

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Deserializer, Serializer, de};

/// The instant as text, its fraction of a second dropped.
#[must_use]
pub fn text(instant: Timestamp) -> String {
    // Rounding towards the past stays in range but at the beginning of time.
    let whole = jiff::TimestampRound::new()
        .smallest(Unit::Second)
        .mode(jiff::RoundMode::Floor);
    instant.round(whole).unwrap_or(instant).to_string()
}

/// Writes [`text`].
///
/// # Errors
///
/// When the serializer fails.
pub fn serialize<S: Serializer>(instant: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*instant))
}

/// Reads an instant with any offset.
///
/// # Errors
///
/// When the text is no instant.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| de::Error::invalid_value(de::Unexpected::Str(&text), &"an instant with an offset"))
}
