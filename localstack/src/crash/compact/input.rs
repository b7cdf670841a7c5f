//! What arrives, round after round, and what must be left of it.
//!
//! Every round brings each hour two objects: new events out of order, some of them in both, and
//! events of rounds before once more, of which some now turn out to have arrived earlier. All hours
//! have events of the same identities: those of one hour are none of another's.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use lake::Hour;

use crate::hours::{Event, Hours};

/// Hours that go past the end of a month; long closed.
const NAMES: [&str; 3] = ["2026-01-31T22", "2026-01-31T23", "2026-02-01T00"];

/// How often more events the first hour has in its first round, so that it is too large to be
/// compacted by the function.
const LARGE: usize = 600;

/// From the hour's beginning to the last arrival, in milliseconds.
const LATEST: i64 = 7_200_000;

/// Makes events, and keeps what must become of them.
pub struct Input {
    random: fastrand::Rng,
    /// New events of each hour and round.
    events: usize,
    round: usize,
    /// The hours, by their places in `NAMES`.
    pub hours: Vec<Expected>,
}

/// An hour as it must be.
pub struct Expected {
    /// Which.
    pub hour: Hour,
    /// The first arrival of each event, in milliseconds since the hour's beginning.
    pub events: BTreeMap<String, i64>,
    /// Rows of all raw objects.
    pub rows_in: u64,
}

impl Input {
    /// Nothing yet.
    ///
    /// # Errors
    ///
    /// When the hours are none.
    pub fn new(seed: u64, events: usize) -> Result<Self> {
        let expected = |name: &str| {
            Ok(Expected {
                hour: Hour::from_name(name).context("an hour")?,
                events: BTreeMap::new(),
                rows_in: 0,
            })
        };
        Ok(Input {
            random: fastrand::Rng::with_seed(seed),
            events,
            round: 0,
            hours: NAMES.iter().copied().map(expected).collect::<Result<_>>()?,
        })
    }

    /// Another round arrives in every hour.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub fn arrive(&mut self, hours: &Hours) -> Result<()> {
        for (place, expected) in self.hours.iter_mut().enumerate() {
            let is_large = place == 0 && self.round == 0;
            let new = if is_large { self.events * LARGE } else { self.events };
            let known = expected.events.len();
            let mut numbers: Vec<usize> = (known..known + new).collect();
            self.random.shuffle(&mut numbers);
            let again = (0..new / 4)
                .filter(|_| known > 0)
                .map(|_| self.random.usize(..known.max(1)));
            let (first, second) = numbers.split_at(new * 2 / 3);
            let copied = first.iter().step_by(2);
            let objects = [
                first.to_vec(),
                second.iter().chain(copied).copied().chain(again).collect(),
            ];
            for (object, numbers) in objects.iter().enumerate() {
                let made: Vec<(String, i64)> = numbers
                    .iter()
                    .map(|number| (uuid(*number), self.random.i64(0..LATEST)))
                    .collect();
                for (uuid, arrival) in &made {
                    let first = expected.events.entry(uuid.clone()).or_insert(*arrival);
                    *first = (*first).min(*arrival);
                }
                expected.rows_in += made.len() as u64;
                let events: Vec<Event<'_>> = made
                    .iter()
                    .map(|(uuid, arrival)| (uuid.as_str(), NAME, *arrival))
                    .collect();
                hours.arrive(expected.hour, &format!("{:04}-{object}", self.round), &events)?;
            }
        }
        self.round += 1;
        Ok(())
    }
}

/// All events have it.
const NAME: &str = "lesson:started";

/// The identity of an event: as hard to compress as others' are.
fn uuid(number: usize) -> String {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{mixed:016x}-{number:06}")
}
