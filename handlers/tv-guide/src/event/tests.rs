use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn now() -> Timestamp {
    Timestamp::from_millisecond(1_767_992_400_123).unwrap()
}

fn programme() -> Value {
    json!({
        "program_id": "3900001", "title": "Harbour Lights", "channel": "BBC One",
        "start_time": "2026-01-09T21:00:00Z", "end_time": "2026-01-09T22:00:00Z",
        "description": "", "channel_id": "12", "show_id": "90001", "genres": ["Drama"],
    })
}

fn title() -> Title {
    serde_json::from_value(json!({
        "id": 3100001, "title": "Harbour Lights", "year": 2025, "imdb_id": "tt9900001",
        "tmdb_id": null, "tmdb_type": null, "type": "tv_series", "source_ids": [409, "203"], "genre_ids": ["7"],
    }))
    .unwrap()
}

#[test]
fn a_record_has_the_shape_that_the_lake_and_the_seed_know() {
    let record = Record::new(Event::TitleListed(title()), Cause::Schedule, now());
    let version = record.header.version.as_str();
    assert_eq!(version, format!("1767992400123-{}", canonical::digest(&title())));
    let expected = json!({
        "event_uuid": record.event_uuid,
        "event_name": "title:listed",
        "created_at": 1_767_992_400.123,
        "header": {
            "publishingComponent": "tv-guide-ingest", "publishTimestamp": "2026-01-09T21:00:00Z",
            "publishCause": "schedule", "version": version,
        },
        "payload": {
            "id": 3100001, "title": "Harbour Lights", "year": 2025, "imdb_id": "tt9900001",
            "tmdb_id": null, "tmdb_type": null, "type": "tv_series",
            "source_ids": ["409", "203"], "genre_ids": ["7"],
        },
    });
    assert_eq!(serde_json::from_slice::<Value>(&record.encode()).unwrap(), expected);
    assert_eq!(record.partition_key(), "3100001");
}

#[test]
fn what_is_encoded_is_decoded() {
    let programme: Programme = serde_json::from_value(programme()).unwrap();
    let key = TitleKey { id: 7.into() };
    let channel = Channel {
        id: 12.into(),
        name: "BBC One".to_owned(),
        order: 1,
    };
    for event in [
        Event::ProgrammeScheduled(programme.clone()),
        Event::ProgrammeCancelled(programme),
        Event::TitleListed(title()),
        Event::TitleDelisted(key.clone()),
        Event::TitleEnrich(key),
        Event::ChannelSeen(channel),
    ] {
        let record = Record::new(event, Cause::Request, "2026-01-09T21:00:00Z".parse().unwrap());
        assert_eq!(Record::decode(&record.encode()).unwrap(), record);
        let written: Value = serde_json::from_slice(&record.encode()).unwrap();
        assert_eq!(written["event_name"], record.event.name());
    }
}

#[track_caller]
fn refuse(change: impl FnOnce(&mut Value), expected: &str) {
    let programme = serde_json::from_value(programme()).unwrap();
    let record = Record::new(Event::ProgrammeScheduled(programme), Cause::Schedule, now());
    let mut value = serde_json::to_value(&record).unwrap();
    change(&mut value);
    let error = Record::decode(value.to_string().as_bytes()).unwrap_err();
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert!(source.unwrap_or(error.to_string()).contains(expected), "{error:?}");
}

#[test]
fn a_record_that_is_not_ours_is_refused_with_its_reason() {
    refuse(
        |record| record["event_name"] = "programme:moved".into(),
        "unknown variant",
    );
    refuse(
        |record| record["payload"]["program_id"] = "a#b".into(),
        "an id is 1 to 64",
    );
    refuse(|record| record["payload"]["program_id"] = "".into(), "an id is 1 to 64");
    refuse(
        |record| record["payload"]["start_time"] = "2026-01-09T21:00:00".into(),
        "an instant with an offset",
    );
    refuse(
        |record| record["payload"]["end_time"] = "2026-01-09T21:00:00Z".into(),
        "does not end after it starts",
    );
    refuse(
        |record| record["header"]["version"] = "1767992400123-XYZ".into(),
        "13 digits",
    );
    refuse(|record| record["payload"] = Value::Null, "invalid type");
}

#[test]
fn a_record_published_twice_has_one_uuid_and_another_version_has_another() {
    let uuid = |now| Record::new(Event::TitleListed(title()), Cause::Schedule, now).event_uuid;
    let listed = uuid(now());
    assert_eq!(listed, uuid(now()));
    assert_ne!(listed, uuid(now() + jiff::SignedDuration::from_millis(1)));
    let delisted = Record::new(
        Event::TitleDelisted(TitleKey { id: title().id }),
        Cause::Schedule,
        now(),
    );
    assert_ne!(listed, delisted.event_uuid);
    // Version 8, variant 10, as RFC 9562 counts.
    assert_eq!((&listed[14..15], listed.len()), ("8", 36));
    assert!(matches!(&listed[19..20], "8" | "9" | "a" | "b"), "{listed}");
}

#[test]
fn a_canonical_text_does_not_depend_on_the_order_of_keys() {
    let text = canonical::text(&json!({ "b": [1, { "d": null, "c": "é\"" }], "a": 1.5 }));
    assert_eq!(text, r#"{"a":1.5,"b":[1,{"c":"é\"","d":null}]}"#);
}

proptest! {
    #[test]
    fn no_bytes_stop_the_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Record::decode(&bytes);
    }

    #[test]
    fn versions_are_ordered_by_time_first(one in 0_i64..9_999_999_999_999, other in 0_i64..9_999_999_999_999) {
        let version = |time| Version::new(Timestamp::from_millisecond(time).unwrap(), &canonical::digest(&time));
        prop_assert_eq!(one.cmp(&other), version(one).cmp(&version(other)));
        prop_assert_eq!(Version::try_from(version(one).to_string()), Ok(version(one)));
    }

    #[test]
    fn an_id_is_its_text(text in "[A-Za-z0-9_-]{1,64}", strange in ".*[^A-Za-z0-9_-].*") {
        let id = TitleId::new(text.clone()).unwrap();
        let number = text.parse::<u64>().is_ok_and(|number| number.to_string() == text);
        let json = serde_json::to_value(TitleKey { id: id.clone() }).unwrap();
        prop_assert_eq!(json["id"].is_number(), number);
        prop_assert_eq!(serde_json::from_value::<TitleKey>(json).unwrap().id, id);
        prop_assert_eq!(TitleId::new(strange), Err(id::NotAnId));
    }
}
