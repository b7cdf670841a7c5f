use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Malformed, attributes, enter, read};
use crate::event::id::{self, GenreId, ImdbId, ShowId, SourceId, TitleId};
use crate::instant;
use crate::table::key;
use crate::table::{Condition, Index, Item, Write};

/// A title, as it stands at `title:<id>` / `record`.
///
/// Two upstreams write it: a listing owns `version` and what the catalogue says, the details own
/// `details_version` and plot, poster and ratings; neither touches what is the other's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Title {
    /// What readers are shown.
    pub data: TitleData,
    /// Whether the catalogue has it; one that it no longer has is kept, so that no older record
    /// brings it back.
    pub listed: bool,
    /// When the first listing said so, whatever came later or arrived first.
    #[serde(with = "instant")]
    pub first_seen: Timestamp,
    /// Version of the newest listing.
    pub version: String,
    /// Version of the newest listing that has it; what the catalogue says is from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing_version: Option<String>,
    /// Version of the details; none until somebody has been asked for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details_version: Option<String>,
    /// The `IMDb` id by which the details were found; those of another one are asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details_of: Option<ImdbId>,
    /// The show of the schedule that it is, by TVmaze's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_id: Option<ShowId>,
    /// When to ask for details; none if there is nothing to ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try: Option<String>,
    /// How often details were asked for in vain since the last success.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// Counts the writes; a write says which one it follows, so that none is lost.
    pub revision: u64,
}

/// A title in the shape in which it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TitleData {
    /// Watchmode's id; a number in JSON, as Watchmode has it.
    #[serde(serialize_with = "id::as_number")]
    pub id: TitleId,
    /// Name.
    pub title: String,
    /// Year of the first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// `IMDb`'s id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imdb_id: Option<ImdbId>,
    /// TMDB's id; unique together with its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tmdb_id: Option<u64>,
    /// `movie` or `tv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tmdb_type: Option<String>,
    /// `movie`, `tv_series`, `tv_special`, `tv_miniseries`, `short_film`, `tv_movie`, or what
    /// upstream invents.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The sources that have it, sorted.
    #[serde(default)]
    pub source_ids: Vec<SourceId>,
    /// Its genres, sorted.
    #[serde(default)]
    pub genre_ids: Vec<GenreId>,
    /// What it is about, plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plot_overview: Option<String>,
    /// URL of a poster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster: Option<String>,
    /// Watchmode's own rating, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_rating: Option<f64>,
    /// Ratings of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ratings: Vec<Rating>,
}

/// A rating, and who says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rating {
    /// Who: `tvmaze`, `tmdb`.
    pub source: String,
    /// Value, 0 to `scale`.
    pub value: f64,
    /// The best value.
    pub scale: u32,
    /// How many votes it stands on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<u64>,
    /// When it was asked for.
    #[serde(with = "instant")]
    pub fetched_at: Timestamp,
}

impl TitleData {
    /// A title of which nothing but the id is known.
    #[must_use]
    pub fn unnamed(id: TitleId) -> Self {
        TitleData {
            id,
            title: String::new(),
            year: None,
            imdb_id: None,
            tmdb_id: None,
            tmdb_type: None,
            kind: None,
            source_ids: Vec::new(),
            genre_ids: Vec::new(),
            plot_overview: None,
            poster: None,
            user_rating: None,
            ratings: Vec::new(),
        }
    }

    /// The rating that counts, of ten: Watchmode's, or else the first of the others'.
    #[must_use]
    pub fn rating(&self) -> Option<f64> {
        let of_ten = |rating: &Rating| rating.value / f64::from(rating.scale) * 10.0;
        let rating = self.user_rating.or_else(|| self.ratings.first().map(of_ten));
        rating.filter(|rating| (0.0..=10.0).contains(rating))
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Title {
    /// The title that an item is.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn read(item: &Item) -> Result<Self, Malformed> {
        read("title", item)
    }

    /// The item, with the keys of its indexes; a title that is not listed is in none of them.
    #[must_use]
    pub fn item(&self) -> Item {
        let mut item = attributes(self);
        if self.listed {
            let id = &self.data.id;
            let name = key::fold(&self.data.title);
            let sort = key::by_name(&self.data.title, id);
            enter(&mut item, Index::Gsi1, key::name_partition(&name), sort);
            let month = key::new_partition(self.first_seen);
            enter(&mut item, Index::Gsi2, month, key::by_time(self.first_seen, id));
            match (&self.next_try, self.data.rating()) {
                (Some(next), _) => enter(&mut item, Index::Gsi3, key::PENDING.to_owned(), format!("{next}#{id}")),
                (None, Some(rating)) => {
                    let sort = key::by_rating(rating, id);
                    enter(&mut item, Index::Gsi3, key::RATED.to_owned(), sort);
                }
                (None, None) => {}
            }
        }
        item
    }

    /// The write that stores it over revision `over`, none if there was no title.
    #[must_use]
    pub fn write(&self, over: Option<u64>) -> Write {
        Write::put(key::title(&self.data.id), self.item()).when(Condition::Equals {
            attribute: "revision".to_owned(),
            value: over.map(Value::from),
        })
    }
}
