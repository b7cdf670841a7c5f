mod crashes;
mod world;

use std::cell::Cell;

use serde_json::Value;

use super::change::{Kind, notice};
use super::ledger::{Claim, Ledger};
use super::message::{LIMIT, Message, Published, Refused, Topic};
use super::{Error, Record, Report, notify};
use crate::event::id::{ImdbId, TitleId, UserId};
use crate::table::entity::{Programme, Status};
use crate::table::key::{self, Favourite};
use crate::table::memory::Memory;
use crate::table::{Item, Table as _, Write};
use world::{at, follow, programme, user};

/// What followers are told of a change that happens at 20:00.
#[track_caller]
fn check(old: Option<&Programme>, new: Option<&Programme>, expected: Option<Kind>) {
    let (old, new) = (old.map(Programme::item), new.map(Programme::item));
    let record = Record {
        sequence_number: "1",
        pk: "programme:39",
        old: old.as_ref(),
        new: new.as_ref(),
    };
    let found = notice(&record, at("20:00")).unwrap();
    assert_eq!(found.map(|notice| notice.kind), expected);
}

fn slot(start: &str, end: &str) -> Programme {
    programme(39, at(start), at(end))
}

fn cancelled(slot: &Programme) -> Programme {
    Programme {
        status: Status::Cancelled,
        ..slot.clone()
    }
}

#[test]
fn a_programme_is_added_moved_or_cancelled() {
    let (nine, ten) = (slot("21:00", "22:00"), slot("22:00", "23:00"));
    check(None, Some(&nine), Some(Kind::Added));
    check(Some(&nine), Some(&ten), Some(Kind::Moved));
    check(Some(&nine), Some(&slot("21:00", "22:30")), Some(Kind::Moved));
    check(Some(&nine), Some(&cancelled(&nine)), Some(Kind::Cancelled));
    check(Some(&cancelled(&nine)), Some(&nine), Some(Kind::Added));
    let mut elsewhere = nine.clone();
    elsewhere.channel_id = 13.into();
    check(Some(&nine), Some(&elsewhere), Some(Kind::Moved));
}

#[test]
fn what_nobody_need_know_is_ignored() {
    let nine = slot("21:00", "22:00");
    check(Some(&nine), None, None);
    check(Some(&nine), Some(&nine), None);
    let mut described = nine.clone();
    described.description = Some("Now with words.".to_owned());
    described.version = "2".to_owned();
    check(Some(&nine), Some(&described), None);
    check(None, Some(&cancelled(&nine)), None);
    check(Some(&cancelled(&nine)), Some(&cancelled(&described)), None);
}

#[test]
fn what_is_over_is_ignored() {
    let (past, now) = (slot("18:00", "20:00"), slot("19:30", "20:30"));
    check(None, Some(&past), None);
    check(None, Some(&now), None);
    check(Some(&past), Some(&cancelled(&past)), None);
    check(Some(&past), Some(&slot("18:00", "19:00")), None);
    check(Some(&now), Some(&cancelled(&now)), Some(Kind::Cancelled));
    check(Some(&past), Some(&now), Some(Kind::Moved));
    check(Some(&now), Some(&past), Some(Kind::Moved));
}

#[test]
fn items_of_other_kinds_are_ignored() {
    let item = Item::from_iter([("PK".to_owned(), "title:7".into())]);
    let record = |pk, new| Record {
        sequence_number: "1",
        pk,
        old: None,
        new,
    };
    assert!(notice(&record("title:7", Some(&item)), at("20:00")).unwrap().is_none());
    assert!(
        notice(&record("programme:7", Some(&item)), at("20:00")).is_err(),
        "a programme that is none"
    );
}

#[test]
fn a_message_is_for_people_and_for_programs() {
    #[track_caller]
    fn check(old: Option<&Programme>, new: &Programme, expected: &str) {
        let (old, new) = (old.map(Programme::item), new.item());
        let record = Record {
            sequence_number: "1",
            pk: "programme:39",
            old: old.as_ref(),
            new: Some(&new),
        };
        let notice = notice(&record, at("20:00")).unwrap().unwrap();
        let message = Message::new(&notice, &user(1));
        let body: Value = serde_json::from_str(&message.body).unwrap();
        assert_eq!(body["text"], expected);
        assert_eq!(
            (&body["kind"], &body["user"]),
            (&message.kind.into(), &message.user.as_str().into())
        );
        assert_eq!(body["dedupe_id"], message.dedupe_id.as_str());
        assert_eq!(body["before"]["start_time"].is_string(), notice.before.is_some());
        assert_eq!(body["after"]["channel"].is_string(), notice.after.is_some());
        assert!(!message.body.contains('@'));
    }
    let nine = slot("21:00", "22:00");
    check(
        None,
        &nine,
        "Harbour Lights is on BBC One on Friday 9 January, 21:00 to 22:00",
    );
    check(
        Some(&nine),
        &slot("22:40", "23:40"),
        "Harbour Lights has moved from BBC One on Friday 9 January, 21:00 to 22:00 \
         to BBC One on Friday 9 January, 22:40 to 23:40",
    );
    check(
        Some(&nine),
        &cancelled(&nine),
        "Harbour Lights is cancelled: it was to be on BBC One on Friday 9 January, 21:00 to 22:00",
    );
    let summer = programme(
        39,
        "2026-07-09T20:00:00Z".parse().unwrap(),
        "2026-07-09T23:30:00Z".parse().unwrap(),
    );
    check(
        None,
        &summer,
        "Harbour Lights is on BBC One on Thursday 9 July, 21:00 to 00:30",
    );
}

#[test]
fn the_longest_message_fits() {
    let mut long = slot("21:00", "22:00");
    // Control characters take six bytes in JSON; consume lets none of them through, and nothing longer.
    long.title = "\u{1}".repeat(300);
    long.channel.clone_from(&long.title);
    long.episode = Some(long.title.clone());
    long.description = Some("\u{1}".repeat(4_000));
    long.genres = vec![long.title.clone(); 20];
    long.image = Some("x".repeat(2_048));
    long.url.clone_from(&long.image);
    let mut moved = long.clone();
    moved.channel_id = 13.into();
    let (old, new) = (long.item(), moved.item());
    let record = Record {
        sequence_number: "1",
        pk: "programme:39",
        old: Some(&old),
        new: Some(&new),
    };
    let notice = notice(&record, at("20:00")).unwrap().unwrap();
    let message = Message::new(&notice, &UserId::new("u".repeat(64)).unwrap());
    assert!(message.body.len() + 1_000 < LIMIT, "{}", message.body.len());
}

async fn run(records: &[Record<'_>], table: &Memory, topic: &impl Topic) -> Report {
    let report = notify(records, table, topic, || at("20:00"), at("20:01")).await;
    assert_eq!(
        report.received,
        report.changes + report.ignored + report.failed,
        "{report:?}"
    );
    report
}

/// Whom the messages are for, sorted.
fn users(topic: &Published) -> Vec<String> {
    let mut users: Vec<String> = topic.messages().into_iter().map(|message| message.user).collect();
    users.sort_unstable();
    users
}

#[tokio::test]
async fn followers_of_the_show_and_of_the_title_are_told_once() {
    // Pages are so short that every cursor must be followed.
    let (table, topic) = (Memory::paged(2), Published::default());
    let imdb = ImdbId::new("tt9900001").unwrap();
    let title = TitleId::from(7);
    table
        .write(Write::put(key::imdb(&imdb, &title), Item::new()))
        .await
        .unwrap();
    for number in 0..50 {
        follow(&table, number, &Favourite::Show(90_001.into())).await;
    }
    for number in 40..60 {
        follow(&table, number, &Favourite::Title(title.clone())).await;
    }
    follow(&table, 99, &Favourite::Show(8.into())).await;
    let item = slot("21:00", "22:00").item();
    let record = Record {
        sequence_number: "1",
        pk: "programme:39",
        old: None,
        new: Some(&item),
    };
    let report = run(&[record], &table, &topic).await;
    assert_eq!((report.changes, report.sent, report.suppressed), (1, 60, 10));
    let mut expected: Vec<String> = (0..60).map(|number| user(number).to_string()).collect();
    expected.sort_unstable();
    assert_eq!(users(&topic), expected);

    let again = run(&[record], &table, &topic).await;
    assert_eq!((again.changes, again.sent, again.suppressed), (1, 0, 70));
}

#[tokio::test]
async fn a_programme_that_nobody_follows_is_a_change_all_the_same() {
    let item = slot("21:00", "22:00").item();
    let record = Record {
        sequence_number: "1",
        pk: "programme:39",
        old: None,
        new: Some(&item),
    };
    let strange = Record {
        new: Some(&Item::new()),
        ..record
    };
    let report = run(&[record, strange], &Memory::new(), &Published::default()).await;
    assert_eq!(
        (report.changes, report.ignored, report.malformed, report.sent),
        (1, 1, 1, 0)
    );
}

/// A topic that takes no message of one user.
struct Deaf(Published, UserId);

impl Topic for Deaf {
    async fn publish(&self, message: &Message) -> Result<(), Refused> {
        if message.user == self.1.as_str() {
            let (topic, source) = ("arn".to_owned(), "no such endpoint".into());
            return Err(Refused { topic, source });
        }
        self.0.publish(message).await
    }
}

#[tokio::test]
async fn who_cannot_be_told_keeps_nobody_else_waiting() {
    let (table, topic) = (Memory::new(), Deaf(Published::default(), user(3)));
    for number in 0..40 {
        follow(&table, number, &Favourite::Show(90_001.into())).await;
    }
    let nine = slot("21:00", "22:00").item();
    let record = |sequence_number, new| Record {
        sequence_number,
        pk: "programme:39",
        old: None,
        new: Some(new),
    };
    let other = Item::new();
    let records = [record("1", &other), record("2", &nine), record("3", &other)];
    let report = run(&records, &table, &topic).await;
    assert_eq!(
        (report.ignored, report.changes, report.failed, report.sent),
        (1, 0, 2, 39)
    );
    let failure = report.failure.unwrap();
    assert_eq!(
        (failure.sequence_number.as_str(), failure.error.to_string().as_str()),
        ("2", "the topic does not take the message")
    );

    let again = run(&records[1..], &table, &topic.0).await;
    assert_eq!(
        (again.sent, again.suppressed, again.failed),
        (1, 39, 0),
        "the next delivery tells the one"
    );
}

#[tokio::test]
async fn what_there_is_no_time_for_is_delivered_again() {
    let (table, topic) = (Memory::paged(20), Published::default());
    for number in 0..100 {
        follow(&table, number, &Favourite::Show(90_001.into())).await;
    }
    let item = slot("21:00", "22:00").item();
    let record = Record {
        sequence_number: "1",
        pk: "programme:39",
        old: None,
        new: Some(&item),
    };
    let ticks = Cell::new(0);
    let clock = || {
        ticks.set(ticks.get() + 1);
        at("20:00") + jiff::SignedDuration::from_secs(ticks.get())
    };
    let report = notify(&[record], &table, &topic, clock, at("20:01")).await;
    assert!(matches!(report.failure.unwrap().error, Error::Deadline));
    assert_eq!((report.failed, report.sent), (1, topic.messages().len()));
    assert!((1..100).contains(&report.sent), "{}", report.sent);
    run(&[record], &table, &topic).await;
    assert_eq!(users(&topic).len(), 100);
}

#[tokio::test]
async fn a_claim_is_kept_until_it_ends() {
    let table = Memory::new();
    let claim = async |owner: &str, time: &str| {
        let ledger = Ledger::new(&table, "change", owner);
        ledger.claim(&user(1), at(time)).await.unwrap()
    };
    assert!(matches!(claim("1", "20:00").await, Claim::Ours(_)));
    assert_eq!(
        claim("2", "20:01").await,
        Claim::Theirs(at("20:01") + jiff::SignedDuration::from_secs(30))
    );
    assert!(
        matches!(claim("1", "20:01").await, Claim::Ours(_)),
        "the same record again"
    );
    let Claim::Ours(last) = claim("2", "20:03").await else {
        panic!("the claim has ended")
    };
    Ledger::new(&table, "change", "2")
        .complete(&user(1), &last, at("20:03"))
        .await
        .unwrap();
    for owner in ["1", "2", "3"] {
        assert_eq!(claim(owner, "23:00").await, Claim::Complete);
    }
    let item = &table.items()[&key::notification(&user(1), "change")];
    assert_eq!(item["state"], "COMPLETE");
    assert_eq!(item["ttl"], (at("20:03").as_second() + 30 * 24 * 3_600));
}
