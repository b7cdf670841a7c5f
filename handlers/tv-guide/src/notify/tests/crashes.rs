//! Functions that die at any step, records that come ten times and out of order: nobody misses a
//! change, and nobody hears of one twice but for a death between telling and writing it down.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::world::{at, follow, programme};
use crate::notify::message::{Message, Published, Refused, Topic};
use crate::notify::{Record, notify};
use crate::table::entity::{Programme, Status};
use crate::table::flaky::{Break, Flaky};
use crate::table::key::Favourite;
use crate::table::memory::{Image, Memory};
use crate::table::{Item, Table as _, Write};

/// After how many steps (calls of the table, messages) a function dies, and on which side of the
/// last one.
#[derive(Debug, Clone, Copy)]
struct Death {
    step: u64,
    side: Break,
}

/// The steps of one function; from its death on none is made.
struct Life {
    steps: Cell<u64>,
    death: Option<Death>,
}

impl Life {
    fn step(&self) -> Option<Break> {
        let step = self.steps.replace(self.steps.get() + 1);
        let death = self.death?;
        match step.cmp(&death.step) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal => Some(death.side),
            std::cmp::Ordering::Greater => Some(Break::Before),
        }
    }
}

/// The topic of a mortal function.
struct Mortal<'a> {
    life: &'a Life,
    topic: &'a Published,
}

impl Topic for Mortal<'_> {
    async fn publish(&self, message: &Message) -> Result<(), Refused> {
        let fault = self.life.step();
        if fault != Some(Break::Before) {
            self.topic.publish(message).await?;
        }
        match fault {
            None => Ok(()),
            Some(_) => Err(Refused {
                topic: "mortal".to_owned(),
                source: "dead".into(),
            }),
        }
    }
}

/// A table with followers, the records of some changes, and how often each message must come.
struct Scene {
    table: Memory,
    topic: Published,
    images: Vec<Image>,
    expected: BTreeSet<(String, String)>,
}

impl Scene {
    async fn new(followers: u64, programmes: u64) -> Self {
        let table = Memory::recording();
        for number in 0..followers {
            follow(&table, number, &Favourite::Show(90_001.into())).await;
        }
        assert!(!table.take_images().is_empty());
        for id in 0..programmes {
            let added = programme(id, at("21:00"), at("22:00"));
            let moved = Programme {
                version: "2".to_owned(),
                ..programme(id, at("22:00"), at("23:00"))
            };
            let cancelled = Programme {
                version: "3".to_owned(),
                status: Status::Cancelled,
                ..moved.clone()
            };
            for version in [added, moved, cancelled] {
                table.write(version.write()).await.unwrap();
            }
        }
        let images = table.take_images();
        let mut scene = Scene {
            table,
            topic: Published::default(),
            images,
            expected: BTreeSet::new(),
        };
        let (calm, order) = (Published::default(), scene.order());
        let plain = scene.copy().await;
        let life = Life {
            steps: Cell::new(0),
            death: None,
        };
        assert!(live(&scene.images, &order, &plain, &calm, &life).await.is_none());
        scene.expected = messages(&calm).into_keys().collect();
        assert_eq!(scene.expected.len() as u64, followers * programmes * 3);
        scene
    }

    /// The table as it was before anybody was told.
    async fn copy(&self) -> Memory {
        let copy = Memory::new();
        let writes = self.table.items().into_iter().map(|(key, item)| Write::put(key, item));
        copy.write_all(writes.collect()).await.unwrap();
        copy
    }

    fn order(&self) -> Vec<usize> {
        (0..self.images.len()).collect()
    }
}

/// How often each message was sent, by user and change.
fn messages(topic: &Published) -> BTreeMap<(String, String), usize> {
    let mut messages = BTreeMap::new();
    for Message { user, dedupe_id, .. } in topic.messages() {
        *messages.entry((user, dedupe_id)).or_default() += 1;
    }
    messages
}

/// One function: deals with the records in this order; says from which on they must come again.
async fn live(images: &[Image], order: &[usize], table: &Memory, topic: &Published, life: &Life) -> Option<usize> {
    let places: Vec<String> = order.iter().map(ToString::to_string).collect();
    let records: Vec<Record<'_>> = order
        .iter()
        .zip(&places)
        .map(|(index, place)| {
            let Image { key, old, new } = &images[*index];
            Record {
                sequence_number: place,
                pk: &key.pk,
                old: old.as_ref(),
                new: new.as_ref(),
            }
        })
        .collect();
    let (flaky, mortal) = (Flaky::new(table, |_| life.step()), Mortal { life, topic });
    let report = notify(&records, &flaky, &mortal, || at("20:00"), at("20:10")).await;
    let failure = report.failure?;
    places.iter().position(|place| *place == failure.sequence_number)
}

/// Messages that were sent without being written down, so that they will be sent again.
fn unwritten(table: &Memory, topic: &Published) -> usize {
    let items = table.items();
    let is_complete = |item: &&Item| item.get("state").and_then(Value::as_str) == Some("COMPLETE");
    topic.messages().len() - items.values().filter(is_complete).count()
}

#[tokio::test]
async fn a_death_at_any_step_loses_nothing() {
    let mut scene = Scene::new(3, 2).await;
    let order = scene.order();
    let steps = {
        let life = Life {
            steps: Cell::new(0),
            death: None,
        };
        live(&scene.images, &order, &scene.copy().await, &Published::default(), &life).await;
        life.steps.get()
    };
    for step in 0..steps {
        for side in [Break::Before, Break::After] {
            scene.topic = Published::default();
            let table = scene.copy().await;
            let life = Life {
                steps: Cell::new(0),
                death: Some(Death { step, side }),
            };
            let failed = live(&scene.images, &order, &table, &scene.topic, &life).await;
            let first = failed.expect("a death fails the batch");
            let window = unwritten(&table, &scene.topic);
            assert!(window <= 1, "one message is under way at a time");
            let life = Life {
                steps: Cell::new(0),
                death: None,
            };
            assert_eq!(
                live(&scene.images, &order[first..], &table, &scene.topic, &life).await,
                None
            );
            let sent = messages(&scene.topic);
            assert!(sent.keys().eq(&scene.expected), "step {step}, {side:?}");
            let twice: usize = sent.values().map(|count| count - 1).sum();
            assert!(
                twice <= window,
                "{twice} twice, {window} unwritten: step {step}, {side:?}"
            );
        }
    }
}

#[tokio::test]
async fn many_deaths_ten_replays_and_any_order_lose_nothing() {
    let mut windows = 0;
    for seed in 0..40 {
        let random = RefCell::new(fastrand::Rng::with_seed(seed));
        let scene = Scene::new(4, 3).await;
        let table = scene.copy().await;
        let mut deaths = 0;
        for _replay in 0..10 {
            let mut order = scene.order();
            random.borrow_mut().shuffle(&mut order);
            let mut rest = &order[..];
            while !rest.is_empty() {
                let dies = random.borrow_mut().u8(..6) > 0;
                let side = if random.borrow_mut().bool() {
                    Break::Before
                } else {
                    Break::After
                };
                let step = random.borrow_mut().u64(..15);
                let life = Life {
                    steps: Cell::new(0),
                    death: dies.then_some(Death { step, side }),
                };
                let before = unwritten(&table, &scene.topic);
                let first = live(&scene.images, rest, &table, &scene.topic, &life).await;
                // Memory never waits, so that one message is under way at a time.
                let window = unwritten(&table, &scene.topic) - before;
                assert!(
                    window <= usize::from(first.is_some()),
                    "seed {seed}: {window} in one life"
                );
                deaths += window;
                let Some(first) = first else { break };
                rest = &rest[first..];
            }
        }
        let sent = messages(&scene.topic);
        assert!(
            sent.keys().eq(&scene.expected),
            "seed {seed}: somebody has missed a change"
        );
        let twice: usize = sent.values().map(|count| count - 1).sum();
        assert!(
            twice <= deaths,
            "seed {seed}: {twice} twice, {deaths} deaths in the window"
        );
        windows += deaths;
    }
    assert!(
        windows > 40,
        "{windows} deaths between telling and writing it down prove little"
    );
}
