//! Sources and genres, as the table holds them: refreshed daily and on request.
//!
//! An answer is taken whole or not at all; a source that has another name than before leaves no
//! item under the old one, and one that is gone upstream goes only after a whole answer without it.
//!
//! Reading order: [`Order`] (what is wanted), [`refresh`], [`Refreshed::answer`].

mod order;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::event::id::{GenreId, SourceId};
use crate::retry::{self, Client};
use crate::snapshot::{Rejection, Report, is_doubtful, is_shrunken};
use crate::table::entity;
use crate::table::{self, Index, Item, Key, Query, Table, Write, key};
use crate::upstream::{Fault, Pace, Request, Upstream};
use crate::watchmode::answer::{Named, Rows};
use crate::{contract, watchmode};

pub use order::Order;

/// What became of an order.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// What the function answers, one sentence for each thing that was wanted.
    pub messages: Vec<String>,
    /// Which datasets were taken, which were not.
    pub report: Report,
}

impl Refreshed {
    /// The function's answer: a status, and a body as text.
    #[must_use]
    pub fn answer(&self) -> Value {
        let failed_key = self.report.rejected.iter().find_map(|(_, rejection)| match rejection {
            Rejection::Unanswered(retry::Error::Faulty { fault: Fault::Key, .. }) => Some(Fault::Key),
            _ => None,
        });
        let success = self.report.rejected.is_empty();
        let body = match failed_key {
            Some(fault) => {
                let sentence = fault.to_string();
                let (first, rest) = sentence.split_at(1);
                json!({ "error": first.to_uppercase() + rest })
            }
            None => json!({ "messages": self.messages, "success": success }),
        };
        json!({ "statusCode": if success { 200 } else { 500 }, "body": body.to_string() })
    }
}

/// One list of Watchmode's.
#[derive(Debug, Clone, PartialEq, Eq)]
enum List {
    Sources { region: String },
    Genres,
}

/// Refreshes what is wanted.
///
/// # Errors
///
/// When the table fails; what was written until then stays, and is right.
pub async fn refresh<U: Upstream, P: Pace, T: Table>(
    order: &Order,
    client: &Client<'_, U, P, T>,
    table: &T,
) -> Result<Refreshed, table::Error> {
    let mut refreshed = Refreshed::default();
    let regions = order.regions.iter().filter(|_| order.sources);
    let sources = regions.map(|region| List::Sources { region: region.clone() });
    for list in sources.chain(order.genres.then_some(List::Genres)) {
        match publish(&list, client, table).await? {
            Ok(()) => {
                refreshed.messages.push(match &list {
                    List::Sources { region } => format!("Sources refreshed for region {region}"),
                    List::Genres => "Genres refreshed".to_owned(),
                });
                refreshed.report.published.push(list.dataset());
            }
            Err(rejection) => {
                refreshed.messages.push(match &list {
                    List::Sources { region } => format!("No sources found or error saving for region {region}"),
                    List::Genres => "No genres found or error saving".to_owned(),
                });
                refreshed.report.rejected.push((list.dataset(), rejection));
            }
        }
    }
    if !order.sources && !order.genres {
        refreshed.messages.push("No refresh action requested.".to_owned());
    }
    Ok(refreshed)
}

/// What the last good answer held.
#[derive(Debug, Default, Serialize, Deserialize)]
struct LastGood {
    ids: BTreeSet<String>,
}

async fn publish<U: Upstream, P: Pace, T: Table>(
    list: &List,
    client: &Client<'_, U, P, T>,
    table: &T,
) -> Result<Result<(), Rejection>, table::Error> {
    let manifest = list.manifest();
    let last: LastGood = match table.get(&manifest).await? {
        // What cannot be read is as good as none: the next answer takes its place.
        Some(item) => serde_json::from_value(Value::Object(item)).unwrap_or_default(),
        None => LastGood::default(),
    };
    let (named, strange) = match fetch(list, &last, client).await {
        Ok(answer) => answer,
        Err(rejection) => return Ok(Err(rejection)),
    };

    let (mut puts, mut deletes) = (Vec::new(), Vec::new());
    for named in named.values() {
        list.store(named, &standing(list, &named.id, table).await?, &mut puts, &mut deletes);
    }
    // A row that could not be understood may be any of those that seem to be gone.
    if strange == 0 {
        for id in last.ids.iter().filter(|id| !named.contains_key(*id)) {
            list.remove(id, standing(list, id, table).await?, &mut puts, &mut deletes);
        }
    }
    // New names before old ones go, so that no reader ever misses a source.
    table.write_all(puts).await?;
    table.write_all(deletes).await?;

    let known = last.ids.into_iter().filter(|_| strange > 0);
    let ids = known.chain(named.into_keys()).collect();
    let item = match serde_json::to_value(LastGood { ids }) {
        Ok(Value::Object(item)) => item,
        _ => Item::new(),
    };
    table.write_all(vec![Write::put(manifest, item)]).await?;
    Ok(Ok(()))
}

/// The rows of a list by their ids, and how many cannot be understood; a list that lacks much is asked
/// for twice.
async fn fetch<U: Upstream, P: Pace, T: Table>(
    list: &List,
    last: &LastGood,
    client: &Client<'_, U, P, T>,
) -> Result<(BTreeMap<String, Named>, usize), Rejection> {
    let ask = async || -> Result<(BTreeMap<String, Named>, usize), Rejection> {
        let rows: Rows<Named> = client.get(&list.request()).await.map_err(Rejection::Unanswered)?;
        let named: BTreeMap<_, _> = rows.good.into_iter().map(|named| (named.id.clone(), named)).collect();
        let (now, before) = (named.len(), last.ids.len());
        if named.is_empty() || is_shrunken(now, before) {
            return Err(Rejection::Shrunken { now, before });
        }
        Ok((named, rows.strange))
    };
    let (named, strange) = ask().await?;
    let lost = last.ids.iter().filter(|id| !named.contains_key(*id)).count();
    if is_doubtful(lost, last.ids.len()) {
        let (again, _) = ask().await?;
        if !again.keys().eq(named.keys()) {
            let (first, second) = (named.len(), again.len());
            return Err(Rejection::Unsteady { first, second });
        }
    }
    Ok((named, strange))
}

/// Every item of an id, whatever its name.
async fn standing<T: Table>(list: &List, id: &str, table: &T) -> Result<Vec<Item>, table::Error> {
    let prefix = match list {
        List::Sources { .. } => "source",
        List::Genres => "genre",
    };
    table
        .query_all(Query::new(Index::Table, format!("{prefix}:{id}")))
        .await
}

impl List {
    fn dataset(&self) -> String {
        match self {
            List::Sources { region } => format!("sources of {region}"),
            List::Genres => "genres".to_owned(),
        }
    }

    fn manifest(&self) -> Key {
        match self {
            List::Sources { region } => key::manifest("sources", region),
            List::Genres => key::manifest("genres", "all"),
        }
    }

    fn request(&self) -> Request {
        match self {
            List::Sources { region } => watchmode::sources(region),
            List::Genres => watchmode::genres(),
        }
    }

    /// Makes the id stand under its name, and under no other.
    fn store(&self, named: &Named, standing: &[Item], puts: &mut Vec<Write>, deletes: &mut Vec<Write>) {
        let write = match self {
            List::Sources { region } => {
                let Ok(id) = SourceId::new(named.id.clone()) else {
                    return;
                };
                let mut regions: BTreeSet<String> = standing.iter().flat_map(regions).collect();
                regions.insert(region.clone());
                let regions: Vec<String> = regions.into_iter().collect();
                entity::source(&id, &named.name, named.data.clone(), &regions)
            }
            List::Genres => {
                let Ok(id) = GenreId::new(named.id.clone()) else { return };
                entity::genre(&id, &named.name, named.data.clone())
            }
        };
        let others = standing.iter().filter_map(key_of).filter(|key| *key != write.key);
        deletes.extend(others.map(Write::delete));
        if !standing.iter().any(|item| is_same(item, &write)) {
            puts.push(write);
        }
    }

    /// Takes an id away; a source that other regions have stays with them.
    fn remove(&self, id: &str, standing: Vec<Item>, puts: &mut Vec<Write>, deletes: &mut Vec<Write>) {
        for item in standing {
            let Some(key) = key_of(&item) else { continue };
            let left: Vec<String> = match self {
                List::Sources { region } => regions(&item).filter(|other| other != region).collect(),
                List::Genres => Vec::new(),
            };
            match (SourceId::new(id), item.get("data")) {
                (Ok(id), Some(Value::Object(data))) if !left.is_empty() => {
                    puts.push(entity::source(&id, &key.sk, data.clone(), &left));
                }
                _ => deletes.push(Write::delete(key)),
            }
        }
    }
}

fn regions(item: &Item) -> impl Iterator<Item = String> {
    let regions = item.get("regions").and_then(Value::as_array).into_iter().flatten();
    regions.filter_map(Value::as_str).map(ToOwned::to_owned)
}

fn key_of(item: &Item) -> Option<Key> {
    let text = |name| item.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    Some(Key {
        pk: text(contract::attribute::PK)?,
        sk: text(contract::attribute::SK)?,
    })
}

/// Whether a write would change nothing.
fn is_same(item: &Item, write: &Write) -> bool {
    let table::Change::Put(new) = &write.change else {
        return false;
    };
    key_of(item).as_ref() == Some(&write.key) && new.iter().all(|(name, value)| item.get(name) == Some(value))
}

#[cfg(test)]
mod tests;
