//! Changes of the table into messages: a programme of a show that somebody follows is added, moved
//! or cancelled.
//!
//! Every follower is told of every change, and told again only where a function died between telling
//! and writing down that it had.
//!
//! Reading order: [`notify`], [`change`] (what counts as a change), [`follower`] (who is told),
//! [`ledger`] (who has been told), [`message`] (what they are told).

pub mod change;
pub mod follower;
pub mod ledger;
pub mod message;

use std::cell::Cell;

use jiff::Timestamp;

use crate::event::id::UserId;
use crate::join;
use crate::table::{self, Item, Table};
use change::Notice;
use ledger::{Claim, Ledger};
use message::{Message, Topic};

/// One record of the table's stream.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Its place in the shard.
    pub sequence_number: &'a str,
    /// Partition key of the item.
    pub pk: &'a str,
    /// The item before; none if it was absent.
    pub old: Option<&'a Item>,
    /// The item after; none if it is gone.
    pub new: Option<&'a Item>,
}

/// What became of a batch.
///
/// `received` = `changes` + `ignored` + `failed`, always.
#[derive(Debug, Default)]
pub struct Report {
    /// Records of the batch.
    pub received: usize,
    /// Records that followers are told of; there may be none.
    pub changes: usize,
    /// Records that nobody need know of.
    pub ignored: usize,
    /// Of those, records of which a programme cannot be read.
    pub malformed: usize,
    /// Records from the first failure on: they are delivered again, in their order.
    pub failed: usize,
    /// Messages that the topic took.
    pub sent: usize,
    /// Messages that had been sent before.
    pub suppressed: usize,
    /// Why, and from which record on.
    pub failure: Option<Failure>,
}

/// Where a batch must be delivered from again.
#[derive(Debug)]
pub struct Failure {
    /// The first record of which not everybody was told.
    pub sequence_number: String,
    /// Why.
    pub error: Error,
}

/// Why somebody was not told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table gave no answer.
    #[error("the table does not say who is told")]
    Table(#[from] table::Error),
    /// The topic did not take a message.
    #[error("the topic does not take the message")]
    Topic(#[source] message::Refused),
    /// Another is telling; if it dies, its claim ends.
    #[error("another function is sending the message until {0}")]
    Claimed(Timestamp),
    /// The function would not live to tell everybody.
    #[error("no time is left: the rest of the batch is delivered again")]
    Deadline,
}

/// How many followers of one programme are told at a time.
const LANES: usize = 16;

/// Tells followers of the changes in a batch, until `deadline`.
pub async fn notify(
    records: &[Record<'_>],
    table: &impl Table,
    topic: &impl Topic,
    clock: impl Fn() -> Timestamp,
    deadline: Timestamp,
) -> Report {
    let mut report = Report {
        received: records.len(),
        ..Report::default()
    };
    for (position, record) in records.iter().enumerate() {
        let notice = change::notice(record, clock()).unwrap_or_else(|_malformed| {
            report.malformed += 1;
            None
        });
        let Some(notice) = notice else {
            report.ignored += 1;
            continue;
        };
        let told = tell(&notice, record.sequence_number, table, topic, &clock, deadline).await;
        report.sent += told.sent;
        report.suppressed += told.suppressed;
        match told.error {
            None => report.changes += 1,
            Some(error) => {
                report.failed = records.len() - position;
                let sequence_number = record.sequence_number.to_owned();
                report.failure = Some(Failure { sequence_number, error });
                return report;
            }
        }
    }
    report
}

/// Who was told of one change.
#[derive(Default)]
struct Told {
    sent: usize,
    suppressed: usize,
    /// Why somebody was not.
    error: Option<Error>,
}

/// Tells every follower of a change; who is told does not depend on who cannot be.
async fn tell(
    notice: &Notice,
    sequence_number: &str,
    table: &impl Table,
    topic: &impl Topic,
    clock: impl Fn() -> Timestamp,
    deadline: Timestamp,
) -> Told {
    let mut told = Told::default();
    let change = notice.id();
    let mut followed = match follower::followed(notice, table).await {
        Ok(followed) => followed,
        Err(error) => {
            told.error = Some(error.into());
            return told;
        }
    };
    while let Some(favourite) = followed.pop() {
        let mut after = None;
        loop {
            let page = match follower::page(&favourite, after.take(), table).await {
                Ok(page) => page,
                Err(error) => {
                    told.error.get_or_insert(error.into());
                    break;
                }
            };
            let users = Cell::new(page.users.into_iter());
            let next = || {
                let mut left = users.take();
                let user = left.next();
                users.set(left);
                user
            };
            let lane = async || {
                let mut told = Told::default();
                while let Some(user) = next() {
                    let ledger = Ledger::new(table, &change, sequence_number);
                    match one(notice, &user, &ledger, topic, &clock, deadline).await {
                        Ok(true) => told.sent += 1,
                        Ok(false) => told.suppressed += 1,
                        Err(error) => drop(told.error.get_or_insert(error)),
                    }
                }
                told
            };
            for lane in join::all((0..LANES).map(|_| lane())).await {
                told.sent += lane.sent;
                told.suppressed += lane.suppressed;
                told.error = told.error.or(lane.error);
            }
            if matches!(told.error, Some(Error::Deadline)) {
                return told;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    told
}

/// Tells one follower, unless that has been done; says whether it was done now.
async fn one(
    notice: &Notice,
    user: &UserId,
    ledger: &Ledger<'_, impl Table>,
    topic: &impl Topic,
    clock: impl Fn() -> Timestamp,
    deadline: Timestamp,
) -> Result<bool, Error> {
    let now = clock();
    if now >= deadline {
        return Err(Error::Deadline);
    }
    let claim = match ledger.claim(user, now).await? {
        Claim::Ours(claim) => claim,
        Claim::Complete => return Ok(false),
        Claim::Theirs(until) => return Err(Error::Claimed(until)),
    };
    topic.publish(&Message::new(notice, user)).await.map_err(Error::Topic)?;
    ledger.complete(user, &claim, now).await?;
    Ok(true)
}

#[cfg(test)]
mod tests;
