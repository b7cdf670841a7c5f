//! The programme stream into the table.
//!
//! Every record is either written, or known already, or kept aside with the reason, or delivered
//! again; none is lost, and none stops its neighbours.
//!
//! Whatever the order in which records arrive, and however often, the table is the same in the end:
//! of programmes and channels the newest version stands, of titles what [`listing`] makes of them.
//!
//! Reading order: [`consume`], `clean` (a record as what it changes), [`listing`] (titles),
//! [`poison`] (what cannot be used), `details` (what listings lack).

mod clean;
mod details;
mod lanes;
pub mod listing;
pub mod poison;
mod update;

pub use details::Trouble;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::enrich::Details;
use crate::table::entity::Malformed;
use crate::table::{self, Table};
use poison::Quarantine;

/// One record of the stream.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The shard that it came from.
    pub shard: &'a str,
    /// Its place in the shard.
    pub sequence_number: &'a str,
    /// When it arrived in the stream.
    pub arrived: Option<Timestamp>,
    /// Its bytes; or, of what is no base64, the text.
    pub data: Result<&'a [u8], &'a str>,
}

/// What became of a batch.
///
/// `received` = `written` + `unchanged` + the sum of `quarantined` + `failed`, always.
#[derive(Debug, Default)]
pub struct Report {
    /// Records of the batch.
    pub received: usize,
    /// Records that changed the table.
    pub written: usize,
    /// Records that the table knew, or knew better.
    pub unchanged: usize,
    /// Records that cannot be used, by the code of the reason.
    pub quarantined: BTreeMap<&'static str, usize>,
    /// Records from the first failure on: they are delivered again, in their order.
    pub failed: usize,
    /// Why, and from which record on.
    pub failure: Option<Failure>,
    /// Titles that got their details.
    pub enriched: usize,
    /// Titles that were to get them, and still wait.
    pub pending: usize,
    /// Why titles wait, of the first that does.
    pub trouble: Option<Trouble>,
}

/// Where a batch must be delivered from again.
#[derive(Debug)]
pub struct Failure {
    /// The first record that was not dealt with.
    pub sequence_number: String,
    /// Why.
    pub error: Error,
}

/// Why a record was not dealt with; the record is not to blame.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table gave no answer.
    #[error("the table does not take the record")]
    Table(#[from] table::Error),
    /// What stands in the table is not what its key says.
    #[error("the table holds something else in the record's place")]
    Malformed(#[from] Malformed),
    /// Others wrote the same title, again and again.
    #[error("title {0} is written by others all the time")]
    Contended(crate::event::id::TitleId),
    /// A record that cannot be used cannot be kept aside either.
    #[error("the quarantine does not take the record")]
    Quarantine(#[source] poison::Refused),
}

/// Brings a batch into the table.
///
/// Records of one programme, title or channel are dealt with in their order, others at the same
/// time; then titles that lack their details are asked for, one by one, for as long as `details`
/// has time.
pub async fn consume(
    records: &[Record<'_>],
    table: &impl Table,
    quarantine: &impl Quarantine,
    details: &impl Details,
    now: Timestamp,
) -> Report {
    let mut batch = lanes::run(records, table, quarantine).await;
    let mut report = batch.report(records);
    details::fetch(batch.wanted(), table, details, now, &mut report).await;
    report
}

#[cfg(test)]
mod tests;
