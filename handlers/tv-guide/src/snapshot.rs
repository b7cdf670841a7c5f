//! When an upstream's answer may take the place of the last good one.
//!
//! Reading order: [`Rejection`], [`is_shrunken`] and [`is_doubtful`], [`Report`].

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
    /// It lacks rows that the next answer has, or has others.
    #[error("two answers in a row have different rows: {first} and {second}")]
    Unsteady {
        /// How many rows the first has.
        first: usize,
        /// How many rows the second has.
        second: usize,
    },
    /// It is empty, or has lost half of what the last good one had.
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

/// Of fewer rows than this, half may be gone for good.
const FEW: usize = 4;

/// Whether an answer of `now` rows may not take the place of one of `before`: a dataset that has lost
/// half of what it had is taken for a fault.
///
/// If it is none, deleting the dataset's manifest makes the next answer the first.
#[must_use]
pub fn is_shrunken(now: usize, before: usize) -> bool {
    before >= FEW && now.saturating_mul(2) <= before
}

/// Whether an answer is only believed if the next one has the same rows: it lacks more than a tenth
/// of what the last good one had, or there was none.
#[must_use]
pub fn is_doubtful(lost: usize, before: usize) -> bool {
    lost.saturating_mul(10) > before || before == 0
}

/// What became of the datasets of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Datasets whose answers were taken, changed or not.
    pub published: Vec<String>,
    /// Datasets whose answers were not, and why.
    pub rejected: Vec<(String, Rejection)>,
}

#[cfg(test)]
mod tests {
    use super::{is_doubtful, is_shrunken};

    #[test]
    fn half_of_many_is_too_little_and_half_of_few_is_not() {
        let shrunken = [
            (25, 50),
            (26, 50),
            (2, 4),
            (3, 4),
            (1, 2),
            (0, 3),
            (0, 0),
            (usize::MAX, 50),
        ];
        let shrunken = shrunken.map(|(now, before)| is_shrunken(now, before));
        assert_eq!(shrunken, [true, false, true, false, false, false, false, false]);
    }

    #[test]
    fn what_lacks_more_than_a_tenth_is_doubted() {
        let doubtful = [(5, 50), (6, 50), (1, 2), (0, 2), (0, 0)];
        let doubtful = doubtful.map(|(lost, before)| is_doubtful(lost, before));
        assert_eq!(doubtful, [false, true, true, false, true]);
    }
}
