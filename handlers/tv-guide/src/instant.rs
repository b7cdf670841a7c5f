//! Instants as they stand on the wire, in the table and in cursors: `2026-01-09T21:00:00Z`.
//!
//! One spelling, in UTC and whole seconds, so that the order of texts is the order of time.
//! `#[serde(with = "instant")]` reads and writes it.

use jiff::Timestamp;
use serde::{Deserialize as _, Deserializer, Serializer};

/// The one spelling of an instant, rounded down to whole seconds.
#[must_use]
pub fn text(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The instant that a text spells, with any offset; none if it spells none.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// The UTC day of an instant: `2026-01-09`.
#[must_use]
pub fn day(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d").to_string()
}

/// The UTC month of an instant: `2026-01`.
#[must_use]
pub fn month(instant: Timestamp) -> String {
    instant.strftime("%Y-%m").to_string()
}

/// Writes the one spelling.
///
/// # Errors
///
/// The serializer's.
pub fn serialize<S: Serializer>(instant: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*instant))
}

/// Reads an instant with any offset.
///
/// # Errors
///
/// When the value is no text that spells an instant.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| serde::de::Error::custom("no instant such as 2026-01-09T21:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::{day, month, parse, text};

    #[track_caller]
    fn check(given: &str, spelled: Option<&str>) {
        assert_eq!(parse(given).map(text).as_deref(), spelled, "{given}");
    }

    #[test]
    fn every_offset_becomes_utc_in_whole_seconds() {
        check("2026-01-09T21:00:00Z", Some("2026-01-09T21:00:00Z"));
        check("2026-01-09T21:00:00+00:00", Some("2026-01-09T21:00:00Z"));
        check("2026-07-09T21:00:00.999+01:00", Some("2026-07-09T20:00:00Z"));
        check("2026-01-09T21:00:00", None);
        check("2026-02-30T21:00:00Z", None);
        check("", None);
    }

    #[test]
    fn days_and_months_are_utc() {
        let late = parse("2026-01-01T00:30:00+01:00").unwrap();
        assert_eq!((day(late).as_str(), month(late).as_str()), ("2025-12-31", "2025-12"));
    }
}
