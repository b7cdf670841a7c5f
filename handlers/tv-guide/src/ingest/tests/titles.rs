//! Runs that read titles.

use jiff::ToSpan as _;
use serde_json::json;

use super::world::{self, Reader, Setting, World, run};
use crate::table::memory::Memory;
use crate::upstream::Request;
use crate::upstream::script::Script;

#[tokio::test]
async fn every_title_has_its_own_sources_and_genres_and_follows_them() {
    let (world, table) = (World::new(4), Memory::new());
    let mut reader = Reader::default();
    run(&world, &table, &json!({ "schedules": "N" }), &mut reader).await;
    assert_eq!(reader.titles(), world.titles());
    assert!(reader.gone.is_empty());

    let later = world.changed();
    run(&later, &table, &json!({ "schedules": "N" }), &mut reader).await;
    assert_eq!(reader.titles(), later.titles());
    let gone = world.shelf.keys().filter(|id| !later.shelf.contains_key(*id));
    assert_eq!(reader.gone, gone.map(ToString::to_string).collect());
}

#[tokio::test]
async fn a_listing_that_shrinks_to_less_than_half_is_not_believed() {
    let (world, table) = (World::new(5), Memory::new());
    let mut reader = Reader::default();
    run(&world, &table, &json!({}), &mut reader).await;
    let mut poor = world.clone();
    for title in poor.shelf.values_mut().skip(3) {
        title.1.remove(&203);
    }
    poor.shelf.retain(|_, title| !title.1.is_empty());
    let done = run(&poor, &table, &json!({ "schedules": "N" }), &mut reader).await;
    let rejected: Vec<_> = done.report.rejected.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(rejected, ["source-203"]);
    for (id, title) in reader.titles() {
        assert_eq!(
            title.1.contains(&"203".to_owned()),
            world.titles()[&id].1.contains(&"203".to_owned()),
            "{id}"
        );
    }
}

#[tokio::test]
async fn due_runs_read_every_listing_in_turn_within_their_allowance() {
    let mut world = World::new(6);
    world.sources = (1..=40).collect();
    for (id, title) in &mut world.shelf {
        title.1 = [id % 40 + 1].into();
    }
    let table = Memory::new();
    let mut reader = Reader::default();
    let mut months_spent = 0;
    for day in 0..3 {
        let upstream = Script::new(|_, request: &Request| world.answer(request));
        let event = json!({ "titles": "due", "schedules": "N", "cause": "schedule" });
        let now = world::now() + (24 * day).hours();
        let done = world::run_with(
            &upstream,
            &table,
            &event,
            &mut reader,
            |_, _| Some(true),
            Setting {
                now,
                ..Setting::default()
            },
        )
        .await;
        assert!(done.report.rejected.is_empty(), "{:?}", done.report);
        let listings = upstream
            .log()
            .iter()
            .filter(|request| request.path == "/list-titles")
            .count();
        // The last listing is read to its end.
        assert!((24..=26).contains(&listings) || day == 2, "{listings} on day {day}");
        months_spent += upstream.log().len();
    }
    assert_eq!(reader.titles(), world.titles());
    // 42 listings: two days of 24 requests and less than a third.
    assert!(months_spent < 90, "{months_spent}");
}

#[tokio::test]
async fn without_a_paid_plan_releases_tell_what_is_new() {
    let (mut world, table) = (World::new(7), Memory::new());
    let mut reader = Reader::default();
    run(&world, &table, &json!({ "schedules": "N" }), &mut reader).await;
    world.releases = vec![(3_300_001, 409), (3_300_002, 999)];
    let done = run(
        &world,
        &table,
        &json!({ "titles": "due", "schedules": "N" }),
        &mut reader,
    )
    .await;
    assert!(done.report.rejected.is_empty(), "{:?}", done.report);
    let new = &reader.titles()["3300001"];
    assert_eq!((new.1.as_slice(), new.2.len()), (["409".to_owned()].as_slice(), 0));
    assert!(!reader.titles().contains_key("3300002"), "its source is none of ours");
}

#[tokio::test]
async fn with_a_paid_plan_new_titles_come_with_their_details() {
    let (mut world, table) = (World::new(8), Memory::new());
    let mut reader = Reader::default();
    run(&world, &table, &json!({ "schedules": "N" }), &mut reader).await;
    // One is known, one is new, one is gone again.
    world
        .shelf
        .insert(3_300_001, ("New".to_owned(), [409].into(), [4, 7].into()));
    world.new_titles = Some(vec![3_100_001, 3_300_001, 3_300_002]);
    let upstream = Script::new(|_, request: &Request| match request.path.as_str() {
        // The listings do not have it yet.
        "/list-titles" => World::new(8).answer(request),
        _ => world.answer(request),
    });
    let event = json!({ "titles": "due", "schedules": "N" });
    let done = world::run_with(
        &upstream,
        &table,
        &event,
        &mut reader,
        |_, _| Some(true),
        Setting::default(),
    )
    .await;
    assert!(done.report.rejected.is_empty(), "{:?}", done.report);
    assert_eq!(reader.titles()["3300001"], world.titles()["3300001"]);
    let details = upstream
        .log()
        .iter()
        .filter(|request| request.path.starts_with("/title/"))
        .count();
    assert_eq!(details, 2);
}

#[tokio::test]
async fn sources_and_genres_come_from_the_table_where_it_has_them() {
    let (world, table) = (World::new(9), Memory::new());
    let mut reader = Reader::default();
    let asked = |log: Vec<Request>| {
        log.iter()
            .filter(|it| it.path == "/sources" || it.path == "/genres")
            .count()
    };
    let upstream = Script::new(|_, request: &Request| world.answer(request));
    let event = json!({ "schedules": "N" });
    let ran = world::run_with(
        &upstream,
        &table,
        &event,
        &mut reader,
        |_, _| Some(true),
        Setting::default(),
    )
    .await;
    assert!(ran.error.is_none());
    assert_eq!(asked(upstream.log()), 2);

    let table = Memory::new();
    let source = crate::table::entity::source(&203.into(), "Netflix", serde_json::Map::new(), &["GB".to_owned()]);
    let elsewhere = crate::table::entity::source(&26.into(), "Prime", serde_json::Map::new(), &["US".to_owned()]);
    let genre = crate::table::entity::genre(&4.into(), "Comedy", serde_json::Map::new());
    crate::table::Table::write_all(&table, vec![source, elsewhere, genre])
        .await
        .unwrap();
    let upstream = Script::new(|_, request: &Request| world.answer(request));
    let ran = world::run_with(
        &upstream,
        &table,
        &event,
        &mut reader,
        |_, _| Some(true),
        Setting::default(),
    )
    .await;
    assert_eq!(asked(upstream.log()), 0);
    assert_eq!(ran.report.published, ["source-203", "genre-4"]);
}

#[tokio::test]
async fn a_source_that_the_table_has_lost_has_no_titles_any_more() {
    let (world, table, mut reader) = (World::new(10), Memory::new(), Reader::default());
    let source = |id: u64| crate::table::entity::source(&id.into(), "Name", serde_json::Map::new(), &["GB".to_owned()]);
    let genres = [4_u64, 7].map(|id| crate::table::entity::genre(&id.into(), "Name", serde_json::Map::new()));
    let writes = world.sources.iter().copied().map(source).chain(genres).collect();
    crate::table::Table::write_all(&table, writes).await.unwrap();
    run(&world, &table, &json!({ "schedules": "N" }), &mut reader).await;
    assert_eq!(reader.titles(), world.titles());

    let gone = crate::table::Write::delete(source(26).key);
    crate::table::Table::write_all(&table, vec![gone]).await.unwrap();
    let done = run(&world, &table, &json!({ "schedules": "N" }), &mut reader).await;
    assert!(done.report.rejected.is_empty(), "{:?}", done.report);
    assert!(
        reader
            .titles()
            .values()
            .all(|title| !title.1.contains(&"26".to_owned()))
    );
}
