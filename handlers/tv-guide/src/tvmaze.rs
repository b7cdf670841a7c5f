//! TVmaze: the linear schedule, and shows by their id at IMDb.
//!
//! Its data is licensed CC BY-SA 4.0, which wants its pages linked: a programme keeps their URL.
//! Its `airdate` and `airtime` are local to the channel; only `airstamp` is an instant.
//!
//! Reading order: the requests, [`answer`], [`programme`].

pub mod answer;
mod london;
mod plain;
mod programme;

use jiff::civil::Date;

use crate::event::id::ImdbId;
use crate::upstream::{Request, Service};

pub use london::{today, zone};
pub use plain::plain;
pub use programme::programme;

/// The country, as TVmaze spells it.
const COUNTRY: &str = "GB";

/// The schedule of a day in London; an array of [`answer::Episode`].
#[must_use]
pub fn schedule(date: Date) -> Request {
    Request::new(Service::Tvmaze, "/schedule")
        .with("country", COUNTRY)
        .with("date", date)
}

/// The show with an id at IMDb; an [`answer::Show`], or no such show.
///
/// TVmaze answers with a redirect to the show's own path.
#[must_use]
pub fn lookup(imdb: &ImdbId) -> Request {
    Request::new(Service::Tvmaze, "/lookup/shows").with("imdb", imdb)
}

#[cfg(test)]
mod tests;
