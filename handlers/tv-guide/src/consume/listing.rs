//! What a title is after any number of listings, in any order.
//!
//! Three things follow from the set of listings alone: what the newest that lists the title says of
//! it, whether the newest of all lists it, and when the oldest that lists it was published.
//! Details are not theirs to touch.

use jiff::Timestamp;

use super::Error;
use super::update::{Applied, subject};
use crate::event::id::TitleId;
use crate::instant;
use crate::table::entity::{Edges, Title, TitleData};
use crate::table::{Index, Item, Outcome, Query, Table, Write, key};

/// What the catalogue says of a title at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Which title.
    pub id: TitleId,
    /// What it says.
    pub what: What,
    /// Version; the greater text is the newer.
    pub version: String,
    /// When it was published.
    pub published: Timestamp,
}

/// What the catalogue says of a title.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// It is there, and this; without any details.
    Listed(Box<TitleData>),
    /// It is gone.
    Delisted,
}

/// The title after one more listing; none if that changes nothing.
#[must_use]
pub fn fold(standing: Option<&Title>, listing: &Listing) -> Option<Title> {
    let mut title = standing.cloned().unwrap_or_else(|| unknown(listing));
    let is_first = matches!(listing.what, What::Listed(_)) && title.listing_version.is_none();
    // Until a listing has it, a title was first seen when the oldest said that it was gone.
    let counts = matches!(listing.what, What::Listed(_)) || title.listing_version.is_none();
    if is_first || (counts && listing.published < title.first_seen) {
        title.first_seen = listing.published;
    }
    if let What::Listed(data) = &listing.what
        && title.listing_version.as_ref() < Some(&listing.version)
    {
        title.listing_version = Some(listing.version.clone());
        let TitleData {
            plot_overview,
            poster,
            user_rating,
            ratings,
            ..
        } = title.data;
        title.data = TitleData {
            plot_overview,
            poster,
            user_rating,
            ratings,
            ..TitleData::clone(data)
        };
    }
    if title.version < listing.version {
        title.version.clone_from(&listing.version);
    }
    title.listed = title.listing_version.as_ref() == Some(&title.version);
    settle(&mut title);
    (standing != Some(&title)).then_some(title)
}

/// A title of which nothing is known but that it is spoken of.
fn unknown(listing: &Listing) -> Title {
    Title {
        data: TitleData::unnamed(listing.id.clone()),
        listed: false,
        first_seen: listing.published,
        version: String::new(),
        listing_version: None,
        details_version: None,
        details_of: None,
        show_id: None,
        next_try: None,
        tries: 0,
        revision: 0,
    }
}

/// Says when a title's details are to be asked for: never, if they are there or it is not.
pub(super) fn settle(title: &mut Title) {
    let has_details = title.details_version.is_some() && title.details_of == title.data.imdb_id;
    if has_details || !title.listed {
        title.next_try = None;
        title.tries = 0;
    } else if title.tries == 0 {
        title.next_try = Some(instant::text(title.first_seen));
    }
}

/// How often a title is read again when others have written it in between.
const TRIES: u32 = 8;

/// Brings a listing into the table: the title, and the edges that lead to it.
///
/// The title is written last, and only over what was read, so that whoever is interrupted or
/// overtaken begins again with what stands there.
pub(super) async fn apply(listing: &Listing, table: &impl Table) -> Result<Applied, Error> {
    for _ in 0..TRIES {
        let partition = key::title(&listing.id).pk;
        let partition = table.query_all(Query::new(Index::Table, partition)).await?;
        let record = partition.iter().find(|item| is_record(item));
        let standing = record.map(Title::read).transpose()?;
        let new = fold(standing.as_ref(), listing);
        let Some(title) = new.as_ref().or(standing.as_ref()) else {
            return Ok(Applied::default());
        };
        let [mut pairs, edges] = Edges::of(title).writes(&listing.id, &Edges::stored(&partition));
        pairs.extend(imdb_writes(standing.as_ref(), title));
        let changed = new.is_some() || !pairs.is_empty() || !edges.is_empty();
        table.write_all(pairs).await?;
        table.write_all(edges).await?;
        let wants = new.as_ref().filter(|title| title.next_try.is_some()).map(subject);
        let Some(new) = new else {
            return Ok(Applied { changed, wants });
        };
        if store(new, standing.as_ref(), table).await? {
            return Ok(Applied { changed, wants });
        }
    }
    Err(Error::Contended(listing.id.clone()))
}

/// Writes a title over the one that it was made from; false if another stands there by now.
pub(super) async fn store(new: Title, over: Option<&Title>, table: &impl Table) -> Result<bool, Error> {
    let over = over.map(|title| title.revision);
    let new = Title {
        revision: over.map_or(1, |revision| revision + 1),
        ..new
    };
    let outcome = table.write(new.write(over)).await?;
    Ok(matches!(outcome, Outcome::Done(_)))
}

fn is_record(item: &Item) -> bool {
    item.get(crate::contract::attribute::SK).and_then(|sk| sk.as_str()) == Some(key::TITLE_SK)
}

/// What leads from the `IMDb` id to the title; it stays when the title is delisted, since
/// programmes that are still on may carry the id.
fn imdb_writes(standing: Option<&Title>, title: &Title) -> Vec<Write> {
    let (id, old, new) = (
        &title.data.id,
        standing.and_then(|standing| standing.data.imdb_id.as_ref()),
        title.data.imdb_id.as_ref(),
    );
    if old == new {
        return Vec::new();
    }
    let put = new.map(|imdb| {
        let item = Item::from_iter([("title_id".to_owned(), id.as_str().into())]);
        Write::put(key::imdb(imdb, id), item)
    });
    let delete = old.map(|imdb| Write::delete(key::imdb(imdb, id)));
    put.into_iter().chain(delete).collect()
}

#[cfg(test)]
mod tests;
