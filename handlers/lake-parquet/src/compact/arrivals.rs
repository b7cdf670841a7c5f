//! Which row of an event is left.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::row::{ARRIVAL, Row, UUID};
use crate::seen::canonical;

/// The first arrival of each event, in milliseconds.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// Halves of the number, as a number of 128 bits would be kept at a multiple of 16 bytes.
    uuids: HashMap<[u64; 2], i64>,
    /// What is no UUID in its usual form, by the first half of its digest: two texts with the same
    /// one cannot be found.
    others: HashMap<[u64; 2], i64>,
}

/// Earlier than all arrivals: the event has its row.
const TAKEN: i64 = i64::MIN;

impl Arrivals {
    /// Takes note of a row; `false` where another one of its event is known to have come before.
    #[inline]
    pub(super) fn note(&mut self, row: Row<'_>) -> bool {
        let (Some(uuid), arrival) = (row.text(UUID), arrival(row)) else {
            return true;
        };
        let first = match canonical(uuid) {
            Some(number) => self.uuids.entry(halves(number)).or_insert(arrival),
            None => self.others.entry(digest(uuid)).or_insert(arrival),
        };
        *first = arrival.min(*first);
        *first == arrival
    }

    /// Whether the row is the one of its event that is left, if rows of the same arrival are asked
    /// about in the order of the files.
    #[inline]
    pub(super) fn take(&mut self, row: Row<'_>) -> bool {
        let Some(uuid) = row.text(UUID) else {
            return true;
        };
        let first = match canonical(uuid) {
            Some(number) => self.uuids.get_mut(&halves(number)),
            None => self.others.get_mut(&digest(uuid)),
        };
        match first {
            Some(first) if *first == arrival(row) => {
                *first = TAKEN;
                true
            }
            _ => false,
        }
    }
}

/// A row that does not say when it arrived comes after all that do.
#[inline]
fn arrival(row: Row<'_>) -> i64 {
    row.number(ARRIVAL).unwrap_or(i64::MAX).max(TAKEN + 1)
}

fn halves(number: u128) -> [u64; 2] {
    [(number >> 64) as u64, number as u64]
}

#[cold]
fn digest(text: &[u8]) -> [u64; 2] {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let (first, _) = digest.split_at(16);
    let number = first.iter().fold(0, |number, byte| number << 8 | u128::from(*byte));
    halves(number)
}
