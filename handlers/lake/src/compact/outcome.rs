//! What has become of hours.

use super::{Fault, Published};
use crate::Hour;

/// A run's work.
#[derive(Debug)]
pub struct Report {
    /// The hours that were tried, in that order.
    pub hours: Vec<(Hour, Outcome)>,
    /// Hours that are marked, closed, and not compacted yet.
    pub waiting: usize,
    /// What the removal of retired generations came to.
    pub swept: Result<Swept, Fault>,
}

impl Default for Report {
    fn default() -> Self {
        Report {
            hours: Vec::new(),
            waiting: 0,
            swept: Ok(Swept::default()),
        }
    }
}

/// Retired generations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Those that are gone.
    pub removed: usize,
    /// Those that the catalog points to, against the ledger: their hours are marked.
    pub in_use: usize,
}

/// What has become of an hour.
#[derive(Debug)]
pub enum Outcome {
    /// It has a new generation.
    Published(Published),
    /// There was nothing new in it.
    Unchanged,
    /// Somebody else is at it.
    Leased,
    /// The engine is at it, and will be asked again.
    Underway,
    /// It stays as it was, and marked.
    Again(Cause),
}

impl Outcome {
    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self, Outcome::Published(_) | Outcome::Unchanged)
    }
}

/// Why an hour must be tried again.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// A service failed before the partition was moved, or after.
    #[error("a service does not do what it was asked; its log line says which")]
    Fault,
    /// The catalog failed to say whether the partition was moved.
    #[error("the catalog does not say whether the partition was moved; the lease is kept until that is certain")]
    Moving,
    /// Raw objects came, went or changed meanwhile.
    #[error("{key} is not as it was listed; the next run reads what is there then")]
    Changed {
        /// The object, or the folder where it could not be told which.
        key: String,
    },
    /// A raw object is none.
    #[error("the rows of {key:?} cannot be merged; move an object that is damaged out of the raw prefix")]
    Damaged {
        /// Its key; empty where all of them were pushed.
        key: String,
        /// What is wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There was no time.
    #[error("the invocation ends before the hour is compacted; give it more time, or lower the limit of bytes")]
    Deadline,
    /// There would be fewer rows than before.
    #[error(
        "only {rows} rows instead of the {before} that are published; bring the raw objects back, or invoke for the hour by hand"
    )]
    Shrunk {
        /// Rows of the new generation.
        rows: u64,
        /// Rows of the published one.
        before: u64,
    },
    /// An hour with a generation has no raw objects.
    #[error("the hour is compacted and has no raw objects any more; bring them back")]
    Gone,
    /// The query failed.
    #[error("the query {id} failed; its log line says why")]
    Query {
        /// Its name.
        id: String,
    },
    /// The lease ran out.
    #[error("somebody else compacts the hour")]
    Overtaken,
}

impl From<Fault> for Cause {
    fn from(Fault: Fault) -> Self {
        Cause::Fault
    }
}
