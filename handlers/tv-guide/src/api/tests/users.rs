//! Preferences, favourites and recommendations: a user's own, and no one else's.

use serde_json::{Value, json};

use super::names;
use super::world::{ALICE, Answer, BOB, CALL, Call, World, now};
use crate::api::memory::Walled;
use crate::api::{Caller, Request, Users, answer};
use crate::contract::api::{ROUTES, limit};
use crate::event::id::{SourceId, UserId};
use crate::table::{Index, Item, Key, Query, Table, Write, key};

const JSON: Option<&str> = Some("application/json");

#[tokio::test]
async fn preferences_are_what_was_put_last() {
    let world = World::new().await;
    let empty = world.get("/preferences").await;
    assert_eq!(empty.body, json!({"sources": [], "genres": []}));
    let put = world
        .put_preferences(r#"{"sources": ["349", "203", "203"], "genres": ["4"]}"#)
        .await;
    assert_eq!((put.status, &put.body), (204, &Value::Null));
    let stored = world.get("/preferences").await;
    assert_eq!(stored.body, json!({"sources": ["203", "349"], "genres": ["4"]}));
    assert_eq!(stored.tag, put.tag);
    // A missing list counts as an empty one.
    assert_eq!(world.put_preferences(r#"{"sources": ["7"]}"#).await.status, 204);
    assert_eq!(
        world.get("/preferences").await.body,
        json!({"sources": ["7"], "genres": []})
    );
    assert_eq!(world.put_preferences("{}").await.tag, empty.tag);
}

#[tokio::test]
async fn the_same_preferences_again_write_nothing() {
    let world = World::new().await;
    world.put_preferences(r#"{"sources": ["203"]}"#).await;
    let before = world.table.counts().writes;
    assert_eq!(
        world
            .put_preferences(r#"{"genres": [], "sources": ["203"]}"#)
            .await
            .status,
        204
    );
    assert_eq!(world.table.counts().writes, before);
    // One more id is one more item, and the version.
    world.put_preferences(r#"{"sources": ["203", "349"]}"#).await;
    assert_eq!(world.table.counts().writes, before + 2);
}

#[tokio::test]
async fn a_body_is_what_is_documented_or_refused() {
    let world = World::new().await;
    let many: Vec<String> = (0..=limit::PREFERENCES).map(|id| id.to_string()).collect();
    let many = json!({"sources": many}).to_string();
    for body in [
        "",
        "null",
        "[]",
        r#"[["203"], ["4"]]"#,
        "{",
        r#"{"sources": ["203"]} {}"#,
        r#"{"sources": [203]}"#,
        r#"{"sources": "203"}"#,
        r#"{"sources": null}"#,
        r#"{"sources": [""]}"#,
        r#"{"sources": ["a b"]}"#,
        r#"{"sources": ["203#x"]}"#,
        r#"{"sources": ["203"], "sources": ["4"]}"#,
        r#"{"sources": ["203"], "user_id": "b0b0b0b0"}"#,
        r#"{"Sources": ["203"]}"#,
        "\u{feff}{}",
        &many,
    ] {
        let answer = world.put_preferences(body).await;
        assert_eq!(
            (answer.status, &answer.body["type"]),
            (400, &json!("/problems/body")),
            "{body}"
        );
    }
    for content_type in [None, Some("text/plain"), Some("application/json-patch+json"), Some("")] {
        let call = Call {
            content_type,
            body: "{}",
            ..CALL
        };
        assert_eq!(
            world.send("PUT", "/preferences", call).await.status,
            415,
            "{content_type:?}"
        );
    }
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        let call = Call {
            content_type: Some(content_type),
            body: "{}",
            ..CALL
        };
        assert_eq!(
            world.send("PUT", "/preferences", call).await.status,
            204,
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn more_changes_than_a_transaction_holds_are_refused_whole() {
    let world = World::new().await;
    let ids = |from: usize, to: usize| (from..to).map(|id| id.to_string()).collect::<Vec<_>>();
    let body = |sources: Vec<String>, genres: Vec<String>| json!({"sources": sources, "genres": genres}).to_string();
    let put = async |sources, genres| world.put_preferences(&body(sources, genres)).await.status;
    assert_eq!(put(ids(0, 50), ids(0, 49)).await, 204);
    assert_eq!(put(ids(50, 100), ids(50, 100)).await, 400);
    assert_eq!(
        world.get("/preferences").await.body["sources"]
            .as_array()
            .unwrap()
            .len(),
        50
    );
    assert_eq!(put(ids(0, 100), ids(0, 49)).await, 204);
    assert_eq!(put(ids(0, 100), ids(0, 100)).await, 204);
}

#[tokio::test]
async fn a_change_on_a_condition_loses_to_a_change_that_came_between() {
    let world = World::new().await;
    let seen = world.get("/preferences").await.tag.unwrap();
    let put = async |if_match: &str, body: &str| {
        let call = Call {
            if_match: Some(if_match),
            content_type: JSON,
            body,
            ..CALL
        };
        world.send("PUT", "/preferences", call).await
    };
    let mine = put(&seen, r#"{"sources": ["203"]}"#).await;
    assert_eq!(mine.status, 204);
    let other = put(&seen, r#"{"sources": ["349"]}"#).await;
    assert_eq!(
        (other.status, &other.body["type"]),
        (412, &json!("/problems/precondition"))
    );
    assert_eq!(world.get("/preferences").await.body["sources"], json!(["203"]));
    assert_eq!(put(&mine.tag.unwrap(), r#"{"sources": ["349"]}"#).await.status, 204);
    assert_eq!(put("*", "{}").await.status, 204);
    assert_eq!(put("", "{}").await.status, 412);
}

/// A table in which another client's change comes between a read and the write that follows it.
struct Contended<'t> {
    own: crate::api::memory::Own<'t>,
    meddle: std::cell::Cell<u32>,
}

impl Table for Contended<'_> {
    async fn get(&self, key: &Key) -> Result<Option<Item>, crate::table::Error> {
        self.own.get(key).await
    }
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, crate::table::Error> {
        self.own.get_many(keys).await
    }
    async fn query(&self, query: &Query) -> Result<crate::table::Page, crate::table::Error> {
        self.own.query(query).await
    }
    async fn write(&self, write: Write) -> Result<crate::table::Outcome, crate::table::Error> {
        self.own.write(write).await
    }
    async fn write_all(&self, writes: Vec<Write>) -> Result<(), crate::table::Error> {
        self.own.write_all(writes).await
    }
    async fn transact(&self, writes: Vec<Write>) -> Result<crate::table::Outcome, crate::table::Error> {
        let left = self.meddle.get();
        if left > 0 {
            self.meddle.set(left - 1);
            let user = UserId::new(ALICE).unwrap();
            let tag = Item::from_iter([("tag".to_owned(), json!(format!("\"other-{left}\"")))]);
            let source = key::preferred_source(&user, &SourceId::from(u64::from(left)));
            self.own.write(Write::put(source, Item::new())).await?;
            self.own.write(Write::put(key::preferences(&user), tag)).await?;
        }
        self.own.transact(writes).await
    }
}

struct Meddler<'t>(Walled<'t>, u32);

impl<'t> Users for Meddler<'t> {
    type Own = Contended<'t>;

    async fn own(&self, user: &UserId) -> Result<Contended<'t>, Box<dyn std::error::Error + Send + Sync>> {
        let own = self.0.own(user).await?;
        Ok(Contended {
            own,
            meddle: self.1.into(),
        })
    }
}

#[tokio::test]
async fn a_change_without_a_condition_is_tried_again_and_not_forever() {
    let world = World::new().await;
    let put = async |changes_between: u32, if_match: Option<&'static str>| {
        let request = Request {
            method: "PUT",
            path: "/preferences",
            content_type: JSON,
            if_match,
            body: br#"{"sources": ["203"]}"#,
            ..Request::default()
        };
        let users = Meddler(Walled(&world.table), changes_between);
        let caller = Caller::User(UserId::new(ALICE).unwrap());
        answer(&request, caller, &world.table, &users, now()).await.status
    };
    assert_eq!(put(2, None).await, 204);
    assert_eq!(world.get("/preferences").await.body["sources"], json!(["203"]));
    world.put_preferences("{}").await;
    assert_eq!(put(9, None).await, 503);
    world.put_preferences("{}").await;
    let seen = world.get("/preferences").await.tag.unwrap();
    assert_eq!(put(1, Some(seen.leak())).await, 412);
}

#[tokio::test]
async fn a_favourite_is_followed_once_until_it_is_not() {
    let world = World::new().await;
    let send = async |method: &str, favourite: &str| {
        world
            .send(method, &format!("/favourites/{favourite}"), CALL)
            .await
            .status
    };
    assert_eq!(world.get("/favourites").await.body, json!({"favourites": []}));
    for favourite in ["show/82", "title/1", "show/82", "title/999"] {
        assert_eq!(send("PUT", favourite).await, 204, "{favourite}");
    }
    let since = "2026-01-09T20:15:30Z";
    let favourites = json!({"favourites": [
        {"kind": "show", "id": "82", "name": "Show 100", "since": since},
        {"kind": "title", "id": "1", "name": "Harbour Lights", "since": since},
        {"kind": "title", "id": "999", "name": null, "since": since},
    ]});
    assert_eq!(world.get("/favourites").await.body, favourites);
    // Whoever tells followers of a change finds them by what they follow.
    let followers = world
        .table
        .query_all(Query::new(Index::Gsi1, "fav:show:82"))
        .await
        .unwrap();
    assert_eq!(
        followers
            .iter()
            .map(|item| item["GSI1SK"].as_str().unwrap())
            .collect::<Vec<_>>(),
        [ALICE]
    );
    for favourite in ["show/82", "show/82", "title/999"] {
        assert_eq!(send("DELETE", favourite).await, 204, "{favourite}");
    }
    assert_eq!(names(&world.get("/favourites").await.body["favourites"], "id"), ["1"]);
    // Preferences stand beside favourites, and neither sees the other.
    assert_eq!(
        world.get("/preferences").await.body,
        json!({"sources": [], "genres": []})
    );
}

#[tokio::test]
async fn favourites_are_bounded() {
    let world = World::new().await;
    for id in 0..limit::FAVOURITES {
        assert_eq!(
            world.send("PUT", &format!("/favourites/show/{id}"), CALL).await.status,
            204
        );
    }
    let full = world.send("PUT", "/favourites/show/full", CALL).await;
    assert_eq!((full.status, &full.body["type"]), (409, &json!("/problems/favourites")));
    assert_eq!(world.send("PUT", "/favourites/show/0", CALL).await.status, 204);
    assert_eq!(world.send("DELETE", "/favourites/show/0", CALL).await.status, 204);
    assert_eq!(world.send("PUT", "/favourites/show/full", CALL).await.status, 204);
}

#[tokio::test]
async fn recommendations_are_well_rated_and_of_the_users_sources_and_genres() {
    let world = World::new().await;
    let check = async |preferences: &str, expected: &[&str]| {
        assert_eq!(world.put_preferences(preferences).await.status, 204);
        let titles = world.get("/recommendations").await.body;
        assert_eq!(names(&titles["titles"], "title"), expected, "{preferences}");
    };
    // Above 7, not from 7 on; and best first.
    check("{}", &["The Harbour", "Harbour Lights"]).await;
    check(r#"{"sources": ["203"]}"#, &["Harbour Lights"]).await;
    check(r#"{"sources": ["203"], "genres": ["6"]}"#, &[]).await;
    check(r#"{"sources": ["349"], "genres": ["6", "4"]}"#, &["The Harbour"]).await;
    check(r#"{"genres": ["7"]}"#, &["Harbour Lights"]).await;
}

/// All that a user can see of himself.
async fn seen(world: &World, user: &str) -> Vec<Answer> {
    let mut seen = Vec::new();
    for url in ["/preferences", "/favourites", "/recommendations"] {
        seen.push(
            world
                .send(
                    "GET",
                    url,
                    Call {
                        user: Some(user),
                        ..CALL
                    },
                )
                .await,
        );
    }
    seen
}

#[tokio::test]
async fn whatever_one_user_sends_another_sees_and_loses_nothing() {
    let world = World::new().await;
    let as_bob = Call {
        user: Some(BOB),
        content_type: JSON,
        ..CALL
    };
    let secret = Call {
        body: r#"{"sources": ["349"], "genres": ["6"]}"#,
        ..as_bob
    };
    world.send("PUT", "/preferences", secret).await;
    world.send("PUT", "/favourites/title/2", as_bob).await;
    world.send("PUT", "/favourites/show/4711", as_bob).await;
    let before = seen(&world, BOB).await;
    let bobs_items = |world: &World| {
        let items = world.table.items().into_iter();
        items.filter(|(key, _)| key.pk.contains(BOB)).collect::<Vec<_>>()
    };
    let stored = bobs_items(&world);
    assert_eq!(stored.len(), 5);

    // Alice names Bob everywhere a request can name somebody.
    let mut answers = 0;
    for route in &ROUTES {
        let path = |id: &str| route.path.replace("{kind}", "title").replace("{id}", id);
        let injected = format!("userpref:{BOB}");
        for url in [
            path("2"),
            path(BOB),
            path("..%2F..%2Fpreferences"),
            path(&injected.replace(':', "%3A")),
            format!("{}?user={BOB}", path("2")),
            format!("{}?sub={BOB}&sub={BOB}", path("2")),
            format!("{}?channel={BOB}", path("2")),
            format!("{}?source={BOB}&genre={BOB}", path("2")),
            format!("{}?q={injected}", path("2")),
        ] {
            for body in [
                "",
                "{}",
                r#"{"sources": ["203"]}"#,
                &format!(r#"{{"sources": ["{BOB}"], "genres": []}}"#),
                &format!(r#"{{"sources": [], "genres": [], "sub": "{BOB}"}}"#),
                &format!(r#"{{"user_id": "{BOB}"}}"#),
            ] {
                let tag = before[0].tag.as_deref();
                let call = Call {
                    if_match: tag.filter(|_| body.is_empty()),
                    content_type: JSON,
                    body,
                    ..CALL
                };
                let answer = world.send(route.method.as_str(), &url, call).await;
                assert!(answer.status < 500, "{} {url} {body}", route.key());
                let text = answer.body.to_string();
                assert!(!text.contains("4711"), "{} {url} {body}: {text}", route.key());
                answers += 1;
            }
        }
    }
    assert_eq!(answers, ROUTES.len() * 9 * 6);
    assert_eq!(bobs_items(&world), stored);
    assert_eq!(seen(&world, BOB).await, before);
}
