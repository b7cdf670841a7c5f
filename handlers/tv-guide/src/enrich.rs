//! Plot, poster and ratings of a title: what listings lack, asked for one title at a time.
//!
//! Asking may fail at any time, and no title waits for it: one that lacks its details is shown
//! without them, and asked for again later.

mod upstreams;

pub use upstreams::Upstreams;

use std::error::Error;

use jiff::{SignedDuration, Timestamp};

use crate::event::id::{ImdbId, ShowId, TitleId};
use crate::table::entity::Rating;

/// Whose details are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Watchmode's id.
    pub id: TitleId,
    /// `IMDb`'s id, by which others know it.
    pub imdb_id: Option<ImdbId>,
    /// What it is: `movie`, `tv_series` and so on; the set is open.
    pub kind: Option<String>,
}

impl Subject {
    /// Whether it is a film, of which those who know series know nothing.
    #[must_use]
    pub fn is_film(&self) -> bool {
        matches!(self.kind.as_deref(), Some("movie" | "short_film" | "tv_movie"))
    }
}

/// What is known of a title; nothing at all, if nobody knows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// What it is about, plain text.
    pub plot_overview: Option<String>,
    /// URL of a poster.
    pub poster: Option<String>,
    /// Watchmode's own rating, 0 to 10; none is none, not 0.
    pub user_rating: Option<f64>,
    /// Ratings of others.
    pub ratings: Vec<Rating>,
    /// The show of the schedule that it is, by TVmaze's id.
    pub show_id: Option<ShowId>,
}

impl Found {
    /// What is known from both, `self` first where both know.
    #[must_use]
    pub fn or(mut self, other: Found) -> Self {
        self.ratings.extend(other.ratings);
        Found {
            plot_overview: self.plot_overview.or(other.plot_overview),
            poster: self.poster.or(other.poster),
            user_rating: self.user_rating.or(other.user_rating),
            ratings: self.ratings,
            show_id: self.show_id.or(other.show_id),
        }
    }
}

/// Why details cannot be had now; they may be later.
#[derive(Debug, thiserror::Error)]
pub enum Later {
    /// Of this title; others may be asked for.
    #[error("the title's details cannot be had now")]
    Title(#[source] Box<dyn Error + Send + Sync>),
    /// Of any: no time is left, the month's requests are used up, or the key is refused.
    #[error("no details can be had now")]
    Everyone(#[source] Box<dyn Error + Send + Sync>),
}

/// Those who know details.
#[allow(async_fn_in_trait, reason = "a function handles one event at a time, on one thread")]
pub trait Details {
    /// What they know of a title.
    ///
    /// # Errors
    ///
    /// When asking again later may tell more.
    async fn details(&self, of: &Subject, now: Timestamp) -> Result<Found, Later>;
}

/// How long to wait after so many tries in vain: an hour, then twice as long each time, at most a
/// week.
#[must_use]
pub fn pause(tries: u32) -> SignedDuration {
    const WEEK: i64 = 7 * 24;
    // Eight doublings of an hour are more than a week.
    let doublings = tries.saturating_sub(1).min(8);
    SignedDuration::from_hours(WEEK.min(1 << doublings))
}

#[cfg(test)]
mod tests {
    use super::{Found, pause};

    #[test]
    fn what_one_does_not_know_the_other_may() {
        let first = Found {
            plot_overview: Some("first".to_owned()),
            ..Found::default()
        };
        let second = Found {
            plot_overview: Some("second".to_owned()),
            user_rating: Some(7.6),
            ..Found::default()
        };
        let both = first.or(second);
        assert_eq!(both.plot_overview.as_deref(), Some("first"));
        assert_eq!(both.user_rating, Some(7.6));
    }

    #[test]
    fn pauses_double_up_to_a_week() {
        let hours = |tries| pause(tries).as_hours();
        assert_eq!(
            [0, 1, 2, 3, 8, 9, 63, 64, 65, u32::MAX].map(hours),
            [1, 1, 2, 4, 128, 168, 168, 168, 168, 168]
        );
    }
}
