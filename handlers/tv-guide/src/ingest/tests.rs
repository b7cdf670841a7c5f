//! Whole runs on scripted upstreams, a table and a stream in memory.

mod faults;
mod schedule;
mod titles;
mod world;

use serde_json::{Value, json};

use super::*;
use crate::event::Cause;
use crate::snapshot::Rejection;
use crate::table::memory::Memory;
use world::{Reader, World, run};

#[track_caller]
fn ordered(event: Value, cause: Cause, titles: Titles, schedules: bool) {
    let expected = Order {
        cause,
        titles,
        schedules,
    };
    assert_eq!(Order::read(&event), expected, "{event}");
}

#[test]
fn any_event_is_an_order() {
    ordered(json!("./events/anything.json"), Cause::Request, Titles::All, true);
    ordered(Value::Null, Cause::Request, Titles::All, true);
    ordered(json!([{ "titles": "n" }]), Cause::Request, Titles::All, true);
    ordered(
        json!({ "source": "aws.events", "detail-type": "Scheduled Event", "time": "2024-07-29T10:00:00Z" }),
        Cause::Schedule,
        Titles::All,
        true,
    );
    ordered(
        json!({ "titles": "N", "schedules": "y" }),
        Cause::Request,
        Titles::None,
        true,
    );
    ordered(
        json!({ "titles": "DUE", "schedules": "n" }),
        Cause::Request,
        Titles::Due,
        false,
    );
}

#[test]
fn the_schedules_of_the_stack_are_orders() {
    use crate::contract::ingest::schedule::{SCHEDULES_INPUT, TITLES_INPUT};
    let read = |input: &str| serde_json::from_str(input).unwrap();
    ordered(read(TITLES_INPUT), Cause::Schedule, Titles::Due, true);
    ordered(read(SCHEDULES_INPUT), Cause::Schedule, Titles::None, true);
}

#[test]
fn a_month_of_schedules_stays_under_the_ceiling() {
    use crate::contract::ingest::{budget_ceiling, limit, schedule};
    let a_day = schedule::TITLES_ALLOWANCE + 2 + 2;
    assert!(u64::from(a_day) * 31 <= budget_ceiling(limit::FREE_PLAN_REQUESTS));
    assert_eq!(
        [0, 9, 10, 1_000, u64::MAX].map(budget_ceiling),
        [0, 8, 9, 900, 16_602_069_666_338_596_453]
    );
}

#[test]
fn the_answer_has_the_seeds_shape() {
    let mut done = Ingested {
        records: 3,
        sequence_number: Some("4966".to_owned()),
        ..Ingested::default()
    };
    done.report.published.push("source-203".to_owned());
    let answer = done.answer();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(answer["statusCode"], 200);
    let expected = json!({
        "message": "Data ingested successfully", "sequenceNumber": "4966", "records": 3, "published": 1, "rejected": [],
    });
    assert_eq!(body, expected);

    let mut failed = Ingested::default();
    let rejected = ("genre-4".to_owned(), Rejection::Shrunken { now: 0, before: 9 });
    failed.report.rejected.push(rejected);
    let answer = failed.answer();
    assert_eq!(answer["statusCode"], 500);
    assert_eq!(
        answer["body"],
        r#"{"error":"No dataset could be ingested","rejected":["genre-4"]}"#
    );
}

#[tokio::test]
async fn the_same_answers_twice_publish_and_write_nothing_the_second_time() {
    let world = World::new(1);
    let mut reader = Reader::default();
    let table = Memory::new();
    let first = run(&world, &table, &json!({}), &mut reader).await;
    assert!(first.error.is_none() && first.report.rejected.is_empty(), "{first:?}");
    assert_eq!(reader.titles(), world.titles());
    assert_eq!(reader.programmes(), world.programmes());

    let before = world::manifests(&table);
    let second = run(&world, &table, &json!({}), &mut reader).await;
    assert_eq!((second.records, second.sequence_number.as_deref()), (0, None));
    assert_eq!(second.report.published.len(), first.report.published.len());
    assert_eq!(world::manifests(&table), before);
}

#[tokio::test]
async fn what_the_stream_does_not_take_is_sent_by_the_next_run_and_nothing_else() {
    let (world, table) = (World::new(2), Memory::new());
    let mut reader = Reader::default();
    // Every third record of every second call is refused.
    let takes = |call, place| Some(call % 2 == 1 || place % 3 != 0);
    let refused = world::run_on(&world, &table, &json!({}), &mut reader, takes).await;
    let whole = reader.clone();
    let stubborn = world::run_on(&world.changed(), &table, &json!({}), &mut reader, |_, place| {
        Some(place != 0)
    })
    .await;
    assert!(
        matches!(stubborn.error, Some(Error::Unpublished { .. })),
        "{stubborn:?}"
    );
    assert!(refused.error.is_none() && whole.titles() == world.titles());

    // A run ends with the first dataset that is not taken; the next ones carry on from there.
    let mut sent = 0;
    for _ in 0..4 {
        let next = run(&world.changed(), &table, &json!({}), &mut reader).await;
        assert!(next.error.is_none(), "{next:?}");
        sent += next.records;
    }
    assert!(sent > 0);
    assert_eq!(reader.titles(), world.changed().titles());
    assert_eq!(reader.programmes(), world.changed().programmes());
}

#[tokio::test]
async fn titles_whose_details_are_due_are_asked_for_again() {
    let (world, table) = (World::new(3), Memory::new());
    let pending = |id: &str, next_try: &str| {
        let item = json!({ "GSI3PK": "enrich:pending", "GSI3SK": format!("{next_try}#{id}") });
        let key = crate::table::key::title(&TitleId::new(id).unwrap());
        crate::table::Write::put(key, serde_json::from_value(item).unwrap())
    };
    let now = instant::text(world::now());
    let writes = vec![
        pending("7", "2026-01-01T00:00:00Z"),
        pending("8", &now),
        pending("9", "2026-01-31T00:00:00Z"),
    ];
    table.write_all(writes).await.unwrap();
    let mut reader = Reader::default();
    let done = run(&world, &table, &json!({ "titles": "N", "schedules": "N" }), &mut reader).await;
    assert_eq!(
        (done.records, reader.enriched),
        (2, vec!["7".to_owned(), "8".to_owned()])
    );
}
