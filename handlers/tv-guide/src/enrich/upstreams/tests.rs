use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Upstreams;
use crate::budget::Budget;
use crate::enrich::{Details as _, Found, Later, Subject};
use crate::event::id::{ImdbId, ShowId, TitleId};
use crate::retry::Client;
use crate::table::memory::Memory;
use crate::upstream::script::{Answer, Hands, Script, answer};
use crate::upstream::{Request, Service};

fn now() -> Timestamp {
    "2026-01-09T21:00:00Z".parse().unwrap()
}

fn subject(kind: &str) -> Subject {
    Subject {
        id: TitleId::from(3_100_001),
        imdb_id: ImdbId::new("tt9900001").ok(),
        kind: Some(kind.to_owned()),
    }
}

fn whole_show() -> Answer {
    let show = json!({
        "id": 90001, "name": "Harbour Lights", "rating": {"average": 7.9}, "summary": "<p>By the <b>sea</b>.</p>",
        "image": {"medium": "https://static.tvmaze.com/m.jpg", "original": null},
    });
    Ok(answer(200, show.to_string()))
}

fn bare_show() -> Answer {
    Ok(answer(
        200,
        r#"{"id":90001,"rating":{"average":null},"summary":null,"image":null}"#,
    ))
}

fn title() -> Answer {
    let details = json!({
        "id": 3_100_001, "plot_overview": "On the coast.", "poster": "https://cdn.watchmode.com/p.jpg",
        "user_rating": 7.6,
    });
    Ok(answer(200, details.to_string()))
}

fn status(status: u16) -> Answer {
    Ok(answer(status, "{}"))
}

/// What is found of a subject, and which services were asked how often for it.
async fn find(
    of: &Subject,
    monthly: u64,
    tvmaze: fn() -> Answer,
    watchmode: fn() -> Answer,
) -> (Result<Found, Later>, [usize; 2]) {
    let (table, hands) = (Memory::new(), Hands::new(now(), 0.5));
    let script = Script::new(|_, request: &Request| match request.service {
        Service::Tvmaze => tvmaze(),
        Service::Watchmode => watchmode(),
    });
    let deadline = now() + SignedDuration::from_mins(5);
    let client = Client::new(&script, &hands, Budget::new(&table, monthly), deadline);
    let found = Upstreams::new(&client, &table, monthly).details(of, now()).await;
    let log = script.log();
    let asked = |service| log.iter().filter(|request| request.service == service).count();
    (found, [asked(Service::Tvmaze), asked(Service::Watchmode)])
}

#[tokio::test]
async fn a_whole_show_costs_nothing() {
    let (found, asked) = find(&subject("tv_series"), 1_000, whole_show, || panic!()).await;
    let found = found.unwrap();
    assert_eq!(found.plot_overview.as_deref(), Some("By the sea."));
    assert_eq!(found.poster.as_deref(), Some("https://static.tvmaze.com/m.jpg"));
    assert_eq!(
        (found.user_rating, found.ratings[0].value, found.ratings[0].scale),
        (None, 7.9, 10)
    );
    assert_eq!(
        (found.ratings[0].fetched_at, found.show_id),
        (now(), Some(ShowId::from(90_001)))
    );
    assert_eq!(asked, [1, 0]);
}

#[tokio::test]
async fn what_a_show_lacks_the_title_has() {
    let (found, asked) = find(&subject("tv_series"), 1_000, bare_show, title).await;
    let found = found.unwrap();
    assert_eq!(found.plot_overview.as_deref(), Some("On the coast."));
    assert_eq!(
        (found.user_rating, found.ratings.len()),
        (Some(7.6), 0),
        "an absent rating is none, not 0"
    );
    assert_eq!((found.show_id, asked), (Some(ShowId::from(90_001)), [1, 1]));
}

#[tokio::test]
async fn films_are_asked_for_where_films_are_known() {
    let (found, asked) = find(&subject("movie"), 1_000, || panic!(), title).await;
    assert_eq!((found.unwrap().user_rating, asked), (Some(7.6), [0, 1]));
}

#[tokio::test]
async fn what_nobody_knows_is_known_to_be_unknown() {
    let (found, asked) = find(&subject("tv_series"), 1_000, || status(404), || status(404)).await;
    assert_eq!((found.unwrap(), asked), (Found::default(), [1, 1]));
}

#[tokio::test]
async fn no_more_is_spent_than_schedules_leave() {
    // 964 of which 867 may be spent is one less than schedules take.
    let (found, asked) = find(&subject("tv_series"), 964, bare_show, || panic!()).await;
    assert_eq!(
        (found.unwrap().show_id, asked),
        (Some(ShowId::from(90_001)), [1, 0]),
        "what is known is kept"
    );
    let (found, asked) = find(&subject("movie"), 964, || panic!(), || panic!()).await;
    assert!(matches!(found, Err(Later::Title(_))));
    assert_eq!(asked, [0, 0]);
}

#[tokio::test]
async fn an_upstream_that_fails_is_asked_again_later() {
    let (found, asked) = find(&subject("tv_series"), 1_000, || status(500), || status(404)).await;
    let Err(Later::Title(cause)) = found else {
        panic!("{found:?}")
    };
    assert_eq!(
        cause.to_string(),
        "/lookup/shows?imdb=tt9900001 failed 5 times, at last with status 500"
    );
    assert_eq!(asked, [5, 1]);
    let (found, _) = find(&subject("tv_series"), 1_000, || status(500), title).await;
    assert_eq!(found.unwrap().user_rating, Some(7.6), "one is enough");
    let (found, _) = find(&subject("tv_series"), 1_000, || status(404), || status(402)).await;
    assert!(matches!(found, Err(Later::Title(_))));
}

#[tokio::test]
async fn when_no_time_is_left_nobody_is_asked() {
    let (table, hands) = (Memory::new(), Hands::new(now(), 0.5));
    let script = Script::new(|_, _: &Request| panic!());
    let client = Client::new(&script, &hands, Budget::new(&table, 1_000), now());
    for kind in ["movie", "tv_series"] {
        let found = Upstreams::new(&client, &table, 1_000)
            .details(&subject(kind), now())
            .await;
        assert!(matches!(found, Err(Later::Everyone(_))), "{kind}");
    }
}
