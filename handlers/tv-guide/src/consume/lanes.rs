//! The records of a batch, several at a time, those of one thing in their order.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::poison::{Poison, Quarantine, Reason};
use super::update::{Applied, Update};
use super::{Error, Failure, Record, Report, clean};
use crate::enrich::Subject;
use crate::join;
use crate::table::Table;

/// How many things are dealt with at a time; each waits for the table most of its time.
const LANES: usize = 16;

/// What became of each record, as far as the batch has got.
#[derive(Debug)]
pub(super) struct Batch {
    fates: Vec<Option<Fate>>,
    /// The first position that failed, and why.
    failure: Option<(usize, Error)>,
}

#[derive(Debug)]
enum Fate {
    Applied(Applied),
    Quarantined(&'static str),
}

/// What is to be done for a record.
enum Work {
    Apply(Update),
    Keep(Poison, Reason),
}

/// Positions and work of one thing's records, in their order.
type Chain = Vec<(usize, Work)>;

/// Deals with a batch, up to the first record that the table or the quarantine does not take.
pub(super) async fn run(records: &[Record<'_>], table: &impl Table, quarantine: &impl Quarantine) -> Batch {
    let chains = RefCell::new(chains(records).into_iter());
    let batch = RefCell::new(Batch {
        fates: records.iter().map(|_| None).collect(),
        failure: None,
    });
    let (chains, batch_cell) = (&chains, &batch);
    let lane = async || {
        loop {
            let next = chains.borrow_mut().next();
            let Some(chain) = next else { return };
            for (position, work) in chain {
                // What comes after a failure is delivered again; what comes before must be done.
                if batch_cell
                    .borrow()
                    .failure
                    .as_ref()
                    .is_some_and(|(failed, _)| position > *failed)
                {
                    break;
                }
                let fate = work.run(table, quarantine).await;
                if batch_cell.borrow_mut().settle(position, fate).is_break() {
                    break;
                }
            }
        }
    };
    join::all((0..LANES).map(|_| lane())).await;
    batch.into_inner()
}

fn chains(records: &[Record<'_>]) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    let mut whose: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
    for (position, record) in records.iter().enumerate() {
        match clean::update(record) {
            Err(reason) => chains.push(vec![(position, Work::Keep(Poison::new(record, &reason), reason))]),
            Ok(update) => {
                let (kind, id) = update.whose();
                let index = *whose.entry((kind, id.to_owned())).or_insert(chains.len());
                match chains.get_mut(index) {
                    Some(chain) => chain.push((position, Work::Apply(update))),
                    None => chains.push(vec![(position, Work::Apply(update))]),
                }
            }
        }
    }
    chains
}

impl Work {
    async fn run(self, table: &impl Table, quarantine: &impl Quarantine) -> Result<Fate, Error> {
        match self {
            Work::Apply(update) => Ok(Fate::Applied(update.apply(table).await?)),
            Work::Keep(poison, reason) => {
                quarantine.keep(poison).await.map_err(Error::Quarantine)?;
                Ok(Fate::Quarantined(reason.code()))
            }
        }
    }
}

impl Batch {
    fn settle(&mut self, position: usize, fate: Result<Fate, Error>) -> std::ops::ControlFlow<()> {
        match fate {
            Ok(fate) => {
                if let Some(place) = self.fates.get_mut(position) {
                    *place = Some(fate);
                }
                std::ops::ControlFlow::Continue(())
            }
            Err(error) => {
                if self.failure.as_ref().is_none_or(|(failed, _)| position < *failed) {
                    self.failure = Some((position, error));
                }
                std::ops::ControlFlow::Break(())
            }
        }
    }

    /// Titles that should get their details now, in the order of their records, each once.
    pub(super) fn wanted(&mut self) -> Vec<Subject> {
        let mut wanted: Vec<Subject> = Vec::new();
        for fate in self.fates.iter_mut().flatten() {
            if let Fate::Applied(Applied { wants, .. }) = fate
                && let Some(subject) = wants.take()
            {
                wanted.retain(|other| other.id != subject.id);
                wanted.push(subject);
            }
        }
        wanted
    }

    /// The batch by its numbers: what comes after a failure counts as failed, even if it was done.
    pub(super) fn report(&mut self, records: &[Record<'_>]) -> Report {
        let done = self.failure.as_ref().map_or(records.len(), |(failed, _)| *failed);
        let mut report = Report {
            received: records.len(),
            failed: records.len() - done,
            ..Report::default()
        };
        for fate in self.fates.iter().take(done).flatten() {
            match fate {
                Fate::Applied(Applied { changed: true, .. }) => report.written += 1,
                Fate::Applied(_) => report.unchanged += 1,
                Fate::Quarantined(code) => *report.quarantined.entry(code).or_default() += 1,
            }
        }
        report.failure = self.failure.take().and_then(|(position, error)| {
            let sequence_number = records.get(position)?.sequence_number.to_owned();
            Some(Failure { sequence_number, error })
        });
        report
    }
}
