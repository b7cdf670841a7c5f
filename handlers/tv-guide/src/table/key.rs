//! How keys are spelled: the table's own, and those of its indexes.
//!
//! Every id passes [`Id`] before it becomes a part of a key, so that no id can reach into another
//! partition.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::Key;
use crate::event::id::{ChannelId, GenreId, ImdbId, ProgrammeId, ShowId, SourceId, TitleId, UserId};
use crate::instant;

/// Longest id, in bytes.
pub const ID_LIMIT: usize = 64;

/// An id that may stand in a key: 1 to 64 of the ASCII letters, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Id(String);

/// A text that may not stand in a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to {ID_LIMIT} of the letters a to z and A to Z, digits, `_` and `-`")]
pub struct BadId;

impl Id {
    /// The id that a text is.
    ///
    /// # Errors
    ///
    /// When the text may not stand in a key.
    pub fn new(text: impl Into<String>) -> Result<Self, BadId> {
        let text = text.into();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if (1..=ID_LIMIT).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Id(text))
        } else {
            Err(BadId)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<u64> for Id {
    fn from(number: u64) -> Self {
        Id(number.to_string())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Id::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

/// A source: a new name is a new key, so that a rename must delete the old one.
#[must_use]
pub fn source(id: &SourceId, name: &str) -> Key {
    key(format!("source:{id}"), name)
}

/// A genre; of renames the same is true.
#[must_use]
pub fn genre(id: &GenreId, name: &str) -> Key {
    key(format!("genre:{id}"), name)
}

/// A channel.
#[must_use]
pub fn channel(id: &ChannelId) -> Key {
    key(format!("channel:{id}"), "meta")
}

/// A programme: one slot of one channel, wherever it is moved.
#[must_use]
pub fn programme(id: &ProgrammeId) -> Key {
    key(format!("programme:{id}"), "slot")
}

/// A title.
#[must_use]
pub fn title(id: &TitleId) -> Key {
    key(format!("title:{id}"), TITLE_SK)
}

/// Sort key of a title in its partition, which also holds its edges.
pub const TITLE_SK: &str = "record";

/// Prefix of the sort keys of a title's sources.
pub const AVAILABILITY_SK: &str = "avail:";

/// Prefix of the sort keys of a title's genres.
pub const GENRE_SK: &str = "genre:";

/// That a title is on a source.
#[must_use]
pub fn availability(title: &TitleId, source: &SourceId) -> Key {
    key(format!("title:{title}"), format!("{AVAILABILITY_SK}{source}"))
}

/// That a title is of a genre.
#[must_use]
pub fn title_genre(title: &TitleId, genre: &GenreId) -> Key {
    key(format!("title:{title}"), format!("{GENRE_SK}{genre}"))
}

/// That a title is on a source and of a genre.
#[must_use]
pub fn source_genre(source: &SourceId, genre: &GenreId, title: &TitleId) -> Key {
    key(source_genre_partition(source, genre), format!("title:{title}"))
}

/// Partition of the titles that are on a source and of a genre.
#[must_use]
pub fn source_genre_partition(source: &SourceId, genre: &GenreId) -> String {
    format!("sg:{source}:{genre}")
}

/// Which title an `IMDb` id is.
#[must_use]
pub fn imdb(imdb: &ImdbId, title: &TitleId) -> Key {
    key(imdb_partition(imdb), format!("title:{title}"))
}

/// Partition of the titles that have an `IMDb` id: one, unless upstream says otherwise.
#[must_use]
pub fn imdb_partition(imdb: &ImdbId) -> String {
    format!("ext:imdb:{imdb}")
}

/// Partition of a user's preferences and favourites; `user` is the `sub` of a verified token.
#[must_use]
pub fn user_partition(user: &UserId) -> String {
    format!("userpref:{user}")
}

/// That a user prefers a source.
#[must_use]
pub fn preferred_source(user: &UserId, source: &SourceId) -> Key {
    key(user_partition(user), format!("source:{source}"))
}

/// That a user prefers a genre.
#[must_use]
pub fn preferred_genre(user: &UserId, genre: &GenreId) -> Key {
    key(user_partition(user), format!("genre:{genre}"))
}

/// The version of a user's preferences.
#[must_use]
pub fn preferences(user: &UserId) -> Key {
    key(user_partition(user), "meta")
}

/// What a favourite is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Favourite {
    /// A title, by Watchmode's id.
    Title(TitleId),
    /// A show of the schedule, by TVmaze's id.
    Show(ShowId),
}

impl fmt::Display for Favourite {
    /// `fav:title:<id>` or `fav:show:<id>`: the sort key in the user's partition, and the partition
    /// of its followers in the first index.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Favourite::Title(id) => write!(f, "fav:title:{id}"),
            Favourite::Show(id) => write!(f, "fav:show:{id}"),
        }
    }
}

/// Prefix of the sort keys of a user's favourites.
pub const FAVOURITE_SK: &str = "fav:";

/// That a user follows a title or a show.
#[must_use]
pub fn favourite(user: &UserId, favourite: &Favourite) -> Key {
    key(user_partition(user), favourite.to_string())
}

/// That a user is told of a change.
#[must_use]
pub fn notification(user: &UserId, change: &str) -> Key {
    key(format!("notif:{user}"), change)
}

/// What was last published of a dataset, in parts.
#[must_use]
pub fn manifest(dataset: &str, part: &str) -> Key {
    key(format!("state:manifest:{dataset}"), part)
}

/// How many requests were sent to an upstream in a month (UTC).
#[must_use]
pub fn budget(upstream: &str, now: Timestamp) -> Key {
    key("state:budget".to_owned(), format!("{upstream}:{}", instant::month(now)))
}

/// A name for sorting and for finding: lower case, without accents, apostrophes and punctuation,
/// one space between words, at most 200 bytes.
///
/// What has neither letters nor digits is only trimmed and put in lower case.
#[must_use]
pub fn fold(name: &str) -> String {
    let mut folded = String::new();
    for char in name.chars().flat_map(char::to_lowercase) {
        match char {
            // A combining mark that stands alone after its letter.
            '\'' | '’' | '‘' | '`' | '\u{300}'..='\u{36f}' => {}
            char if char.is_alphanumeric() => match plain(char) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(char),
            },
            _ if folded.is_empty() || folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    if folded.is_empty() {
        folded = name.trim().to_lowercase();
    }
    let end = folded.floor_char_boundary(200);
    folded.truncate(end);
    folded.truncate(folded.trim_end().len());
    folded
}

/// A Latin letter without its accent.
fn plain(char: char) -> Option<&'static str> {
    Some(match char {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ţ' | 'ť' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' | 'ẁ' | 'ẃ' | 'ẅ' => "w",
        'ý' | 'ÿ' | 'ŷ' | 'ỳ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'þ' => "th",
        _ => return None,
    })
}

/// A sort key by name: `<folded name>#<id>`.
#[must_use]
pub fn by_name(name: &str, id: &impl fmt::Display) -> String {
    format!("{}#{id}", fold(name))
}

/// Partition of every source in the first index, by name.
pub const SOURCES: &str = "ref:source";
/// Partition of every genre in the first index, by name.
pub const GENRES: &str = "ref:genre";
/// Partition of every channel in the first index, by name.
pub const CHANNELS: &str = "ref:channel";
/// Partition of the titles that lack their details in the third index, by when to try again.
pub const PENDING: &str = "enrich:pending";

/// Partition of the listed titles that have a rating, and lack no details, in the third index, by
/// rating: read it backwards for the best.
pub const RATED: &str = "rated:title";

/// Sort key in [`RATED`]: `08.30#<id>`; 10 is the best rating.
#[must_use]
pub fn by_rating(rating: f64, id: &TitleId) -> String {
    format!("{rating:05.2}#{id}")
}

/// Partition of the titles in the first index whose folded names begin with the same two letters.
#[must_use]
pub fn name_partition(folded: &str) -> String {
    let end = folded.char_indices().nth(2).map_or(folded.len(), |(end, _)| end);
    format!("name:{}", folded.get(..end).unwrap_or(folded))
}

/// Partition of the titles of a source in the first index, by name.
#[must_use]
pub fn by_source(source: &SourceId) -> String {
    format!("bysource:{source}")
}

/// Partition of the titles of a genre in the first index, by name.
#[must_use]
pub fn by_genre(genre: &GenreId) -> String {
    format!("bygenre:{genre}")
}

/// Partition of the titles first seen in a month (UTC) in the second index.
#[must_use]
pub fn new_partition(first_seen: Timestamp) -> String {
    format!("new:{}", instant::month(first_seen))
}

/// A sort key by time: `<instant>#<id>`.
#[must_use]
pub fn by_time(time: Timestamp, id: &impl fmt::Display) -> String {
    format!("{}#{id}", instant::text(time))
}

/// Partition of a channel's slots in the first index, by start.
#[must_use]
pub fn channel_partition(channel: &ChannelId) -> String {
    format!("channel:{channel}")
}

/// Longest slot that stands in its day's partition, in seconds: what is on at a time begins at most
/// so long before it, or stands in [`long_partition`].
pub const LONG_SECONDS: i64 = 4 * 60 * 60;

/// Partition of the slots that begin on a day (UTC) and last up to [`LONG_SECONDS`], in the second
/// index, by start and channel.
#[must_use]
pub fn day_partition(start: Timestamp) -> String {
    format!("day:{}", instant::day(start))
}

/// Partition of the slots that begin on a day (UTC) and last longer.
#[must_use]
pub fn long_partition(start: Timestamp) -> String {
    format!("long:{}", instant::day(start))
}

/// Sort key in [`day_partition`] and [`long_partition`].
#[must_use]
pub fn by_start(start: Timestamp, channel: &ChannelId, programme: &ProgrammeId) -> String {
    format!("{}#{channel}#{programme}", instant::text(start))
}

/// What airs: the show of the schedule, or else the `IMDb` id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Airing {
    /// A show of the schedule, by TVmaze's id.
    Show(ShowId),
    /// Whatever has this `IMDb` id.
    Imdb(ImdbId),
}

/// Partition of the slots of a show in the third index, by start.
#[must_use]
pub fn airs_partition(what: &Airing) -> String {
    match what {
        Airing::Show(id) => format!("airs:show:{id}"),
        Airing::Imdb(id) => format!("airs:imdb:{id}"),
    }
}

#[cfg(test)]
mod tests;
