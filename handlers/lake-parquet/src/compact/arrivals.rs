//! Which row of an event is left.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::row::{ARRIVAL, Row, UUID};
use crate::seen::canonical;

/// The event and the arrival of every row, 24 bytes each.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    uuids: Vec<(Id, i64)>,
    /// What is no UUID in its usual form, by the first half of its digest: two texts with the same
    /// one cannot be found.
    others: Vec<(Id, i64)>,
}

/// The events that have several rows, and when the first of them arrived.
#[derive(Debug)]
pub(super) struct Repeated {
    uuids: HashMap<Id, i64>,
    others: HashMap<Id, i64>,
}

/// Halves of a number, as one of 128 bits would be kept at a multiple of 16 bytes.
type Id = [u64; 2];

/// Earlier than all arrivals: the event has its row.
const TAKEN: i64 = i64::MIN;

impl Arrivals {
    /// Takes note of a row.
    #[inline]
    pub(super) fn note(&mut self, row: Row<'_>) {
        let Some(uuid) = row.text(UUID) else {
            return;
        };
        match canonical(uuid) {
            Some(number) => self.uuids.push((halves(number), arrival(row))),
            None => self.others.push((digest(uuid), arrival(row))),
        }
    }

    /// What there is to know once all rows are noted.
    pub(super) fn finish(self) -> Repeated {
        Repeated {
            uuids: repeated(self.uuids),
            others: repeated(self.others),
        }
    }
}

fn repeated(mut all: Vec<(Id, i64)>) -> HashMap<Id, i64> {
    all.sort_unstable();
    let groups = || {
        all.chunk_by(|one, other| one.0 == other.0)
            .filter(|rows| rows.len() > 1)
    };
    // Its size is known, so that it need not grow while all rows are still here.
    let mut first = HashMap::with_capacity(groups().count());
    first.extend(groups().filter_map(<[_]>::first).copied());
    first
}

impl Repeated {
    /// Whether the row is the one of its event that is left, if rows of the same arrival are asked
    /// about in the order of the files.
    #[inline]
    pub(super) fn take(&mut self, row: Row<'_>) -> bool {
        if self.uuids.is_empty() && self.others.is_empty() {
            return true;
        }
        let Some(uuid) = row.text(UUID) else {
            return true;
        };
        let first = match canonical(uuid) {
            Some(number) => self.uuids.get_mut(&halves(number)),
            None if self.others.is_empty() => None,
            None => self.others.get_mut(&digest(uuid)),
        };
        match first {
            None => true,
            Some(first) if *first == arrival(row) => {
                *first = TAKEN;
                true
            }
            Some(_) => false,
        }
    }
}

/// A row that does not say when it arrived comes after all that do.
#[inline]
fn arrival(row: Row<'_>) -> i64 {
    row.number(ARRIVAL).unwrap_or(i64::MAX).max(TAKEN + 1)
}

fn halves(number: u128) -> Id {
    [(number >> 64) as u64, number as u64]
}

#[cold]
fn digest(text: &[u8]) -> Id {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let (first, _) = digest.split_at(16);
    halves(first.iter().fold(0, |number, byte| number << 8 | u128::from(*byte)))
}
