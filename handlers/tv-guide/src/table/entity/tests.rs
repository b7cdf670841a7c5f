use serde_json::{Value, json};

use super::{Channel, Edges, Programme, Rating, Status, Title, genre, source};
use crate::event::id::{ChannelId, GenreId, ImdbId, ProgrammeId, ShowId, SourceId, TitleId};
use crate::instant;
use crate::table::{Change, Item, Write};

fn programme(start: &str, end: &str) -> Programme {
    Programme {
        program_id: ProgrammeId::from(39),
        title: "Harbour Lights".to_owned(),
        channel: "BBC One".to_owned(),
        channel_id: ChannelId::from(12),
        start_time: instant::parse(start).unwrap(),
        end_time: instant::parse(end).unwrap(),
        description: None,
        show_id: Some(ShowId::from(90001)),
        imdb_id: Some(ImdbId::new("tt9900001").unwrap()),
        episode: None,
        season: None,
        number: None,
        genres: vec!["Drama".to_owned()],
        image: None,
        url: None,
        status: Status::Scheduled,
        version: "1".to_owned(),
    }
}

fn title(sources: &[&str], genres: &[&str]) -> Title {
    let ids = |ids: &[&str]| ids.iter().map(|text| json!(text)).collect::<Vec<_>>();
    let data =
        json!({"id": 3_100_001, "title": "Harbour Lights", "source_ids": ids(sources), "genre_ids": ids(genres)});
    let title = json!({
        "data": data, "listed": true, "first_seen": "2026-01-09T21:00:00Z", "version": "1",
        "next_try": "2026-01-09T21:00:00Z", "revision": 1,
    });
    Title::read(title.as_object().unwrap()).unwrap()
}

fn index_keys(item: &Item) -> Vec<(&str, &str)> {
    let keys = item.iter().filter(|(name, _)| name.starts_with("GSI"));
    keys.map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect()
}

fn put(write: Write) -> Item {
    match write.change {
        Change::Put(item) => item,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_slot_is_found_by_channel_day_and_show() {
    let slot = programme("2026-01-09T21:00:00Z", "2026-01-09T22:00:00Z");
    let item = slot.item();
    assert_eq!(
        index_keys(&item),
        [
            ("GSI1PK", "channel:12"),
            ("GSI1SK", "2026-01-09T21:00:00Z#39"),
            ("GSI2PK", "day:2026-01-09"),
            ("GSI2SK", "2026-01-09T21:00:00Z#12#39"),
            ("GSI3PK", "airs:show:90001"),
            ("GSI3SK", "2026-01-09T21:00:00Z#39"),
        ]
    );
    let week_later = instant::parse("2026-01-16T22:00:00Z").unwrap();
    assert_eq!(item["ttl"], json!(week_later.as_second()));
    assert_eq!(Programme::read(&item).unwrap(), slot);
}

#[test]
fn only_a_slot_of_more_than_four_hours_is_long() {
    let four = programme("2026-01-09T20:00:00Z", "2026-01-10T00:00:00Z");
    assert_eq!(four.item()["GSI2PK"], "day:2026-01-09");
    let more = programme("2026-01-09T20:00:00Z", "2026-01-10T00:00:01Z");
    assert_eq!(more.item()["GSI2PK"], "long:2026-01-09");
}

#[test]
fn a_cancelled_slot_is_kept_and_not_found() {
    let mut slot = programme("2026-01-09T21:00:00Z", "2026-01-09T22:00:00Z");
    slot.status = Status::Cancelled;
    assert_eq!(index_keys(&slot.item()), []);
    assert_eq!(slot.item()["status"], "cancelled");
}

#[test]
fn reference_data_is_found_by_name() {
    let data = Item::from_iter([("id".to_owned(), json!(203))]);
    let write = source(&SourceId::from(203), "Netflix", data.clone(), &["GB".to_owned()]);
    assert_eq!(
        (write.key.pk.as_str(), write.key.sk.as_str()),
        ("source:203", "Netflix")
    );
    let item = put(write);
    assert_eq!(index_keys(&item), [("GSI1PK", "ref:source"), ("GSI1SK", "netflix#203")]);
    assert_eq!((&item["data"], &item["regions"]), (&json!({"id": 203}), &json!(["GB"])));
    let item = put(genre(&GenreId::from(4), "Comedy", data));
    assert_eq!(index_keys(&item), [("GSI1PK", "ref:genre"), ("GSI1SK", "comedy#4")]);
    let channel = Channel {
        channel_id: ChannelId::from(12),
        name: "BBC One".to_owned(),
        order: 1,
        version: "1".to_owned(),
    };
    let item = put(channel.write());
    assert_eq!(index_keys(&item), [("GSI1PK", "ref:channel"), ("GSI1SK", "bbc one#12")]);
    assert_eq!(Channel::read(&item).unwrap(), channel);
}

#[test]
fn a_title_is_found_by_name_month_and_lack_of_details() {
    let mut title = title(&["203"], &["4"]);
    let item = title.item();
    assert_eq!(
        index_keys(&item),
        [
            ("GSI1PK", "name:ha"),
            ("GSI1SK", "harbour lights#3100001"),
            ("GSI2PK", "new:2026-01"),
            ("GSI2SK", "2026-01-09T21:00:00Z#3100001"),
            ("GSI3PK", "enrich:pending"),
            ("GSI3SK", "2026-01-09T21:00:00Z#3100001"),
        ]
    );
    assert_eq!(Title::read(&item).unwrap(), title);
    title.next_try = None;
    assert!(!title.item().contains_key("GSI3PK"));
    title.listed = false;
    assert_eq!(index_keys(&title.item()), []);
}

#[test]
fn a_title_with_details_is_found_by_its_rating() {
    #[track_caller]
    fn check(user_rating: Option<f64>, others: &[(f64, u32)], sort: Option<&str>) {
        let mut title = title(&[], &[]);
        title.next_try = None;
        title.data.user_rating = user_rating;
        let rating = |(value, scale): &(f64, u32)| Rating {
            source: "tvmaze".to_owned(),
            value: *value,
            scale: *scale,
            votes: None,
            fetched_at: title.first_seen,
        };
        title.data.ratings = others.iter().map(rating).collect();
        let item = title.item();
        let third = index_keys(&item).split_off(4);
        assert_eq!(
            third,
            sort.map_or(vec![], |sort| vec![("GSI3PK", "rated:title"), ("GSI3SK", sort)])
        );
        assert_eq!(Title::read(&item).unwrap(), title);
    }
    check(Some(8.3), &[(9.0, 10)], Some("08.30#3100001"));
    check(None, &[(90.0, 100), (1.0, 10)], Some("09.00#3100001"));
    check(Some(10.0), &[], Some("10.00#3100001"));
    check(Some(11.0), &[], None);
    check(None, &[(1.0, 0)], None);
    check(None, &[], None);
}

#[test]
fn a_malformed_item_is_named() {
    let item = Item::from_iter([("PK".to_owned(), json!("title:1")), ("SK".to_owned(), json!("record"))]);
    assert_eq!(
        Title::read(&item).unwrap_err().to_string(),
        "item title:1 / record is no title"
    );
}

/// What leads from one title's edges to another's: `+` for puts, `-` for deletes.
#[track_caller]
fn check(from: &Title, to: &Title, expected: [&[&str]; 2]) {
    let stored = Edges::of(from);
    let writes = Edges::of(to).writes(&TitleId::from(3_100_001), &stored);
    let spelled = writes.map(|writes| {
        let spell = |write: &Write| {
            let sign = if write.change == Change::Delete { '-' } else { '+' };
            format!("{sign}{} {}", write.key.pk, write.key.sk)
        };
        writes.iter().map(spell).collect::<Vec<_>>()
    });
    assert_eq!(
        spelled,
        expected.map(|texts| texts.iter().map(ToString::to_string).collect::<Vec<_>>())
    );
}

#[test]
fn edges_follow_the_titles_own_lists() {
    let (one, two) = (title(&["203"], &["4"]), title(&["203", "409"], &["7"]));
    check(&one, &one, [&[], &[]]);
    check(
        &one,
        &two,
        [
            &[
                "+sg:203:7 title:3100001",
                "+sg:409:7 title:3100001",
                "-sg:203:4 title:3100001",
            ],
            &[
                "+title:3100001 avail:409",
                "+title:3100001 genre:7",
                "-title:3100001 genre:4",
            ],
        ],
    );
    let mut renamed = one.clone();
    renamed.data.title = "Harbour Nights".to_owned();
    check(
        &one,
        &renamed,
        [&[], &["+title:3100001 avail:203", "+title:3100001 genre:4"]],
    );
    let mut gone = one.clone();
    gone.listed = false;
    check(
        &one,
        &gone,
        [
            &["-sg:203:4 title:3100001"],
            &["-title:3100001 avail:203", "-title:3100001 genre:4"],
        ],
    );
}

#[test]
fn stored_edges_are_read_from_the_partition() {
    let title = title(&["203", "409"], &["4"]);
    let [_, edges] = Edges::of(&title).writes(&title.data.id, &Edges::default());
    let mut partition: Vec<Item> = edges
        .into_iter()
        .map(|write| {
            let sk: Value = write.key.sk.clone().into();
            let mut item = put(write);
            item.insert("SK".to_owned(), sk);
            item
        })
        .collect();
    partition.push(title.item());
    assert_eq!(Edges::stored(&partition), Edges::of(&title));
}
