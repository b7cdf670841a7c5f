//! The table in memory, for tests and benches: the same answers, and a count of what it was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::{
    Change, Condition, Cursor, Error, Index, Item, Key, Outcome, Page, Query, Range, TRANSACTION_LIMIT, Table, Write,
    check_keys,
};
use crate::contract::attribute;

/// A table in memory.
#[derive(Debug, Default)]
pub struct Memory {
    page: Option<usize>,
    state: Mutex<State>,
}

/// What a table was asked so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Items that were read, or asked for and absent.
    pub reads: u64,
    /// Items that were written or deleted.
    pub writes: u64,
    /// Writes whose condition did not hold.
    pub refused: u64,
}

/// What a write made of an item; DynamoDB's stream tells the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Whose.
    pub key: Key,
    /// The item before; none if it was absent.
    pub old: Option<Item>,
    /// The item after; none if it is gone.
    pub new: Option<Item>,
}

#[derive(Debug, Default)]
struct State {
    items: BTreeMap<Key, Item>,
    indexes: [BTreeMap<String, BTreeSet<Entry>>; 4],
    counts: Counts,
    images: Option<Vec<Image>>,
}

/// Sort key in the index, and whose it is.
type Entry = (String, Key);

impl Memory {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty table whose pages hold so few items that every caller must follow cursors.
    #[must_use]
    pub fn paged(items: usize) -> Self {
        Memory {
            page: Some(items),
            ..Self::default()
        }
    }

    /// An empty table that keeps what every write changed, for [`Memory::take_images`].
    #[must_use]
    pub fn recording() -> Self {
        let table = Self::default();
        table.state().images = Some(Vec::new());
        table
    }

    /// What was asked so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.state().counts
    }

    /// Every item by its key.
    #[must_use]
    pub fn items(&self) -> BTreeMap<Key, Item> {
        self.state().items.clone()
    }

    /// What the writes since the last call have changed, in their order; nothing unless recording.
    #[must_use]
    pub fn take_images(&self) -> Vec<Image> {
        self.state().images.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table for Memory {
    async fn get(&self, key: &Key) -> Result<Option<Item>, Error> {
        let mut state = self.state();
        state.counts.reads += 1;
        Ok(state.items.get(key).cloned())
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, Error> {
        let mut state = self.state();
        state.counts.reads += keys.iter().collect::<BTreeSet<_>>().len() as u64;
        Ok(keys.iter().map(|key| state.items.get(key).cloned()).collect())
    }

    async fn query(&self, query: &Query) -> Result<Page, Error> {
        if !query.is_own_cursor() {
            return Err(Error::Cursor);
        }
        let most = query
            .limit
            .map(|limit| limit as usize)
            .into_iter()
            .chain(self.page)
            .min();
        self.state().query(query, most.unwrap_or(usize::MAX).max(1))
    }

    async fn write(&self, write: Write) -> Result<Outcome, Error> {
        let mut state = self.state();
        match state.plan(&write)? {
            Ok(new) => Ok(Outcome::Done(state.apply(write, new))),
            Err(standing) => {
                state.counts.refused += 1;
                Ok(Outcome::Refused(standing))
            }
        }
    }

    async fn write_all(&self, writes: Vec<Write>) -> Result<(), Error> {
        let mut last = BTreeMap::new();
        for write in writes {
            let whole = matches!(write.change, Change::Put(_) | Change::Delete);
            if !whole || write.condition != Condition::Always {
                return Err(Error::Batch);
            }
            last.insert(write.key.clone(), write);
        }
        let mut state = self.state();
        for write in last.into_values() {
            if let Ok(new) = state.plan(&write)? {
                state.apply(write, new);
            }
        }
        Ok(())
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, Error> {
        let keys: BTreeSet<&Key> = writes.iter().map(|write| &write.key).collect();
        if keys.len() < writes.len() || writes.len() > TRANSACTION_LIMIT {
            return Err(Error::Transaction { writes: writes.len() });
        }
        let mut state = self.state();
        let mut planned = Vec::new();
        for write in writes {
            match state.plan(&write)? {
                Ok(new) => planned.push((write, new)),
                Err(standing) => {
                    state.counts.refused += 1;
                    return Ok(Outcome::Refused(standing));
                }
            }
        }
        for (write, new) in planned {
            state.apply(write, new);
        }
        Ok(Outcome::Done(None))
    }
}

impl State {
    fn query(&mut self, query: &Query, most: usize) -> Result<Page, Error> {
        let empty = BTreeSet::new();
        let [partitions, ..] = &self.indexes;
        let partitions = self.indexes.get(query.index as usize).unwrap_or(partitions);
        let partition = partitions.get(&query.pk).unwrap_or(&empty);
        let entry = |sort: String, pk: &str| {
            let (pk, sk) = (pk.to_owned(), String::new());
            (sort, Key { pk, sk })
        };
        let (mut low, mut high) = match &query.range {
            Range::All => (Bound::Unbounded, Bound::Unbounded),
            Range::Prefix(low) | Range::From(low) => (Bound::Included(entry(low.clone(), "")), Bound::Unbounded),
            // The first text after `high` is `high` and a zero.
            Range::Between(low, high) => (
                Bound::Included(entry(low.clone(), "")),
                Bound::Excluded(entry(format!("{high}\0"), "")),
            ),
            Range::Below(high) => (Bound::Unbounded, Bound::Excluded(entry(high.clone(), ""))),
        };
        if let Some(Cursor { key, sort }) = &query.after {
            let after = Bound::Excluded((sort.clone().unwrap_or_else(|| key.sk.clone()), key.clone()));
            *(if query.forward { &mut low } else { &mut high }) = after;
        }
        let none = matches!(
            (&low, &high),
            (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) if low >= high
        );
        let range = (!none).then(|| partition.range((low, high))).into_iter().flatten();
        let ordered: Box<dyn Iterator<Item = &Entry>> = if query.forward {
            Box::new(range)
        } else {
            Box::new(range.rev())
        };
        let mut found = ordered
            .skip_while(|(sort, _)| !query.range.contains(sort))
            .take_while(|(sort, _)| query.range.contains(sort));
        let page: Vec<&Entry> = found.by_ref().take(most).collect();
        let next = match page.last() {
            Some((sort, key)) if page.len() == most => Some(Cursor {
                key: key.clone(),
                sort: (query.index != Index::Table).then(|| sort.clone()),
            }),
            _ => None,
        };
        let items: Vec<Item> = page
            .iter()
            .filter_map(|(_, key)| self.items.get(key).cloned())
            .collect();
        self.counts.reads += items.len() as u64;
        let read = u32::try_from(items.len()).unwrap_or(u32::MAX);
        Ok(Page { items, next, read })
    }

    /// The item that a write would leave, or what stands in its way.
    fn plan(&self, write: &Write) -> Result<Result<Option<Item>, Option<Item>>, Error> {
        let standing = self.items.get(&write.key);
        let refused = || Ok(Err(standing.cloned()));
        let get = |attribute: &str| standing.and_then(|item| item.get(attribute));
        let holds = match &write.condition {
            Condition::Always => true,
            Condition::Absent => standing.is_none(),
            Condition::Newer(version) => match get(attribute::VERSION) {
                None => true,
                Some(Value::String(old)) => old < version,
                Some(_) => false,
            },
            Condition::Equals { attribute, value } => get(attribute) == value.as_ref(),
        };
        if !holds {
            return refused();
        }
        let mut new = match &write.change {
            Change::Delete => return Ok(Ok(None)),
            Change::Put(item) => item.clone(),
            Change::Merge { set, remove } => {
                let mut item = standing.cloned().unwrap_or_default();
                item.extend(set.clone());
                item.retain(|name, _| !remove.contains(name));
                item
            }
            Change::Add { attribute, by, ceiling } => {
                let old = match get(attribute) {
                    None => Some(0),
                    Some(value) => value.as_u64(),
                };
                let sum = old.and_then(|old| old.checked_add(*by)).filter(|sum| sum <= ceiling);
                let Some(sum) = sum else { return refused() };
                let mut item = standing.cloned().unwrap_or_default();
                item.insert(attribute.clone(), sum.into());
                item
            }
        };
        check_keys(&write.key, &new)?;
        new.insert(attribute::PK.to_owned(), write.key.pk.clone().into());
        new.insert(attribute::SK.to_owned(), write.key.sk.clone().into());
        Ok(Ok(Some(new)))
    }

    fn apply(&mut self, write: Write, new: Option<Item>) -> Option<Item> {
        self.counts.writes += 1;
        let Write { key, change, .. } = write;
        let old = match &new {
            Some(item) => self.items.insert(key.clone(), item.clone()),
            None => self.items.remove(&key),
        };
        for (index, partitions) in [Index::Table, Index::Gsi1, Index::Gsi2, Index::Gsi3]
            .into_iter()
            .zip(&mut self.indexes)
        {
            let (was, is) = (entry(index, &key, old.as_ref()), entry(index, &key, new.as_ref()));
            if was == is {
                continue;
            }
            if let Some((pk, entry)) = was {
                let left = partitions.get_mut(&pk).map_or(0, |partition| {
                    partition.remove(&entry);
                    partition.len()
                });
                if left == 0 {
                    partitions.remove(&pk);
                }
            }
            if let Some((pk, entry)) = is {
                partitions.entry(pk).or_default().insert(entry);
            }
        }
        if let Some(images) = self.images.as_mut().filter(|_| old != new) {
            let new = new.clone();
            images.push(Image { key, old, new });
        }
        new.filter(|_| matches!(change, Change::Merge { .. } | Change::Add { .. }))
    }
}

/// Where an item stands in an index: the partition, and its place there.
fn entry(index: Index, key: &Key, item: Option<&Item>) -> Option<(String, Entry)> {
    let (partition, sort) = index.attributes();
    let text = |name| item?.get(name)?.as_str().map(str::to_owned);
    Some((text(partition)?, (text(sort)?, key.clone())))
}

#[cfg(test)]
mod tests;
