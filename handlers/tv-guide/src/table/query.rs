use serde::{Deserialize, Serialize};

use super::{Index, Item, Key};

/// What to read: one partition, or a part of it, in the order of the sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Where to read.
    pub index: Index,
    /// The partition.
    pub pk: String,
    /// Which part of it.
    pub range: Range,
    /// Ascending by the sort key; descending where false.
    pub forward: bool,
    /// Most items of a page; none for as many as fit into 1 MB.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub after: Option<Cursor>,
}

impl Query {
    /// A whole partition, ascending.
    #[must_use]
    pub fn new(index: Index, pk: impl Into<String>) -> Self {
        Query {
            index,
            pk: pk.into(),
            range: Range::All,
            forward: true,
            limit: None,
            after: None,
        }
    }

    /// The same query over a part of the partition.
    #[must_use]
    pub fn range(self, range: Range) -> Self {
        Query { range, ..self }
    }

    /// Whether [`Query::after`] can be where a page of this query ended.
    #[must_use]
    pub fn is_own_cursor(&self) -> bool {
        let Some(cursor) = &self.after else { return true };
        let sort = match (self.index, &cursor.sort) {
            (Index::Table, None) if cursor.key.pk == self.pk => &cursor.key.sk,
            (Index::Gsi1 | Index::Gsi2 | Index::Gsi3, Some(sort)) => sort,
            _ => return false,
        };
        let fits = |text: &str, most: usize| (1..=most).contains(&text.len());
        fits(&cursor.key.pk, 2_048) && fits(&cursor.key.sk, 1_024) && self.range.contains(sort)
    }
}

/// A part of a partition, by its sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// All of it.
    All,
    /// Keys that begin so.
    Prefix(String),
    /// Keys from the first to the second, both included.
    Between(String, String),
    /// This key and all after it.
    From(String),
    /// All keys before this one.
    Below(String),
}

impl Range {
    /// Whether a sort key is in it; texts are compared by their bytes.
    #[must_use]
    pub fn contains(&self, sort: &str) -> bool {
        match self {
            Range::All => true,
            Range::Prefix(prefix) => sort.starts_with(prefix.as_str()),
            Range::Between(low, high) => (low.as_str()..=high.as_str()).contains(&sort),
            Range::From(low) => sort >= low.as_str(),
            Range::Below(high) => sort < high.as_str(),
        }
    }
}

/// Where a page ended; the partition is the query's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// Key of the last item that was read.
    pub key: Key,
    /// Its sort key in the index; none in the table itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
}

/// A part of a query's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The items, in the query's order.
    pub items: Vec<Item>,
    /// Where to go on; there may be nothing more, all the same.
    pub next: Option<Cursor>,
    /// How many items the table read for it, which is what is paid for.
    pub read: u32,
}
