//! The port to the table `UKTVProgrammes`: what the guide asks of it, and nothing that it does not.
//!
//! There is no scan, so that no request can read what it does not return.
//!
//! Reading order: [`Table`] and what its calls take, [`key`] (how keys are spelled), [`entity`] (what
//! is stored under them), [`memory`] (the table of tests and benches), [`conformance`] (what every
//! implementation must do).

pub mod conformance;
pub mod entity;
#[cfg(test)]
pub(crate) mod flaky;
pub mod key;
pub mod memory;
mod query;

pub use query::{Cursor, Page, Query, Range};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::{attribute, index};

/// Attributes by name; as JSON, of DynamoDB's types strings, numbers, booleans, null, lists and maps.
///
/// An item that was read holds its key under `PK` and `SK`; in one that is written they may be
/// absent, since [`Write::key`] says where it goes.
pub type Item = serde_json::Map<String, Value>;

/// Most writes of one transaction, by DynamoDB (`API_TransactWriteItems`).
pub const TRANSACTION_LIMIT: usize = 100;

/// Where an item stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Partition key, at most 2,048 bytes.
    pub pk: String,
    /// Sort key, at most 1,024 bytes.
    pub sk: String,
}

/// What a query reads: the table itself, consistently, or one of its indexes, a moment later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// The table, by `PK` and `SK`.
    Table,
    /// By `GSI1PK` and `GSI1SK`.
    Gsi1,
    /// By `GSI2PK` and `GSI2SK`.
    Gsi2,
    /// By `GSI3PK` and `GSI3SK`.
    Gsi3,
}

impl Index {
    /// Every index but the table itself.
    pub const SECONDARY: [Index; 3] = [Index::Gsi1, Index::Gsi2, Index::Gsi3];

    /// The attributes of its partition key and its sort key.
    #[must_use]
    pub fn attributes(self) -> (&'static str, &'static str) {
        match self {
            Index::Table => (attribute::PK, attribute::SK),
            Index::Gsi1 => (attribute::GSI1PK, attribute::GSI1SK),
            Index::Gsi2 => (attribute::GSI2PK, attribute::GSI2SK),
            Index::Gsi3 => (attribute::GSI3PK, attribute::GSI3SK),
        }
    }

    /// Its name; none for the table itself.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Index::Table => None,
            Index::Gsi1 => Some(index::GSI1),
            Index::Gsi2 => Some(index::GSI2),
            Index::Gsi3 => Some(index::GSI3),
        }
    }
}

/// One write: where, what, and on which condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// Where.
    pub key: Key,
    /// What.
    pub change: Change,
    /// On which condition.
    pub condition: Condition,
}

impl Write {
    /// An item put over whatever stands there.
    #[must_use]
    pub fn put(key: Key, item: Item) -> Self {
        Write {
            key,
            change: Change::Put(item),
            condition: Condition::Always,
        }
    }

    /// An item deleted, if it is there.
    #[must_use]
    pub fn delete(key: Key) -> Self {
        Write {
            key,
            change: Change::Delete,
            condition: Condition::Always,
        }
    }

    /// The same write on a condition.
    #[must_use]
    pub fn when(self, condition: Condition) -> Self {
        Write { condition, ..self }
    }
}

/// What becomes of an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It is this and nothing else.
    Put(Item),
    /// It gets the attributes of `set`, loses those of `remove`, keeps the others, and is made if
    /// it is absent.
    Merge {
        /// Attributes that it gets.
        set: Item,
        /// Attributes that it loses; none may be in `set`.
        remove: Vec<String>,
    },
    /// It is gone.
    Delete,
    /// A number of it grows, from 0 where it is absent.
    Add {
        /// Which number; one that is none is refused, too.
        attribute: String,
        /// By how much.
        by: u64,
        /// Refused if the number would pass this.
        ceiling: u64,
    },
}

/// What must be true of the item before it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// It is absent.
    Absent,
    /// It is absent, has no `version`, or one before this in the order of texts.
    Newer(String),
    /// An attribute has a value.
    Equals {
        /// Which attribute.
        attribute: String,
        /// The value; none if the attribute, or the item, must be absent.
        value: Option<Value>,
    },
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Done; with the whole new item after [`Change::Merge`] and [`Change::Add`], else none.
    Done(Option<Item>),
    /// The condition did not hold; with what stands there.
    Refused(Option<Item>),
}

impl Outcome {
    /// Whether it was done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Outcome::Done(_))
    }
}

/// Why the table gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A call failed; it may have been done all the same, so repeat it only where that is harmless.
    #[error("{call} on table {table} failed")]
    Call {
        /// The API call.
        call: &'static str,
        /// Name of the table.
        table: String,
        /// What the service, or the way to it, said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What the table answered cannot be an item of it.
    #[error("{call} on table {table} answered with {what}")]
    Answer {
        /// The API call.
        call: &'static str,
        /// Name of the table.
        table: String,
        /// What is wrong with the answer.
        what: String,
    },
    /// The cursor belongs to another query.
    #[error("the cursor belongs to another query: send the one that came with this query's last page")]
    Cursor,
    /// More writes than one transaction takes, or two of one item.
    #[error("a transaction takes up to {TRANSACTION_LIMIT} writes, each of another item; this has {writes}")]
    Transaction {
        /// How many writes it has.
        writes: usize,
    },
    /// A batch of writes holds one with a condition, or one that changes part of an item.
    #[error("write_all takes puts and deletes without a condition")]
    Batch,
    /// A key of the table or of an index is no text, or empty.
    #[error("attribute {attribute} of {pk} / {sk} is a key, and no text or empty")]
    Attribute {
        /// Which attribute.
        attribute: String,
        /// Partition key of the item.
        pk: String,
        /// Sort key of the item.
        sk: String,
    },
}

/// What an item's keys must be, or no implementation takes it: texts that are not empty.
///
/// # Errors
///
/// The first key that is not.
pub fn check_keys(key: &Key, item: &Item) -> Result<(), Error> {
    let wrong = |attribute: &str| Error::Attribute {
        attribute: attribute.to_owned(),
        pk: key.pk.clone(),
        sk: key.sk.clone(),
    };
    for (attribute, text) in [(attribute::PK, &key.pk), (attribute::SK, &key.sk)] {
        if text.is_empty() {
            return Err(wrong(attribute));
        }
    }
    for (partition, sort) in Index::SECONDARY.map(Index::attributes) {
        for attribute in [partition, sort] {
            match item.get(attribute) {
                None => {}
                Some(Value::String(text)) if !text.is_empty() => {}
                Some(_) => return Err(wrong(attribute)),
            }
        }
    }
    Ok(())
}

/// The table.
///
/// Reads of the table itself see every write that was answered before; reads of an index may be a
/// moment behind.
#[allow(async_fn_in_trait, reason = "a function handles one event at a time, on one thread")]
pub trait Table {
    /// The item at `key`.
    ///
    /// # Errors
    ///
    /// When the call fails.
    async fn get(&self, key: &Key) -> Result<Option<Item>, Error>;

    /// The items at `keys`, in their order, none where there is none.
    ///
    /// # Errors
    ///
    /// When a call fails; then nothing is returned, although some were read.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, Error>;

    /// One page of a query; [`Page::next`] leads to the one after.
    ///
    /// # Errors
    ///
    /// When the call fails, or the cursor belongs to another query.
    async fn query(&self, query: &Query) -> Result<Page, Error>;

    /// One write.
    ///
    /// # Errors
    ///
    /// When the call fails; a condition that does not hold is no error.
    async fn write(&self, write: Write) -> Result<Outcome, Error>;

    /// Any number of puts and deletes without conditions, in batches; of two that name the same
    /// item the last one counts.
    ///
    /// # Errors
    ///
    /// When a call fails, or a write is no such put or delete; some may have been done.
    async fn write_all(&self, writes: Vec<Write>) -> Result<(), Error>;

    /// Up to [`TRANSACTION_LIMIT`] writes of different items: all are done, or none.
    ///
    /// Refused with what stands at the first write whose condition does not hold.
    ///
    /// # Errors
    ///
    /// When the call fails, or there are too many writes or two of one item.
    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, Error>;

    /// Every item of a query that is known to be short, page by page; its limit is a page's.
    ///
    /// # Errors
    ///
    /// When a call fails.
    async fn query_all(&self, mut query: Query) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        loop {
            let page = self.query(&query).await?;
            items.extend(page.items);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(items),
            }
        }
    }
}
