use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Title, enter};
use crate::contract::attribute;
use crate::event::id::{GenreId, SourceId, TitleId};
use crate::table::key;
use crate::table::{Index, Item, Key, Write};

/// The items by which a title is found: one for each of its sources, for each of its genres, and
/// for each pair of both.
///
/// The first two stand in the title's own partition, so that a reader of the partition knows which
/// pairs there are.
/// That holds although they are several writes: pairs are written before the edges that they follow
/// from, and the title after both, so that whoever is interrupted finds the same work again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edges {
    /// The title's sort key in the first index, for each source.
    sources: BTreeMap<SourceId, String>,
    /// The same for each genre.
    genres: BTreeMap<GenreId, String>,
}

impl Edges {
    /// The edges that a title should have; one that is not listed has none.
    #[must_use]
    pub fn of(title: &Title) -> Self {
        if !title.listed {
            return Edges::default();
        }
        let sort = key::by_name(&title.data.title, &title.data.id);
        Edges {
            sources: all(&title.data.source_ids, &sort),
            genres: all(&title.data.genre_ids, &sort),
        }
    }

    /// The edges among the items of a title's partition.
    #[must_use]
    pub fn stored(partition: &[Item]) -> Self {
        Edges {
            sources: among(partition, key::AVAILABILITY_SK, SourceId::new),
            genres: among(partition, key::GENRE_SK, GenreId::new),
        }
    }

    /// The writes that lead from the `stored` edges of `title` to these: first those of pairs, then,
    /// when they are done, those of edges.
    #[must_use]
    pub fn writes(&self, title: &TitleId, stored: &Edges) -> [Vec<Write>; 2] {
        let (ours, theirs) = (self.pairs(), stored.pairs());
        let put = |(source, genre): &(&SourceId, &GenreId)| {
            let item = Item::from_iter([("title_id".to_owned(), title.as_str().into())]);
            Write::put(key::source_genre(source, genre, title), item)
        };
        let delete = |(source, genre): &(&SourceId, &GenreId)| Write::delete(key::source_genre(source, genre, title));
        let pairs = ours
            .difference(&theirs)
            .map(put)
            .chain(theirs.difference(&ours).map(delete));

        let sources = changed(&self.sources, &stored.sources, |id, sort| {
            let key = key::availability(title, id);
            edge(key, title, key::by_source(id), sort)
        });
        let genres = changed(&self.genres, &stored.genres, |id, sort| {
            let key = key::title_genre(title, id);
            edge(key, title, key::by_genre(id), sort)
        });
        [pairs.collect(), [sources, genres].concat()]
    }

    fn pairs(&self) -> BTreeSet<(&SourceId, &GenreId)> {
        let pairs = |source| self.genres.keys().map(move |genre| (source, genre));
        self.sources.keys().flat_map(pairs).collect()
    }
}

fn all<I: Clone + Ord>(ids: &[I], sort: &str) -> BTreeMap<I, String> {
    ids.iter().map(|id| (id.clone(), sort.to_owned())).collect()
}

/// The edges whose sort keys begin with `prefix`.
fn among<I: Ord, E>(items: &[Item], prefix: &str, id: impl Fn(String) -> Result<I, E>) -> BTreeMap<I, String> {
    let edges = items.iter().filter_map(|item| {
        let text = |name| item.get(name).and_then(Value::as_str);
        let name = text(attribute::SK)?.strip_prefix(prefix)?;
        let sort = text(attribute::GSI1SK).unwrap_or_default();
        Some((id(name.to_owned()).ok()?, sort.to_owned()))
    });
    edges.collect()
}

/// The writes for what is new or named otherwise, and for what is gone.
fn changed<I: Ord>(
    ours: &BTreeMap<I, String>,
    theirs: &BTreeMap<I, String>,
    write: impl Fn(&I, Option<&str>) -> Write,
) -> Vec<Write> {
    let put = ours.iter().filter(|(id, sort)| theirs.get(*id) != Some(*sort));
    let put = put.map(|(id, sort)| write(id, Some(sort)));
    let gone = theirs.keys().filter(|id| !ours.contains_key(*id));
    put.chain(gone.map(|id| write(id, None))).collect()
}

/// An edge put with its place in the first index, or deleted.
fn edge(key: Key, title: &TitleId, partition: String, sort: Option<&str>) -> Write {
    let Some(sort) = sort else { return Write::delete(key) };
    let mut item = Item::from_iter([("title_id".to_owned(), title.as_str().into())]);
    enter(&mut item, Index::Gsi1, partition, sort.to_owned());
    Write::put(key, item)
}
