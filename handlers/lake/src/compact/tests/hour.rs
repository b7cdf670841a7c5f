//! What a run makes of an hour, case by case.

use super::super::memory::Trouble;
use super::super::{ATTEMPTS, Published, Retired, Tally};
use super::*;

fn published(outcome: Option<Outcome>) -> Published {
    match outcome {
        Some(Outcome::Published(published)) => published,
        other => panic!("{other:?}"),
    }
}

fn with(objects: &[(&str, &str)]) -> World {
    let world = World::default();
    world.state.borrow_mut().query_takes = Some(1);
    for (key, lines) in objects {
        world.arrive(the_hour(), key, lines);
    }
    world
}

fn events(world: &World) -> Vec<String> {
    world.read(the_hour())
}

/// The last outcome of an hour with these objects, after something has happened to its compacted
/// state.
#[track_caller]
fn check(before: &[(&str, &str)], happens: impl FnOnce(&World), says: &str, after: &[&str]) {
    let world = with(before);
    published(outcome(&world, settings(), 0));
    happens(&world);
    let outcome = outcome(&world, settings(), 60);
    let said = match &outcome {
        Some(Outcome::Again(cause)) => cause.to_string(),
        other => format!("{other:?}"),
    };
    assert!(said.starts_with(says), "{said}");
    assert_eq!(events(&world), after);
}

#[test]
fn an_hour_is_compacted_when_it_is_closed_and_counted() {
    let world = with(&[("a", "one 5\ntwo 6"), ("b", "one 3")]);
    let now = the_hour().end() + CLOSE_AFTER - 1;
    world.state.borrow_mut().now = now;
    let shift = Shift {
        owner: "early",
        deadline: now + SHIFT,
    };
    let early = alive(compaction(&world, settings()).run(shift)).unwrap().unwrap();
    assert!(early.hours.is_empty() && early.waiting == 0, "{early:?}");

    let published = published(outcome(&world, settings(), 0));
    assert_eq!(published.objects, 2);
    let rows = Tally {
        rows_in: 3,
        duplicates: 1,
        rows_out: 2,
    };
    assert_eq!(published.rows, rows);
    assert_eq!(events(&world), ["one 3", "two 6"]);
    assert_eq!(published.generation, format!("{}-run-0", now + 1));
}

#[test]
fn a_mark_without_anything_new_makes_no_generation() {
    let again = |world: &World| world.arrive(the_hour(), "a", "one 5");
    check(&[("a", "one 5")], again, "Some(Unchanged)", &["one 5"]);
}

#[test]
fn an_hour_by_hand_is_compacted_open_and_anew() {
    let world = with(&[("a", "one 5")]);
    for (run, now) in [the_hour().end() - 1, the_hour().end()].into_iter().enumerate() {
        world.state.borrow_mut().now = now;
        let owner = format!("hand-{run}");
        let shift = Shift {
            owner: &owner,
            deadline: now + SHIFT,
        };
        let report = alive(compaction(&world, settings()).by_hand(the_hour(), shift)).unwrap();
        let (_, outcome) = report.unwrap().hours.pop().unwrap();
        assert_eq!(published(Some(outcome)).generation, format!("{now}-hand-{run}"));
    }
    assert_eq!(world.state.borrow().retired.len(), 1);
}

#[test]
fn an_hour_that_nobody_wrote_to_is_nothing() {
    let world = with(&[]);
    world.state.borrow_mut().dirty.entry(the_hour()).or_default();
    assert!(matches!(outcome(&world, settings(), 0), Some(Outcome::Unchanged)));
    assert!(outcome(&world, settings(), 60).is_none());
}

#[test]
fn rows_that_have_gone_missing_are_not_published() {
    let world_without = |kept: &'static str| {
        move |world: &World| {
            world
                .state
                .borrow_mut()
                .objects
                .retain(|key, _| !key.starts_with("raw/") || key.ends_with(kept));
            world.state.borrow_mut().dirty.entry(the_hour()).or_default();
        }
    };
    let objects = [("a", "one 5\ntwo 6"), ("b", "three 3")];
    let both = ["one 5", "three 3", "two 6"];
    check(&objects, world_without("/b"), "only 1 rows instead of the 3", &both);
    check(
        &objects,
        world_without("/none"),
        "the hour is compacted and has no raw objects",
        &both,
    );
}

#[test]
fn a_raw_object_that_is_none_leaves_the_hour_as_it_was() {
    let damage = |world: &World| {
        world.arrive(the_hour(), "b", "");
        let key = format!("raw/{}/b", the_hour());
        world.state.borrow_mut().objects.insert(key, vec![0xff]);
    };
    let says = "the rows of \"raw/year=2026/month=01/day=09/hour=20/b\" cannot be merged";
    check(&[("a", "one 5")], damage, says, &["one 5"]);
}

#[test]
fn a_raw_object_that_changes_while_it_is_read_is_for_the_next_run() {
    let world = with(&[("a", "one 5")]);
    // The call that reads it comes after ledger (3), catalog (2) and list (1).
    let change = (the_hour(), "a".to_owned(), "one 5\ntwo 6".to_owned());
    world.arrivals.borrow_mut().insert(6, change);
    match outcome(&world, settings(), 0) {
        Some(Outcome::Again(Cause::Changed { key })) => assert!(key.ends_with("hour=20/a"), "{key}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.state.borrow().published.len(), 0);
    published(outcome(&world, settings(), 1));
    assert_eq!(events(&world), ["one 5", "two 6"]);
}

#[test]
fn a_partition_that_may_still_move_keeps_its_lease() {
    let world = with(&[("a", "one 5")]);
    // Reads 7, intends 1, puts 1: the next call moves the partition.
    world.trouble.borrow_mut().insert(9, Trouble::FailsAfter);
    assert!(matches!(
        outcome(&world, settings(), 0),
        Some(Outcome::Again(Cause::Moving))
    ));
    assert!(matches!(outcome(&world, settings(), 15), Some(Outcome::Leased)));
    published(outcome(&world, settings(), 17));
}

#[test]
fn an_hour_that_is_too_large_or_fails_too_often_is_the_engines() {
    let by_size = Settings {
        most_bytes: 4,
        ..settings()
    };
    let world = with(&[("a", "one 5"), ("b", "one 4")]);
    published(outcome(&world, by_size, 0));
    assert_eq!(world.state.borrow().queries.len(), 1);

    let world = with(&[("a", "one 5\ntwo 6"), ("b", "one 4")]);
    let mut by_rows = compaction(&world, settings());
    by_rows.ports.merge.most = Some(2);
    let now = the_hour().end() + CLOSE_AFTER;
    world.state.borrow_mut().now = now;
    let shift = Shift {
        owner: "rows",
        deadline: now + SHIFT,
    };
    let mut report = alive(by_rows.run(shift)).unwrap().unwrap();
    published(report.hours.pop().map(|(_, outcome)| outcome));
    assert_eq!(world.state.borrow().queries.len(), 1);
    assert_eq!(events(&world), ["one 4", "two 6"]);

    let world = with(&[("a", "one 5")]);
    for attempt in 0..ATTEMPTS {
        // Dies where it would put its file.
        let call = world.calls.get() + 8;
        world.trouble.borrow_mut().insert(call, Trouble::DiesBefore);
        assert!(run(&world, settings(), attempt * 60).is_none());
    }
    published(outcome(&world, settings(), 600));
    assert_eq!(world.state.borrow().queries.len(), 1);
}

#[test]
fn a_query_outlives_the_invocation_and_one_that_fails_is_followed_by_another() {
    let settings = Settings {
        most_bytes: 0,
        ..settings()
    };
    let world = with(&[("a", "one 5\ntwo 6")]);
    world.state.borrow_mut().query_takes = Some(600);
    assert!(matches!(outcome(&world, settings, 0), Some(Outcome::Underway)));
    published(outcome(&world, settings, 20));
    assert_eq!(world.state.borrow().queries.len(), 1);

    let world = with(&[("a", "one 5\ntwo 6")]);
    world.state.borrow_mut().query_takes = None;
    match outcome(&world, settings, 0) {
        Some(Outcome::Again(Cause::Query { id })) => assert_eq!(id, "query-0"),
        other => panic!("{other:?}"),
    }
    world.state.borrow_mut().query_takes = Some(0);
    published(outcome(&world, settings, 60));
    assert_eq!(world.state.borrow().queries.len(), 2);
}

#[test]
fn what_arrives_while_the_engine_counts_is_for_the_next_run() {
    let settings = Settings {
        most_bytes: 0,
        ..settings()
    };
    let world = with(&[("a", "one 5\ntwo 6")]);
    world.state.borrow_mut().query_takes = Some(0);
    // Reads 6, intends 1, asks 1, intends 1, looks 1: the next call counts.
    let late = (the_hour(), "b".to_owned(), "three 7".to_owned());
    world.arrivals.borrow_mut().insert(10, late);
    match outcome(&world, settings, 0) {
        Some(Outcome::Again(Cause::Changed { key })) => assert_eq!(key, the_hour().to_string()),
        other => panic!("{other:?}"),
    }
    let rows = published(outcome(&world, settings, 60)).rows;
    assert_eq!((rows.rows_in, rows.duplicates, rows.rows_out), (3, 0, 3));
}

#[test]
fn hours_that_were_tried_least_come_first_while_there_is_time() {
    let world = World::default();
    let hours = ["2026-01-09T18", "2026-01-09T19", "2026-01-09T20"].map(|name| Hour::from_name(name).unwrap());
    let [damaged, ..] = hours;
    for hour in hours {
        world.arrive(hour, "a", "one 5");
    }
    let key = format!("raw/{damaged}/a");
    world.state.borrow_mut().objects.insert(key, vec![0xff]);
    let first = run(&world, settings(), 0).unwrap().unwrap();
    assert_eq!(first.hours.len(), 3);
    assert_eq!(first.waiting, 1);
    for hour in hours {
        world.arrive(hour, "b", "two 5");
    }
    let second = run(&world, settings(), 60).unwrap().unwrap();
    let order: Vec<Hour> = second.hours.iter().map(|(hour, _)| *hour).collect();
    assert_eq!(order, [hours[1], hours[2], damaged]);

    world.arrive(hours[1], "c", "three 5");
    let now = the_hour().end() + 10 * GRACE;
    world.state.borrow_mut().now = now;
    let short = Shift {
        owner: "short",
        deadline: now + 19_000,
    };
    let none = alive(compaction(&world, settings()).run(short)).unwrap().unwrap();
    assert!(none.hours.is_empty());
    assert_eq!((none.waiting, none.swept.unwrap().removed), (2, 0));
}

#[test]
fn a_generation_that_the_catalog_points_to_again_is_replaced_before_it_is_removed() {
    let world = with(&[("a", "one 5")]);
    let old = published(outcome(&world, settings(), 0)).generation;
    world.arrive(the_hour(), "b", "two 6");
    published(outcome(&world, settings(), 1));
    let back = format!("curated/{}/{old}/", the_hour());
    world.state.borrow_mut().partitions.insert(the_hour(), back);

    let swept = run(&world, settings(), 90).unwrap().unwrap().swept.unwrap();
    assert_eq!((swept.removed, swept.in_use), (0, 1));
    assert_eq!(events(&world), ["one 5"]);
    let report = run(&world, settings(), 120).unwrap().unwrap();
    assert_eq!(report.swept.unwrap().removed, 0);
    assert_eq!(events(&world), ["one 5", "two 6"]);
    let late = run(&world, settings(), 300).unwrap().unwrap();
    assert_eq!(late.swept.unwrap().removed, 2);
    let retired: Vec<Retired> = world.state.borrow().retired.clone();
    assert_eq!(retired, []);
    assert_eq!(events(&world), ["one 5", "two 6"]);
}
