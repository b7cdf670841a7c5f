//! A reader who counts the hours without a pause, and what he may find.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use lake::Hour;

use super::{PATIENCE, POLL};
use crate::hours::Reader;

/// What he asks.
const COUNTS: &str = "SELECT year, month, day, hour, count(*), count(DISTINCT event_uuid) \
    FROM events GROUP BY year, month, day, hour";

/// Rows and different events of an hour.
pub type Counts = (u64, u64);

/// What readers may find of each hour, as it goes on: an hour never goes back.
pub struct Watch {
    hours: Mutex<Vec<Views>>,
    answers: AtomicUsize,
    is_over: AtomicBool,
}

struct Views {
    hour: Hour,
    /// What it was, is and will be.
    all: Vec<Counts>,
    /// Where it has come to at least.
    since: usize,
}

impl Watch {
    /// Hours of which there is nothing yet.
    pub fn new(hours: impl Iterator<Item = Hour>) -> Self {
        let views = |hour| Views {
            hour,
            all: vec![(0, 0)],
            since: 0,
        };
        Watch {
            hours: Mutex::new(hours.map(views).collect()),
            answers: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        }
    }

    /// Allows another count of an hour, after those before.
    pub fn allow(&self, hour: Hour, counts: Counts) {
        for views in self.lock().iter_mut().filter(|views| views.hour == hour) {
            views.all.push(counts);
        }
    }

    /// From now on only the last count of each hour is allowed.
    pub fn settle(&self) {
        for views in self.lock().iter_mut() {
            views.since = views.all.len() - 1;
        }
    }

    /// Waits until every question that was asked before is answered.
    ///
    /// # Errors
    ///
    /// When that takes too long: the reader has seen what he must not, or cannot read.
    pub fn pass(&self) -> Result<()> {
        let (start, before) = (Instant::now(), self.answers.load(Ordering::SeqCst));
        while self.answers.load(Ordering::SeqCst) < before + 2 {
            ensure!(
                start.elapsed() < PATIENCE && !self.is_over.load(Ordering::SeqCst),
                "the reader has stopped"
            );
            thread::sleep(POLL);
        }
        Ok(())
    }

    /// No more questions.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    /// Asks until the end; gives how often.
    ///
    /// # Errors
    ///
    /// When a query fails, or counts what it must not.
    pub fn read(&self, reader: &Reader) -> Result<usize> {
        while !self.is_over.load(Ordering::SeqCst) {
            let answered = self.ask(reader);
            if answered.is_err() {
                self.end();
            }
            answered?;
            self.answers.fetch_add(1, Ordering::SeqCst);
        }
        Ok(self.answers.load(Ordering::SeqCst))
    }

    fn ask(&self, reader: &Reader) -> Result<()> {
        let since: Vec<usize> = self.lock().iter().map(|views| views.since).collect();
        let rows = reader.ask(COUNTS)?;
        for (views, since) in self.lock().iter_mut().zip(since) {
            let place = views.hour.partition().map(|(_, value)| value);
            let found = match rows.iter().find(|row| row.starts_with(&place)) {
                Some(row) => (row[4].parse()?, row[5].parse()?),
                None => (0, 0),
            };
            let allowed = &views.all[since..];
            let step = allowed.iter().position(|counts| *counts == found);
            let step = step.with_context(|| format!("a reader found {found:?} of {}, not {allowed:?}", views.hour))?;
            views.since = views.since.max(since + step);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Views>> {
        self.hours.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
