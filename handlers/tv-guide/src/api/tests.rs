mod schema;
mod users;
mod world;

use proptest::prelude::{prop_assert, proptest};
use serde_json::{Value, json};

use super::{Caller, Request, Users, answer, document};
use crate::api::memory::Walled;
use crate::contract::api::{Method, ROUTES, limit};
use crate::event::id::{GenreId, ProgrammeId, UserId};
use crate::table::{Write, entity, key};
use crate::token::Refusal;
use world::{ALICE, CALL, Call, World, answered, now, programme, title};

fn names<'v>(list: &'v Value, name: &str) -> Vec<&'v str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| item[name].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn reference_data_is_listed_by_name_as_upstream_has_it() {
    let world = World::new().await;
    let sources = world.get("/sources").await;
    assert_eq!(sources.status, 200);
    let netflix = json!({"id": 203, "name": "Netflix", "type": "sub", "regions": ["GB"]});
    assert_eq!(names(&sources.body, "name"), ["All 4", "Netflix"]);
    assert_eq!(sources.body[1], netflix);
    let genres = world.get("/genres").await;
    assert_eq!(names(&genres.body, "name"), ["Comedy", "Documentary", "Drama"]);
    let channels = world.get("/channels").await;
    assert_eq!(
        channels.body,
        json!([{"id": "3", "name": "BBC One", "order": 1}, {"id": "12", "name": "ITV1", "order": 1}])
    );
}

#[tokio::test]
async fn a_client_that_has_the_answer_is_told_so() {
    let world = World::new().await;
    for url in [
        "/sources",
        "/guide",
        "/openapi.json",
        "/preferences",
        "/favourites",
        "/titles/1",
    ] {
        let first = world.get(url).await;
        let tag = first.tag.unwrap();
        let again = Call {
            if_none_match: Some(&tag),
            ..CALL
        };
        let again = world.send("GET", url, again).await;
        assert_eq!(
            (again.status, again.tag, again.body),
            (304, Some(tag), Value::Null),
            "{url}"
        );
        let other = Call {
            if_none_match: Some("\"other\""),
            ..CALL
        };
        assert_eq!(world.send("GET", url, other).await.status, 200, "{url}");
    }
}

#[tokio::test]
async fn the_guide_shows_channels_by_name_and_programmes_by_start() {
    let world = World::new().await;
    let on = async |query: &str| {
        let guide = world.get(&format!("/guide?{query}")).await.body;
        let channels = guide["channels"].as_array().unwrap().iter();
        let on: Vec<_> = channels
            .flat_map(|channel| {
                names(&channel["programmes"], "program_id")
                    .into_iter()
                    .map(str::to_owned)
            })
            .collect();
        (
            guide["from"].as_str().unwrap().to_owned(),
            guide["to"].as_str().unwrap().to_owned(),
            on.join(" "),
        )
    };
    let given = |from: &str, to: &str, on: &str| {
        (
            format!("2026-01-09T{from}:00Z"),
            format!("2026-01-09T{to}:00Z"),
            on.to_owned(),
        )
    };
    assert_eq!(on("").await, given("20:15", "23:15", "100 101 102 103"));
    assert_eq!(on("to=2026-01-09T20:30:00Z").await, given("20:15", "20:30", "100 102"));
    assert_eq!(
        on("from=2026-01-09T18:00:00Z").await,
        given("18:00", "21:00", "100 101 102")
    );
    assert_eq!(on("channel=12").await, given("20:15", "23:15", "102 103"));
    assert_eq!(on("channel=99").await, given("20:15", "23:15", ""));

    let guide = world.get("/guide").await.body;
    assert_eq!(names(&guide["channels"], "name"), ["BBC One", "ITV1"]);
    assert_eq!(guide["next"], Value::Null);
    let programme = json!({
        "program_id": "100", "title": "Show 100", "channel": "BBC One", "channel_id": "3",
        "start_time": "2026-01-09T19:30:00Z", "end_time": "2026-01-09T20:30:00Z",
        "description": "What it is about.", "show_id": "82", "season": 1, "number": 2,
        "genres": ["Drama"], "url": "https://example.com/82",
    });
    assert_eq!(guide["channels"][0]["programmes"][0], programme);
}

#[tokio::test]
async fn pages_of_the_guide_follow_their_cursors_and_no_others() {
    let world = World::new().await;
    let mut found = Vec::new();
    let mut url = "/guide?limit=1".to_owned();
    let first = loop {
        let page = world.get(&url).await.body;
        for channel in page["channels"].as_array().unwrap() {
            found.extend(
                names(&channel["programmes"], "program_id")
                    .into_iter()
                    .map(str::to_owned),
            );
        }
        let Some(next) = page["next"].as_str() else { break url };
        url = format!("/guide?limit=1&cursor={next}");
    };
    assert_eq!(found, ["100", "102", "101", "103"]);
    let cursor = first.split_once("cursor=").unwrap().1;
    for (query, status) in [
        (format!("limit=2&cursor={cursor}"), 200),
        (format!("channel=3&cursor={cursor}"), 400),
        (format!("to=2026-01-09T22:00:00Z&cursor={cursor}"), 400),
        (format!("cursor={}", &cursor[1..]), 400),
        (format!("cursor={cursor}A"), 400),
        ("cursor=".to_owned(), 400),
        ("cursor=e30".to_owned(), 400),
    ] {
        let answer = world.get(&format!("/guide?{query}")).await;
        assert_eq!(answer.status, status, "{query}");
    }
    let titles = world.get(&format!("/titles?cursor={cursor}")).await;
    assert_eq!((titles.status, &titles.body["name"]), (400, &json!("cursor")));
}

#[tokio::test]
async fn a_window_is_bounded() {
    let world = World::new().await;
    let check = async |query: &str, status: u16| {
        let answer = world.get(&format!("/guide?{query}")).await;
        assert_eq!(answer.status, status, "{query}");
        if status == 400 {
            assert_eq!(
                (&answer.body["type"], &answer.body["name"]),
                (&json!("/problems/parameter"), &json!("to")),
                "{query}"
            );
        }
    };
    check("from=2026-01-09T00:00:00Z&to=2026-01-10T00:00:00Z", 200).await;
    check("from=2026-01-09T00:00:00Z&to=2026-01-10T00:00:01Z", 400).await;
    check("from=2026-01-09T00:00:00Z&to=2026-01-16T00:00:00Z&channel=3", 200).await;
    check("from=2026-01-09T00:00:00Z&to=2026-01-16T00:00:01Z&channel=3", 400).await;
    check("from=2026-01-09T00:00:00Z&to=2026-01-09T00:00:00Z", 400).await;
    check("from=2026-01-09T00:00:00Z&to=2026-01-08T00:00:00Z", 400).await;
    check("to=2026-01-09T20:15:00Z", 400).await;
    check("from=0000-01-01T00:00:00Z", 200).await;
    check("from=9999-12-30T00:00:00Z&to=9999-12-30T22:00:00Z", 200).await;
    check("from=9999-12-30T22:00:00Z", 200).await;
}

#[tokio::test]
async fn titles_are_found_by_what_is_asked() {
    let world = World::new().await;
    let check = async |query: &str, expected: &[&str]| {
        let titles = world.get(&format!("/titles?{query}")).await;
        assert_eq!(titles.status, 200, "{query}");
        assert_eq!(names(&titles.body["titles"], "title"), expected, "{query}");
        // One title at a time gives the same, in the same order.
        let (mut one_by_one, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.get(&format!("/titles?limit=1&{query}{cursor}")).await.body;
            one_by_one.extend(names(&page["titles"], "title").into_iter().map(str::to_owned));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(one_by_one, expected, "{query}");
    };
    check("source=203", &["Été", "Harbour Lights", "Harbour Nights"]).await;
    check("genre=7", &["Harbour Lights", "Harbour Nights"]).await;
    check("source=203&genre=7", &["Harbour Lights", "Harbour Nights"]).await;
    check("source=349&genre=7", &["Harbour Nights"]).await;
    check("source=349&genre=4", &[]).await;
    check("q=harbour", &["Harbour Lights", "Harbour Nights"]).await;
    check("q=HARBOUR+N", &["Harbour Nights"]).await;
    check("q=ete", &["Été"]).await;
    check("q=harbour&source=349", &["Harbour Nights"]).await;
    check("q=harbour&genre=4&source=203", &["Harbour Lights"]).await;
    check("new_since=2026-01-03T00:00:00Z", &["Été", "Harbour Nights"]).await;
    check("new_since=2026-01-03T00:00:01Z", &["Été"]).await;
    check("source=203&new_since=2026-01-04T00:00:00Z", &["Été"]).await;
    check("new_since=2026-02-01T00:00:00Z", &[]).await;
    check("", &["Été", "Harbour Nights", "The Harbour", "Harbour Lights"]).await;
    let refused = world.get("/titles?new_since=2025-01-08T00:00:00Z").await;
    assert_eq!((refused.status, &refused.body["name"]), (400, &json!("new_since")));
}

#[tokio::test]
async fn a_list_reads_no_more_than_it_can_give() {
    let world = World::new().await;
    for id in 10..510 {
        world.title(&title_of_many(id)).await;
    }
    let before = world.table.counts().reads;
    let page = world.get("/titles?source=203&limit=20").await.body;
    let read = world.table.counts().reads - before;
    assert_eq!(page["titles"].as_array().unwrap().len(), 20);
    assert!(read <= 40, "{read} items read for 20 titles");
    // Nothing of what is read passes: the request still ends, and says where to go on.
    let before = world.table.counts().reads;
    let page = world
        .get("/titles?source=203&new_since=2026-01-09T00:00:00Z&limit=20")
        .await
        .body;
    let read = world.table.counts().reads - before;
    assert_eq!(page["titles"], json!([]));
    assert!(page["next"].is_string());
    assert!(read <= 8 * 40, "{read} items read");
}

fn title_of_many(id: u64) -> entity::Title {
    let mut title = title(1, &format!("Many {id}"), Some(5.0), &["203"], &["4"]);
    title.data.id = crate::event::id::TitleId::from(id);
    title
}

#[tokio::test]
async fn a_title_has_details_and_its_next_programmes() {
    let world = World::new().await;
    let title = world.get("/titles/1").await.body;
    assert_eq!(
        (&title["id"], &title["title"], &title["show_id"]),
        (&json!(1), &json!("Harbour Lights"), &json!("82"))
    );
    assert_eq!(
        (&title["user_rating"], &title["source_ids"]),
        (&json!(8.1), &json!(["203"]))
    );
    assert_eq!(names(&title["airings"], "program_id"), ["101", "103"]);
    assert_eq!(world.get("/titles/4").await.body["user_rating"], Value::Null);

    let mut gone = world::title(2, "The Harbour", None, &[], &[]);
    gone.listed = false;
    world.write(Write::put(key::title(&gone.data.id), gone.item())).await;
    for (url, status, kind) in [
        ("/titles/2", 404, "/problems/title"),
        ("/titles/99", 404, "/problems/title"),
        ("/titles/a%2Fb", 400, "/problems/parameter"),
        ("/titles/%00", 400, "/problems/parameter"),
        ("/titles/1?x=1", 400, "/problems/parameter"),
    ] {
        let answer = world.get(url).await;
        assert_eq!((answer.status, &answer.body["type"]), (status, &json!(kind)), "{url}");
    }
}

#[tokio::test]
async fn what_no_route_takes_is_a_problem_too() {
    let world = World::new().await;
    for (method, url, status, kind) in [
        ("GET", "/", 404, "/problems/path"),
        ("GET", "/sources/", 404, "/problems/path"),
        ("POST", "/nothing", 404, "/problems/path"),
        ("POST", "/sources", 405, "/problems/method"),
        ("HEAD", "/sources", 405, "/problems/method"),
        ("PATCH", "/preferences", 405, "/problems/method"),
        ("GET", "/favourites/show/1", 405, "/problems/method"),
        ("GET", "/sources?region=GB", 400, "/problems/parameter"),
        ("GET", "/preferences?user=b", 400, "/problems/parameter"),
        ("PUT", "/favourites/film/1", 400, "/problems/parameter"),
        ("PUT", "/favourites/show/%2e%2e", 400, "/problems/parameter"),
    ] {
        let answer = world.send(method, url, CALL).await;
        assert_eq!(
            (answer.status, &answer.body["type"]),
            (status, &json!(kind)),
            "{method} {url}"
        );
    }
    let large = "x".repeat(limit::BODY_BYTES + 1);
    for (method, url) in [
        ("PUT", "/preferences"),
        ("GET", "/sources"),
        ("DELETE", "/favourites/show/1"),
    ] {
        let answer = world.send(method, url, Call { body: &large, ..CALL }).await;
        assert_eq!(answer.status, 413, "{method} {url}");
    }
}

#[tokio::test]
async fn a_path_says_which_methods_it_takes() {
    let world = World::new().await;
    let request = Request {
        method: "POST",
        path: "/preferences",
        ..Request::default()
    };
    let response = answer(&request, Caller::Anyone, &world.table, &Walled(&world.table), now()).await;
    assert!(
        response.headers.contains(&("Allow", "GET, PUT".to_owned())),
        "{response:?}"
    );
}

/// A path of a route, with something in the place of its parameters.
fn path(template: &str) -> String {
    template.replace("{kind}", "show").replace("{id}", "1")
}

#[tokio::test]
async fn every_route_is_handled_and_those_for_users_want_one() {
    let world = World::new().await;
    for route in &ROUTES {
        let call = Call {
            content_type: Some("application/json"),
            body: "{}",
            ..CALL
        };
        let answer = world.send(route.method.as_str(), &path(route.path), call).await;
        assert!((200..300).contains(&answer.status), "{}: {answer:?}", route.key());
        let nobody = Call { user: None, ..call };
        let answer = world.send(route.method.as_str(), &path(route.path), nobody).await;
        assert_eq!(answer.status == 401, !route.public, "{}", route.key());
    }
}

#[tokio::test]
async fn a_refused_token_and_missing_keys_have_answers_of_their_own() {
    let world = World::new().await;
    for route in ROUTES.iter().filter(|route| !route.public) {
        let path = path(route.path);
        let request = Request {
            method: route.method.as_str(),
            path: &path,
            ..Request::default()
        };
        assert!(request.wants_user());
        for (caller, status) in [
            (Caller::Anyone, 401),
            (Caller::Refused(Refusal::Expired), 401),
            (Caller::Unknown("no keys".into()), 503),
        ] {
            let response = answer(&request, caller, &world.table, &Walled(&world.table), now()).await;
            assert_eq!(answered(request.method, &path, &response).status, status, "{path}");
            let challenge = response.headers.iter().any(|(name, _)| *name == "WWW-Authenticate");
            assert_eq!(challenge, status == 401, "{path}");
            assert!(!String::from_utf8(response.body).unwrap().contains("no keys"), "{path}");
        }
    }
}

/// Users whose data nobody reaches now.
struct Unreachable;

impl Users for Unreachable {
    type Own = crate::table::memory::Memory;

    async fn own(&self, _: &UserId) -> Result<Self::Own, Box<dyn std::error::Error + Send + Sync>> {
        Err("the role is denied".into())
    }
}

#[tokio::test]
async fn without_the_users_own_table_there_is_no_answer_from_another() {
    let world = World::new().await;
    for route in ROUTES
        .iter()
        .filter(|route| !route.public && !route.path.starts_with("/titles"))
    {
        let path = path(route.path);
        let request = Request {
            method: route.method.as_str(),
            path: &path,
            content_type: Some("application/json"),
            body: b"{}",
            ..Request::default()
        };
        let before = world.table.counts();
        let caller = Caller::User(UserId::new(ALICE).unwrap());
        let response = answer(&request, caller, &world.table, &Unreachable, now()).await;
        assert_eq!(answered(request.method, &path, &response).status, 503, "{path}");
        assert_eq!(world.table.counts(), before, "{path} reached the shared table");
        assert!(response.cause.is_some());
        assert!(!String::from_utf8(response.body).unwrap().contains("denied"), "{path}");
    }
}

#[tokio::test]
async fn an_item_that_is_something_else_is_left_out_and_named() {
    let world = World::new().await;
    let data = json!({"id": "Netflix"}).as_object().unwrap().clone();
    world.write(entity::genre(&GenreId::from(9), "Bad", data)).await;
    let mut bad = programme("104", "ITV1", "21:00", "22:00").item();
    bad["season"] = json!("one");
    world
        .write(Write::put(key::programme(&ProgrammeId::from(104)), bad))
        .await;
    for (path, named) in [("/genres", "genre:9"), ("/guide", "programme:104")] {
        let request = Request {
            method: "GET",
            path,
            ..Request::default()
        };
        let response = answer(&request, Caller::Anyone, &world.table, &Walled(&world.table), now()).await;
        let left_out: Vec<_> = response
            .malformed
            .iter()
            .map(|malformed| malformed.pk.as_str())
            .collect();
        assert_eq!(left_out, [named]);
        let body = answered("GET", path, &response).body.to_string();
        assert!(body.contains("Comedy") || body.contains("Show 102"), "{body}");
    }
}

#[test]
fn the_document_names_every_route_once_with_all_that_can_happen() {
    let document: Value = serde_json::from_str(document()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut documented = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            documented.push((
                format!("{} {path}", method.to_uppercase()),
                operation["operationId"].as_str().unwrap(),
            ));
            let is_public = operation["security"] == json!([]);
            let statuses = operation["responses"].as_object().unwrap();
            assert_eq!(statuses.contains_key("401"), !is_public, "{method} {path}");
            for status in ["400", "403", "413", "429", "500", "503", "504"] {
                assert!(statuses.contains_key(status), "{method} {path} {status}");
            }
        }
    }
    documented.sort();
    let mut routes: Vec<_> = ROUTES.iter().map(|route| (route.key(), route.operation)).collect();
    routes.sort();
    assert_eq!(documented, routes);
    assert_eq!(Method::ALL.len(), 3);
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split_once('"').unwrap().0;
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

proptest! {
    #[test]
    fn no_request_is_too_strange_for_an_answer(
        route in 0..ROUTES.len(),
        segment in "[ -~é]{1,20}",
        query in "((from|to|channel|limit|cursor|source|q|new_since|[a-z%]{0,3})=[ -~é]{0,30}&?){0,3}",
        body in "[ -~é]{0,40}",
        tag in "[ -~é]{0,10}",
    ) {
        let route = &ROUTES[route];
        let url = format!("{}?{query}", route.path.replace("{kind}", "show").replace("{id}", &segment));
        let call = Call {
            content_type: Some("application/json"),
            if_match: Some(&tag),
            if_none_match: Some(&tag),
            body: &body,
            ..CALL
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = runtime.block_on(async {
            // Whether it is documented is looked at on the way.
            World::new().await.send(route.method.as_str(), &url, call).await
        });
        prop_assert!(answer.status < 500, "{} {url}: {answer:?}", route.key());
    }
}
