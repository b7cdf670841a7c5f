//! A hundred thousand updates, shuffled and repeated, against a reference that only sorts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::world::{self, Sent, records};
use crate::consume::consume;
use crate::consume::poison::Kept;
use crate::table::memory::Memory;
use crate::table::{Item, Table as _};

const UPDATES: usize = 100_000;
const SLOTS: u64 = 3_000;
const TITLES: u64 = 300;
const CHANNELS: u64 = 30;

/// One update, small enough to be compared: when, and what then is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Update {
    Slot {
        id: u64,
        second: u64,
        name: u8,
        on: bool,
    },
    Title {
        id: u64,
        second: u64,
        name: u8,
        sources: u8,
        genres: u8,
        listed: bool,
    },
    Channel {
        id: u64,
        second: u64,
        name: u8,
    },
}

fn name(number: u8) -> String {
    format!("Name {number}")
}

/// The ids whose bits are set.
fn ids(bits: u8) -> Vec<u64> {
    (1..=8).filter(|id| bits >> (id - 1) & 1 == 1).collect()
}

impl Update {
    fn random(random: &mut fastrand::Rng) -> Self {
        // Each second is its own, as two versions of one thing always differ.
        let second = random.u64(..1_000_000);
        match random.u8(..20) {
            0 => Update::Channel {
                id: random.u64(..CHANNELS),
                second,
                name: random.u8(..),
            },
            1 => Update::Title {
                id: random.u64(..TITLES),
                second,
                name: random.u8(..),
                sources: random.u8(..) & random.u8(..),
                genres: random.u8(..) & random.u8(..),
                listed: random.u8(..4) > 0,
            },
            _ => Update::Slot {
                id: random.u64(..SLOTS),
                second,
                name: random.u8(..),
                on: random.u8(..10) > 0,
            },
        }
    }

    /// What it is about, and when.
    fn version(self) -> (u8, u64, u64) {
        match self {
            Update::Slot { id, second, .. } => (0, id, second),
            Update::Title { id, second, .. } => (1, id, second),
            Update::Channel { id, second, .. } => (2, id, second),
        }
    }

    fn send(self) -> Sent {
        match self {
            Update::Slot {
                id,
                second,
                name: number,
                on: true,
            } => world::slot(id, second, &name(number)),
            Update::Slot {
                id,
                second,
                name: number,
                on: false,
            } => world::cancelled(id, second, &name(number)),
            Update::Title {
                id,
                second,
                listed: false,
                ..
            } => world::delisted(id, second),
            Update::Title {
                id,
                second,
                name: number,
                sources,
                genres,
                ..
            } => world::title(id, second, &name(number), &ids(sources), &ids(genres)),
            Update::Channel {
                id,
                second,
                name: number,
            } => world::channel(id, second, &name(number)),
        }
    }
}

/// What the table must say, by key: of each thing what its newest update says, and the edges that
/// follow from it.
fn reference(updates: &[Update]) -> BTreeMap<String, Value> {
    let mut sorted = updates.to_vec();
    sorted.sort_unstable_by_key(|update| update.version());
    let mut expected = BTreeMap::new();
    let mut titles: BTreeMap<u64, Vec<Update>> = BTreeMap::new();
    for update in sorted {
        match update {
            Update::Slot {
                id, name: number, on, ..
            } => {
                let status = if on { "scheduled" } else { "cancelled" };
                let found_on_its_day = on.then_some("day:2026-01-01");
                expected.insert(
                    format!("programme:{id} slot"),
                    json!([name(number), status, found_on_its_day]),
                );
            }
            Update::Title { id, .. } => titles.entry(id).or_default().push(update),
            Update::Channel { id, name: number, .. } => {
                expected.insert(format!("channel:{id} meta"), json!([name(number)]));
            }
        }
    }
    for (id, updates) in titles {
        let mut listings = updates
            .iter()
            .filter(|update| matches!(update, Update::Title { listed: true, .. }));
        let Some(Update::Title { second: first, .. }) = listings.clone().next().copied() else {
            expected.insert(format!("title:{id} record"), json!(["", false, null]));
            continue;
        };
        let Some(Update::Title {
            name: number,
            sources,
            genres,
            ..
        }) = listings.next_back().copied()
        else {
            continue;
        };
        let listed = matches!(updates.last(), Some(Update::Title { listed: true, .. }));
        let seen = crate::instant::text(world::at(first.cast_signed()));
        expected.insert(format!("title:{id} record"), json!([name(number), listed, seen]));
        if !listed {
            continue;
        }
        for source in ids(sources) {
            expected.insert(
                format!("title:{id} avail:{source}"),
                json!([format!("{}#{id}", name(number).to_lowercase())]),
            );
            for genre in ids(genres) {
                expected.insert(format!("sg:{source}:{genre} title:{id}"), json!([]));
            }
        }
        for genre in ids(genres) {
            expected.insert(
                format!("title:{id} genre:{genre}"),
                json!([format!("{}#{id}", name(number).to_lowercase())]),
            );
        }
    }
    expected
}

/// The same of the table.
fn found(table: &Memory) -> BTreeMap<String, Value> {
    let get = |item: &Item, name: &str| item.get(name).cloned().unwrap_or_default();
    let items = table.items().into_iter().map(|(key, item)| {
        let value = match (key.pk.split(':').next(), key.sk.as_str()) {
            (Some("programme"), _) => json!([item["title"], item["status"], get(&item, "GSI2PK")]),
            (Some("channel"), _) => json!([item["name"]]),
            (Some("title"), "record") => {
                let named = item["data"]["title"] != "";
                let seen = if named { get(&item, "first_seen") } else { Value::Null };
                json!([item["data"]["title"], item["listed"], seen])
            }
            (Some("title"), _) => json!([item["GSI1SK"]]),
            _ => json!([]),
        };
        (format!("{} {}", key.pk, key.sk), value)
    });
    items.collect()
}

#[tokio::test]
async fn a_hundred_thousand_shuffled_updates_are_the_reference() {
    let mut random = fastrand::Rng::with_seed(4);
    let mut seen = BTreeSet::new();
    let mut updates = Vec::new();
    while updates.len() < UPDATES * 3 / 4 {
        let update = Update::random(&mut random);
        if seen.insert(update.version()) {
            updates.push(update);
        }
    }
    let expected = reference(&updates);
    // Every third comes twice.
    updates.extend_from_within(..UPDATES / 4);
    random.shuffle(&mut updates);
    assert_eq!(updates.len(), UPDATES);

    let (table, kept) = (Memory::new(), Kept::default());
    for batch in updates.chunks(500) {
        let sent: Vec<Sent> = batch.iter().map(|update| update.send()).collect();
        let report = consume(&records(&sent), &table, &kept, &world::Nobody, world::at(0)).await;
        super::check_sum(&report);
        assert_eq!(report.failed, 0);
    }
    assert!(kept.objects().is_empty());
    assert_eq!(found(&table), expected);

    let (items, writes) = (table.items(), table.counts().writes);
    random.shuffle(&mut updates);
    let sent: Vec<Sent> = updates[..20_000].iter().map(|update| update.send()).collect();
    for batch in sent.chunks(500) {
        consume(&records(batch), &table, &kept, &world::Nobody, world::at(0)).await;
    }
    assert_eq!(table.counts().writes, writes, "what is known is not written again");
    assert_eq!(table.items(), items);
    let day = crate::table::Query::new(crate::table::Index::Gsi2, "day:2026-01-01");
    let on = expected.values().filter(|value| value[2] == "day:2026-01-01").count();
    assert_eq!(table.query_all(day).await.unwrap().len(), on);
}
