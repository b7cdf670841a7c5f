//! One listing of titles: those of a source, or those of a genre, on as many pages as there are.

use std::collections::BTreeMap;
use std::fmt;

use crate::event::id::{GenreId, SourceId, TitleId};
use crate::retry::Client;
use crate::snapshot::Rejection;
use crate::table::Table;
use crate::upstream::{Pace, Upstream};
use crate::watchmode::answer::{ListItem, Titles};
use crate::watchmode::{self, Of};

/// Most titles that are taken of one listing, the most popular; a whole page more may be.
pub const MOST: usize = 1_000;
/// Most pages that are read of one listing, however small they are.
const MOST_PAGES: u32 = 40;

/// Which listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listing {
    /// A source's.
    Source(SourceId),
    /// A genre's.
    Genre(GenreId),
}

impl Listing {
    /// The listing of a name that [`Display`](fmt::Display) gives.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        let (kind, id) = name.split_once('-')?;
        match kind {
            "source" => SourceId::new(id).ok().map(Listing::Source),
            "genre" => GenreId::new(id).ok().map(Listing::Genre),
            _ => None,
        }
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Listing::Source(id) => write!(out, "source-{id}"),
            Listing::Genre(id) => write!(out, "genre-{id}"),
        }
    }
}

/// Reads a listing; `sources` are all sources, and bound what a genre holds.
///
/// # Errors
///
/// When it cannot be read whole.
pub async fn fetch<U: Upstream, P: Pace, T: Table>(
    listing: &Listing,
    sources: &[SourceId],
    region: &str,
    client: &Client<'_, U, P, T>,
) -> Result<Vec<ListItem>, Rejection> {
    let of = match listing {
        Listing::Source(source) => Of::Source(source),
        Listing::Genre(genre) => Of::Genre(genre, sources),
    };
    let mut read = Read::default();
    for page in 1..=MOST_PAGES {
        let answer: Titles = client
            .get(&watchmode::list_titles(of, region, page))
            .await
            .map_err(Rejection::Unanswered)?;
        if read.take(page, answer)? {
            break;
        }
    }
    Ok(read.titles.into_values().collect())
}

/// What the pages so far have brought.
#[derive(Debug, Default)]
struct Read {
    titles: BTreeMap<TitleId, ListItem>,
    /// Rows that cannot be understood.
    strange: usize,
    /// Rows of the first page: every page but the last has as many.
    page_size: usize,
}

impl Read {
    /// Takes a page; returns whether it is the last that is wanted.
    fn take(&mut self, page: u32, answer: Titles) -> Result<bool, Rejection> {
        let rows = answer.titles.good.len() + answer.titles.strange;
        self.strange += answer.titles.strange;
        for item in answer.titles.good {
            self.titles.insert(item.id.clone(), item);
        }
        if page == 1 {
            self.page_size = rows;
        }
        let seen = self.titles.len() + self.strange;
        let total = answer.total_results.map(|total| total as usize);
        let is_last = match (answer.total_pages, total) {
            (Some(pages), _) => page >= pages,
            (None, Some(total)) => seen >= total || rows == 0,
            (None, None) => rows < watchmode::PAGE as usize,
        };
        let is_enough = is_last || seen >= MOST;
        // On its way every page is full; at the end every row that was promised is there.
        let before = page.saturating_sub(1) as usize * self.page_size;
        let expected = match total {
            Some(total) if is_last => total,
            Some(total) => total.min(before + self.page_size.max(1)),
            None if is_last => before + rows,
            None => before + self.page_size.max(1),
        };
        if answer.page.is_some_and(|number| number != page) || seen < expected {
            return Err(Rejection::Incomplete { page, seen, expected });
        }
        Ok(is_enough)
    }
}

#[cfg(test)]
mod tests;
