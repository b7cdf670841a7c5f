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
    for keep in [0, 1, 2] {
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
    assert_eq!(upstream.log().len(), 7);
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

/// A run in which the first answer for the tenth is poor by a programme, and all others are whole.
async fn meet_one_poor_answer(world: &World, table: &Memory, reader: &mut Reader) -> Vec<String> {
    let mut poor = world.clone();
    let gone = *world.episodes.iter().find(|(_, it)| it.0 == "2026-01-10").unwrap().0;
    poor.episodes.remove(&gone);
    let is_first = std::cell::Cell::new(true);
    let upstream = Script::new(|_, request: &Request| {
        let is_poor = request.target().ends_with("date=2026-01-10") && is_first.replace(false);
        if is_poor {
            poor.answer(request)
        } else {
            world.answer(request)
        }
    });
    let takes = |_, _| Some(true);
    let done = world::run_with(&upstream, table, &only(), reader, takes, Setting::default()).await;
    let rejected = done.report.rejected.iter();
    rejected.map(|(dataset, why)| format!("{dataset}: {why}")).collect()
}

#[tokio::test]
async fn a_day_that_is_new_or_lacks_much_must_say_so_twice() {
    let unsteady = ["schedule of 2026-01-10: two answers in a row have different rows: 3 and 4"];
    let (world, table, mut reader) = (World::new(6), Memory::new(), Reader::default());
    let mut without = world.programmes();
    without.retain(|_, (_, start)| !start.to_string().starts_with("2026-01-10"));

    let rejected = meet_one_poor_answer(&world, &table, &mut reader).await;
    assert_eq!(rejected, unsteady);
    assert_eq!(reader.programmes(), without);

    run(&world, &table, &only(), &mut reader).await;
    assert_eq!(reader.programmes(), world.programmes());
    assert_eq!(meet_one_poor_answer(&world, &table, &mut reader).await, unsteady);
    assert_eq!(reader.programmes(), world.programmes());
    assert!(reader.gone.is_empty());
}

#[tokio::test]
async fn a_programme_that_two_answers_lack_is_cancelled() {
    let (mut world, table, mut reader) = (World::new(7), Memory::new(), Reader::default());
    run(&world, &table, &only(), &mut reader).await;
    let (gone, _) = world.episodes.pop_first().unwrap();
    let done = run(&world, &table, &only(), &mut reader).await;
    assert!(done.report.rejected.is_empty(), "{:?}", done.report);
    assert_eq!(reader.gone.into_iter().collect::<Vec<_>>(), [gone.to_string()]);
}
