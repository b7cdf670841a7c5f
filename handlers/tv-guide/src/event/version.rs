//! Which of two records of one thing is newer, and the id of a record.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::canonical;

/// `<milliseconds since 1970, 13 digits>-<16 hexadecimal digits of the payload's SHA-256>`.
///
/// The order of the texts is the order of the versions: by time, and where two contents were
/// published within one millisecond, by their hashes, which every reader decides alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Version(String);

/// Text that is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a version is 13 digits, a hyphen and 16 hexadecimal digits")]
pub struct Malformed;

impl Version {
    /// The version of a content, by its [`canonical::digest`], that is published at `now`.
    #[must_use]
    pub fn new(now: Timestamp, digest: &str) -> Self {
        // 13 digits last until the year 2286; before 1970 nothing is published.
        let milliseconds = now.as_millisecond().clamp(0, 9_999_999_999_999);
        Self(format!("{milliseconds:013}-{digest}"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl TryFrom<String> for Version {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match text.split_once('-') {
            Some((time, digest))
                if time.len() == 13
                    && time.bytes().all(|byte| byte.is_ascii_digit())
                    && digest.len() == 16
                    && digest.bytes().all(is_hex) =>
            {
                Ok(Self(text))
            }
            _ => Err(Malformed),
        }
    }
}

/// A UUID of version 8 (RFC 9562: made by the application's own rule) from a record's name, key and
/// version.
pub(super) fn uuid(name: &str, key: &str, version: &Version) -> String {
    // None of the three holds a space.
    let digest = Sha256::digest(format!("{name} {key} {version}"));
    let text = canonical::hex(digest.iter().take(16));
    let mut uuid = String::with_capacity(36);
    for (index, digit) in text.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(match (index, digit) {
            (12, _) => '8',
            // The variant: the two upper bits are 10.
            (16, digit) => match digit.to_digit(16).unwrap_or(0) & 3 {
                0 => '8',
                1 => '9',
                2 => 'a',
                _ => 'b',
            },
            (_, digit) => digit,
        });
    }
    uuid
}
