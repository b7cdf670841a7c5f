//! What was last published of a dataset: an entry for each of its things, in the table.
//!
//! The entries are spread over parts by their ids, so that an id is always in the same part: a part
//! can be written without the others, and a run that dies between two of them leaves each entry
//! either as it was or as it has become.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::event::canonical;
use crate::table::{self, Condition, Index, Item, Outcome, Query, Table, Write, key};

/// Attribute of a part: its entries by id, as one JSON text.
const ENTRIES: &str = "entries";
/// Attribute of a part: how often it was written.
const REVISION: &str = "revision";
/// Largest text of a part, in bytes; an item of DynamoDB has at most 400 KB.
const LARGEST: usize = 350_000;

/// A dataset's entries, as they stand in the table or as they shall stand there.
#[derive(Debug, Clone)]
pub struct Manifest<E> {
    dataset: &'static str,
    parts: u8,
    /// The entries by id.
    pub entries: BTreeMap<String, E>,
    stored: BTreeMap<String, Stored>,
}

/// A part as it was read.
#[derive(Debug, Clone)]
struct Stored {
    text: String,
    revision: u64,
}

/// Why a manifest was not written whole.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table failed.
    #[error("the manifest of {dataset} cannot be read or written")]
    Table {
        /// Which manifest.
        dataset: &'static str,
        /// What failed.
        #[source]
        source: table::Error,
    },
    /// What stands in the table is no manifest.
    #[error("part {part} of the manifest of {dataset} is damaged: delete it, and everything in it is published again")]
    Damaged {
        /// Which manifest.
        dataset: &'static str,
        /// Which part.
        part: String,
    },
    /// A part is too large for an item.
    #[error("part {part} of the manifest of {dataset} has {bytes} bytes, {LARGEST} are the most: use more parts")]
    TooLarge {
        /// Which manifest.
        dataset: &'static str,
        /// Which part.
        part: String,
        /// Its size.
        bytes: usize,
    },
    /// Another run has written it in the meantime.
    #[error("another run has published {dataset} at the same time: run again")]
    Overtaken {
        /// Which manifest.
        dataset: &'static str,
    },
}

impl<E: Serialize + DeserializeOwned> Manifest<E> {
    /// Reads the manifest of a dataset that is kept in so many parts, which never change.
    ///
    /// # Errors
    ///
    /// When the table fails, or a part is damaged: to take it for empty would publish everything
    /// and cancel nothing.
    pub async fn read<T: Table>(table: &T, dataset: &'static str, parts: u8) -> Result<Self, Error> {
        let partition = key::manifest(dataset, "").pk;
        let items = table.query_all(Query::new(Index::Table, partition)).await;
        let items = items.map_err(|source| Error::Table { dataset, source })?;
        let mut manifest = Self {
            dataset,
            parts,
            entries: BTreeMap::new(),
            stored: BTreeMap::new(),
        };
        for item in items {
            let part = item.get(crate::contract::attribute::SK).and_then(Value::as_str);
            let part = part.unwrap_or_default().to_owned();
            let text = item.get(ENTRIES).and_then(Value::as_str);
            let revision = item.get(REVISION).and_then(Value::as_u64);
            let read = text.and_then(|text| serde_json::from_str::<BTreeMap<String, E>>(text).ok());
            let (Some(text), Some(revision), Some(entries)) = (text, revision, read) else {
                return Err(Error::Damaged { dataset, part });
            };
            manifest.entries.extend(entries);
            let text = text.to_owned();
            manifest.stored.insert(part, Stored { text, revision });
        }
        Ok(manifest)
    }

    /// Writes the parts that have changed.
    ///
    /// # Errors
    ///
    /// When the table fails, or another run was faster; parts that were written stay written.
    pub async fn write<T: Table>(&self, table: &T) -> Result<(), Error> {
        let dataset = self.dataset;
        let mut parts: BTreeMap<String, BTreeMap<&str, &E>> = BTreeMap::new();
        for (id, entry) in &self.entries {
            parts.entry(self.part(id)).or_default().insert(id, entry);
        }
        for part in self.stored.keys() {
            // A part that has lost its last entry is written, too.
            parts.entry(part.clone()).or_default();
        }
        for (part, entries) in parts {
            let text = canonical::text(&entries);
            let stored = self.stored.get(&part);
            if stored.is_some_and(|stored| stored.text == text) {
                continue;
            }
            if text.len() > LARGEST {
                let bytes = text.len();
                return Err(Error::TooLarge { dataset, part, bytes });
            }
            let before = stored.map(|stored| stored.revision);
            let item = Item::from_iter([
                (ENTRIES.to_owned(), Value::from(text)),
                (REVISION.to_owned(), json!(before.unwrap_or(0) + 1)),
            ]);
            let condition = Condition::Equals {
                attribute: REVISION.to_owned(),
                value: before.map(Value::from),
            };
            let write = Write::put(key::manifest(dataset, &part), item).when(condition);
            match table.write(write).await {
                Ok(Outcome::Done(_)) => {}
                Ok(Outcome::Refused(_)) => return Err(Error::Overtaken { dataset }),
                Err(source) => return Err(Error::Table { dataset, source }),
            }
        }
        Ok(())
    }

    /// The part of an id: by the first byte of its hash.
    fn part(&self, id: &str) -> String {
        let digest = canonical::digest(&id);
        let byte = digest.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        format!("part-{:03}", byte.unwrap_or(0) % self.parts.max(1))
    }
}
