//! What Watchmode's answers hold.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::event::id::{GenreId, ImdbId, SourceId, TitleId};
use crate::lenient;

/// Longest name of a source or a genre, in characters.
const LONGEST_NAME: usize = 200;

/// A source or a genre: what the guide needs of it, and the whole as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Everything that Watchmode says of it.
    pub data: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        #[derive(Deserialize)]
        struct Known {
            // Sources and genres have the same ids.
            id: SourceId,
            #[serde(default, deserialize_with = "lenient::text")]
            name: Option<String>,
        }
        let data = Map::deserialize(deserializer)?;
        let known = Known::deserialize(&data).map_err(D::Error::custom)?;
        let name = known.name.ok_or_else(|| D::Error::missing_field("name"))?;
        // The name becomes a sort key, which has at most 1,024 bytes.
        let name = name.chars().take(LONGEST_NAME).collect();
        Ok(Self {
            id: known.id.as_str().to_owned(),
            name,
            data,
        })
    }
}

/// A list of rows, of which some may not be understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows<T> {
    /// Those that are understood.
    pub good: Vec<T>,
    /// How many are not.
    pub strange: usize,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            good: Vec::new(),
            strange: 0,
        }
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = Vec::<Value>::deserialize(deserializer)?;
        let all = values.len();
        let good = lenient::readable(values);
        let strange = all - good.len();
        Ok(Self { good, strange })
    }
}

/// A page of titles.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Titles {
    /// The titles; an answer without the list is none.
    pub titles: Rows<ListItem>,
    /// Which page this is.
    #[serde(default, deserialize_with = "lenient::number")]
    pub page: Option<u32>,
    /// How many titles there are on all pages.
    #[serde(default, deserialize_with = "lenient::number")]
    pub total_results: Option<u32>,
    /// How many pages there are.
    #[serde(default, deserialize_with = "lenient::number")]
    pub total_pages: Option<u32>,
}

/// A title, as listings have it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListItem {
    /// Its number.
    pub id: TitleId,
    /// Its name; a row without one is not understood.
    #[serde(deserialize_with = "lenient::required")]
    pub title: String,
    /// Year of its first release.
    #[serde(default, deserialize_with = "lenient::number")]
    pub year: Option<i32>,
    /// Its id at IMDb.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub imdb_id: Option<ImdbId>,
    /// Its number at TMDB; 0 stands for none.
    #[serde(default, deserialize_with = "lenient::number")]
    pub tmdb_id: Option<u64>,
    /// What TMDB takes it for.
    #[serde(default, deserialize_with = "lenient::text")]
    pub tmdb_type: Option<String>,
    /// What it is: `movie`, `tv_series` and so on.
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
}

/// What came to sources.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Releases {
    /// The rows.
    pub releases: Rows<Release>,
}

/// A title that came to a source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Release {
    /// What it is.
    #[serde(flatten)]
    pub title: ListItem,
    /// Where it came.
    pub source_id: SourceId,
    /// The day on which it came, `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub source_release_date: Option<String>,
}

/// The numbers of new titles.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct NewTitles {
    /// The numbers.
    pub titles: Rows<TitleId>,
    /// How many pages there are.
    #[serde(default, deserialize_with = "lenient::number")]
    pub total_pages: Option<u32>,
}

/// A title's details.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Details {
    /// Its number.
    pub id: TitleId,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub title: Option<String>,
    /// What it is: `movie`, `tv_series` and so on.
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    /// Year of its first release.
    #[serde(default, deserialize_with = "lenient::number")]
    pub year: Option<i32>,
    /// Its id at IMDb.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub imdb_id: Option<ImdbId>,
    /// Its number at TMDB; 0 stands for none.
    #[serde(default, deserialize_with = "lenient::number")]
    pub tmdb_id: Option<u64>,
    /// What TMDB takes it for.
    #[serde(default, deserialize_with = "lenient::text")]
    pub tmdb_type: Option<String>,
    /// What it is about.
    #[serde(default, deserialize_with = "lenient::text")]
    pub plot_overview: Option<String>,
    /// URL of its poster.
    #[serde(default, deserialize_with = "lenient::url")]
    pub poster: Option<String>,
    /// Its length; minutes.
    #[serde(default, deserialize_with = "lenient::number")]
    pub runtime_minutes: Option<u32>,
    /// The day of its first release, `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub release_date: Option<String>,
    /// Its genres.
    #[serde(default, deserialize_with = "lenient::list")]
    pub genres: Vec<GenreId>,
    /// What users make of it, 0 to 10; never 0 for none.
    #[serde(default, deserialize_with = "lenient::number")]
    pub user_rating: Option<f64>,
    /// What critics make of it, 0 to 100.
    #[serde(default, deserialize_with = "lenient::number")]
    pub critic_score: Option<f64>,
    /// Where it is, if that was asked for.
    #[serde(default, deserialize_with = "lenient::list")]
    pub sources: Vec<TitleSource>,
}

/// Where, and for what, a title is to be had.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TitleSource {
    /// The source.
    pub source_id: SourceId,
    /// On which terms.
    #[serde(rename = "type")]
    pub terms: Terms,
    /// Two letters of the country.
    #[serde(default, deserialize_with = "lenient::text")]
    pub region: Option<String>,
    /// URL of its page there.
    #[serde(default, deserialize_with = "lenient::url")]
    pub web_url: Option<String>,
    /// `SD`, `HD`, `4K`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub format: Option<String>,
    /// What it costs, in the region's money.
    #[serde(default, deserialize_with = "lenient::number")]
    pub price: Option<f64>,
}

/// On which terms a source has a title; the set is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Terms {
    /// With a subscription.
    Sub,
    /// For a while, for money.
    Rent,
    /// For good, for money.
    Buy,
    /// For good, for money: as British sources have it.
    Purchase,
    /// For nothing.
    Free,
    /// With a television contract.
    Tve,
    /// On others.
    #[serde(untagged)]
    Other(String),
}

impl Details {
    /// The rating, where there is one: 0 stands for none.
    #[must_use]
    pub fn rating(&self) -> Option<f64> {
        self.user_rating
            .filter(|rating| rating.is_finite() && *rating > 0.0 && *rating <= 10.0)
    }
}
