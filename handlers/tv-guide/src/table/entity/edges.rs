use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Title, enter};
use crate::contract::attribute;
use crate::table::key::{self, Id};
use crate::table::{Index, Item, Write};

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
    sources: BTreeMap<Id, String>,
    /// The same for each genre.
    genres: BTreeMap<Id, String>,
}

impl Edges {
    /// The edges that a title should have; one that is not listed has none.
    #[must_use]
    pub fn of(title: &Title) -> Self {
        if !title.listed {
            return Edges::default();
        }
        let sort = key::by_name(&title.data.title, &title.id());
        let all = |ids: &[Id]| ids.iter().map(|id| (id.clone(), sort.clone())).collect();
        Edges {
            sources: all(&title.data.source_ids),
            genres: all(&title.data.genre_ids),
        }
    }

    /// The edges among the items of a title's partition.
    #[must_use]
    pub fn stored(partition: &[Item]) -> Self {
        let all = |prefix: &str| {
            let edges = partition.iter().filter_map(|item| {
                let text = |name| item.get(name).and_then(Value::as_str);
                let id = text(attribute::SK)?.strip_prefix(prefix)?;
                let sort = text(attribute::GSI1SK).unwrap_or_default();
                Some((Id::new(id).ok()?, sort.to_owned()))
            });
            edges.collect()
        };
        Edges {
            sources: all(key::AVAILABILITY_SK),
            genres: all(key::GENRE_SK),
        }
    }

    /// The writes that lead from the `stored` edges of `title` to these: first those of pairs, then,
    /// when they are done, those of edges.
    #[must_use]
    pub fn writes(&self, title: &Id, stored: &Edges) -> [Vec<Write>; 2] {
        let (ours, theirs) = (self.pairs(), stored.pairs());
        let put = |(source, genre): &(&Id, &Id)| {
            let item = Item::from_iter([("title_id".to_owned(), title.as_str().into())]);
            Write::put(key::source_genre(source, genre, title), item)
        };
        let delete = |(source, genre): &(&Id, &Id)| Write::delete(key::source_genre(source, genre, title));
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
        [pairs.collect(), sources.chain(genres).collect()]
    }

    fn pairs(&self) -> BTreeSet<(&Id, &Id)> {
        let pairs = |source| self.genres.keys().map(move |genre| (source, genre));
        self.sources.keys().flat_map(pairs).collect()
    }
}

/// The writes for what is new or named otherwise, and for what is gone.
fn changed<'a>(
    ours: &'a BTreeMap<Id, String>,
    theirs: &'a BTreeMap<Id, String>,
    write: impl Fn(&Id, Option<&str>) -> Write + Copy + 'a,
) -> impl Iterator<Item = Write> + 'a {
    let put = ours.iter().filter(|(id, sort)| theirs.get(*id) != Some(*sort));
    let gone = theirs.keys().filter(|id| !ours.contains_key(*id));
    put.map(move |(id, sort)| write(id, Some(sort)))
        .chain(gone.map(move |id| write(id, None)))
}

/// An edge put with its place in the first index, or deleted.
fn edge(key: crate::table::Key, title: &Id, partition: String, sort: Option<&str>) -> Write {
    let Some(sort) = sort else { return Write::delete(key) };
    let mut item = Item::from_iter([("title_id".to_owned(), title.as_str().into())]);
    enter(&mut item, Index::Gsi1, partition, sort.to_owned());
    Write::put(key, item)
}
