//! The titles by their listings: a title has the sources and genres in whose listings it is.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::Listing;
use crate::event::id::{GenreId, SourceId, TitleId};
use crate::event::{Event, Title, TitleKey};
use crate::watchmode::answer::ListItem;

/// Every title that is in a listing, by its id.
pub type Titles = BTreeMap<String, Title>;

/// Makes a listing hold these titles and no others.
///
/// A title that is in no listing any more is gone; one that is in a genre's listing only is kept,
/// but not shown, until a source's listing has it.
pub fn replace(titles: &mut Titles, listing: &Listing, items: Vec<ListItem>) {
    for title in titles.values_mut() {
        match listing {
            Listing::Source(source) => title.source_ids.retain(|id| id != source),
            Listing::Genre(genre) => title.genre_ids.retain(|id| id != genre),
        }
    }
    for item in items {
        let title = put(titles, item);
        match listing {
            Listing::Source(source) => insert(&mut title.source_ids, source.clone()),
            Listing::Genre(genre) => insert(&mut title.genre_ids, genre.clone()),
        }
    }
    titles.retain(|_, title| !title.source_ids.is_empty() || !title.genre_ids.is_empty());
}

/// How many titles a listing holds, and how many of them are not among these.
#[must_use]
pub fn held_and_lost(titles: &Titles, listing: &Listing, items: &[ListItem]) -> (usize, usize) {
    let has = |title: &&Title| match listing {
        Listing::Source(source) => title.source_ids.contains(source),
        Listing::Genre(genre) => title.genre_ids.contains(genre),
    };
    let ids: BTreeSet<&TitleId> = items.iter().map(|item| &item.id).collect();
    let held = titles.values().filter(has);
    let lost = held.clone().filter(|title| !ids.contains(&title.id));
    (held.count(), lost.count())
}

/// Adds a title, known or not, to sources and genres.
pub fn add(titles: &mut Titles, item: ListItem, sources: Vec<SourceId>, genres: Vec<GenreId>) {
    let title = put(titles, item);
    for source in sources {
        insert(&mut title.source_ids, source);
    }
    for genre in genres {
        insert(&mut title.genre_ids, genre);
    }
}

/// What must be published so that whoever knows `before` knows `after`.
#[must_use]
pub fn changes(before: &Titles, after: &Titles) -> Vec<Event> {
    let is_shown = |title: &&Title| !title.source_ids.is_empty();
    let mut events = Vec::new();
    for (id, title) in after.iter().filter(|(_, title)| is_shown(title)) {
        if before.get(id).filter(is_shown) != Some(title) {
            events.push(Event::TitleListed(title.clone()));
        }
    }
    for (id, title) in before.iter().filter(|(_, title)| is_shown(title)) {
        if after.get(id).filter(is_shown).is_none() {
            events.push(Event::TitleDelisted(TitleKey { id: title.id.clone() }));
        }
    }
    events
}

/// The title of an item, with what the item says of it.
fn put(titles: &mut Titles, item: ListItem) -> &mut Title {
    let id: TitleId = item.id;
    let title = titles.entry(id.as_str().to_owned()).or_insert_with(|| Title {
        id,
        title: String::new(),
        year: None,
        imdb_id: None,
        tmdb_id: None,
        tmdb_type: None,
        kind: None,
        source_ids: Vec::new(),
        genre_ids: Vec::new(),
    });
    // What one listing leaves out another may have said.
    title.title = item.title;
    title.year = item.year.or(title.year);
    title.imdb_id = item.imdb_id.or(title.imdb_id.take());
    title.tmdb_id = item.tmdb_id.filter(|id| *id != 0).or(title.tmdb_id);
    title.tmdb_type = item.tmdb_type.or(title.tmdb_type.take());
    title.kind = item.kind.or(title.kind.take());
    title
}

/// Keeps the ids sorted, each once.
fn insert<I: Ord>(ids: &mut Vec<I>, id: I) {
    if let Err(at) = ids.binary_search(&id) {
        ids.insert(at, id);
    }
}

#[cfg(test)]
mod tests;
