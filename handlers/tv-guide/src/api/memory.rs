//! Users' data in a table in memory, for tests, benches and a server on one's own machine.

use std::error::Error;

use super::Users;
use crate::event::id::UserId;
use crate::table::memory::Memory;
use crate::table::{self, Item, Key, Outcome, Page, Query, Table, Write, key};

/// Everybody's and users' data in one table, with the wall between them that permissions build.
#[derive(Debug, Clone, Copy)]
pub struct Walled<'t>(pub &'t Memory);

impl<'t> Users for Walled<'t> {
    type Own = Own<'t>;

    async fn own(&self, user: &UserId) -> Result<Own<'t>, Box<dyn Error + Send + Sync>> {
        Ok(Own {
            table: self.0,
            partition: key::user_partition(user),
        })
    }
}

/// One partition of a table: whatever names another is refused, and so is every index.
#[derive(Debug)]
pub struct Own<'t> {
    table: &'t Memory,
    partition: String,
}

impl Own<'_> {
    fn admit<'k>(&self, call: &'static str, mut keys: impl Iterator<Item = &'k str>) -> Result<(), table::Error> {
        match keys.find(|pk| *pk != self.partition) {
            None => Ok(()),
            Some(pk) => Err(table::Error::Call {
                call,
                table: self.partition.clone(),
                source: format!("access to {pk} is denied").into(),
            }),
        }
    }
}

impl Table for Own<'_> {
    async fn get(&self, key: &Key) -> Result<Option<Item>, table::Error> {
        self.admit("GetItem", [key.pk.as_str()].into_iter())?;
        self.table.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, table::Error> {
        self.admit("BatchGetItem", keys.iter().map(|key| key.pk.as_str()))?;
        self.table.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, table::Error> {
        let index = query.index.name();
        self.admit("Query", index.into_iter().chain([query.pk.as_str()]))?;
        self.table.query(query).await
    }

    async fn write(&self, write: Write) -> Result<Outcome, table::Error> {
        self.admit("PutItem", [write.key.pk.as_str()].into_iter())?;
        self.table.write(write).await
    }

    async fn write_all(&self, writes: Vec<Write>) -> Result<(), table::Error> {
        self.admit("BatchWriteItem", writes.iter().map(|write| write.key.pk.as_str()))?;
        self.table.write_all(writes).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, table::Error> {
        self.admit("TransactWriteItems", writes.iter().map(|write| write.key.pk.as_str()))?;
        self.table.transact(writes).await
    }
}
