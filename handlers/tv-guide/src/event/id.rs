//! Ids that may become part of a key: `[A-Za-z0-9_-]{1,64}`, so that none can imitate another key.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longest id, in bytes.
pub const LONGEST: usize = 64;

/// Text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to {LONGEST} of the characters A-Z a-z 0-9 _ -")]
pub struct NotAnId;

macro_rules! ids {
    ( $( $(#[$meta:meta])* $name:ident ),+ $(,)? ) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// An id from text.
            ///
            /// # Errors
            ///
            /// When a character or the length is not an id's.
            pub fn new(text: impl Into<String>) -> Result<Self, NotAnId> {
                checked(text.into()).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<u64> for $name {
            fn from(number: u64) -> Self {
                Self(number.to_string())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            /// From text, or from a number as upstreams have it.
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Text).map(Self)
            }
        }
    )+ };
}

ids! {
    /// A streaming source, by Watchmode's number.
    SourceId,
    /// A genre, by Watchmode's number.
    GenreId,
    /// A title, by Watchmode's number.
    TitleId,
    /// A title at IMDb: `tt` and digits.
    ImdbId,
    /// A show, by TVmaze's number.
    ShowId,
    /// A slot of the linear schedule, by TVmaze's number of the episode.
    ProgrammeId,
    /// A linear channel: TVmaze's number of the network, or `web-` and that of the web channel.
    ChannelId,
    /// A user, by the `sub` of his tokens.
    UserId,
}

/// Serialises an id of digits as the number that it is; for fields, as `serialize_with`.
///
/// # Errors
///
/// When the serializer fails.
pub fn as_number<S: Serializer>(id: &impl AsRef<str>, serializer: S) -> Result<S::Ok, S::Error> {
    let text = id.as_ref();
    match text.parse::<u64>() {
        // Zeros in front would be lost.
        Ok(number) if number.to_string() == text => serializer.serialize_u64(number),
        _ => serializer.serialize_str(text),
    }
}

fn checked(text: String) -> Result<String, NotAnId> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_fine) {
        Ok(text)
    } else {
        Err(NotAnId)
    }
}

struct Text;

impl de::Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{NotAnId}")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        checked(text).map_err(E::custom)
    }
}
