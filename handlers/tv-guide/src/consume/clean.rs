//! A record as what it changes: read, checked, and freed of what nobody should be shown.

use jiff::{SignedDuration, Timestamp};

use super::Record;
use super::listing::{Listing, What};
use super::poison::Reason;
use super::update::Update;
use crate::event::{self, Event, Version};
use crate::guide::LONGEST_HOURS;
use crate::lenient;
use crate::table::entity::{Channel, Programme, Status, TitleData};
use crate::tvmaze::plain;

/// How far a version may be ahead of its record's arrival: clocks differ, but not by days.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// Most sources of a title; there are about fifty in all.
const MOST_SOURCES: usize = 200;
/// Most genres of a title; there are about forty in all.
const MOST_GENRES: usize = 100;
/// Most genres of a programme that are shown.
const SHOWN_GENRES: usize = 20;
/// Longest name of anything, in characters.
const LONGEST_NAME: usize = 300;

/// What a record changes.
///
/// # Errors
///
/// When it cannot be used.
pub(super) fn update(record: &Record<'_>) -> Result<Update, Reason> {
    let bytes = record.data.map_err(|_| Reason::NotBase64)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(Reason::Gzip);
    }
    if bytes.starts_with(&[0xf3, 0x89, 0x9a, 0xc2]) {
        return Err(Reason::Aggregated);
    }
    let event::Record { event, header, .. } = event::Record::decode(bytes).map_err(Reason::Invalid)?;
    let published = published(&header.version);
    let latest = record.arrived.and_then(|arrived| arrived.checked_add(AHEAD).ok());
    if latest.is_some_and(|latest| published > latest) {
        return Err(Reason::Future);
    }
    let version = header.version.as_str().to_owned();
    let listing = |id, what| {
        Update::Title(Listing {
            id,
            what,
            version: version.clone(),
            published,
        })
    };
    Ok(match event {
        Event::ProgrammeScheduled(slot) => programme(slot, Status::Scheduled, version)?,
        Event::ProgrammeCancelled(slot) => programme(slot, Status::Cancelled, version)?,
        Event::ChannelSeen(channel) => Update::Channel(Channel {
            name: name("name", &channel.name)?,
            channel_id: channel.id,
            order: channel.order,
            version,
        }),
        Event::TitleListed(title) => listing(title.id.clone(), What::Listed(Box::new(data(title)?))),
        Event::TitleDelisted(key) => listing(key.id, What::Delisted),
        Event::TitleEnrich(key) => Update::Enrich(key.id),
    })
}

/// When a version was published.
fn published(version: &Version) -> Timestamp {
    let digits = version.as_str().split('-').next().unwrap_or_default();
    // A version has 13 digits, which always are a time.
    let milliseconds = digits.parse().unwrap_or_default();
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

fn programme(slot: event::Programme, status: Status, version: String) -> Result<Update, Reason> {
    if slot.end_time.duration_since(slot.start_time) > SignedDuration::from_hours(LONGEST_HOURS) {
        return Err(Reason::TooLong(slot.program_id));
    }
    let mut genres: Vec<String> = slot.genres.iter().filter_map(|genre| shown(genre)).collect();
    genres.dedup();
    genres.truncate(SHOWN_GENRES);
    Ok(Update::Programme(Box::new(Programme {
        title: name("title", &slot.title)?,
        channel: name("channel", &slot.channel)?,
        program_id: slot.program_id,
        channel_id: slot.channel_id,
        start_time: slot.start_time,
        end_time: slot.end_time,
        description: paragraph(&slot.description),
        show_id: slot.show_id,
        imdb_id: slot.imdb_id,
        episode: slot.episode.as_deref().and_then(shown),
        season: slot.season,
        number: slot.number,
        genres,
        image: slot.image.and_then(url),
        url: slot.url.and_then(url),
        status,
        version,
    })))
}

fn data(title: event::Title) -> Result<TitleData, Reason> {
    let few = |what, count, most| match count > most {
        true => Err(Reason::TooMany { what, count, most }),
        false => Ok(()),
    };
    let (mut source_ids, mut genre_ids) = (title.source_ids, title.genre_ids);
    source_ids.sort_unstable();
    source_ids.dedup();
    few("sources", source_ids.len(), MOST_SOURCES)?;
    genre_ids.sort_unstable();
    genre_ids.dedup();
    few("genres", genre_ids.len(), MOST_GENRES)?;
    Ok(TitleData {
        title: name("title", &title.title)?,
        id: title.id,
        // The first film is from 1888.
        year: title.year.filter(|year| (1_880..=2_200).contains(year)),
        imdb_id: title.imdb_id,
        // 0 stands for none.
        tmdb_id: title.tmdb_id.filter(|id| *id > 0),
        tmdb_type: title.tmdb_type.as_deref().and_then(shown),
        kind: title.kind.as_deref().and_then(shown),
        source_ids,
        genre_ids,
        plot_overview: None,
        poster: None,
        user_rating: None,
        ratings: Vec::new(),
    })
}

/// A name that must be there.
fn name(field: &'static str, text: &str) -> Result<String, Reason> {
    shown(text).ok_or(Reason::Empty { field })
}

/// One line without control characters; none if nothing is left of it.
fn shown(text: &str) -> Option<String> {
    let visible = |char: &char| !char.is_control() || char.is_whitespace();
    let line: String = text.chars().filter(visible).collect();
    let words: Vec<&str> = line.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(LONGEST_NAME).collect();
    let line = line.trim_end();
    (!line.is_empty()).then(|| line.to_owned())
}

/// A text of several sentences; none if nothing is left of it.
///
/// Publishers send plain text; what has a tag is taken for HTML all the same.
pub(super) fn paragraph(text: &str) -> Option<String> {
    let is_html = ["<p", "</", "<br", "<b>", "<i>", "<em>", "<strong>", "<a "]
        .into_iter()
        .any(|tag| text.contains(tag));
    let visible = |char: &char| !char.is_control() || char.is_whitespace();
    let text: String = text.chars().filter(visible).collect();
    if is_html { plain(&text) } else { lenient::short(&text) }
}

/// The address of a page or a picture that a browser may open.
pub(super) fn url(text: String) -> Option<String> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let is_one = !text.contains(|char: char| char.is_whitespace() || char.is_control());
    (is_web && is_one && text.len() <= 2_048).then_some(text)
}

#[cfg(test)]
mod tests;
