use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Malformed, attributes, enter, read};
use crate::contract::attribute;
use crate::event::id::{ChannelId, ImdbId, ProgrammeId, ShowId};
use crate::instant;
use crate::table::key::{self, Airing};
use crate::table::{Condition, Index, Item, Write};

/// How long a slot is kept after its end, in seconds: 7 days.
pub const KEPT_SECONDS: i64 = 7 * 24 * 60 * 60;

/// A slot of a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Programme {
    /// Identity, which outlives every move.
    pub program_id: ProgrammeId,
    /// What is on.
    pub title: String,
    /// Name of the channel.
    pub channel: String,
    /// Id of the channel.
    pub channel_id: ChannelId,
    /// When it begins.
    #[serde(with = "instant")]
    pub start_time: Timestamp,
    /// When it ends, exclusive; after its start.
    #[serde(with = "instant")]
    pub end_time: Timestamp,
    /// What it is about, plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The show, by TVmaze's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_id: Option<ShowId>,
    /// The show or film, by `IMDb`'s id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imdb_id: Option<ImdbId>,
    /// Name of the episode, where it differs from the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<String>,
    /// Season, from 1; or a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub season: Option<u32>,
    /// Number of the episode in its season; specials have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Genres by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub genres: Vec<String>,
    /// URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// URL of its page at the upstream, which the licence asks to link to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether it is on.
    pub status: Status,
    /// Version; the newest wins.
    pub version: String,
}

/// Whether a slot is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is.
    Scheduled,
    /// It is not; kept so that no older record brings it back.
    Cancelled,
}

impl Programme {
    /// The slot that an item is.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn read(item: &Item) -> Result<Self, Malformed> {
        read("programme", item)
    }

    /// The item, with the keys of its indexes; a cancelled slot is in none of them.
    #[must_use]
    pub fn item(&self) -> Item {
        let mut item = attributes(self);
        let (start, id) = (self.start_time, &self.program_id);
        if self.status == Status::Scheduled {
            let by_time = key::by_time(start, id);
            let channel = key::channel_partition(&self.channel_id);
            enter(&mut item, Index::Gsi1, channel, by_time.clone());
            let is_long = self.end_time.duration_since(start) > SignedDuration::from_secs(key::LONG_SECONDS);
            let day = if is_long {
                key::long_partition
            } else {
                key::day_partition
            };
            let by_start = key::by_start(start, &self.channel_id, id);
            enter(&mut item, Index::Gsi2, day(start), by_start);
            if let Some(airing) = self.airing() {
                enter(&mut item, Index::Gsi3, key::airs_partition(&airing), by_time);
            }
        }
        let ttl = self.end_time.as_second().saturating_add(KEPT_SECONDS);
        item.insert(attribute::TTL.to_owned(), ttl.into());
        item
    }

    /// The write that stores it, unless what stands there is as new.
    #[must_use]
    pub fn write(&self) -> Write {
        Write::put(key::programme(&self.program_id), self.item()).when(Condition::Newer(self.version.clone()))
    }

    /// What of it airs: the show if it is known, else what has its `IMDb` id.
    #[must_use]
    pub fn airing(&self) -> Option<Airing> {
        let show = self.show_id.clone().map(Airing::Show);
        show.or_else(|| self.imdb_id.clone().map(Airing::Imdb))
    }
}
