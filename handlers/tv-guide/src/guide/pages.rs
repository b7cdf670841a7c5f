//! Queries that follow each other, read page by page until enough is found.

use std::collections::BTreeMap;

use super::On;
use crate::table::{Error, Item, Query, Table};

/// Items of one page; a page of a smaller query would be another request for nearly nothing.
const SMALLEST_PAGE: u32 = 64;

pub(super) struct Pages<'t, T> {
    table: &'t T,
    queries: Vec<Query>,
    /// What was found, by its sort key.
    pub found: BTreeMap<String, Item>,
    /// How many items the table read.
    pub read: u32,
}

impl<'t, T: Table> Pages<'t, T> {
    pub(super) fn new(table: &'t T, queries: Vec<Query>) -> Self {
        Pages {
            table,
            queries,
            found: BTreeMap::new(),
            read: 0,
        }
    }

    /// Reads until `wanted` items are found, or there are no more.
    pub(super) async fn until(mut self, wanted: usize, on: &On<'_>) -> Result<Self, Error> {
        for mut query in std::mem::take(&mut self.queries) {
            loop {
                let missing = wanted.saturating_sub(self.found.len());
                if missing == 0 {
                    return Ok(self);
                }
                query.limit = Some(u32::try_from(missing).unwrap_or(u32::MAX).max(SMALLEST_PAGE));
                let page = self.table.query(&query).await?;
                self.read += page.read;
                for item in page.items {
                    if let Some(sort) = on.admits(query.index, &item) {
                        self.found.insert(sort, item);
                    }
                }
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        Ok(self)
    }
}
