//! Watchmode: what is asked, and what the answers mean.
//!
//! Its answers may lack any field, or hold null; see [`crate::lenient`].
//! Of the lists, one row that cannot be understood is left out, and counted.
//!
//! Reading order: the requests, then [`answer`].

pub mod answer;

use jiff::civil::Date;

use crate::event::id::{GenreId, SourceId, TitleId};
use crate::upstream::{Request, Service};

/// Most titles of one page of `/list-titles` and `/changes/new_titles`.
pub const PAGE: u32 = 250;
/// Most rows of `/releases`.
const RELEASES: u32 = 500;

/// The sources of a region, or of several separated by commas; an array of
/// [`answer::Named`].
#[must_use]
pub fn sources(regions: &str) -> Request {
    Request::new(Service::Watchmode, "/sources").with("regions", regions)
}

/// Every genre; an array of [`answer::Named`].
#[must_use]
pub fn genres() -> Request {
    Request::new(Service::Watchmode, "/genres")
}

/// Which titles a listing holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// Those of a source.
    Source(&'a SourceId),
    /// Those of a genre that at least one of the sources has.
    Genre(&'a GenreId, &'a [SourceId]),
}

/// A page of a listing, the most popular first; an [`answer::Titles`].
///
/// Pages count from 1.
#[must_use]
pub fn list_titles(of: Of<'_>, region: &str, page: u32) -> Request {
    let request = Request::new(Service::Watchmode, "/list-titles").with("regions", region);
    let request = match of {
        Of::Source(source) => request.with("source_ids", source),
        Of::Genre(genre, sources) => request.with("genres", genre).with("source_ids", joined(sources)),
    };
    request
        .with("sort_by", "popularity_desc")
        .with("page", page)
        .with("limit", PAGE)
}

/// What came to a source from one day to another, both included; an [`answer::Releases`].
#[must_use]
pub fn releases(from: Date, to: Date) -> Request {
    Request::new(Service::Watchmode, "/releases")
        .with("start_date", day(from))
        .with("end_date", day(to))
        .with("limit", RELEASES)
}

/// The numbers of the titles that came since a day; an [`answer::NewTitles`].
///
/// A plan that is not paid for gets status 401.
#[must_use]
pub fn new_titles(since: Date, page: u32) -> Request {
    Request::new(Service::Watchmode, "/changes/new_titles")
        .with("start_date", day(since))
        .with("page", page)
        .with("limit", PAGE)
}

/// A title's details; an [`answer::Details`], or no such title any more.
#[must_use]
pub fn details(title: &TitleId) -> Request {
    Request::new(Service::Watchmode, format!("/title/{title}/details"))
}

/// A title's details with its sources in a region, for the price of two requests.
#[must_use]
pub fn details_with_sources(title: &TitleId, region: &str) -> Request {
    details(title)
        .with("append_to_response", "sources")
        .with("regions", region)
        .costing(2)
}

/// Watchmode's days: `20260109`.
fn day(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

fn joined(ids: &[SourceId]) -> String {
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    ids.join(",")
}

#[cfg(test)]
pub(crate) mod tests;
