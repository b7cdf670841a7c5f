//! Details from TVmaze, which costs nothing, and from Watchmode, as far as it is paid for.

use jiff::Timestamp;

use super::{Details, Found, Later, Subject};
use crate::contract::table::details_allowance;
use crate::event::id::{ImdbId, TitleId};
use crate::retry::{Client, Error};
use crate::table::entity::Rating;
use crate::table::{Change, Condition, Outcome, Table, Write, key};
use crate::tvmaze::{self, plain};
use crate::upstream::{Pace, Upstream};
use crate::{lenient, watchmode};

/// Under which name requests for details are counted, beside the budget of all requests.
const COUNTED: &str = "watchmode-details";

/// Both upstreams.
#[derive(Debug)]
pub struct Upstreams<'a, U, P, T> {
    client: &'a Client<'a, U, P, T>,
    table: &'a T,
    allowance: u64,
}

impl<'a, U: Upstream, P: Pace, T: Table> Upstreams<'a, U, P, T> {
    /// Details through `client`, for [`details_allowance`] of a plan that allows `monthly` requests.
    pub fn new(client: &'a Client<'a, U, P, T>, table: &'a T, monthly: u64) -> Self {
        let allowance = details_allowance(monthly);
        Upstreams {
            client,
            table,
            allowance,
        }
    }

    /// What TVmaze knows of a show; nothing, if it does not know it.
    async fn show(&self, imdb: &ImdbId, now: Timestamp) -> Result<Found, Error> {
        let request = tvmaze::lookup(imdb);
        let show: tvmaze::answer::Show = match self.client.get(&request).await {
            Ok(show) => show,
            Err(Error::NotFound { .. }) => return Ok(Found::default()),
            Err(error) => return Err(error),
        };
        let rating = show.rating().map(|value| Rating {
            source: "tvmaze".to_owned(),
            value,
            scale: 10,
            votes: None,
            fetched_at: now,
        });
        Ok(Found {
            plot_overview: show.summary.as_deref().and_then(plain),
            poster: show.image.as_ref().and_then(|image| image.url()).map(str::to_owned),
            user_rating: None,
            ratings: rating.into_iter().collect(),
            show_id: Some(show.id),
        })
    }

    /// What Watchmode knows of a title; nothing, if it has it no more.
    async fn title(&self, id: &TitleId) -> Result<Found, Error> {
        let details: watchmode::answer::Details = match self.client.get(&watchmode::details(id)).await {
            Ok(details) => details,
            Err(Error::NotFound { .. }) => return Ok(Found::default()),
            Err(error) => return Err(error),
        };
        Ok(Found {
            user_rating: details.rating(),
            plot_overview: details.plot_overview.as_deref().and_then(lenient::short),
            poster: details.poster,
            ratings: Vec::new(),
            show_id: None,
        })
    }

    /// Counts one request for details, if the month has one left for them.
    async fn allow(&self, now: Timestamp) -> Result<bool, crate::table::Error> {
        let change = Change::Add {
            attribute: "requests".to_owned(),
            by: 1,
            ceiling: self.allowance,
        };
        let write = Write {
            key: key::budget(COUNTED, now),
            change,
            condition: Condition::Always,
        };
        Ok(matches!(self.table.write(write).await?, Outcome::Done(_)))
    }
}

/// The month's requests for details are used up.
#[derive(Debug, thiserror::Error)]
#[error("the month's requests to watchmode for details are used up: wait for the next month, or raise the budget")]
struct Spent;

impl<U: Upstream, P: Pace, T: Table> Details for Upstreams<'_, U, P, T> {
    /// TVmaze knows series; where it lacks plot or poster, Watchmode is asked as well.
    async fn details(&self, of: &Subject, now: Timestamp) -> Result<Found, Later> {
        let show = match &of.imdb_id {
            Some(imdb) if !of.is_film() => self.show(imdb, now).await,
            _ => Ok(Found::default()),
        };
        let (show, trouble) = match show {
            Ok(show) if show.plot_overview.is_some() && show.poster.is_some() => return Ok(show),
            Ok(show) => (show, None),
            Err(error @ Error::Deadline { .. }) => return Err(Later::Everyone(error.into())),
            Err(error) => (Found::default(), Some(error)),
        };
        if !self.allow(now).await.map_err(|error| Later::Everyone(error.into()))? {
            let trouble = trouble.map_or_else(|| Spent.into(), Into::into);
            return known(show).ok_or(Later::Title(trouble));
        }
        let title = match self.title(&of.id).await {
            Ok(title) => title,
            Err(error @ Error::Deadline { .. }) => return Err(Later::Everyone(error.into())),
            Err(error) => return known(show).ok_or_else(|| Later::Title(error.into())),
        };
        match trouble {
            // Who did not answer may know what the other does not.
            Some(error) => known(title).ok_or_else(|| Later::Title(error.into())),
            None => Ok(show.or(title)),
        }
    }
}

/// What is found, if it is anything.
fn known(found: Found) -> Option<Found> {
    (found != Found::default()).then_some(found)
}

#[cfg(test)]
mod tests;
