//! When an upstream's answer may take the place of the last good one.
//!
//! Reading order: [`Rejection`], [`is_shrunken`], [`Report`].

use crate::retry;

/// Why a dataset's answer is not published; what was published before stays.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// There is no answer.
    #[error("there is no answer")]
    Unanswered(#[source] retry::Error),
    /// A page is another than was asked for, or rows are missing or repeated.
    #[error("the answer is incomplete: page {page} brings it to {seen} of {expected} rows")]
    Incomplete {
        /// Up to which page it was read.
        page: u32,
        /// How many different rows it has.
        seen: usize,
        /// How many it says that it has.
        expected: usize,
    },
    /// It is empty, or has less than half of what the last good one had.
    #[error("the answer has {now} rows, the last good one had {before}")]
    Shrunken {
        /// How many rows it has.
        now: usize,
        /// How many the last good one had.
        before: usize,
    },
    /// The run ended before their turn.
    #[error("{datasets} datasets were not asked for: the run ended before")]
    NotAsked {
        /// How many they are.
        datasets: usize,
    },
}

/// Whether an answer of `now` rows may not take the place of one of `before`.
#[must_use]
pub fn is_shrunken(now: usize, before: usize) -> bool {
    now.saturating_mul(2) < before
}

/// What became of the datasets of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Datasets whose answers were taken, changed or not.
    pub published: Vec<String>,
    /// Datasets whose answers were not, and why.
    pub rejected: Vec<(String, Rejection)>,
}
