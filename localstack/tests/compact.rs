//! Compaction over DynamoDB, S3, Glue and Athena: in this process, so that a test may stop it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use lake::Hour;
use lake::compact::{GetFault, Outcome, Published, RawObject, Report, Settings, Shift, Store as _, conformance};
use lake::write::Clock as _;
use lake_lambda::clock::Machine;
use localstack_tests::hours::{Event, Hours, Reader, Real};

const HOUR: &str = "2026-01-09T20";

/// The longest life of a compaction that is to be killed; an untroubled one takes a fraction.
const LONGEST: Duration = Duration::from_secs(60);

/// From a kill to the end of the shift.
const REST: Duration = Duration::from_millis(30);

/// Two objects with an event in both, and one that comes late with an event of the first.
const FIRST: [Event<'_>; 3] = [("one", "b", 5_000), ("two", "a:x", 6_000), ("three", "b", 7_000)];
const SECOND: [Event<'_>; 2] = [("one", "b", 3_000), ("four", "c", 9_000)];
const LATE: [Event<'_>; 2] = [("five", "a:y", 90_000), ("two", "a:x", 91_000)];

/// What readers ask for.
const COUNT: &str = "SELECT count(*), count(DISTINCT event_uuid) FROM events \
    WHERE year = '2026' AND month = '01' AND day = '09' AND hour = '20'";
const ROWS: &str = "SELECT event_uuid, event_name, event_type, event_subtype, created_at, created_datetime, \
    ingested_at, payload, year, month, day, hour FROM events ORDER BY event_uuid";

fn hour() -> Result<Hour> {
    Hour::from_name(HOUR).context("an hour")
}

fn settings() -> Settings {
    Settings::new(Duration::from_secs(600), Duration::from_secs(3_600), u64::MAX)
}

/// What Athena compacts.
fn by_athena() -> Settings {
    Settings {
        most_bytes: 0,
        ..settings()
    }
}

/// Runs a compaction to its end, as an invocation of its own.
fn run(hours: &Hours, compaction: &mut Real) -> Result<Report> {
    let owner = format!("run-{:016x}", fastrand::u64(..));
    let shift = Shift {
        owner: &owner,
        deadline: Machine.now() + 300_000,
    };
    Ok(hours.runtime.block_on(compaction.run(shift))?)
}

/// The one hour of a run, which has a new generation.
fn published(mut report: Report) -> Result<Published> {
    ensure!(report.waiting == 0 && report.hours.len() == 1, "{report:?}");
    match report.hours.pop() {
        Some((_, Outcome::Published(published))) => Ok(published),
        other => anyhow::bail!("{other:?}"),
    }
}

fn count(reader: &Reader) -> Result<(String, String)> {
    let rows = reader.ask(COUNT)?;
    let [row] = rows.as_slice() else {
        anyhow::bail!("{rows:?}")
    };
    Ok((row[0].clone(), row[1].clone()))
}

/// Does something while readers ask; every answer must be one of these counts of rows and of events.
fn watched(hours: &Hours, counts: &[(u32, u32)], act: impl FnOnce() -> Result<()>) -> Result<()> {
    let counts: BTreeSet<_> = counts
        .iter()
        .map(|(rows, events)| (rows.to_string(), events.to_string()))
        .collect();
    let is_over = AtomicBool::new(false);
    let reader = hours.reader()?;
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut answers = 0;
            while !is_over.load(Ordering::Relaxed) || answers == 0 {
                let answer = count(&reader)?;
                ensure!(
                    counts.contains(&answer),
                    "a reader saw {answer:?} instead of one of {counts:?}"
                );
                answers += 1;
            }
            Ok(answers)
        });
        let acted = act();
        is_over.store(true, Ordering::Relaxed);
        let answers = watch.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
        eprintln!("{answers} answers");
        acted
    })
}

#[test]
fn a_table_of_dynamodb_is_a_ledger() -> Result<()> {
    let hours = Hours::create()?;
    hours.runtime.block_on(conformance::hours(&hours.ledger));
    Ok(())
}

#[test]
fn a_raw_object_is_read_as_it_was_listed_or_not_at_all() -> Result<()> {
    let (hours, hour) = (Hours::create()?, hour()?);
    let store = hours.store();
    hours.arrive(hour, "a", &FIRST)?;
    hours.arrive(hour, "_hidden", &FIRST)?;
    let listed = hours.runtime.block_on(store.raw(hour))?;
    let [object] = listed.as_slice() else {
        anyhow::bail!("{listed:?}")
    };
    let bytes = hours.runtime.block_on(store.get(object))?;
    assert_eq!(bytes.len() as u64, object.size);
    hours.arrive(hour, "a", &SECOND)?;
    assert_eq!(hours.runtime.block_on(store.get(object)), Err(GetFault::Changed));
    let gone = RawObject {
        key: format!("{}.gone", object.key),
        ..object.clone()
    };
    assert_eq!(hours.runtime.block_on(store.get(&gone)), Err(GetFault::Changed));

    for (generation, number) in [("1", 0), ("1", 1), ("10", 0)] {
        let put = store.put(hour, generation, number, b"rows".to_vec());
        hours.runtime.block_on(put)?;
    }
    for _ in 0..2 {
        hours.runtime.block_on(store.remove(hour, "1"))?;
        let kept = format!("curated/events/{hour}/generation=10/part-00000.parquet");
        assert_eq!(hours.keys("curated/")?, [kept]);
    }
    Ok(())
}

#[test]
fn readers_find_each_event_once_and_never_a_wrong_count() -> Result<()> {
    for settings in [settings(), by_athena()] {
        let hours = Hours::create()?;
        let (reader, mut compaction) = (hours.reader()?, hours.compaction(settings));
        hours.arrive(hour()?, "b", &FIRST)?;
        hours.arrive(hour()?, "a", &SECOND)?;
        // There is no partition yet.
        assert_eq!(count(&reader)?, ("0".to_owned(), "0".to_owned()));
        let views = [(0, 0), (5, 4), (4, 4)];
        watched(&hours, &views, || {
            let published = published(run(&hours, &mut compaction)?)?;
            let rows = published.rows;
            assert_eq!(
                (published.objects, rows.rows_in, rows.duplicates, rows.rows_out),
                (2, 5, 1, 4)
            );
            Ok(())
        })?;
        let rows = reader.ask(ROWS)?;
        let one = rows.iter().find(|row| row[0] == "one").context("an event")?;
        assert_eq!(one[6], "2026-01-09 20:00:03.000", "the first arrival is kept");

        hours.arrive(hour()?, "c", &LATE)?;
        watched(&hours, &[(4, 4), (5, 5)], || {
            assert_eq!(count(&reader)?, ("4".to_owned(), "4".to_owned()));
            let rows = published(run(&hours, &mut compaction)?)?.rows;
            assert_eq!((rows.rows_in, rows.duplicates, rows.rows_out), (7, 2, 5));
            Ok(())
        })?;
        // The same again makes nothing new; and what was replaced goes after its time of grace.
        hours.arrive(hour()?, "c", &LATE)?;
        watched(&hours, &[(5, 5)], || {
            let before = hours.keys("curated/")?;
            let report = run(&hours, &mut compaction)?;
            assert!(
                matches!(report.hours.as_slice(), [(_, Outcome::Unchanged)]),
                "{report:?}"
            );
            assert_eq!(hours.keys("curated/")?, before);
            let mut impatient = hours.compaction(Settings {
                grace: Duration::ZERO,
                ..settings
            });
            assert_eq!(run(&hours, &mut impatient)?.swept?.removed, 1);
            assert!(hours.keys("curated/")?.len() < before.len());
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn athena_makes_the_same_of_an_hour() -> Result<()> {
    let hours = Hours::create()?;
    let reader = hours.reader()?;
    // Of equal arrivals the other columns decide.
    let again: [Event<'_>; 3] = [("two", "a:x", 6_000), ("two", "a:w", 6_000), ("three", "b", 7_001)];
    for (object, events) in [("a", &FIRST[..]), ("b", &SECOND), ("c", &LATE), ("d", &again)] {
        hours.arrive(hour()?, object, events)?;
    }
    let here = published(run(&hours, &mut hours.compaction(settings()))?)?;
    let rows = reader.ask(ROWS)?;
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[4][..2], ["two", "a:w"]);

    let owner = "by-hand-with-athena";
    let shift = Shift {
        owner,
        deadline: Machine.now() + 300_000,
    };
    let mut compaction = hours.compaction(by_athena());
    let report = hours.runtime.block_on(compaction.by_hand(hour()?, shift))?;
    let there = published(report)?;
    assert!(there.generation.ends_with(owner), "{there:?}");
    assert_eq!((there.rows, there.inputs), (here.rows, here.inputs));
    assert_eq!(reader.ask(ROWS)?, rows);
    let left = reader.ask("SELECT count(*) FROM events_generations")?;
    assert_eq!(left, [["0"]], "the generation is a partition of one table alone");
    Ok(())
}

#[test]
fn a_compaction_that_is_killed_leaves_the_hour_as_it_was_or_as_it_will_be() -> Result<()> {
    for settings in [settings(), by_athena()] {
        let hours = Hours::create()?;
        hours.arrive(hour()?, "a", &FIRST)?;
        published(run(&hours, &mut hours.compaction(settings))?)?;
        hours.arrive(hour()?, "b", &SECOND)?;
        let short = Settings {
            lease: Duration::ZERO,
            reserve: Duration::ZERO,
            nap: Duration::from_millis(10),
            ..settings
        };
        let mut killed = 0;
        watched(&hours, &[(3, 3), (4, 4)], || {
            let mut life = Duration::from_millis(20);
            loop {
                let owner = format!("life-{:06}", life.as_millis());
                let shift = Shift {
                    owner: &owner,
                    deadline: Machine.now() + u64::try_from((life + REST).as_millis())?,
                };
                let mut compaction = hours.compaction(short);
                let run = async { tokio::time::timeout(life, compaction.run(shift)).await };
                match hours.runtime.block_on(run) {
                    Err(_) => killed += 1,
                    Ok(report) => {
                        let report = report?;
                        if report.waiting == 0 {
                            return Ok(());
                        }
                        ensure!(life < LONGEST, "{report:?} after {killed} kills");
                    }
                }
                // The lease of one who is killed runs out with his shift.
                std::thread::sleep(2 * REST);
                life = life.mul_f64(1.3);
            }
        })?;
        eprintln!("killed {killed} times");
        assert!(killed > 2, "killed {killed} times");
        // Whatever they left behind goes, but what is read.
        let mut impatient = hours.compaction(Settings {
            grace: Duration::ZERO,
            ..settings
        });
        run(&hours, &mut impatient)?;
        let generations: BTreeSet<String> = hours
            .keys("curated/")?
            .iter()
            .filter_map(|key| Some(key.rsplit_once('/')?.0.to_owned()))
            .collect();
        assert_eq!(generations.len(), 1, "{generations:?}");
        assert_eq!(count(&hours.reader()?)?, ("4".to_owned(), "4".to_owned()));
    }
    Ok(())
}
