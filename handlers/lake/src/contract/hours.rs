//! The ledger of hours: a table of three lists per dataset, each read by its partition key.
//!
//! | list | an item is | attributes beside the key |
//! |---|---|---|
//! | [`dirty`] | an hour with raw objects that no generation holds | [`TOUCHED`], [`SINCE`], [`ATTEMPTS`], [`OWNER`], [`UNTIL`], [`PENDING`], [`QUERY`], [`TARGET`] |
//! | [`published`] | an hour and the generation that is its partition | [`GENERATION`], [`INPUTS`], [`OBJECTS`], [`ROWS_IN`], [`DUPLICATES`], [`ROWS`] |
//! | [`retired`] | a generation that nobody is pointed to any more | [`PARTITION`], [`GENERATION`], [`SINCE`] |

/// The partition key, a string: which dataset's list.
pub const LIST: &str = "list";
/// The sort key, a string: the hour as `2026-01-09T20`; of [`retired`] when, and which generation.
pub const HOUR: &str = "hour";

/// How often the hour was marked, a number: whoever clears it says how often he knows of.
pub const TOUCHED: &str = "touched";
/// When it was marked first, or retired, in milliseconds since 1970.
pub const SINCE: &str = "since";
/// How often it was leased since it was clean.
pub const ATTEMPTS: &str = "attempts";
/// Who holds the lease: an invocation.
pub const OWNER: &str = "owner";
/// When the lease runs out, in milliseconds since 1970.
pub const UNTIL: &str = "until";
/// The generations that attempts intended, a list of strings.
pub const PENDING: &str = "pending";
/// The Athena execution that writes the generation [`TARGET`].
pub const QUERY: &str = "query";
/// See [`QUERY`].
pub const TARGET: &str = "target";

/// The generation: the last folder of its location.
pub const GENERATION: &str = "generation";
/// A digest of the raw objects that it was made of: their keys, ETags and sizes.
pub const INPUTS: &str = "inputs";
/// How many raw objects those are.
pub const OBJECTS: &str = "objects";
/// How many rows they hold; [`ROWS`] and [`DUPLICATES`] together, always.
pub const ROWS_IN: &str = "rows_in";
/// How many of these were another row's event again.
pub const DUPLICATES: &str = "duplicates";
/// How many rows the generation holds.
pub const ROWS: &str = "rows";
/// The hour of a generation that is [`retired`].
pub const PARTITION: &str = "partition";

/// The list of hours that wait for a compaction.
#[must_use]
pub fn dirty(dataset: &str) -> String {
    format!("{dataset}#dirty")
}

/// The list of hours that have a generation.
#[must_use]
pub fn published(dataset: &str) -> String {
    format!("{dataset}#published")
}

/// The list of generations that wait for their removal.
#[must_use]
pub fn retired(dataset: &str) -> String {
    format!("{dataset}#retired")
}
