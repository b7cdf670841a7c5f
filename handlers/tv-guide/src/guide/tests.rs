use jiff::{SignedDuration, Timestamp};

use super::{Channels, Slice, Window, read};
use crate::event::id::{ChannelId, ProgrammeId};
use crate::instant;
use crate::table::entity::{Programme, Status};
use crate::table::memory::Memory;
use crate::table::{Item, Table};

fn time(text: &str) -> Timestamp {
    instant::parse(&format!("2026-01-{text}:00Z")).unwrap()
}

fn programme(id: &str, channel: &str, start: &str, minutes: i64) -> Programme {
    let start = time(start);
    Programme {
        program_id: ProgrammeId::new(id).unwrap(),
        title: format!("Show {id}"),
        channel: channel.to_uppercase(),
        channel_id: ChannelId::new(channel).unwrap(),
        start_time: start,
        end_time: start.checked_add(SignedDuration::from_mins(minutes)).unwrap(),
        description: None,
        show_id: None,
        imdb_id: None,
        episode: None,
        season: None,
        number: None,
        genres: Vec::new(),
        image: None,
        url: None,
        status: Status::Scheduled,
        version: "1".to_owned(),
    }
}

async fn table(table: Memory, programmes: &[Programme]) -> Memory {
    for programme in programmes {
        assert!(table.write(programme.write()).await.unwrap().is_done());
    }
    table
}

/// Every page of at most `limit`, as ids.
async fn pages(table: &Memory, channels: Channels<'_>, from: &str, to: &str, limit: u32) -> Vec<Vec<String>> {
    let window = Window {
        from: time(from),
        to: time(to),
    };
    let mut pages = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let now = time("09T12:00");
        let Slice { items, next, .. } = read(table, channels, window, after.as_deref(), limit, now)
            .await
            .unwrap();
        let id = |item: &Item| Programme::read(item).unwrap().program_id.to_string();
        pages.push(items.iter().map(id).collect());
        match next {
            Some(next) => after = Some(next),
            None => return pages,
        }
    }
}

/// One evening of two channels, a long night before it, and what is near its edges.
fn evening() -> Vec<Programme> {
    vec![
        programme("before", "a", "09T18:00", 60),
        programme("since-seven", "a", "09T19:00", 90),
        programme("since-four-hours", "b", "09T16:00", 240),
        programme("inside", "a", "09T20:30", 30),
        programme("to-the-end", "b", "09T20:00", 120),
        programme("after", "a", "09T22:00", 30),
        programme("day-long", "c", "08T20:01", 24 * 60),
        programme("night", "d", "09T15:00", 300),
        programme("over-midnight", "e", "09T21:59", 5 * 60),
    ]
}

#[tokio::test]
async fn a_window_shows_what_overlaps_with_it_and_nothing_else() {
    let table = table(Memory::new(), &evening()).await;
    let all = ["day-long", "since-seven", "to-the-end", "inside", "over-midnight"];
    assert_eq!(pages(&table, Channels::All, "09T20:00", "09T22:00", 100).await, [all]);
    let late = ["over-midnight"];
    assert_eq!(pages(&table, Channels::All, "10T01:00", "10T02:00", 100).await, [late]);
    let edge = ["before", "night", "since-four-hours"];
    let mut found = pages(&table, Channels::All, "09T18:30", "09T18:31", 100).await.concat();
    found.retain(|id| id != "day-long");
    found.sort();
    assert_eq!(found, edge);
    let nothing: [[&str; 0]; 1] = [[]];
    assert_eq!(pages(&table, Channels::All, "11T00:00", "12T00:00", 100).await, nothing);
}

#[tokio::test]
async fn one_channel_shows_its_own() {
    let table = table(Memory::new(), &evening()).await;
    let check = async |channel: &str, from: &str, to: &str, expected: &[&str]| {
        let channel = ChannelId::new(channel).unwrap();
        assert_eq!(pages(&table, Channels::One(&channel), from, to, 100).await, [expected]);
    };
    check("a", "09T19:00", "09T22:00", &["since-seven", "inside"]).await;
    check("c", "09T20:00", "09T22:00", &["day-long"]).await;
    check("c", "09T20:01", "09T22:00", &[]).await;
    check("e", "09T00:00", "16T00:00", &["over-midnight"]).await;
    check("none", "09T00:00", "16T00:00", &[]).await;
}

#[tokio::test]
async fn pages_hold_every_programme_once_whatever_their_size() {
    let mut programmes = evening();
    programmes.extend((0..50).map(|at| programme(&format!("short-{at}"), "f", &format!("09T20:{at:02}"), 1)));
    for page in [1, 3, 7] {
        let table = table(Memory::paged(page), &programmes).await;
        let whole = pages(&table, Channels::All, "09T20:00", "09T22:00", 100).await.concat();
        assert_eq!(whole.len(), 55);
        for limit in [1, 2, 3, 10, 54, 55] {
            let pages = pages(&table, Channels::All, "09T20:00", "09T22:00", limit).await;
            assert!(
                pages.iter().rev().skip(1).all(|page| page.len() == limit as usize),
                "{limit}"
            );
            assert_eq!(pages.concat(), whole, "{limit}");
        }
    }
}

#[tokio::test]
async fn a_day_holds_an_hour_of_two_utc_dates() {
    let programmes = [
        programme("old", "a", "09T23:30", 30),
        programme("over", "a", "09T23:45", 30),
        programme("new", "b", "10T00:10", 30),
    ];
    let table = table(Memory::new(), &programmes).await;
    assert_eq!(
        pages(&table, Channels::All, "10T00:00", "10T01:00", 9).await,
        [["over", "new"]]
    );
    assert_eq!(
        pages(&table, Channels::All, "09T23:59", "10T00:11", 9).await,
        [["old", "over", "new"]]
    );
}

#[tokio::test]
async fn what_the_table_should_have_removed_is_not_shown() {
    let table = table(Memory::new(), &[programme("old", "a", "01T20:00", 60)]).await;
    let window = Window {
        from: time("01T20:00"),
        to: time("01T21:00"),
    };
    let seen = async |now: &str| {
        let slice = read(&table, Channels::All, window, None, 9, time(now)).await.unwrap();
        slice.items.len()
    };
    assert_eq!((seen("08T20:59").await, seen("08T21:00").await), (1, 0));
}

#[tokio::test]
async fn what_is_read_stays_proportional_to_what_is_on() {
    // A channel every hour of which is one programme, a hundred such channels, for ten days.
    let mut programmes = Vec::new();
    for channel in 0..100 {
        for hour in 0..240 {
            let start = format!("{:02}T{:02}:00", 5 + hour / 24, hour % 24);
            programmes.push(programme(
                &format!("p{channel}-{hour}"),
                &format!("c{channel:03}"),
                &start,
                60,
            ));
        }
    }
    let table = table(Memory::new(), &programmes).await;
    let check = async |from: &str, to: &str, limit: u32, on: usize, most: u32| {
        let window = Window {
            from: time(from),
            to: time(to),
        };
        let slice = read(&table, Channels::All, window, None, limit, time("09T20:00"))
            .await
            .unwrap();
        assert_eq!(slice.items.len(), on, "{from} to {to}");
        assert!(slice.read <= most, "{from} to {to}: {} items read for {on}", slice.read);
    };
    // What began in the four hours before the window is read as well: 400 programmes.
    check("09T18:00", "09T23:00", 2_000, 500, 900).await;
    check("09T20:00", "09T20:01", 2_000, 100, 500).await;
    check("09T00:00", "10T00:00", 2_000, 2_000, 2_500).await;
    // A page is not paid for with the day.
    check("09T00:00", "10T00:00", 100, 100, 610).await;
    check("09T00:00", "10T00:00", 10, 10, 480).await;
}
