//! Ctrl-C in the midst of `redrive` and `backfill`: nothing is lost, nothing is there twice that need
//! not be, the second run does the rest, and the accounts of both add up.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use lake::contract::{RAW_PREFIX, output};
use localstack_tests::Lake;
use localstack_tests::objects::Bucket;
use localstack_tests::repair::{event, given_up, interrupted, large_event, queued, said, settled};
use serde_json::Value;

/// Events that are sent one in a record.
const EVENTS: usize = 6_000;

/// Of them, those that were given up together.
const MESSAGE: usize = 50;

#[test]
fn with_direct_delivery_each_event_is_there_once() -> Result<()> {
    let lake = Lake::deploy_with(&["lake.delivery=direct"])?;
    let bucket = Bucket::open(lake.output(output::DATA_BUCKET_NAME)?)?;
    produced(&lake)?;
    let lost = || -> Result<()> { bucket.keys(RAW_PREFIX)?.iter().try_for_each(|key| bucket.remove(key)) };
    let has_some = || Ok(!bucket.keys(RAW_PREFIX)?.is_empty());

    lost()?;
    let sent = given_up(&lake.output(output::STREAM_NAME)?, MESSAGE)?;
    queued(&lake.output(output::FAILURES_QUEUE_URL)?, &sent)?;
    let mut redrive = lake.cli("redrive");
    redrive.args(["--from", "failures", "--json"]);
    let (first, rest) = (interrupted(&mut redrive, has_some)?, said(&mut redrive)?);
    assert_eq!(both(&first, &rest, "redriven")?, EVENTS, "{first} {rest}");
    // A message whose records were written as it stopped is looked at once more; all the others, which
    // nobody else saw until then, are seen at once.
    let seen_twice = both(&first, &rest, "already_there")?;
    assert!(
        seen_twice <= MESSAGE && both(&first, &rest, "found")? == EVENTS + seen_twice,
        "{first} {rest}"
    );
    assert_eq!(said(&mut redrive)?["found"], 0);
    settled(&lake, EVENTS as u64, EVENTS as u64)?;

    lost()?;
    let mut backfill = lake.cli("backfill");
    backfill.args(["--stream", "--from", "2026-01-01T00:00:00Z", "--json"]);
    let (first, rest) = (interrupted(&mut backfill, has_some)?, said(&mut backfill)?);
    assert_eq!(both(&first, &rest, "sent")?, EVENTS, "{first} {rest}");
    assert_eq!((&rest["read"], &rest["skipped"]), (&EVENTS.into(), &first["sent"]));
    settled(&lake, EVENTS as u64, EVENTS as u64)
}

#[test]
fn with_firehose_the_second_run_goes_on_behind_the_first() -> Result<()> {
    let lake = Lake::deploy_with(&["lake.delivery=firehose"])?;
    produced(&lake)?;
    let again = lake.folder().join("again.json");
    let mut backfill = lake.cli("backfill");
    backfill
        .args(["--stream", "--from", "2026-01-01T00:00:00Z", "--json", "--checkpoint"])
        .arg(&again);
    the_second_run_goes_on(&mut backfill, &again, EVENTS)?;
    settled(&lake, 2 * EVENTS as u64, EVENTS as u64)?;

    const LARGE: usize = 2_000;
    let (input, files) = (lake.folder().join("large.jsonl"), lake.folder().join("files.json"));
    let lines = (EVENTS..EVENTS + LARGE).map(|number| large_event(number, 10_000) + "\n");
    fs::write(&input, lines.collect::<String>())?;
    let mut backfill = lake.cli("backfill");
    backfill
        .arg("--input")
        .arg(&input)
        .arg("--json")
        .arg("--checkpoint")
        .arg(&files);
    the_second_run_goes_on(&mut backfill, &files, LARGE)?;
    settled(&lake, (2 * EVENTS + LARGE) as u64, (EVENTS + LARGE) as u64)
}

/// Interrupts a command once its checkpoint has a place, and lets it do the rest.
fn the_second_run_goes_on(command: &mut Command, checkpoint: &Path, events: usize) -> Result<()> {
    let has_place = || {
        let kept: Option<Value> = fs::read(checkpoint)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok());
        let places = kept.as_ref().and_then(|kept| kept["places"].as_object());
        Ok(places.is_some_and(|places| !places.is_empty()))
    };
    let (first, rest) = (interrupted(command, has_place)?, said(command)?);
    assert_eq!(both(&first, &rest, "sent")?, events, "{first} {rest}");
    assert_eq!(
        (&rest["skipped"], &rest["read"]),
        (&first["sent"], &events.into()),
        "{first}"
    );
    Ok(())
}

/// What two runs have counted together.
fn both(first: &Value, rest: &Value, name: &str) -> Result<usize> {
    let count = |account: &Value| {
        account[name]
            .as_u64()
            .with_context(|| format!("no {name} in {account}"))
    };
    Ok((count(first)? + count(rest)?) as usize)
}

/// Sends the events and waits for their rows.
fn produced(lake: &Lake) -> Result<()> {
    let input = lake.folder().join("events.jsonl");
    fs::write(
        &input,
        (0..EVENTS).map(|number| event(number) + "\n").collect::<String>(),
    )?;
    lake.produce(&input)?;
    settled(lake, EVENTS as u64, EVENTS as u64)
}
