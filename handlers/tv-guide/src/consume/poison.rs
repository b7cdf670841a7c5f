//! Records that cannot be used, and where they are kept.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64_simd::STANDARD as BASE64;
use serde::Serialize;

use super::Record;
use crate::contract::table::QUARANTINE_PREFIX;
use crate::event::{self, id::ProgrammeId};
use crate::instant;

/// Why a record cannot be used; reading it again gives the same answer.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The stream's text is no base64.
    #[error("the record's data is not base64")]
    NotBase64,
    /// The gzip magic number.
    #[error("the record is gzip-compressed: send plain JSON")]
    Gzip,
    /// The magic number of the Kinesis Producer Library's aggregation.
    #[error("the record is aggregated by the Kinesis Producer Library: turn aggregation off")]
    Aggregated,
    /// It is none of the stream's records.
    #[error(transparent)]
    Invalid(event::Invalid),
    /// A field that is shown has nothing to show.
    #[error("field {field} is empty")]
    Empty {
        /// Which field.
        field: &'static str,
    },
    /// A programme lasts longer than any can.
    #[error("programme {0} lasts longer than 24 h")]
    TooLong(ProgrammeId),
    /// A title has more sources or genres than there are.
    #[error("a title has {count} {what}: {most} are the most")]
    TooMany {
        /// Sources or genres.
        what: &'static str,
        /// How many it has.
        count: usize,
        /// How many it may have.
        most: usize,
    },
    /// Its version is from the future, and would shut out every other one until then.
    #[error("the version is more than 24 h after the record's arrival")]
    Future,
}

impl Reason {
    /// A stable name for metrics and scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Reason::NotBase64 => "not-base64",
            Reason::Gzip => "gzip",
            Reason::Aggregated => "aggregated",
            Reason::Invalid(event::Invalid::Shape(_)) => "shape",
            Reason::Invalid(event::Invalid::Times(_)) => "times",
            Reason::Empty { .. } => "empty",
            Reason::TooLong(_) => "too-long",
            Reason::TooMany { .. } => "too-many",
            Reason::Future => "future",
        }
    }
}

/// An object of the quarantine: one record, with what is needed to judge it and to send it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poison {
    /// Its key; the same record has the same, so that a repetition overwrites it.
    pub key: String,
    /// One line of JSON, with a line feed.
    pub body: Vec<u8>,
}

impl Poison {
    /// What is kept of a record.
    #[must_use]
    pub fn new(record: &Record<'_>, reason: &Reason) -> Self {
        let Record {
            shard,
            sequence_number,
            arrived,
            data,
        } = *record;
        // A key made of strange texts would be a strange key.
        let plain = |text: &str| text.replace(|char: char| !char.is_ascii_alphanumeric() && char != '-', "_");
        let key = format!("{QUARANTINE_PREFIX}{}-{}.ndjson", plain(shard), plain(sequence_number));
        let source = std::error::Error::source(reason).map(ToString::to_string);
        let line = Line {
            code: reason.code(),
            reason: reason.to_string(),
            cause: source,
            shard,
            sequence_number,
            arrived: arrived.map(instant::text),
            data: data.map(|bytes| BASE64.encode_to_string(bytes)).ok(),
            text: data.err(),
        };
        // A struct of texts always serialises.
        let mut body = serde_json::to_vec(&line).unwrap_or_default();
        body.push(b'\n');
        Poison { key, body }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    code: &'static str,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    shard: &'a str,
    sequence_number: &'a str,
    arrived: Option<String>,
    /// The record's bytes, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    /// The record's text, where it is no base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// The quarantine did not take a record.
#[derive(Debug, thiserror::Error)]
#[error("cannot put {key}")]
pub struct Refused {
    /// The object's key.
    pub key: String,
    /// What the service, or the way to it, said.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Where records are kept that cannot be used.
#[allow(async_fn_in_trait, reason = "a function handles one event at a time, on one thread")]
pub trait Quarantine {
    /// Keeps a record, in place of what has the same key.
    ///
    /// # Errors
    ///
    /// When it is not kept.
    async fn keep(&self, poison: Poison) -> Result<(), Refused>;
}

/// A quarantine in memory, for tests.
#[derive(Debug, Default)]
pub struct Kept(Mutex<BTreeMap<String, Vec<u8>>>);

impl Kept {
    /// What is kept, by its keys.
    #[must_use]
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Quarantine for Kept {
    async fn keep(&self, poison: Poison) -> Result<(), Refused> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(poison.key, poison.body);
        Ok(())
    }
}
