//! Every fault at every request: no dataset is ever half new, nothing is gone that is there, and no
//! more is asked than is paid for.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Value, json};

use super::world::{self, Reader, Setting, World, run};
use crate::event::Title;
use crate::ingest::manifest::Manifest;
use crate::ingest::slots::Slot;
use crate::ingest::{Ingested, PARTS};
use crate::snapshot::Rejection;
use crate::table::memory::Memory;
use crate::table::{Item, Key, Table as _, Write};
use crate::upstream::script::{Answer, Script, answer};
use crate::upstream::{Fault, Request, Response, Service};

/// What no message may hold; every answer that is no good repeats it.
const KEY: &str = "s3cr3t";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bad {
    Busy,
    BusyFor,
    Broken,
    Unavailable,
    TimedOut,
    Reset,
    Cut,
    EmptyPage,
    ShrunkenPage,
    DuplicatePage,
    WrongJson,
    NotJson,
    Unauthorized,
    OverQuota,
}

const FAULTS: [Bad; 14] = [
    Bad::Busy,
    Bad::BusyFor,
    Bad::Broken,
    Bad::Unavailable,
    Bad::TimedOut,
    Bad::Reset,
    Bad::Cut,
    Bad::EmptyPage,
    Bad::ShrunkenPage,
    Bad::DuplicatePage,
    Bad::WrongJson,
    Bad::NotJson,
    Bad::Unauthorized,
    Bad::OverQuota,
];

/// The answer with a fault in it.
fn spoil(bad: Bad, good: Answer, request: &Request, world: &World) -> Answer {
    let body = good.as_ref().map(|good| good.body.clone()).unwrap_or_default();
    let text = format!(r#"{{"success":false,"statusMessage":"{KEY}"}}"#);
    match bad {
        Bad::Busy => Ok(answer(429, text)),
        Bad::BusyFor => Ok(Response {
            retry_after: Some("2".to_owned()),
            ..answer(429, text)
        }),
        Bad::Broken => Ok(answer(500, text)),
        Bad::Unavailable => Ok(answer(503, text)),
        Bad::TimedOut => Err(Fault::TimedOut),
        Bad::Reset => Err(Fault::Connection),
        Bad::Cut => Ok(answer(200, &body[..body.len() / 2])),
        Bad::EmptyPage => Ok(answer(200, rows(&body, |rows| rows.clear()))),
        Bad::ShrunkenPage => Ok(answer(200, rows(&body, |rows| rows.truncate(rows.len() / 3)))),
        Bad::DuplicatePage => {
            let mut first = request.clone();
            for (name, value) in &mut first.query {
                if *name == "page" {
                    "1".clone_into(value);
                }
            }
            let mut page: Value = serde_json::from_slice(&world.answer(&first).unwrap().body).unwrap();
            if let (Some(number), Some((_, asked))) =
                (page.get_mut("page"), request.query.iter().find(|(it, _)| *it == "page"))
            {
                *number = json!(asked);
            }
            Ok(answer(
                200,
                rows(page.to_string().as_bytes(), |rows| rows.extend(rows.clone())),
            ))
        }
        Bad::WrongJson => Ok(answer(200, text)),
        Bad::NotJson => Ok(answer(200, format!("<html>{KEY}</html>"))),
        Bad::Unauthorized => Ok(answer(401, text)),
        Bad::OverQuota => Ok(answer(402, text)),
    }
}

/// The body with other rows: the whole is a list, or has one.
fn rows(body: &[u8], change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut body: Value = serde_json::from_slice(body).unwrap();
    let rows = match &mut body {
        Value::Array(rows) => rows,
        body => body["titles"].as_array_mut().unwrap(),
    };
    change(rows);
    body.to_string()
}

/// Who has which source or genre, and what is on which day: one set for each dataset.
async fn datasets(table: &Memory, world: &World) -> Vec<BTreeSet<String>> {
    let titles: Manifest<Title> = Manifest::read(table, "titles", PARTS).await.unwrap();
    let slots: Manifest<Slot> = Manifest::read(table, "schedule", PARTS).await.unwrap();
    let titles = titles.entries.values();
    let of_source = world.sources.iter().map(|id| {
        let has = titles.clone().filter(|it| it.source_ids.contains(&(*id).into()));
        has.map(|it| it.id.to_string()).collect()
    });
    let of_genre = world.genres.iter().map(|id| {
        let has = titles.clone().filter(|it| it.genre_ids.contains(&(*id).into()));
        has.map(|it| it.id.to_string()).collect()
    });
    let days = (9..16).map(|day| {
        let on = slots
            .entries
            .values()
            .filter(|slot| slot.day == format!("2026-01-{day:02}"));
        on.map(|slot| format!("{} {}", slot.last.program_id, slot.digest))
            .collect()
    });
    of_source.chain(of_genre).chain(days).collect()
}

fn told(done: &Ingested) -> String {
    let rejected = done.report.rejected.iter().map(|(_, rejection)| {
        let cause = match rejection {
            Rejection::Unanswered(error) => format!("{error} {:?}", std::error::Error::source(error)),
            _ => String::new(),
        };
        format!("{rejection} {rejection:?} {cause}")
    });
    format!("{} {:?} {}", rejected.collect::<String>(), done.error, done.answer())
}

/// A world that was ingested and has changed since, and how it is when it is ingested again.
struct Scene {
    seed: u64,
    before: World,
    after: World,
    table: BTreeMap<Key, Item>,
    reader: Reader,
    old: Vec<BTreeSet<String>>,
    new: Vec<BTreeSet<String>>,
}

impl Scene {
    async fn new(seed: u64) -> Self {
        let before = World::new(seed);
        let after = before.changed();
        let (table, mut reader) = (Memory::new(), Reader::default());
        run(&before, &table, &json!({}), &mut reader).await;
        let witness = Memory::new();
        run(&after, &witness, &json!({}), &mut Reader::default()).await;
        Self {
            seed,
            old: datasets(&table, &before).await,
            new: datasets(&witness, &before).await,
            table: table.items(),
            before,
            after,
            reader,
        }
    }
}

/// Makes the second run meet a fault at a request, for so many attempts at it; then a good run mends
/// everything.
async fn meet(bad: Bad, position: usize, attempts: usize, scene: &Scene) {
    let Scene {
        before,
        after,
        old,
        new,
        ..
    } = scene;
    let (table, mut reader) = (Memory::new(), scene.reader.clone());
    let writes = scene
        .table
        .iter()
        .map(|(key, item)| Write::put(key.clone(), item.clone()));
    table.write_all(writes.collect()).await.unwrap();
    let spent = table_spent(&table);

    let target = std::cell::RefCell::new(None);
    let hits = std::cell::Cell::new(0);
    let upstream = Script::new(|number, request: &Request| {
        if number == position {
            target.replace(Some(request.clone()));
        }
        let is_hit = target.borrow().as_ref() == Some(request) && hits.get() < attempts;
        let good = after.answer(request);
        if is_hit {
            hits.set(hits.get() + 1);
            return spoil(bad, good, request, after);
        }
        good
    });
    let setting = Setting {
        fraction: Rng::with_seed(scene.seed).f64(),
        ..Setting::default()
    };
    let done = world::run_with(&upstream, &table, &json!({}), &mut reader, |_, _| Some(true), setting).await;
    let what = format!("{bad:?} at {position} for {attempts}, seed {}", scene.seed);
    assert!(done.error.is_none(), "{what}: {:?}", done.error);

    let asked = upstream
        .log()
        .iter()
        .filter(|request| request.service == Service::Watchmode)
        .count() as u64;
    assert!(spent + asked <= 900, "{what}: {asked} requests after {spent}");
    assert_eq!(table_spent(&table), spent + asked, "{what}");
    assert!(!told(&done).contains(KEY), "{what}: {}", told(&done));

    // What is gone is gone in the world, too.
    let lost = before
        .shelf
        .keys()
        .filter(|id| !after.shelf.contains_key(*id))
        .map(ToString::to_string);
    let off = before
        .episodes
        .keys()
        .filter(|id| !after.episodes.contains_key(*id))
        .map(ToString::to_string);
    let may_be_gone: BTreeSet<String> = lost.chain(off).collect();
    assert!(reader.gone.is_subset(&may_be_gone), "{what}: {:?}", reader.gone);

    // Each dataset is old or new; what was withheld from cancelling may stand beside the new.
    let mixed = datasets(&table, before).await;
    for (place, ((old, new), mixed)) in old.iter().zip(new).zip(&mixed).enumerate() {
        let kept: BTreeSet<String> = mixed.difference(new).cloned().collect();
        let is_new =
            new.is_subset(mixed) && kept.is_subset(old) && (kept.is_empty() || !done.report.rejected.is_empty());
        let is_old_listing = mixed == old || titles_left(mixed, old, after);
        assert!(
            is_new || is_old_listing,
            "{what}: dataset {place} is neither\n{old:?}\n{new:?}\n{mixed:?}"
        );
    }

    run(after, &table, &json!({}), &mut reader).await;
    assert_eq!(&datasets(&table, before).await, new, "{what}");
    assert_eq!(
        (reader.titles(), reader.programmes()),
        (after.titles(), after.programmes()),
        "{what}"
    );
}

/// An old day without those that have moved to a day that is new.
fn titles_left(mixed: &BTreeSet<String>, old: &BTreeSet<String>, after: &World) -> bool {
    let moved = |row: &&String| {
        let id = row.split(' ').next().and_then(|id| id.parse().ok());
        id.is_some_and(|id: u64| after.episodes.contains_key(&id))
    };
    mixed.is_subset(old) && old.difference(mixed).all(|row| moved(&row))
}

fn table_spent(table: &Memory) -> u64 {
    let items = table.items();
    let budget = items.iter().find(|(key, _)| key.pk == "state:budget");
    budget.and_then(|(_, item)| item["requests"].as_u64()).unwrap_or(0)
}

/// Requests of a run of this world, without repetitions.
async fn requests(world: &World) -> usize {
    let upstream = Script::new(|_, request: &Request| world.answer(request));
    let (table, mut reader) = (Memory::new(), Reader::default());
    let setting = Setting::default();
    world::run_with(&upstream, &table, &json!({}), &mut reader, |_, _| Some(true), setting).await;
    upstream.log().len()
}

/// Every fault at every request, once, a few times over, and for ever; each with another world.
async fn meet_everywhere(faults: &[Bad]) {
    for (seed, attempts) in [(1, 1), (2, 3), (3, usize::MAX)] {
        let scene = Scene::new(seed).await;
        let positions = requests(&scene.after).await;
        assert!(positions > 20, "{positions}");
        for bad in faults {
            for position in 0..positions {
                meet(*bad, position, attempts, &scene).await;
            }
        }
    }
}

#[tokio::test]
async fn an_upstream_that_fails_at_any_request_leaves_no_dataset_half_new() {
    meet_everywhere(&FAULTS[..7]).await;
}

#[tokio::test]
async fn an_answer_that_is_wrong_at_any_request_leaves_no_dataset_half_new() {
    meet_everywhere(&FAULTS[7..]).await;
}

#[tokio::test]
async fn a_budget_that_ends_anywhere_is_kept_and_leaves_no_dataset_half_new() {
    let world = World::new(4);
    for monthly in (40..=90).step_by(10) {
        for bad in [Bad::Unavailable, Bad::ShrunkenPage] {
            for position in [8, 17, 26] {
                meet_within(bad, position, &world, monthly).await;
            }
        }
    }
}

/// Like [`meet`], with a budget that ends in the middle of the run.
async fn meet_within(bad: Bad, position: usize, before: &World, monthly: u64) {
    let after = before.changed();
    let (table, mut reader) = (Memory::new(), Reader::default());
    let hits = std::cell::Cell::new(0);
    let upstream = Script::new(|number, request: &Request| {
        let good = after.answer(request);
        if (position..position + 3).contains(&number) {
            hits.set(hits.get() + 1);
            return spoil(bad, good, request, &after);
        }
        good
    });
    for _ in 0..3 {
        world::run_with(
            &upstream,
            &table,
            &json!({}),
            &mut reader,
            |_, _| Some(true),
            Setting {
                monthly,
                ..Setting::default()
            },
        )
        .await;
    }
    let asked = upstream
        .log()
        .iter()
        .filter(|request| request.service == Service::Watchmode)
        .count() as u64;
    assert!(asked <= monthly / 10 * 9, "{asked} of {monthly}");
    assert!(reader.gone.is_empty(), "{:?}", reader.gone);
    let all = after.titles();
    for (id, (name, sources, genres)) in reader.titles() {
        let (whole_name, whole_sources, whole_genres) = &all[&id];
        assert_eq!(name, *whole_name);
        assert!(
            sources.iter().all(|id| whole_sources.contains(id)) && genres.iter().all(|id| whole_genres.contains(id))
        );
    }
}
