use proptest::prelude::*;
use serde_json::{Value, json};

use super::answer::{Episode, Show};
use super::*;
use crate::event::Programme;
use crate::event::id::ShowId;
use crate::watchmode::answer::Rows;

fn show() -> Value {
    json!({
        "id": 90001, "name": "Harbour Lights", "genres": ["Drama", null], "runtime": 60, "rating": { "average": 7.9 },
        "network": { "id": 12, "name": "BBC One", "country": { "code": "GB" } }, "webChannel": null,
        "externals": { "tvrage": null, "imdb": "tt9900001" }, "image": null, "summary": "<p>A harbour.</p>",
        "url": "https://www.tvmaze.com/shows/90001/x",
    })
}

fn episode() -> Value {
    json!({
        "id": 3900001, "name": "Episode 1", "season": 1, "number": 1, "airdate": "2026-07-09", "airtime": "21:00",
        "airstamp": "2026-07-09T21:00:00+01:00", "runtime": 50, "image": null, "summary": "<p>The light &amp; the sea.</p>",
        "url": "https://www.tvmaze.com/episodes/3900001/x", "show": show(),
    })
}

fn of(episode: Value) -> Option<Programme> {
    programme(&serde_json::from_value::<Episode>(episode).unwrap())
}

/// The programme of the episode with one change.
fn changed(change: impl FnOnce(&mut Value)) -> Option<Programme> {
    let mut episode = episode();
    change(&mut episode);
    of(episode)
}

#[test]
fn requests_name_what_tvmaze_names() {
    let day = jiff::civil::date(2026, 1, 9);
    assert_eq!(schedule(day).target(), "/schedule?country=GB&date=2026-01-09");
    assert_eq!(
        lookup(&ImdbId::new("tt9900001").unwrap()).target(),
        "/lookup/shows?imdb=tt9900001"
    );
}

#[test]
fn an_episode_is_a_programme_by_its_instant_not_by_its_local_time() {
    let programme = of(episode()).unwrap();
    let expected = json!({
        "program_id": "3900001", "title": "Harbour Lights", "channel": "BBC One",
        "start_time": "2026-07-09T20:00:00Z", "end_time": "2026-07-09T20:50:00Z",
        "description": "The light & the sea.", "channel_id": "12", "show_id": "90001", "imdb_id": "tt9900001",
        "episode": "Episode 1", "season": 1, "number": 1, "genres": ["Drama"],
        "url": "https://www.tvmaze.com/episodes/3900001/x",
    });
    assert_eq!(serde_json::to_value(programme).unwrap(), expected);
}

#[test]
fn the_show_may_be_embedded() {
    let embedded = changed(|episode| {
        let show = episode["show"].take();
        episode["_embedded"] = json!({ "show": show });
    });
    assert_eq!(embedded, of(episode()));
}

#[test]
fn a_web_channel_cannot_be_mistaken_for_a_network() {
    let web = changed(|episode| {
        episode["show"]["network"] = Value::Null;
        episode["show"]["webChannel"] = json!({ "id": 12, "name": "BBC iPlayer" });
    });
    let web = web.unwrap();
    assert_eq!(
        (web.channel_id.as_str(), web.channel.as_str()),
        ("web-12", "BBC iPlayer")
    );
}

#[test]
fn a_length_that_nobody_says_is_half_an_hour() {
    let minutes = |runtime: Value, of_show: Value, average: Value| {
        let programme = changed(|episode| {
            episode["runtime"] = runtime;
            episode["show"]["runtime"] = of_show;
            episode["show"]["averageRuntime"] = average;
        });
        let programme = programme.unwrap();
        programme.end_time.duration_since(programme.start_time).as_mins()
    };
    assert_eq!(minutes(json!("45"), json!(60), json!(55)), 45);
    assert_eq!(minutes(Value::Null, json!(60), json!(55)), 60);
    assert_eq!(minutes(json!(0), Value::Null, json!(55)), 55);
    assert_eq!(minutes(json!(-3), json!(100_000), Value::Null), 30);
}

#[test]
fn a_slot_without_channel_name_or_beginning_is_no_programme() {
    assert_eq!(changed(|episode| episode["show"]["network"] = Value::Null), None);
    assert_eq!(changed(|episode| episode["show"]["network"]["name"] = " ".into()), None);
    assert_eq!(changed(|episode| episode["show"] = Value::Null), None);
    assert_eq!(changed(|episode| episode["airstamp"] = Value::Null), None);
    assert_eq!(
        changed(|episode| episode["airstamp"] = "2026-07-09T21:00:00".into()),
        None
    );
    let unnamed = changed(|episode| episode["show"]["name"] = Value::Null).unwrap();
    assert_eq!((unnamed.title.as_str(), unnamed.episode), ("Episode 1", None));
}

#[test]
fn a_rating_of_nothing_is_none() {
    let rating = |rating: Value| {
        let show: Show = serde_json::from_value(json!({ "id": 1, "rating": rating })).unwrap();
        show.rating()
    };
    assert_eq!(rating(json!({ "average": 7.9 })), Some(7.9));
    assert_eq!(rating(json!({ "average": 0 })), None);
    assert_eq!(rating(json!({ "average": null })), None);
    assert_eq!(rating(json!("good")), None);
    assert_eq!(rating(json!({ "average": 79 })), None);
}

#[test]
fn a_show_needs_only_its_number() {
    let show: Show = serde_json::from_value(json!({ "id": "90001", "genres": "Drama" })).unwrap();
    assert_eq!((show.id, show.genres), (ShowId::from(90_001), Vec::new()));
}

proptest! {
    #[test]
    fn no_answer_stops_a_reader(answer in crate::watchmode::tests::any_json()) {
        if let Ok(rows) = serde_json::from_value::<Rows<Episode>>(answer.clone()) {
            rows.good.iter().for_each(|episode| drop(programme(episode)));
        }
        let _ = serde_json::from_value::<Show>(answer).map(|show| show.rating());
    }

    #[test]
    fn a_programme_ends_after_it_starts(runtime in any_runtime(), stamp in "[0-9]{4}-0[1-9]-0[1-9]T2[0-3]:[0-5]0:00Z") {
        let programme = changed(|episode| {
            episode["runtime"] = runtime;
            episode["airstamp"] = stamp.into();
        });
        prop_assert!(programme.is_none_or(|programme| programme.end_time > programme.start_time));
    }
}

fn any_runtime() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from)
    ]
}
