//! The linear schedule of a week: what is on, and what is not on any more.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::event::id::ProgrammeId;
use crate::event::{Event, Programme, canonical};
use crate::snapshot::{self, Rejection, is_shrunken};
use crate::tvmaze::answer::Episode;
use crate::tvmaze::programme;
use crate::watchmode::answer::Rows;

/// What was last published of a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// In which day's answer it was, `2026-01-09`.
    pub day: String,
    /// The digest of what was published.
    pub digest: String,
    /// Where and when it was, without what only its readers need.
    pub last: Programme,
}

/// What was last published, by the programme's id.
pub type Slots = BTreeMap<String, Slot>;

/// Programmes of one day by their ids.
pub type Day = BTreeMap<ProgrammeId, Programme>;

/// The programmes of a day's answer.
///
/// # Errors
///
/// When the answer has none, or half or less of what was last published of the day.
pub fn read(day: Date, rows: &Rows<Episode>, published: &Slots) -> Result<Day, Rejection> {
    let programmes = rows.good.iter().filter_map(programme);
    let programmes: Day = programmes.map(|it| (it.program_id.clone(), it)).collect();
    let (now, before) = (programmes.len(), of_day(day, published).count());
    if programmes.is_empty() || is_shrunken(now, before) {
        return Err(Rejection::Shrunken { now, before });
    }
    Ok(programmes)
}

/// Whether a day must be asked for once more, because it is new or lacks too much.
#[must_use]
pub fn is_doubtful(day: Date, programmes: &Day, published: &Slots) -> bool {
    let before = of_day(day, published).count();
    let has = |slot: &&Slot| programmes.contains_key(&slot.last.program_id);
    let lost = before - of_day(day, published).filter(has).count();
    snapshot::is_doubtful(lost, before)
}

fn of_day(day: Date, published: &Slots) -> impl Iterator<Item = &Slot> {
    let day = day.to_string();
    published.values().filter(move |slot| slot.day == day)
}

/// What must be published, and what is published after that.
///
/// `days` are those whose answers were taken; of the others everything stays as it was.
/// While a day's answer is missing, nothing is cancelled: a programme that seems to be gone may have
/// moved there.
#[must_use]
pub fn changes(published: &Slots, days: &BTreeMap<Date, Day>, wanted: &[Date], now: Timestamp) -> (Vec<Event>, Slots) {
    let (mut events, mut after) = (Vec::new(), Slots::new());
    for (day, programmes) in days {
        for (id, programme) in programmes {
            // Whoever is in two days' answers belongs to the first.
            if after.contains_key(id.as_str()) {
                continue;
            }
            let digest = canonical::digest(programme);
            if published.get(id.as_str()).map(|slot| slot.digest.as_str()) != Some(digest.as_str()) {
                events.push(Event::ProgrammeScheduled(programme.clone()));
            }
            let (day, last) = (day.to_string(), bare(programme));
            after.insert(id.as_str().to_owned(), Slot { day, digest, last });
        }
    }
    let is_whole = wanted.iter().all(|day| days.contains_key(day));
    let wanted: BTreeSet<String> = wanted.iter().map(ToString::to_string).collect();
    for (id, slot) in published {
        // Days that have passed are forgotten.
        if after.contains_key(id) || wanted.first().is_some_and(|first| slot.day < *first) {
            continue;
        }
        if !is_whole || !wanted.contains(&slot.day) {
            after.insert(id.clone(), slot.clone());
        } else if slot.last.end_time > now {
            events.push(Event::ProgrammeCancelled(slot.last.clone()));
        }
    }
    (events, after)
}

/// A programme without what a cancellation need not repeat.
fn bare(programme: &Programme) -> Programme {
    Programme {
        description: String::new(),
        genres: Vec::new(),
        image: None,
        url: None,
        ..programme.clone()
    }
}
