//! The budget of requests to Watchmode: counted in the table before each is made.
//!
//! A request that fails has been counted, and so has one that was never made because the function
//! died in between: the count is never below what was asked.

use jiff::Timestamp;
use serde_json::Value;

use crate::contract::ingest::budget_ceiling;
use crate::table::{self, Change, Condition, Outcome, Table, Write, key};

/// The upstream that counts by the month, which it does not say by whose clock; we count UTC's.
const UPSTREAM: &str = "watchmode";
/// The attribute that counts.
const REQUESTS: &str = "requests";

/// The budget of every month, of which a tenth is left alone.
#[derive(Debug)]
pub struct Budget<'t, T> {
    table: &'t T,
    ceiling: u64,
}

/// Why a request must not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The month's requests are used up.
    #[error("the month's {ceiling} requests to watchmode are used up: wait for the next month, or raise the budget")]
    Spent {
        /// How many were allowed.
        ceiling: u64,
    },
    /// The count cannot be kept, so that nobody knows.
    #[error("requests to watchmode cannot be counted")]
    Table(#[source] table::Error),
}

impl<'t, T: Table> Budget<'t, T> {
    /// The budget of a plan that allows `monthly` requests.
    pub fn new(table: &'t T, monthly: u64) -> Self {
        Self {
            table,
            ceiling: budget_ceiling(monthly),
        }
    }

    /// Counts a request that takes `cost` of the budget, and returns how much the month has left.
    ///
    /// However many functions count at the same time, no more requests are granted than there are.
    ///
    /// # Errors
    ///
    /// When the request must not be made.
    pub async fn take(&self, cost: u64, now: Timestamp) -> Result<u64, Error> {
        let change = Change::Add {
            attribute: REQUESTS.to_owned(),
            by: cost,
            ceiling: self.ceiling,
        };
        let write = Write {
            key: key::budget(UPSTREAM, now),
            change,
            condition: Condition::Always,
        };
        match self.table.write(write).await.map_err(Error::Table)? {
            Outcome::Done(item) => {
                let used = item.and_then(|item| item.get(REQUESTS).and_then(Value::as_u64));
                Ok(self.ceiling.saturating_sub(used.unwrap_or(self.ceiling)))
            }
            Outcome::Refused(_) => Err(Error::Spent { ceiling: self.ceiling }),
        }
    }
}

#[cfg(test)]
mod tests;
