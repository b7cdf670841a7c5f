//! Hours of the deployed lake: registered as objects arrive, compacted when they are closed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, ensure};
use lake::Hour;
use lake::contract::{self, DATASET, output};
use localstack_tests::events::{self, Case, Fate};
use localstack_tests::objects::Bucket;
use localstack_tests::{Lake, eventually};
use parquet::record::RowAccessor as _;
use serde_json::{Value, json};

/// What readers ask for.
const COUNT: &str = "SELECT count(*) AS rows, count(DISTINCT event_uuid) AS events FROM events";

/// The identities of the good events.
fn good(cases: &[Case]) -> BTreeSet<&str> {
    let uuids = cases.iter().filter_map(|case| match &case.fate {
        Fate::Row { uuid, .. } => Some(uuid.as_str()),
        Fate::Refused(_) => None,
    });
    uuids.collect()
}

/// Sends events, and waits until as many rows as that are in the raw table.
fn send(lake: &Lake, cases: &[Case], rows: usize) -> Result<()> {
    let sent = lake.produce(&events::write(cases, lake.folder())?)?;
    ensure!(sent["acknowledged"] == cases.len(), "{sent}");
    eventually(|| {
        let raw = number(lake, "SELECT count(*) AS rows FROM events_raw", "rows")?;
        ensure!(raw <= rows, "{raw} rows arrived instead of {rows}");
        Ok((raw == rows).then_some(()))
    })
}

fn number(lake: &Lake, sql: &str, column: &str) -> Result<usize> {
    let answer = lake.query(sql)?;
    let number = answer[0][column].as_u64().context("a count")?;
    Ok(usize::try_from(number)?)
}

/// Compacts until readers find so many rows; gives the rows that came in, were duplicates, and went
/// out, in all hours together.
fn compact(lake: &Lake, rows: usize) -> Result<[u64; 3]> {
    let mut last: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    eventually(|| {
        let answer = lake.invoke(output::COMPACT_FUNCTION_NAME, &json!({}))?;
        ensure!(answer["waiting"] == 0, "{answer}");
        for hour in answer["hours"].as_array().context("hours")? {
            if hour["outcome"] == "published" {
                let counts = ["rows_in", "duplicates", "rows_out"].map(|name| hour[name].as_u64().unwrap_or(0));
                last.insert(hour["hour"].to_string(), counts);
            }
        }
        Ok((number(lake, COUNT, "rows")? == rows).then_some(()))
    })?;
    let sum = |index: usize| last.values().map(|counts| counts[index]).sum();
    Ok([sum(0), sum(1), sum(2)])
}

/// Every object of the generations that are read, by a reader that had no part in writing them.
fn read_back(lake: &Lake, generations: usize) -> Result<BTreeSet<String>> {
    let bucket = Bucket::open(lake.output(output::DATA_BUCKET_NAME)?)?;
    let column = |name: &str| contract::COLUMNS.iter().position(|column| column.name == name);
    let (uuid, created) = (
        column("event_uuid").context("a column")?,
        column("created_at").context("a column")?,
    );
    // Of an hour the newest one sorts last.
    let mut newest: BTreeMap<String, String> = BTreeMap::new();
    let keys = bucket.keys(&contract::curated_prefix(DATASET))?;
    for key in &keys {
        let (hour, generation) = key.split_once("/generation=").context("a generation")?;
        let (generation, _) = generation.split_once('/').context("a folder")?;
        newest.insert(hour.to_owned(), generation.to_owned());
    }
    let all: BTreeSet<&str> = keys.iter().filter_map(|key| Some(key.rsplit_once('/')?.0)).collect();
    assert_eq!(all.len(), generations, "{all:?}");
    let mut seen = BTreeSet::new();
    for key in keys {
        let (hour, generation) = key.split_once("/generation=").context("a generation")?;
        if newest
            .get(hour)
            .is_none_or(|newest| !generation.starts_with(newest.as_str()))
        {
            continue;
        }
        let object = bucket.parquet(&key)?;
        for row in &object.rows {
            let at = row.get_double(created)?;
            let own = Hour::at((at * 1_000.0) as u64).context("an hour")?;
            assert!(hour.ends_with(&own.to_string()), "an event of {own} is in {key}");
            let uuid = row.get_string(uuid)?.clone();
            assert!(seen.insert(uuid), "an event is in {key} again");
        }
    }
    Ok(seen)
}

#[test]
fn duplicated_and_late_events_are_in_their_own_hours_once() -> Result<()> {
    let lake = Lake::deploy()?;
    let (cases, all) = (events::mixed(200), events::mixed(260));
    let (first, every) = (good(&cases), good(&all));
    send(&lake, &cases, first.len())?;
    send(&lake, &cases, 2 * first.len())?;

    let answers = AtomicBool::new(true);
    let allowed = |row: &Value| {
        let (rows, events) = (row["rows"].as_u64().unwrap_or(0), row["events"].as_u64().unwrap_or(0));
        // Hours are compacted one after the other: each event is there once or twice, and none is gone.
        let events = usize::try_from(events).unwrap_or(0);
        events == first.len() && (first.len()..=2 * first.len()).contains(&usize::try_from(rows).unwrap_or(0))
    };
    let [rows_in, duplicates, rows_out] = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            while answers.load(Ordering::Relaxed) {
                let row = lake.query(COUNT)?.pop().context("a row")?;
                ensure!(allowed(&row), "a reader saw {row}");
            }
            Ok(())
        });
        let compacted = compact(&lake, first.len());
        answers.store(false, Ordering::Relaxed);
        watch.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
        compacted
    })?;
    assert_eq!((rows_in, rows_out), (2 * first.len() as u64, first.len() as u64));
    assert_eq!(rows_in, rows_out + duplicates);
    let hours = number(&lake, "SELECT count(DISTINCT hour) AS hours FROM events", "hours")?;
    let own: BTreeSet<String> = first.iter().map(|uuid| (*uuid).to_owned()).collect();
    assert_eq!(read_back(&lake, hours)?, own);

    // Late, and with all that was there.
    send(&lake, &all, 2 * first.len() + every.len())?;
    assert_eq!(
        number(&lake, COUNT, "rows")?,
        first.len(),
        "a closed hour stays as it is"
    );
    compact(&lake, every.len())?;
    let again = number(&lake, "SELECT count(DISTINCT hour) AS hours FROM events", "hours")?;
    let own: BTreeSet<String> = every.iter().map(|uuid| (*uuid).to_owned()).collect();
    assert_eq!(read_back(&lake, hours + again)?, own);
    Ok(())
}

#[test]
fn an_hour_is_compacted_by_hand_and_what_is_none_is_refused() -> Result<()> {
    let lake = Lake::deploy()?;
    let cases = events::mixed(20);
    send(&lake, &cases, good(&cases).len())?;
    let answer = lake.invoke(output::COMPACT_FUNCTION_NAME, &json!({ "hour": "2026-01-31T23" }))?;
    assert_eq!(answer["hours"][0]["outcome"], "published", "{answer}");
    assert_eq!(answer["hours"][0]["rows_out"], good(&cases).len(), "{answer}");
    let refused = lake.invoke(output::COMPACT_FUNCTION_NAME, &json!({ "hour": "23:00" }));
    let said = refused.expect_err("no hour").to_string();
    assert!(said.contains("is no hour; name one like 2026-01-09T20"), "{said}");
    Ok(())
}
