//! `GET` and `PUT /preferences`: a user's sources and genres, as one thing with one version.
//!
//! An item for each id, and one that holds the version: the tag of the whole. A change is one
//! transaction on the condition that the version is the one that was read, so that of two clients
//! none undoes what it has not seen. A read whose items do not have the tag that the version says
//! fell between the writes of a change, and is done again.

use std::collections::BTreeSet;

use serde_json::Value;

use super::problem::{Kind, Problem};
use super::shape::Preferences;
use super::{Context, Success, Users, tag};
use crate::contract::api::limit;
use crate::contract::attribute;
use crate::event::id::{GenreId, SourceId, UserId};
use crate::table::{Condition, Index, Item, Key, Query, Range, Table, Write, key};

/// How often a read or a change is done again because another change came between.
const TRIES: usize = 5;

/// The attribute of the version's item.
const TAG: &str = "tag";

impl<S: Table, U: Users> Context<'_, S, U> {
    pub(super) async fn preferences(&self, user: &UserId) -> Result<Success, Problem> {
        let stored = Stored::read(&self.own(user).await?, user).await?;
        Ok(Success::Json(stored.body))
    }

    pub(super) async fn put_preferences(&self, user: &UserId) -> Result<Success, Problem> {
        let wanted = wanted(self.body()?)?;
        let own = self.own(user).await?;
        for _ in 0..TRIES {
            let stored = Stored::read(&own, user).await?;
            if self
                .request
                .if_match
                .is_some_and(|known| !tag::is_current(known, &stored.tag()))
            {
                return Err(changed());
            }
            let tag = tag::of(&body(&wanted)?);
            let changes = stored.changes(&wanted, user);
            if changes.len() > limit::PREFERENCE_CHANGES {
                let detail = format!(
                    "{} ids would be added or removed, {} are the most: do it in two steps",
                    changes.len(),
                    limit::PREFERENCE_CHANGES
                );
                return Err(Problem::new(Kind::Body, detail));
            }
            if changes.is_empty() && stored.version.as_ref() == Some(&tag) {
                return Ok(Success::Done(Some(tag)));
            }
            let version = Item::from_iter([(TAG.to_owned(), Value::from(tag.as_str()))]);
            let version = Write::put(key::preferences(user), version).when(Condition::Equals {
                attribute: TAG.to_owned(),
                value: stored.version.map(Value::from),
            });
            let writes = std::iter::once(version).chain(changes).collect();
            if own.transact(writes).await?.is_done() {
                return Ok(Success::Done(Some(tag)));
            }
        }
        Err(Problem::unavailable("the user's preferences change all the time"))
    }
}

/// What is stored of a user's preferences.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) preferences: Preferences,
    body: Vec<u8>,
    version: Option<String>,
}

impl Stored {
    /// Reads a user's preferences.
    ///
    /// # Errors
    ///
    /// When the table fails.
    pub(super) async fn read(own: &impl Table, user: &UserId) -> Result<Self, Problem> {
        let mut stored = Self::read_once(own, user).await?;
        for _ in 1..TRIES {
            // Items without a version were not written here; there is nothing to compare them with.
            if stored.version.as_ref().is_none_or(|version| *version == stored.tag()) {
                break;
            }
            stored = Self::read_once(own, user).await?;
        }
        Ok(stored)
    }

    async fn read_once(own: &impl Table, user: &UserId) -> Result<Self, Problem> {
        // From the genres over the version to the sources; favourites come before them.
        let range = Range::Between("genre:".to_owned(), "source:~".to_owned());
        let query = Query::new(Index::Table, key::user_partition(user)).range(range);
        let (mut preferences, mut version) = (Preferences::default(), None);
        for item in own.query_all(query).await? {
            let text = |name| item.get(name).and_then(Value::as_str);
            let Some(sort) = text(attribute::SK) else { continue };
            if let Some(id) = sort.strip_prefix("source:") {
                preferences.sources.push(id.to_owned());
            } else if let Some(id) = sort.strip_prefix("genre:") {
                preferences.genres.push(id.to_owned());
            } else if sort == key::preferences(user).sk {
                version = text(TAG).map(str::to_owned);
            }
        }
        Ok(Self {
            body: body(&preferences)?,
            preferences,
            version,
        })
    }

    fn tag(&self) -> String {
        tag::of(&self.body)
    }

    /// The writes that make it what is wanted.
    fn changes(&self, wanted: &Preferences, user: &UserId) -> Vec<Write> {
        let source = |id: &str| SourceId::new(id).ok().map(|id| key::preferred_source(user, &id));
        let genre = |id: &str| GenreId::new(id).ok().map(|id| key::preferred_genre(user, &id));
        let keys = |preferences: &Preferences| -> BTreeSet<Key> {
            let sources = preferences.sources.iter().filter_map(|id| source(id));
            sources
                .chain(preferences.genres.iter().filter_map(|id| genre(id)))
                .collect()
        };
        let (before, after) = (keys(&self.preferences), keys(wanted));
        let put = |key: &Key| Write::put(key.clone(), Item::new());
        let added = after.difference(&before).map(put);
        added
            .chain(before.difference(&after).cloned().map(Write::delete))
            .collect()
    }
}

/// The ids of a body, each once and in order.
fn wanted(Preferences { sources, genres }: Preferences) -> Result<Preferences, Problem> {
    let ids = |name: &str, ids: Vec<String>| {
        let problem = |detail: String| Problem {
            name: Some(name.to_owned()),
            ..Problem::new(Kind::Body, detail)
        };
        if ids.len() > limit::PREFERENCES {
            return Err(problem(format!("up to {} ids", limit::PREFERENCES)));
        }
        // Ids of sources and genres are spelled alike.
        if ids.iter().any(|id| SourceId::new(id.as_str()).is_err()) {
            let detail = "not an id: send 1 to 64 letters, digits, `_` and `-`";
            return Err(problem(detail.to_owned()));
        }
        Ok(ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
    };
    Ok(Preferences {
        sources: ids("sources", sources)?,
        genres: ids("genres", genres)?,
    })
}

fn body(preferences: &Preferences) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(preferences).map_err(Problem::unavailable)
}

fn changed() -> Problem {
    Problem::new(
        Kind::Precondition,
        "the preferences are no longer those of `If-Match`: read them, and change those",
    )
}
