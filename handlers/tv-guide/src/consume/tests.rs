mod shuffled;
mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::poison::{Kept, Poison, Quarantine, Refused};
use super::{Report, consume};
use crate::enrich::{Details, Found, Later, Subject};
use crate::event::id::{ImdbId, TitleId};
use crate::table::entity::{Programme, Rating, Status, Title};
use crate::table::flaky::{Break, Flaky};
use crate::table::memory::Memory;
use crate::table::{Table, key};
use world::{Nobody, Sent, at, records};

/// Received is the sum of what became of it, and a failure has its place.
#[track_caller]
fn check_sum(report: &Report) {
    let quarantined: usize = report.quarantined.values().sum();
    assert_eq!(
        report.received,
        report.written + report.unchanged + quarantined + report.failed,
        "{report:?}"
    );
    assert_eq!(report.failed > 0, report.failure.is_some(), "{report:?}");
}

/// Without details, which no record waits for.
async fn run(sent: &[Sent], table: &impl Table, quarantine: &impl Quarantine) -> Report {
    let most = Some(0);
    let silent = Known {
        most,
        ..Known::default()
    };
    let report = consume(&records(sent), table, quarantine, &silent, at(0)).await;
    check_sum(&report);
    report
}

/// Slots, titles, channels and records that cannot be used, some of them about the same thing.
fn mixed() -> Vec<Sent> {
    let mut sent = Vec::new();
    for number in 0..4 {
        sent.push(world::slot(number, 10 + number, "first"));
        sent.push(world::title(number, 20 + number, "one", &[203, 409], &[4]));
        sent.push(Sent::garbage(format!("{{{number}").as_bytes()));
        sent.push(world::slot(number, 30 + number, "second"));
        sent.push(world::title(number, 40 + number, "two", &[203], &[4, 7]));
        sent.push(world::channel(number, 50 + number, "BBC One"));
        sent.push(world::cancelled(number, 5, "older"));
    }
    sent
}

#[tokio::test]
async fn one_bad_record_fails_itself() {
    let (table, kept) = (Memory::new(), Kept::default());
    let report = run(&mixed(), &table, &kept).await;
    assert_eq!(
        (report.received, report.written, report.unchanged, report.failed),
        (28, 20, 4, 0)
    );
    assert_eq!(report.quarantined, BTreeMap::from([("shape", 4)]));
    assert_eq!(kept.objects().len(), 4);
    let slot = Programme::read(&table.items()[&world::slot_key(0)]).unwrap();
    assert_eq!((slot.title.as_str(), slot.status), ("second", Status::Scheduled));
}

#[tokio::test]
async fn the_same_batch_again_writes_nothing() {
    let (table, kept) = (Memory::new(), Kept::default());
    run(&mixed(), &table, &kept).await;
    let (items, writes, objects) = (table.items(), table.counts().writes, kept.objects());
    let report = run(&mixed(), &table, &kept).await;
    assert_eq!((report.written, report.unchanged), (0, 24));
    assert_eq!((table.items(), table.counts().writes), (items, writes));
    assert_eq!(kept.objects(), objects, "the same record is kept in the same place");
}

#[tokio::test]
async fn an_empty_batch_is_dealt_with() {
    let report = run(&[], &Memory::new(), &Kept::default()).await;
    assert_eq!((report.received, report.failure.is_some()), (0, false));
}

/// A quarantine that is full.
struct Full;

impl Quarantine for Full {
    async fn keep(&self, poison: Poison) -> Result<(), Refused> {
        let source = "no such bucket".into();
        Err(Refused {
            key: poison.key,
            source,
        })
    }
}

#[tokio::test]
async fn what_cannot_be_kept_aside_is_delivered_again() {
    let sent = [world::slot(1, 1, "a"), Sent::garbage(b"{"), world::slot(2, 1, "b")];
    let report = run(&sent, &Memory::new(), &Full).await;
    assert_eq!((report.written, report.failed), (1, 2));
    assert_eq!(
        report.failure.unwrap().sequence_number,
        records(&sent)[1].sequence_number
    );
}

/// Delivers what is left until nothing is, as Lambda does; fails where it stops making progress.
async fn deliver<F: Fn(u64) -> Option<Break>>(sent: &[Sent], table: &Flaky<'_, Memory, F>, kept: &Kept) -> usize {
    let mut rest = sent;
    for call in 0..200 {
        let report = run(rest, table, kept).await;
        let Some(failure) = report.failure else { return call };
        let all = records(rest);
        let first = all
            .iter()
            .position(|record| record.sequence_number == failure.sequence_number);
        rest = &rest[first.expect("a record of the batch")..];
    }
    panic!("the batch is never dealt with");
}

#[tokio::test]
async fn a_table_that_breaks_off_at_any_call_loses_nothing() {
    let sent = mixed();
    let (plain, kept) = (Memory::new(), Kept::default());
    let counting = Flaky::new(&plain, |_| None);
    deliver(&sent, &counting, &kept).await;
    for fault in [Break::Before, Break::After] {
        for broken in 0..counting.calls() {
            let (torn, torn_kept) = (Memory::new(), Kept::default());
            let flaky = Flaky::new(&torn, |call| (call == broken).then_some(fault));
            let repetitions = deliver(&sent, &flaky, &torn_kept).await;
            assert_eq!(repetitions, 1, "call {broken} fails the batch once");
            assert_eq!(
                world::content(&torn),
                world::content(&plain),
                "{fault:?} at call {broken}"
            );
            assert_eq!(torn_kept.objects(), kept.objects());
        }
    }
}

#[tokio::test]
async fn a_table_that_breaks_off_often_loses_nothing() {
    let sent = mixed();
    let (plain, kept) = (Memory::new(), Kept::default());
    run(&sent, &plain, &kept).await;
    for seed in 0..50 {
        let random = RefCell::new(fastrand::Rng::with_seed(seed));
        let torn = Memory::new();
        let flaky = Flaky::new(&torn, |_| {
            let mut random = random.borrow_mut();
            let fault = if random.bool() { Break::Before } else { Break::After };
            (random.u8(..10) == 0).then_some(fault)
        });
        deliver(&sent, &flaky, &kept).await;
        assert_eq!(world::content(&torn), world::content(&plain), "seed {seed}");
    }
}

/// Knows every title by a plot, unless told otherwise.
#[derive(Default)]
struct Known {
    asked: RefCell<Vec<TitleId>>,
    /// Titles that are asked for in vain.
    unknown: Vec<u64>,
    /// After so many, there is no time for more.
    most: Option<usize>,
}

impl Details for Known {
    async fn details(&self, of: &Subject, now: Timestamp) -> Result<Found, Later> {
        if self.most.is_some_and(|most| self.asked.borrow().len() >= most) {
            return Err(Later::Everyone("no time is left".into()));
        }
        self.asked.borrow_mut().push(of.id.clone());
        if self.unknown.iter().any(|id| TitleId::from(*id) == of.id) {
            return Err(Later::Title("503".into()));
        }
        Ok(Found {
            plot_overview: Some(format!("Plot of {}.", of.id)),
            user_rating: None,
            ratings: vec![Rating {
                source: "tvmaze".to_owned(),
                value: 7.9,
                scale: 10,
                votes: None,
                fetched_at: now,
            }],
            ..Found::default()
        })
    }
}

async fn enrich(sent: &[Sent], table: &Memory, details: &Known) -> Report {
    let report = consume(&records(sent), table, &Kept::default(), details, at(100)).await;
    check_sum(&report);
    report
}

fn read(table: &Memory, id: u64) -> Title {
    Title::read(&table.items()[&key::title(&TitleId::from(id))]).unwrap()
}

#[tokio::test]
async fn a_listing_never_wipes_details_nor_they_a_listing() {
    let (table, known) = (Memory::new(), Known::default());
    let report = enrich(&[world::title(1, 1, "one", &[203], &[4])], &table, &known).await;
    assert_eq!((report.enriched, report.pending), (1, 0));
    let first = read(&table, 1);
    assert_eq!(first.data.plot_overview.as_deref(), Some("Plot of 1."));
    assert_eq!(
        (first.data.user_rating, first.data.rating()),
        (None, Some(7.9)),
        "an absent rating is none, not 0"
    );
    assert_eq!(first.next_try, None);

    let report = enrich(&[world::title(1, 2, "two", &[409], &[])], &table, &known).await;
    assert_eq!(
        (report.written, report.enriched, known.asked.borrow().len()),
        (1, 0, 1),
        "asked for once"
    );
    let second = read(&table, 1);
    assert_eq!((second.data.title.as_str(), second.data.source_ids.len()), ("two", 1));
    assert_eq!(second.data.plot_overview, first.data.plot_overview);
    assert_eq!(second.data.ratings, first.data.ratings);
    assert_eq!(
        (second.details_version, second.first_seen),
        (first.details_version, first.first_seen)
    );
}

#[tokio::test]
async fn details_follow_the_imdb_id() {
    let (table, known) = (Memory::new(), Known::default());
    enrich(&[world::title(1, 1, "one", &[203], &[])], &table, &known).await;
    enrich(&[world::title_with_imdb(1, 2, "one", "tt5")], &table, &known).await;
    assert_eq!(known.asked.borrow().len(), 2, "another id is another show");
    assert_eq!(read(&table, 1).details_of, ImdbId::new("tt5").ok());
}

#[tokio::test]
async fn titles_wait_for_details_and_nothing_waits_for_titles() {
    let table = Memory::new();
    let listed: Vec<Sent> = (1..=4).map(|id| world::title(id, 1, "one", &[203], &[])).collect();
    let known = Known {
        unknown: vec![1],
        most: Some(2),
        ..Known::default()
    };
    let report = enrich(&listed, &table, &known).await;
    assert_eq!(
        (report.written, report.failed, report.enriched, report.pending),
        (4, 0, 1, 3)
    );
    assert_eq!(
        report.trouble.unwrap().to_string(),
        "the title's details cannot be had now"
    );
    let tries = |id| read(&table, id).tries;
    assert_eq!([1, 2, 3, 4].map(tries), [1, 0, 0, 0]);
    let next = |id| read(&table, id).next_try;
    assert_eq!(
        next(1).as_deref(),
        Some("2026-01-01T01:01:40Z"),
        "an hour after it was asked for"
    );
    assert_eq!(next(2), None);
    assert_eq!(
        next(3).as_deref(),
        Some("2026-01-01T00:00:01Z"),
        "since it was first seen"
    );

    let due: Vec<Sent> = (1..=4)
        .map(|id| world::enrich(id, 2))
        .chain([world::enrich(99, 2)])
        .collect();
    let known = Known::default();
    let report = enrich(&due, &table, &known).await;
    assert_eq!((report.unchanged, report.enriched, report.pending), (5, 3, 0));
    let asked: Vec<String> = known.asked.borrow().iter().map(ToString::to_string).collect();
    assert_eq!(asked, ["1", "3", "4"], "those that lack their details");
    assert_eq!(
        [1, 2, 3, 4].map(|id| read(&table, id).next_try),
        [None, None, None, None]
    );
}

#[tokio::test]
async fn a_title_without_any_details_is_asked_for_no_more() {
    let (table, sent) = (Memory::new(), [world::title(1, 1, "one", &[], &[])]);
    let report = consume(&records(&sent), &table, &Kept::default(), &Nobody, at(0)).await;
    assert_eq!(report.enriched, 1);
    let title = read(&table, 1);
    assert_eq!((title.next_try, title.data.plot_overview), (None, None));
    let item: Value = table.items()[&key::title(&TitleId::from(1))].clone().into();
    assert_eq!(item["data"].get("user_rating"), None, "an absent rating is absent");
}

#[tokio::test]
async fn details_that_cannot_be_stored_fail_no_record() {
    let (table, known) = (Memory::new(), Known::default());
    // The query and the batches and the title itself pass; what follows does not.
    let sent = [world::title(1, 1, "one", &[], &[])];
    let flaky = Flaky::new(&table, |call| (call >= 4).then_some(Break::Before));
    let report = consume(&records(&sent), &flaky, &Kept::default(), &known, at(0)).await;
    check_sum(&report);
    assert_eq!(
        (report.written, report.failed, report.enriched, report.pending),
        (1, 0, 0, 1)
    );
    assert_eq!(report.trouble.unwrap().to_string(), "details are not stored");
    assert!(read(&table, 1).next_try.is_some());
}
