//! What is stored: each entity as a struct, and the item that it is.
//!
//! A struct's fields are the item's attributes; beside them an item holds the keys of the indexes in
//! which it is found, and `ttl` where it goes by itself.

mod edges;
mod programme;
mod reference;
mod title;

pub use edges::Edges;
pub use programme::{KEPT_SECONDS, Programme, Status};
pub use reference::{Channel, genre, source};
pub use title::{Rating, Title, TitleData};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Index, Item};
use crate::contract::attribute;

/// An item that is not what its key says.
#[derive(Debug, thiserror::Error)]
#[error("item {pk} / {sk} is no {entity}")]
pub struct Malformed {
    /// What it should be.
    pub entity: &'static str,
    /// Partition key of the item.
    pub pk: String,
    /// Sort key of the item.
    pub sk: String,
    /// What is wrong with it.
    pub source: serde_json::Error,
}

fn read<T: DeserializeOwned>(entity: &'static str, item: &Item) -> Result<T, Malformed> {
    let text = |name| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    serde_json::from_value(Value::Object(item.clone())).map_err(|source| Malformed {
        entity,
        pk: text(attribute::PK),
        sk: text(attribute::SK),
        source,
    })
}

/// The attributes of a struct.
fn attributes(entity: &impl serde::Serialize) -> Item {
    match serde_json::to_value(entity) {
        Ok(Value::Object(item)) => item,
        // A struct of texts, finite numbers, lists and maps with text keys always is an object.
        _ => Item::new(),
    }
}

/// Puts an item into an index.
fn enter(item: &mut Item, index: Index, partition: String, sort: String) {
    let (partition_name, sort_name) = index.attributes();
    item.insert(partition_name.to_owned(), partition.into());
    item.insert(sort_name.to_owned(), sort.into());
}

#[cfg(test)]
mod tests;
