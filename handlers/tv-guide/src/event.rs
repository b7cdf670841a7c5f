//! A record of the programme stream: what ingest publishes, what consume and the lake read.
//!
//! One JSON object: the lake reads `event_uuid`, `event_name` and `created_at` of it, consume reads
//! the whole.
//!
//! Reading order: [`Record`], [`Event`] and its payloads, [`Version`] (which of two records of one
//! thing is newer), [`id`] (what may become part of a key), [`canonical`] (what a version hashes).

pub mod canonical;
pub mod id;
pub mod instant;
mod version;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use id::{ChannelId, GenreId, ImdbId, ProgrammeId, ShowId, SourceId, TitleId};

pub use version::{Malformed, Version};

/// The function that publishes, as the header names it.
pub const PUBLISHER: &str = "tv-guide-ingest";

/// One record: an event, and when and why it was published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Follows from the event's name, its key and the version: the same record twice has one.
    pub event_uuid: String,
    /// What happened, and to what.
    #[serde(flatten)]
    pub event: Event,
    /// When it was published, in seconds since 1970, to the millisecond.
    pub created_at: f64,
    /// Who published it, when, why, and as which version.
    pub header: Header,
}

/// Who published a record, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The publishing function: [`PUBLISHER`].
    pub publishing_component: String,
    /// When the run began that published it.
    #[serde(with = "instant")]
    pub publish_timestamp: Timestamp,
    /// What made that run begin.
    pub publish_cause: Cause,
    /// Which of two records of one thing is newer.
    pub version: Version,
}

/// What makes a run of ingest begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// A schedule.
    Schedule,
    /// Someone's call.
    Request,
}

/// What happened; the name is `event_name` of the record, the content its `payload`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event_name", content = "payload")]
pub enum Event {
    /// A programme is in the schedule: new, moved, or otherwise changed.
    #[serde(rename = "programme:scheduled")]
    ProgrammeScheduled(Programme),
    /// A programme is no longer in the schedule; the payload is what was last known of it.
    #[serde(rename = "programme:cancelled")]
    ProgrammeCancelled(Programme),
    /// A title is on at least one source: new, or changed.
    #[serde(rename = "title:listed")]
    TitleListed(Title),
    /// A title is on no source any more.
    #[serde(rename = "title:delisted")]
    TitleDelisted(TitleKey),
    /// A title's details are due to be fetched again.
    #[serde(rename = "title:enrich")]
    TitleEnrich(TitleKey),
    /// A channel is new, or has another name or place.
    #[serde(rename = "channel:seen")]
    ChannelSeen(Channel),
}

/// A programme on a linear channel; the first six names are the ones that the seed's records have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programme {
    /// The slot's id: it keeps it when it moves.
    pub program_id: ProgrammeId,
    /// The show's name, or the episode's where there is no show.
    pub title: String,
    /// The channel's name.
    pub channel: String,
    /// When it begins.
    #[serde(with = "instant")]
    pub start_time: Timestamp,
    /// When it ends; after it begins.
    #[serde(with = "instant")]
    pub end_time: Timestamp,
    /// Plain text; empty where nothing is known.
    pub description: String,
    /// The channel.
    pub channel_id: ChannelId,
    /// The show that it is an episode of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_id: Option<ShowId>,
    /// The show's id at IMDb, which ties it to a title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imdb_id: Option<ImdbId>,
    /// The episode's name, where it differs from the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<String>,
    /// The season's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub season: Option<u32>,
    /// The episode's number in its season.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// The show's genres, as the upstream names them.
    #[serde(default)]
    pub genres: Vec<String>,
    /// URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// URL of the upstream's page, which its licence wants linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A title as the listings give it, with its own sources and genres.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// Watchmode's number; a number in JSON, as Watchmode has it.
    #[serde(serialize_with = "id::as_number")]
    pub id: TitleId,
    /// Its name.
    pub title: String,
    /// Year of its first release.
    pub year: Option<i32>,
    /// Its id at IMDb.
    pub imdb_id: Option<ImdbId>,
    /// Its number at TMDB; never 0.
    pub tmdb_id: Option<u64>,
    /// What TMDB takes it for: `movie` or `tv`.
    pub tmdb_type: Option<String>,
    /// What it is: `movie`, `tv_series` and so on; the set is open.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The sources that have it, sorted.
    pub source_ids: Vec<SourceId>,
    /// Its genres, sorted.
    pub genre_ids: Vec<GenreId>,
}

/// Which title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TitleKey {
    /// Watchmode's number.
    #[serde(serialize_with = "id::as_number")]
    pub id: TitleId,
}

/// A linear channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// The channel.
    pub id: ChannelId,
    /// Its name.
    pub name: String,
    /// Its place in the guide, from the top; those that share a place are ordered by name.
    pub order: u32,
}

/// A record that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// It is no JSON, or lacks or misspells a field.
    #[error("the record is not one of the programme stream's")]
    Shape(#[source] serde_json::Error),
    /// A programme that is over before, or when, it begins.
    #[error("programme {0} does not end after it starts")]
    Times(ProgrammeId),
}

impl Record {
    /// The record of an event that a run publishes which began at `now`.
    #[must_use]
    pub fn new(event: Event, cause: Cause, now: Timestamp) -> Self {
        let version = Version::new(now, &event.digest());
        Self {
            event_uuid: version::uuid(event.name(), event.key(), &version),
            event,
            created_at: now.as_millisecond() as f64 / 1e3,
            header: Header {
                publishing_component: PUBLISHER.to_owned(),
                publish_timestamp: now,
                publish_cause: cause,
                version,
            },
        }
    }

    /// Reads a record from the stream's bytes.
    ///
    /// # Errors
    ///
    /// When the bytes are no such record; reading them again gives the same answer.
    pub fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        let record: Self = serde_json::from_slice(bytes).map_err(Invalid::Shape)?;
        if let Event::ProgrammeScheduled(programme) | Event::ProgrammeCancelled(programme) = &record.event
            && programme.end_time <= programme.start_time
        {
            return Err(Invalid::Times(programme.program_id.clone()));
        }
        Ok(record)
    }

    /// The bytes for the stream.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Structs, texts and finite numbers always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What keeps the records of one thing in order on the stream.
    #[must_use]
    pub fn partition_key(&self) -> &str {
        self.event.key()
    }
}

impl Event {
    /// The record's `event_name`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Event::ProgrammeScheduled(_) => "programme:scheduled",
            Event::ProgrammeCancelled(_) => "programme:cancelled",
            Event::TitleListed(_) => "title:listed",
            Event::TitleDelisted(_) => "title:delisted",
            Event::TitleEnrich(_) => "title:enrich",
            Event::ChannelSeen(_) => "channel:seen",
        }
    }

    /// The id of what the event is about.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Event::ProgrammeScheduled(programme) | Event::ProgrammeCancelled(programme) => {
                programme.program_id.as_str()
            }
            Event::TitleListed(title) => title.id.as_str(),
            Event::TitleDelisted(key) | Event::TitleEnrich(key) => key.id.as_str(),
            Event::ChannelSeen(channel) => channel.id.as_str(),
        }
    }

    /// What its payload says, in 16 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        match self {
            Event::ProgrammeScheduled(programme) | Event::ProgrammeCancelled(programme) => canonical::digest(programme),
            Event::TitleListed(title) => canonical::digest(title),
            Event::TitleDelisted(key) | Event::TitleEnrich(key) => canonical::digest(key),
            Event::ChannelSeen(channel) => canonical::digest(channel),
        }
    }
}

#[cfg(test)]
mod tests;
