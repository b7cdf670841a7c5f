//! Records for tests, and what is left of a table without what its history leaves in it.

use jiff::{SignedDuration, Timestamp};

use crate::consume::Record;
use crate::enrich::{Details, Found, Later, Subject};
use crate::event::id::{ChannelId, GenreId, ImdbId, ProgrammeId, SourceId, TitleId};
use crate::event::{self, Cause, Event, canonical};
use crate::table::memory::Memory;
use crate::table::{Item, Key, key};

/// A record that was sent: its bytes, and its place.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    data: Vec<u8>,
    place: String,
}

impl Sent {
    pub(super) fn garbage(data: &[u8]) -> Self {
        Sent::new(data.to_vec())
    }

    /// Bytes have a place of their own, the same wherever they are delivered.
    fn new(data: Vec<u8>) -> Self {
        let place = canonical::digest(&data);
        Sent { data, place }
    }

    fn event(event: Event, second: i64) -> Self {
        Sent::new(event::Record::new(event, Cause::Schedule, at(second)).encode())
    }
}

/// So many seconds after the beginning of 2026.
pub(super) fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

/// The records of one shard.
pub(super) fn records(sent: &[Sent]) -> Vec<Record<'_>> {
    let mut records = Vec::with_capacity(sent.len());
    for Sent { data, place } in sent {
        records.push(Record {
            shard: "shardId-000000000000",
            sequence_number: place,
            arrived: Some(at(2_000_000)),
            data: Ok(data),
        });
    }
    records
}

/// Nobody knows anything of any title.
pub(super) struct Nobody;

impl Details for Nobody {
    async fn details(&self, _: &Subject, _: Timestamp) -> Result<Found, Later> {
        Ok(Found::default())
    }
}

pub(super) fn programme(number: u64, title: &str, hour: i64) -> event::Programme {
    event::Programme {
        program_id: ProgrammeId::from(number),
        title: title.to_owned(),
        channel: "BBC One".to_owned(),
        start_time: at(hour * 3_600),
        end_time: at((hour + 1) * 3_600),
        description: String::new(),
        channel_id: ChannelId::from(12),
        show_id: None,
        imdb_id: None,
        episode: None,
        season: None,
        number: None,
        genres: vec![],
        image: None,
        url: None,
    }
}

pub(super) fn slot_key(number: u64) -> Key {
    key::programme(&ProgrammeId::from(number))
}

pub(super) fn slot(number: u64, second: u64, title: &str) -> Sent {
    let programme = programme(number, title, 20);
    Sent::event(Event::ProgrammeScheduled(programme), second.cast_signed())
}

pub(super) fn cancelled(number: u64, second: u64, title: &str) -> Sent {
    let programme = programme(number, title, 20);
    Sent::event(Event::ProgrammeCancelled(programme), second.cast_signed())
}

pub(super) fn channel(number: u64, second: u64, name: &str) -> Sent {
    let channel = event::Channel {
        id: ChannelId::from(number),
        name: name.to_owned(),
        order: 1,
    };
    Sent::event(Event::ChannelSeen(channel), second.cast_signed())
}

fn listed(number: u64, name: &str, sources: &[u64], genres: &[u64], imdb: Option<&str>) -> Event {
    Event::TitleListed(event::Title {
        id: TitleId::from(number),
        title: name.to_owned(),
        year: Some(2025),
        imdb_id: imdb.map(|imdb| ImdbId::new(imdb).unwrap()),
        tmdb_id: None,
        tmdb_type: None,
        kind: Some("tv_series".to_owned()),
        source_ids: sources.iter().map(|id| SourceId::from(*id)).collect(),
        genre_ids: genres.iter().map(|id| GenreId::from(*id)).collect(),
    })
}

pub(super) fn title(number: u64, second: u64, name: &str, sources: &[u64], genres: &[u64]) -> Sent {
    Sent::event(listed(number, name, sources, genres, None), second.cast_signed())
}

pub(super) fn title_with_imdb(number: u64, second: u64, name: &str, imdb: &str) -> Sent {
    Sent::event(listed(number, name, &[203], &[], Some(imdb)), second.cast_signed())
}

pub(super) fn delisted(number: u64, second: u64) -> Sent {
    let id = TitleId::from(number);
    Sent::event(Event::TitleDelisted(event::TitleKey { id }), second.cast_signed())
}

pub(super) fn enrich(number: u64, second: u64) -> Sent {
    let id = TitleId::from(number);
    Sent::event(Event::TitleEnrich(event::TitleKey { id }), second.cast_signed())
}

/// Every item, without what tells how often it was written and when it was asked for.
pub(super) fn content(table: &Memory) -> Vec<Item> {
    let mut items: Vec<Item> = table.items().into_values().collect();
    for item in &mut items {
        item.remove("revision");
        item.remove("details_version");
    }
    items
}
