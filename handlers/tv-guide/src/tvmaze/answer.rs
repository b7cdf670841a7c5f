//! What TVmaze's answers hold.

use serde::Deserialize;

use crate::event::id::{ImdbId, ProgrammeId, ShowId};
use crate::lenient;

/// One slot of the schedule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Episode {
    /// Its number.
    pub id: ProgrammeId,
    /// URL of its page.
    #[serde(default, deserialize_with = "lenient::url")]
    pub url: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// The season's number.
    #[serde(default, deserialize_with = "lenient::number")]
    pub season: Option<u32>,
    /// Its number in the season; none for specials.
    #[serde(default, deserialize_with = "lenient::number")]
    pub number: Option<u32>,
    /// When it begins, with an offset.
    #[serde(default, deserialize_with = "lenient::text")]
    pub airstamp: Option<String>,
    /// Its length; minutes.
    #[serde(default, deserialize_with = "lenient::number")]
    pub runtime: Option<u32>,
    /// A picture.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub image: Option<Image>,
    /// What it is about, as HTML.
    #[serde(default, deserialize_with = "lenient::text")]
    pub summary: Option<String>,
    #[serde(default, deserialize_with = "lenient::maybe")]
    show: Option<Show>,
    #[serde(default, rename = "_embedded", deserialize_with = "lenient::maybe")]
    embedded: Option<Embedded>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Embedded {
    #[serde(default, deserialize_with = "lenient::maybe")]
    show: Option<Show>,
}

impl Episode {
    /// The show that it belongs to, wherever the answer has it.
    #[must_use]
    pub fn show(&self) -> Option<&Show> {
        let embedded = || self.embedded.as_ref().and_then(|embedded| embedded.show.as_ref());
        self.show.as_ref().or_else(embedded)
    }
}

/// A show.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Show {
    /// Its number.
    pub id: ShowId,
    /// URL of its page.
    #[serde(default, deserialize_with = "lenient::url")]
    pub url: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Its genres by name.
    #[serde(default, deserialize_with = "lenient::list")]
    pub genres: Vec<String>,
    /// Length of an episode; minutes.
    #[serde(default, deserialize_with = "lenient::number")]
    pub runtime: Option<u32>,
    /// Mean length of an episode; minutes.
    #[serde(default, rename = "averageRuntime", deserialize_with = "lenient::number")]
    pub average_runtime: Option<u32>,
    /// The channel that it is on.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub network: Option<Network>,
    /// The web channel that it is on.
    #[serde(default, rename = "webChannel", deserialize_with = "lenient::maybe")]
    pub web_channel: Option<Network>,
    /// Its ids elsewhere.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub externals: Option<Externals>,
    /// What viewers make of it.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub rating: Option<Rating>,
    /// A picture.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub image: Option<Image>,
    /// What it is about, as HTML.
    #[serde(default, deserialize_with = "lenient::text")]
    pub summary: Option<String>,
}

impl Show {
    /// The rating, 0 to 10, where there is one: 0 stands for none.
    #[must_use]
    pub fn rating(&self) -> Option<f64> {
        let average = self.rating.as_ref().and_then(|rating| rating.average);
        average.filter(|average| average.is_finite() && *average > 0.0 && *average <= 10.0)
    }
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Network {
    /// Its number; networks and web channels are counted separately.
    pub id: u64,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// Ids elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Externals {
    /// At IMDb.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub imdb: Option<ImdbId>,
}

/// What viewers make of a show.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Rating {
    /// 0 to 10.
    #[serde(default, deserialize_with = "lenient::number")]
    pub average: Option<f64>,
}

/// A picture in two sizes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Image {
    /// URL of the one to show in a page.
    #[serde(default, deserialize_with = "lenient::url")]
    pub medium: Option<String>,
    /// URL of the large one.
    #[serde(default, deserialize_with = "lenient::url")]
    pub original: Option<String>,
}

impl Image {
    /// URL of the picture, the smaller where there is one.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.medium.as_deref().or(self.original.as_deref())
    }
}
