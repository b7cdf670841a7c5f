//! The compaction under SIGKILL: the real program, two invocations at a time, killed at named points
//! and at random while late events arrive; a reader counts the hours without a pause.
//!
//! Reading order: [`run`], [`call`] (where it is killed), [`input`] (what arrives), [`watch`] (what
//! the reader may find).

pub mod call;
pub mod input;
pub mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use lake::compact::{Hours as _, Store as _};
use serde_json::json;

use super::function::Function;
use super::point::Point;
use super::proxy;
use super::schedule::{Plan, Schedule};
use crate::hours::{Hours, Reader};
use call::Call;
use input::Input;
use watch::Watch;

/// Longest run of the compaction, in seconds.
const TIMEOUT: usize = 120;

/// Nothing may stand still for longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long to wait before looking again.
const POLL: Duration = Duration::from_millis(50);

/// Events whose arrival is told.
const ROWS: &str = "SELECT year, month, day, hour, event_uuid, ingested_at FROM events";

/// What is run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// New events of each hour and round; the first hour begins with far more.
    pub events: usize,
    /// Most rounds until all processes are killed.
    pub rounds: usize,
    /// Who is killed when.
    pub plan: Plan,
}

/// What has come of it.
#[derive(Debug)]
pub struct Report {
    /// How often each point was hit.
    pub hits: BTreeMap<Point<Call>, usize>,
    /// Processes that were killed.
    pub kills: usize,
    /// Rounds of late events.
    pub rounds: usize,
    /// Invocations, killed or not.
    pub invocations: usize,
    /// Answers of the reader, each of them right.
    pub answers: usize,
    /// Events that are left, in all hours, of so many rows.
    pub events: (u64, u64),
    /// How long it took.
    pub took: Duration,
}

/// Runs it on the cloud at `endpoint`; `say` takes lines of progress.
///
/// # Errors
///
/// When a promise is broken, something stands still, or the harness itself fails.
pub fn run(options: Options, endpoint: &str, say: &dyn Fn(&str)) -> Result<Report> {
    let start = Instant::now();
    let hours = Hours::create()?;
    let schedule = Schedule::new(options.plan, endpoint);
    let proxy = proxy::start(endpoint, Arc::clone(&schedule))?;
    let mut input = Input::new(options.plan.seed, options.events)?;
    let watch = Watch::new(input.hours.iter().map(|expected| expected.hour));
    input.arrive(&hours)?;
    let large = hours.runtime.block_on(hours.store().raw(input.hours[0].hour))?;
    let environment = hours.environment(large.iter().map(|object| object.size).sum::<u64>() - 1);
    let function = Function::create(endpoint, hours.name(), "lake-compact", proxy, TIMEOUT, &environment)?;
    let mut run = Run {
        hours: &hours,
        schedule,
        function,
        watch: &watch,
        invocations: 0,
        say,
    };
    let (reader, last) = (hours.reader()?, hours.reader()?);
    thread::scope(|scope| {
        let reading = scope.spawn(|| watch.read(&reader));
        let rounds = run.rounds(&mut input, options);
        watch.end();
        let answers = reading.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
        let rounds = rounds?;
        run.check(&input, &last)?;
        let left = input.hours.iter();
        Ok(Report {
            hits: run.schedule.hits(),
            kills: run.schedule.kills(),
            rounds,
            invocations: run.invocations,
            answers,
            events: left.fold((0, 0), |(events, rows), expected| {
                (events + expected.events.len() as u64, rows + expected.rows_in)
            }),
            took: start.elapsed(),
        })
    })
}

/// A run that has begun.
struct Run<'r> {
    hours: &'r Hours,
    schedule: Arc<Schedule<Call>>,
    function: Function,
    watch: &'r Watch,
    invocations: usize,
    say: &'r dyn Fn(&str),
}

impl Run<'_> {
    /// Rounds until enough processes are killed, at every point, and a last one in which none is;
    /// gives how many.
    fn rounds(&mut self, input: &mut Input, options: Options) -> Result<usize> {
        // The first objects have arrived, and are read as they are until they are compacted.
        for expected in &input.hours {
            let events = expected.events.len() as u64;
            self.watch.allow(expected.hour, (expected.rows_in, events));
        }
        for round in 1.. {
            let missed = self.missed();
            let is_last = self.schedule.kills() >= options.plan.kills && missed.is_empty();
            ensure!(
                is_last || round <= options.rounds,
                "{} processes were killed in {} rounds, and none {missed:?}",
                self.schedule.kills(),
                options.rounds
            );
            if is_last {
                self.schedule.plan(0);
            } else if self.schedule.kills() >= options.plan.kills {
                self.schedule.seek();
            }
            for expected in &input.hours {
                let events = expected.events.len() as u64;
                self.watch.allow(expected.hour, (events, events));
            }
            let before = self.hours.generations()?;
            self.compact()?;
            let kept = self.hours.generations()?;
            ensure!(
                before.is_subset(&kept),
                "of {before:?}, which somebody may still read, only {kept:?} are left"
            );
            self.sweep()?;
            (self.say)(&format!("round {round}, {} kills", self.schedule.kills()));
            let faults = self.schedule.faults();
            ensure!(faults.is_empty(), "the harness itself failed: {faults:?}");
            if is_last {
                return Ok(round);
            }
            input.arrive(self.hours)?;
        }
        Ok(0)
    }

    /// The points that were not hit yet.
    fn missed(&self) -> Vec<String> {
        let hits = self.schedule.hits();
        let missed = Point::all().into_iter().filter(|point| !hits.contains_key(point));
        missed.map(|point| point.to_string()).collect()
    }

    /// Invokes until no hour waits.
    fn compact(&mut self) -> Result<()> {
        let start = Instant::now();
        while !self.invoke()? {
            ensure!(start.elapsed() < PATIENCE, "hours wait, and nobody compacts them");
        }
        self.watch.settle();
        Ok(())
    }

    /// Invokes until everything is removed that was replaced, as if its time of grace had passed.
    fn sweep(&mut self) -> Result<()> {
        // Whoever reads what was replaced may do so to the end: that is what the grace is for.
        self.watch.pass()?;
        let start = Instant::now();
        self.rest()?;
        while self.hours.grow_old()? > 0 {
            ensure!(start.elapsed() < PATIENCE, "nobody removes what was replaced");
            self.invoke()?;
            self.rest()?;
        }
        Ok(())
    }

    /// Waits until no request of a dead process is on its way any more.
    fn rest(&self) -> Result<()> {
        let start = Instant::now();
        while !self.schedule.is_quiet() {
            ensure!(start.elapsed() < PATIENCE, "a request is on its way for too long");
            thread::sleep(POLL);
        }
        Ok(())
    }

    /// Invokes twice at once, as a schedule does that fires twice; whether no hour waits any more.
    fn invoke(&mut self) -> Result<bool> {
        self.invocations += 2;
        let function = &self.function;
        let answers = thread::scope(|scope| {
            let invocations = [(); 2].map(|()| scope.spawn(|| function.invoke(&json!({}))));
            invocations.map(|invocation| invocation.join())
        });
        let mut is_done = false;
        for answer in answers {
            let answer = answer.map_err(|_| anyhow::anyhow!("an invocation panicked"))??;
            is_done |= answer.json()?["waiting"] == 0;
        }
        if self.schedule.is_quiet() {
            let (found, known) = (self.hours.generations()?, self.hours.known_generations()?);
            let unknown: Vec<_> = found.difference(&known).collect();
            ensure!(unknown.is_empty(), "nobody knows of {unknown:?}");
        }
        Ok(is_done)
    }

    /// Holds what is left to what was promised.
    fn check(&self, input: &Input, reader: &Reader) -> Result<()> {
        let mut expected_rows = BTreeSet::new();
        let mut expected_generations = BTreeSet::new();
        for expected in &input.hours {
            let published = self
                .hours
                .runtime
                .block_on(self.hours.ledger.published(expected.hour))?;
            let published = published.with_context(|| format!("{} has no generation", expected.hour))?;
            let (rows, events) = (published.rows, expected.events.len() as u64);
            ensure!(
                (rows.rows_in, rows.rows_out) == (expected.rows_in, events),
                "{}: {rows:?}, not {} rows of {events} events",
                expected.hour,
                expected.rows_in
            );
            expected_generations.insert(published.generation);
            let place = expected.hour.partition().map(|(_, value)| value);
            expected_rows.extend(expected.events.iter().map(|(uuid, arrival)| {
                let mut row = place.to_vec();
                row.extend([uuid.clone(), moment(expected.hour, *arrival)]);
                row
            }));
        }
        let rows = reader.ask(ROWS)?;
        ensure!(
            rows.len() == expected_rows.len(),
            "{} rows, not {}",
            rows.len(),
            expected_rows.len()
        );
        let found = BTreeSet::from_iter(rows);
        let difference: Vec<_> = found.symmetric_difference(&expected_rows).take(5).collect();
        ensure!(difference.is_empty(), "among others, these differ: {difference:?}");
        let generations = self.hours.generations()?;
        ensure!(
            generations == expected_generations,
            "{generations:?} are left, not {expected_generations:?}"
        );
        let through = reader.ask("SELECT count(*) FROM events_generations")?;
        ensure!(
            through == [["0"]],
            "the table that Athena writes through has rows: {through:?}"
        );
        Ok(())
    }
}

/// A moment as Athena writes it.
fn moment(hour: lake::Hour, since: i64) -> String {
    let start = i64::try_from(hour.end()).unwrap_or_default() - 3_600_000;
    let moment = jiff::Timestamp::from_millisecond(start + since).unwrap_or_default();
    moment.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string()
}
