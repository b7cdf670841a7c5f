//! The bodies of requests and answers: what is served, what is read, and what the document says.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::contract::api::limit;
use crate::event::id::{self as event_id, ChannelId, GenreId, ImdbId, ShowId, SourceId, TitleId};
use crate::instant;
use crate::table::entity;

/// A source of titles, as Watchmode describes it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Source {
    /// Id; the text of it is what preferences hold.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Whatever else Watchmode says: type, regions, logo.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A genre of titles, as Watchmode describes it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Genre {
    /// Id; the text of it is what preferences hold.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Whatever else Watchmode says.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A channel of the guide.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Channel {
    /// Id.
    #[schemars(schema_with = "id")]
    pub id: ChannelId,
    /// Name.
    pub name: String,
    /// Place in the guide, lowest first.
    pub order: u32,
}

/// What is on in a window of time.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Guide<'i> {
    /// Start of the window, included.
    #[serde(with = "instant")]
    #[schemars(schema_with = "time")]
    pub from: Timestamp,
    /// End of the window, excluded.
    #[serde(with = "instant")]
    #[schemars(schema_with = "time")]
    pub to: Timestamp,
    /// The channels that have programmes on this page, by name.
    pub channels: Vec<ChannelProgrammes<'i>>,
    /// `cursor` of the next page; null on the last one.
    pub next: Option<String>,
}

/// A channel, and what is on there.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ChannelProgrammes<'i> {
    /// Id of the channel.
    #[schemars(schema_with = "id")]
    pub id: &'i str,
    /// Name of the channel.
    pub name: &'i str,
    /// Programmes, by start.
    pub programmes: Vec<Programme<'i>>,
}

/// A programme.
///
/// Its members are attributes of its item, by the same names, and borrowed from it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Programme<'i> {
    /// Id, which stays when the programme is moved.
    #[schemars(schema_with = "id")]
    pub program_id: &'i str,
    /// What is on.
    pub title: &'i str,
    /// Name of the channel.
    pub channel: &'i str,
    /// Id of the channel.
    #[schemars(schema_with = "id")]
    pub channel_id: &'i str,
    /// When it begins.
    #[schemars(schema_with = "time")]
    pub start_time: &'i str,
    /// When it ends, excluded.
    #[schemars(schema_with = "time")]
    pub end_time: &'i str,
    /// What it is about, plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'i str>,
    /// The show, for favourites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "id")]
    pub show_id: Option<&'i str>,
    /// The show or film at `IMDb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "id")]
    pub imdb_id: Option<&'i str>,
    /// Name of the episode, where it differs from the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode: Option<&'i str>,
    /// Season, from 1; or a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub season: Option<u32>,
    /// Number of the episode in its season.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Genres by name.
    #[serde(borrow, default)]
    pub genres: Vec<&'i str>,
    /// URL of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<&'i str>,
    /// URL of its page at TVmaze, to be linked with its data (CC BY-SA).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'i str>,
}

/// A page of titles.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Titles {
    /// The titles.
    pub titles: Vec<Title>,
    /// `cursor` of the next page; null on the last one. A page may hold fewer titles than its
    /// limit, even none, and still have a next one.
    pub next: Option<String>,
}

/// A film, a series or the like.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Title {
    /// Watchmode's id.
    #[serde(serialize_with = "event_id::as_number")]
    #[schemars(schema_with = "number")]
    pub id: TitleId,
    /// Name.
    pub title: String,
    /// Year of the first release.
    pub year: Option<i32>,
    /// `movie`, `tv_series` and the like; more may come.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Its id at `IMDb`.
    #[schemars(schema_with = "id_or_null")]
    pub imdb_id: Option<ImdbId>,
    /// Its id at TMDB, unique together with its type.
    pub tmdb_id: Option<u64>,
    /// `movie` or `tv`.
    pub tmdb_type: Option<String>,
    /// The sources that have it.
    #[schemars(schema_with = "ids")]
    pub source_ids: Vec<SourceId>,
    /// Its genres.
    #[schemars(schema_with = "ids")]
    pub genre_ids: Vec<GenreId>,
    /// What it is about, plain text.
    pub plot_overview: Option<String>,
    /// URL of a poster.
    pub poster: Option<String>,
    /// Rating of ten; null where nobody has rated it.
    pub user_rating: Option<f64>,
    /// Who rated it how.
    pub ratings: Vec<Rating>,
}

/// A rating, and who says so.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Rating {
    /// Who.
    pub source: String,
    /// Value, from 0 to `scale`.
    pub value: f64,
    /// The best value.
    pub scale: u32,
    /// How many votes it stands on.
    pub votes: Option<u64>,
    /// When it was asked for.
    #[serde(with = "instant")]
    #[schemars(schema_with = "time")]
    pub fetched_at: Timestamp,
}

impl From<entity::TitleData> for Title {
    fn from(data: entity::TitleData) -> Self {
        let rating = data.rating();
        let ratings = data.ratings.into_iter().map(|rating| Rating {
            source: rating.source,
            value: rating.value,
            scale: rating.scale,
            votes: rating.votes,
            fetched_at: rating.fetched_at,
        });
        Title {
            id: data.id,
            title: data.title,
            year: data.year,
            kind: data.kind,
            imdb_id: data.imdb_id,
            tmdb_id: data.tmdb_id,
            tmdb_type: data.tmdb_type,
            source_ids: data.source_ids,
            genre_ids: data.genre_ids,
            plot_overview: data.plot_overview,
            poster: data.poster,
            user_rating: rating,
            ratings: ratings.collect(),
        }
    }
}

/// A title, and when it is on.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TitleDetails<'i> {
    /// The title.
    #[serde(flatten)]
    pub title: Title,
    /// The show of the guide that it is, for favourites.
    #[schemars(schema_with = "id_or_null")]
    pub show_id: Option<ShowId>,
    /// Its next programmes, by start.
    pub airings: Vec<Programme<'i>>,
}

/// Recommended titles, best first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Recommendations {
    /// The titles.
    pub titles: Vec<Title>,
}

/// What a user wants to see; a missing list counts as an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Preferences {
    /// Ids of sources, sorted.
    #[schemars(schema_with = "preferred_sources")]
    pub sources: Vec<String>,
    /// Ids of genres, sorted.
    #[schemars(schema_with = "preferred_genres")]
    pub genres: Vec<String>,
}

/// What a user follows.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Favourites {
    /// The favourites, titles after shows.
    pub favourites: Vec<Favourite>,
}

/// A title or a show that a user follows.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Favourite {
    /// What it is.
    pub kind: FavouriteKind,
    /// Its id.
    #[schemars(schema_with = "id")]
    pub id: String,
    /// Its name when it was added, where the guide knew it.
    pub name: Option<String>,
    /// Since when.
    #[serde(with = "instant")]
    #[schemars(schema_with = "time")]
    pub since: Timestamp,
}

/// What can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FavouriteKind {
    /// A title, by Watchmode's id.
    Title,
    /// A show of the guide, by TVmaze's id.
    Show,
}

/// An id.
pub(super) fn id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"})
}

/// Watchmode's id, which is a number there.
fn number(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["integer", "string"]})
}

fn id_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "null"], "pattern": "^[A-Za-z0-9_-]{1,64}$"})
}

fn ids(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": id(generator)})
}

fn preferred_sources(generator: &mut SchemaGenerator) -> Schema {
    preferred(generator, ["203", "349"])
}

fn preferred_genres(generator: &mut SchemaGenerator) -> Schema {
    preferred(generator, ["4", "6"])
}

fn preferred(generator: &mut SchemaGenerator, example: [&str; 2]) -> Schema {
    json_schema!({
        "type": "array", "items": id(generator), "maxItems": limit::PREFERENCES, "examples": [example],
    })
}

/// An instant in its one spelling.
pub(super) fn time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string", "format": "date-time",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
    })
}
