use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::update;
use crate::consume::Record;
use crate::consume::listing::{Listing, What};
use crate::consume::poison::{Poison, Reason};
use crate::consume::update::Update;
use crate::instant;
use crate::table::entity::{Programme, TitleData};

fn record(data: &[u8]) -> Record<'_> {
    Record {
        shard: "shardId-000000000000",
        sequence_number: "49590338271490256608559692538361571095921575989136588898",
        arrived: instant::parse("2026-01-09T21:00:00Z"),
        data: Ok(data),
    }
}

fn event(name: &str, payload: Value) -> Value {
    json!({
        "event_uuid": "00000000-0000-8000-8000-000000000000", "event_name": name, "created_at": 1_767_992_400.5,
        "header": {
            "publishingComponent": "tv-guide-ingest", "publishTimestamp": "2026-01-09T21:00:00Z",
            "publishCause": "schedule", "version": "1767992400500-00112233445566ff",
        },
        "payload": payload,
    })
}

/// A slot with some fields of its own.
fn slot(changes: Value) -> Value {
    let mut payload = json!({
        "program_id": "12345", "title": "Example Show", "channel": "BBC One", "channel_id": "12",
        "start_time": "2026-01-10T20:00:00Z", "end_time": "2026-01-10T21:00:00Z", "description": "What it is about.",
    });
    merge(&mut payload, changes);
    event("programme:scheduled", payload)
}

fn title(changes: Value) -> Value {
    let mut payload = json!({
        "id": 3_100_001, "title": "Harbour Lights", "year": null, "imdb_id": null, "tmdb_id": null, "tmdb_type": null,
        "type": null, "source_ids": ["409", "203", "409"], "genre_ids": [],
    });
    merge(&mut payload, changes);
    event("title:listed", payload)
}

fn merge(payload: &mut Value, changes: Value) {
    if let (Value::Object(payload), Value::Object(changes)) = (payload, changes) {
        payload.extend(changes);
    }
}

fn read(event: &Value) -> Result<Update, Reason> {
    update(&record(event.to_string().as_bytes()))
}

fn programme(changes: Value) -> Programme {
    match read(&slot(changes)) {
        Ok(Update::Programme(programme)) => *programme,
        other => panic!("{other:?}"),
    }
}

fn listed(changes: Value) -> TitleData {
    match read(&title(changes)) {
        Ok(Update::Title(Listing {
            what: What::Listed(data),
            ..
        })) => *data,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_slot_is_freed_of_what_nobody_should_be_shown() {
    let slot = programme(json!({
        "title": "  The\u{0}  Show\n", "description": "<p>One &amp; <b>two</b>.</p><p>Three.</p>",
        "genres": ["Drama", " ", "Drama", "Crime "], "image": "javascript:alert(1)", "url": "https://example.com/a b",
        "episode": "",
    }));
    assert_eq!(slot.title, "The Show");
    assert_eq!(slot.description.as_deref(), Some("One & two. Three."));
    assert_eq!(slot.genres, ["Drama", "Crime"]);
    assert_eq!((slot.image, slot.url, slot.episode), (None, None, None));
}

#[test]
fn plain_text_stays_as_it_is() {
    for text in ["Is 3 < 4 & 5 > 4?", "Q&A: the AT&T story", "A <3 B"] {
        assert_eq!(
            programme(json!({"description": text})).description.as_deref(),
            Some(text)
        );
    }
    assert_eq!(programme(json!({"description": "  "})).description, None);
    let long = "x".repeat(10_000);
    let description = programme(json!({"description": long})).description;
    assert_eq!(description.map(|text| text.len()), Some(4_000));
}

#[test]
fn a_title_keeps_its_own_lists_and_no_zeros() {
    let data = listed(json!({"tmdb_id": 0, "year": 12, "type": " movie "}));
    let sources: Vec<&str> = data.source_ids.iter().map(|id| id.as_str()).collect();
    assert_eq!(sources, ["203", "409"]);
    assert_eq!(
        (data.tmdb_id, data.year, data.kind.as_deref()),
        (None, None, Some("movie"))
    );
    assert_eq!((data.user_rating, data.plot_overview), (None, None));
}

#[test]
fn what_cannot_be_used_has_a_reason() {
    #[track_caller]
    fn check(event: &Value, code: &str) {
        assert_eq!(read(event).unwrap_err().code(), code);
    }
    check(&json!([]), "shape");
    check(&slot(json!({"program_id": "../1"})), "shape");
    check(&slot(json!({"start_time": "tomorrow"})), "shape");
    check(&slot(json!({"end_time": "2026-01-10T20:00:00Z"})), "times");
    check(&slot(json!({"end_time": "2026-01-11T20:00:01Z"})), "too-long");
    check(&slot(json!({"title": " \u{1} "})), "empty");
    check(&title(json!({"title": ""})), "empty");
    let ids = |count: u64| json!((0..count).map(|id| id.to_string()).collect::<Vec<_>>());
    check(&title(json!({"source_ids": ids(201)})), "too-many");
    check(&title(json!({"genre_ids": ids(101)})), "too-many");
    check(&event("programme:renamed", json!({})), "shape");
    let mut future = slot(json!({}));
    future["header"]["version"] = "1768078800501-00112233445566ff".into();
    check(&future, "future");
    future["header"]["version"] = "1768078800000-00112233445566ff".into();
    assert!(read(&future).is_ok(), "24 h are taken");

    let code = |data| update(&Record { data, ..record(b"") }).unwrap_err().code();
    assert_eq!(code(Ok(b"")), "shape");
    assert_eq!(code(Ok(b"{")), "shape");
    assert_eq!(code(Ok(&[0x1f, 0x8b, 8, 0])), "gzip");
    assert_eq!(code(Ok(&[0xf3, 0x89, 0x9a, 0xc2, 1])), "aggregated");
    assert_eq!(code(Ok(&[0xff, 0xfe])), "shape");
    assert_eq!(code(Err("%%%")), "not-base64");
}

#[test]
fn a_kept_record_can_be_judged_and_sent_again() {
    let bytes = [0xff, b'{'];
    let record = record(&bytes);
    let poison = Poison::new(&record, &update(&record).unwrap_err());
    assert_eq!(
        poison.key,
        "quarantine/programmes/shardId-000000000000-\
         49590338271490256608559692538361571095921575989136588898.ndjson"
    );
    let line = std::str::from_utf8(&poison.body).unwrap().strip_suffix('\n').unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["code"], &line["data"]), (&json!("shape"), &json!("/3s=")));
    assert_eq!(line["arrived"], "2026-01-09T21:00:00Z");
    assert_eq!(
        Poison::new(&record, &update(&record).unwrap_err()),
        poison,
        "the same record, the same object"
    );
    let strange = Record {
        shard: "../../raw/é",
        data: Err("%%%"),
        ..record
    };
    let poison = Poison::new(&strange, &Reason::NotBase64);
    assert!(
        poison.key.starts_with("quarantine/programmes/______raw__-4959"),
        "{}",
        poison.key
    );
    assert!(String::from_utf8(poison.body).unwrap().contains(r#""text":"%%%""#));
}

#[test]
fn a_version_says_when_it_was_published() {
    let Ok(Update::Title(listing)) = read(&title(json!({}))) else {
        panic!()
    };
    let published: Timestamp = "2026-01-09T21:00:00.5Z".parse().unwrap();
    assert_eq!(listing.published, published);
    assert_eq!(
        published.duration_since(instant::parse("2026-01-09T21:00:00Z").unwrap()),
        SignedDuration::from_millis(500)
    );
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let record = record(&bytes);
        if let Err(reason) = update(&record) {
            prop_assert!(Poison::new(&record, &reason).key.ends_with(".ndjson"));
        }
    }

    #[test]
    fn no_field_panics(name in "[a-z_]{1,12}", text in any::<String>(), number in any::<f64>()) {
        for value in [json!(text), json!(number), json!(null), json!([text]), json!({"a": text})] {
            for event in [slot(json!({&name: value})), title(json!({&name: value}))] {
                let _ = read(&event);
            }
        }
    }

    #[test]
    fn no_text_is_shown_with_control_characters(text in any::<String>()) {
        let changes = json!({"title": format!("{text}x"), "description": text});
        let slot = programme(changes);
        let shown = |text: &str| text.chars().all(|char| !char.is_control() || char.is_whitespace());
        prop_assert!(shown(&slot.title) && slot.title.trim() == slot.title);
        prop_assert!(slot.description.as_deref().is_none_or(|text| shown(text) && !text.is_empty()));
    }
}
