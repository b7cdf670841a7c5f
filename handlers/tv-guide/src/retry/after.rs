//! The header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// How long the header asks to wait; none if it says nothing that can be understood.
pub(super) fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    // `Wed, 21 Oct 2015 07:28:00 GMT`: the format that senders must use is one of RFC 2822's.
    let until = DateTimeParser::new().parse_timestamp(text).ok()?;
    // A date that has passed asks for no wait.
    Some(Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO))
}
