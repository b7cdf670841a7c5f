//! The direct writer under SIGKILL: the real program behind a real event source mapping, killed at
//! named points and at random, its PUTs arriving late; then everything that was sent is read back
//! by a reader that is not ours, and must be there as often as it was sent.
//!
//! Reading order: [`run`], [`call`] (where it is killed), [`lake`] (what is run), [`input`] (what is
//! sent).

pub mod call;
pub mod input;
pub mod lake;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::json;

use super::point::Point;
use super::proxy;
use super::schedule::{Plan, Schedule};
use crate::checked;
use call::Call;
use input::{Count, Input};
use lake::{GivenUp, Lake, Progress, Settings};

/// Events that are made and put at a time.
const PORTION: usize = 10_000;

/// One of so many events comes when the mapping is paused, and is too old when it goes on.
const TOO_OLD: usize = 50;

/// But no more than these, since each batch of them is driven again by hand.
const MOST_TOO_OLD: usize = 4_000;

/// The smallest age of records that a mapping can be set to, in seconds of AWS.
const YOUNG: u64 = 60;

/// Kills while records are driven again.
const REDRIVE_KILLS: usize = 3;

/// Nothing may stand still for longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long to wait before looking again.
const POLL: Duration = Duration::from_millis(200);

/// What is run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Events, without their copies.
    pub events: usize,
    /// Who is killed when.
    pub plan: Plan,
    /// What the writer is given.
    pub settings: Settings,
}

/// What has come of it.
#[derive(Debug)]
pub struct Report {
    /// What was sent.
    pub sent: Count,
    /// How often each point was hit.
    pub hits: BTreeMap<Point<Call>, usize>,
    /// Processes that were killed.
    pub kills: usize,
    /// Messages in the queue of failures, and the records that they told of.
    pub given_up: (usize, usize),
    /// Events that driving those records again found lacking, and found there.
    pub redriven: (usize, usize),
    /// The same a second time.
    pub redriven_again: (usize, usize),
    /// Objects below each prefix.
    pub objects: BTreeMap<&'static str, usize>,
    /// What was read back.
    pub read: ReadBack,
    /// How long it took.
    pub took: Duration,
}

/// What the independent reader says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReadBack {
    /// Rows, in their own hours.
    pub rows: Compared,
    /// Lines of the quarantine.
    pub refused: Compared,
}

/// Two multisets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Compared {
    /// How many are there.
    pub found: usize,
    /// How many of those that were sent are not.
    pub lacking: usize,
    /// How many are there that were not sent, or not as often.
    pub beyond: usize,
    /// A few of them.
    pub samples: Vec<String>,
}

impl Report {
    /// Holds the run to what is promised.
    ///
    /// # Errors
    ///
    /// What was not kept.
    pub fn check(&self) -> Result<()> {
        let Report { read, sent, .. } = self;
        for (what, compared, expected) in [
            ("rows", &read.rows, sent.rows),
            ("refused", &read.refused, sent.refused),
        ] {
            ensure!(
                (compared.found, compared.lacking, compared.beyond) == (expected, 0, 0),
                "{what}: {expected} were sent, {compared:?}"
            );
        }
        ensure!(self.redriven_again.0 == 0, "what is there was written again");
        Ok(())
    }
}

/// Runs it on the cloud at `endpoint`; `python` has DuckDB, `say` takes lines of progress.
///
/// # Errors
///
/// When something stands still, or the harness itself fails; not when a promise is broken, which
/// [`Report::check`] says.
pub fn run(options: Options, endpoint: &str, python: &Path, say: &dyn Fn(&str)) -> Result<Report> {
    let start = Instant::now();
    let folder = tempfile::TempDir::new()?;
    let mut lake = Lake::create(endpoint, options.settings.shards)?;
    let schedule = Schedule::new(options.plan, endpoint);
    let proxy = proxy::start(endpoint, schedule.clone())?;
    lake.start(proxy, options.settings)?;

    let mut input = Input::new(options.plan.seed, folder.path())?;
    let in_time = options.events - (options.events / TOO_OLD).min(MOST_TOO_OLD);
    for first in (0..in_time).step_by(PORTION) {
        let last = (first + PORTION).min(in_time);
        lake.put(&input.make(first..last, options.events)?)?;
    }
    let run = Run { lake, schedule, say };
    let records = input.count().records;
    run.drain(records, records / 3)?;
    run.bear_a_grudge()?;
    run.drain(records, records)?;
    let mut late = input.make(in_time..options.events, options.events)?;
    let (rest, sent) = input.finish()?;
    late.extend(rest);
    run.grow_too_old(&late)?;
    run.drain(sent.records, sent.records)?;
    let given_up = run.lake.failures()?;
    say(&format!(
        "{} batches were given up, and are driven again",
        given_up.len()
    ));
    run.schedule.plan(REDRIVE_KILLS);
    let redriven = run.redrive(&given_up)?;
    run.schedule.plan(0);
    let redriven_again = run.redrive(&given_up)?;
    let faults = run.schedule.faults();
    ensure!(faults.is_empty(), "the harness itself failed: {faults:?}");

    let objects = run.lake.download(&folder.path().join("bucket"))?;
    Ok(Report {
        sent,
        hits: run.schedule.hits(),
        kills: run.schedule.kills(),
        given_up: (given_up.len(), given_up.iter().map(|it| it.batch_size).sum()),
        redriven,
        redriven_again,
        objects,
        read: read_back(python, folder.path())?,
        took: start.elapsed(),
    })
}

/// A run that has begun.
struct Run<'r> {
    lake: Lake,
    schedule: std::sync::Arc<Schedule<Call>>,
    say: &'r dyn Fn(&str),
}

impl Run<'_> {
    /// Waits until so many records are done with; all of them only when nothing is under way.
    fn drain(&self, all: usize, wanted: usize) -> Result<()> {
        let (mut before, mut since) = ((0, 0), Instant::now());
        loop {
            let progress = self.lake.progress()?;
            let done = progress.delivered + progress.discarded;
            if done >= wanted && (wanted < all || progress.is_idle) {
                return Ok(());
            }
            let now = (done, self.schedule.kills());
            if now != before {
                (self.say)(&format!("{done} of {all} records, {} kills", now.1));
                (before, since) = (now, Instant::now());
            }
            if since.elapsed() > PATIENCE {
                bail!("{done} of {all} records, and nothing for {} s", PATIENCE.as_secs());
            }
            thread::sleep(POLL);
        }
    }

    /// Kills every writer of one shard until the mapping gives some of its records up.
    fn bear_a_grudge(&self) -> Result<()> {
        let start = Instant::now();
        let before = self.lake.progress()?.discarded;
        let fence = self.lake.fences()?.into_iter().next().context("a shard")?;
        self.schedule.hold_grudge(Some(fence));
        loop {
            let progress = self.lake.progress()?;
            if progress.discarded > before {
                break;
            }
            ensure!(start.elapsed() < PATIENCE, "no record is given up: {progress:?}");
            thread::sleep(POLL);
        }
        self.schedule.hold_grudge(None);
        Ok(())
    }

    /// Puts records that the mapping finds too old.
    fn grow_too_old(&self, records: &[input::Record]) -> Result<()> {
        self.lake.change(&json!({ "Enabled": false }))?;
        self.lake.put(records)?;
        let start = Instant::now();
        let too_old = |progress: Progress| progress.youngest.is_some_and(|age| age > YOUNG as f64);
        while !too_old(self.lake.progress()?) {
            ensure!(start.elapsed() < PATIENCE, "no record has grown too old");
            thread::sleep(POLL);
        }
        self.lake
            .change(&json!({ "Enabled": true, "MaximumRecordAgeInSeconds": YOUNG }))
    }

    fn redrive(&self, given_up: &[GivenUp]) -> Result<(usize, usize)> {
        let mut all = (0, 0);
        for batch in given_up {
            let (rows, covered) = self.lake.redrive(batch)?;
            all = (all.0 + rows, all.1 + covered);
        }
        Ok(all)
    }
}

fn read_back(python: &Path, folder: &Path) -> Result<ReadBack> {
    let mut command = Command::new(python);
    command.arg("-c").arg(include_str!("write/read_back.py")).arg(folder);
    let said = checked(&mut command)?;
    serde_json::from_slice(&said.stdout)
        .with_context(|| json!({ "said": String::from_utf8_lossy(&said.stdout) }).to_string())
}
