//! Runs that read the linear schedule.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use serde_json::json;

use super::world::{self, Reader, Setting, World, run};
use crate::table::memory::Memory;
use crate::upstream::Request;
use crate::upstream::script::{Script, answer};

fn only() -> serde_json::Value {
    json!({ "titles": "N" })
}

#[tokio::test]
async fn a_week_is_published_with_its_channels_and_follows_what_changes() {
    let (world, table) = (World::new(1), Memory::new());
    let mut reader = Reader::default();
    let first = run(&world, &table, &only(), &mut reader).await;
    assert_eq!(reader.programmes(), world.programmes());
    let channels: BTreeSet<u64> = world.episodes.values().map(|(_, channel, _)| *channel).collect();
    assert_eq!(reader.channels(), channels.len());
    assert_eq!(first.records, world.episodes.len() + channels.len());

    let later = world.changed();
    let second = run(&later, &table, &only(), &mut reader).await;
    assert_eq!(reader.programmes(), later.programmes());
    // One gone and two moved on each of seven days; whoever moves to another day is not cancelled.
    assert_eq!((second.records, reader.gone.len()), (21, 7));
}

#[tokio::test]
async fn nothing_is_cancelled_while_a_day_is_missing() {
    let (world, table) = (World::new(2), Memory::new());
    let mut reader = Reader::default();
    run(&world, &table, &only(), &mut reader).await;
    let later = world.changed();
    let upstream = Script::new(|_, request: &Request| match request.query.last() {
        Some((_, date)) if date == "2026-01-12" => Ok(answer(400, "")),
        _ => later.answer(request),
    });
    let done = world::run_with(
        &upstream,
        &table,
        &only(),
        &mut reader,
        |_, _| Some(true),
        Setting::default(),
    )
    .await;
    assert_eq!(done.report.rejected.len(), 1, "{:?}", done.report);
    assert!(reader.gone.is_empty());
    run(&later, &table, &only(), &mut reader).await;
    assert_eq!(reader.programmes(), later.programmes());
    assert_eq!(reader.gone.len(), 7);
}

#[tokio::test]
async fn an_empty_or_shrunken_day_keeps_what_it_had() {
    for keep in [0, 1] {
        let (world, table) = (World::new(3), Memory::new());
        let mut reader = Reader::default();
        run(&world, &table, &only(), &mut reader).await;
        let mut poor = world.clone();
        let of_day: Vec<u64> = world
            .episodes
            .iter()
            .filter(|(_, it)| it.0 == "2026-01-10")
            .map(|(id, _)| *id)
            .collect();
        assert_eq!(of_day.len(), 4);
        for id in &of_day[keep..] {
            poor.episodes.remove(id);
        }
        let done = run(&poor, &table, &only(), &mut reader).await;
        assert_eq!((done.records, done.report.rejected.len()), (0, 1));
        assert_eq!(reader.programmes(), world.programmes());
    }
}

#[tokio::test]
async fn the_days_that_pass_are_forgotten_and_not_cancelled() {
    let (world, table) = (World::new(4), Memory::new());
    let mut reader = Reader::default();
    run(&world, &table, &only(), &mut reader).await;
    let upstream = Script::new(|_, request: &Request| world.answer(request));
    let tomorrow = world::now() + 24.hours();
    let done = world::run_with(
        &upstream,
        &table,
        &only(),
        &mut reader,
        |_, _| Some(true),
        Setting {
            now: tomorrow,
            ..Setting::default()
        },
    )
    .await;
    // Of the day that the week has gained nothing is known.
    assert_eq!((done.records, done.report.rejected.len()), (0, 1));
    assert_eq!(upstream.log()[0].query[1].1, "2026-01-10");
    assert!(reader.gone.is_empty());
    let slots = world::manifests(&table).concat();
    assert!(!slots.contains("2026-01-09") && slots.contains("2026-01-15"));
}

#[tokio::test]
async fn what_is_over_is_not_cancelled_when_it_leaves_the_list() {
    let (mut world, table) = (World::new(5), Memory::new());
    world.episodes.insert(1, ("2026-01-09".to_owned(), 12, 9));
    let mut reader = Reader::default();
    run(&world, &table, &only(), &mut reader).await;
    world.episodes.remove(&1);
    let done = run(&world, &table, &only(), &mut reader).await;
    assert_eq!((done.records, reader.gone.len()), (0, 0));
}
