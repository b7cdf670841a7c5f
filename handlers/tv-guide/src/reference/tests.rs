use jiff::Timestamp;

use super::*;
use crate::budget::Budget;
use crate::table::memory::Memory;
use crate::upstream::script::{Answer, Hands, Script, answer};

/// Refreshes from these answers by path; returns the function's answer and how many items were written.
async fn refreshed(table: &Memory, event: Value, answers: &[(&str, Answer)]) -> (Value, u64) {
    let upstream = Script::new(|_, request: &Request| {
        let found = answers.iter().find(|(target, _)| request.target().starts_with(target));
        found.map_or_else(|| Ok(answer(500, "")), |(_, answer)| answer.clone())
    });
    let now: Timestamp = "2026-01-09T21:00:00Z".parse().unwrap();
    let pace = Hands::new(now, 0.0);
    let client = Client::new(
        &upstream,
        &pace,
        Budget::new(table, 1_000),
        now + jiff::SignedDuration::from_secs(100),
    );
    let before = table.counts().writes;
    let refreshed = refresh(&Order::read(&event), &client, table).await.unwrap();
    let writes = table.counts().writes - before - upstream.log().len() as u64;
    let mut answer = refreshed.answer();
    answer["body"] = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer, writes)
}

fn good(body: Value) -> Answer {
    Ok(answer(200, body.to_string()))
}

fn sources(ids: std::ops::Range<u64>) -> Value {
    ids.map(|id| json!({ "id": id, "name": format!("Source {id}"), "type": "sub", "regions": ["GB"] }))
        .collect()
}

/// Keys of the table, but for those of its own state.
fn keys(table: &Memory) -> Vec<String> {
    let items = table.items();
    let keys = items.keys().filter(|key| !key.pk.starts_with("state:"));
    keys.map(|key| format!("{} / {}", key.pk, key.sk)).collect()
}

fn both() -> Value {
    json!({ "refresh_sources": "y", "refresh_genres": "Y", "regions": "gb" })
}

#[tokio::test]
async fn sources_and_genres_are_stored_whole_and_found_by_name() {
    let table = Memory::new();
    let netflix = json!({ "id": 203, "name": "Netflix", "type": "sub", "logo_100px": "https://x/y.png", "regions": ["US", "GB"] });
    let comedy = json!({ "id": 4, "name": "Comedy", "tmdb_id": 35 });
    let answers = [
        ("/sources?regions=GB", good(json!([netflix]))),
        ("/genres", good(json!([comedy]))),
    ];
    let (answer, _) = refreshed(&table, both(), &answers).await;
    let expected = json!({ "messages": ["Sources refreshed for region GB", "Genres refreshed"], "success": true });
    assert_eq!(answer, json!({ "statusCode": 200, "body": expected }));
    assert_eq!(keys(&table), ["genre:4 / Comedy", "source:203 / Netflix"]);
    let found = table.query_all(Query::new(Index::Gsi1, key::SOURCES)).await.unwrap();
    assert_eq!((&found[0]["data"], &found[0]["regions"]), (&netflix, &json!(["GB"])));

    let (_, writes) = refreshed(&table, both(), &answers).await;
    assert_eq!(writes, 2, "only the manifests");
}

#[tokio::test]
async fn a_rename_leaves_no_orphan() {
    let table = Memory::new();
    let named = |name: &str| {
        [(
            "/sources",
            good(json!([{ "id": 418, "name": name }, { "id": 26, "name": "Prime Video" }])),
        )]
    };
    let event = json!({ "refresh_sources": "Y" });
    refreshed(&table, event.clone(), &named("My5")).await;
    refreshed(&table, event, &named("5")).await;
    assert_eq!(keys(&table), ["source:26 / Prime Video", "source:418 / 5"]);
}

#[tokio::test]
async fn what_is_gone_upstream_goes_after_a_whole_answer_only() {
    let table = Memory::new();
    let event = json!({ "refresh_sources": "Y" });
    refreshed(&table, event.clone(), &[("/sources", good(sources(1..11)))]).await;
    assert_eq!(keys(&table).len(), 10);

    // A row that is not understood may be the one that seems to be gone.
    let mut strange = sources(1..10);
    strange.as_array_mut().unwrap().push(json!({ "id": 10, "name": null }));
    refreshed(&table, event.clone(), &[("/sources", good(strange))]).await;
    assert_eq!(keys(&table).len(), 10);

    refreshed(&table, event.clone(), &[("/sources", good(sources(1..10)))]).await;
    assert_eq!(keys(&table).len(), 9);
}

#[tokio::test]
async fn an_answer_that_is_no_good_changes_nothing() {
    let table = Memory::new();
    let event = json!({ "refresh_sources": "Y" });
    refreshed(&table, event.clone(), &[("/sources", good(sources(1..11)))]).await;
    let before = table.items();
    let cut = sources(1..11).to_string();
    for bad in [
        good(json!([])),
        good(sources(1..5)),
        good(json!({ "success": false })),
        Ok(answer(200, &cut.as_bytes()[..40])),
        Ok(answer(503, "")),
        Ok(answer(401, "")),
        Ok(answer(402, "")),
        Err(Fault::TimedOut),
    ] {
        let (answer, writes) = refreshed(&table, event.clone(), &[("/sources", bad)]).await;
        let messages = ["No sources found or error saving for region GB"];
        assert_eq!(
            answer,
            json!({ "statusCode": 500, "body": { "messages": messages, "success": false } })
        );
        assert_eq!(writes, 0);
    }
    let without_budget = |items: std::collections::BTreeMap<Key, Item>| {
        items
            .into_iter()
            .filter(|(key, _)| key.pk != "state:budget")
            .collect::<Vec<_>>()
    };
    assert_eq!(without_budget(table.items()), without_budget(before));
}

#[tokio::test]
async fn a_list_that_fails_does_not_stop_the_other() {
    let table = Memory::new();
    let answers = [("/genres", good(json!([{ "id": 4, "name": "Comedy" }])))];
    let (answer, _) = refreshed(&table, both(), &answers).await;
    let messages = json!(["No sources found or error saving for region GB", "Genres refreshed"]);
    assert_eq!(
        (&answer["statusCode"], &answer["body"]["messages"]),
        (&json!(500), &messages)
    );
    assert_eq!(keys(&table), ["genre:4 / Comedy"]);
}

#[tokio::test]
async fn without_a_key_the_answer_says_so() {
    let (answer, _) = refreshed(&Memory::new(), both(), &[("/sources", Err(Fault::Key))]).await;
    assert_eq!(answer["statusCode"], 500);
    let error = answer["body"]["error"].as_str().unwrap();
    assert!(error.starts_with("Failed to retrieve API key: "), "{error}");
}

#[tokio::test]
async fn nothing_wanted_is_nothing_asked() {
    for event in [json!({ "refresh_sources": "no" }), Value::Null, json!("x"), json!([1])] {
        let (answer, writes) = refreshed(&Memory::new(), event, &[]).await;
        let body = json!({ "messages": ["No refresh action requested."], "success": true });
        assert_eq!((answer, writes), (json!({ "statusCode": 200, "body": body }), 0));
    }
}

#[tokio::test]
async fn a_source_of_two_regions_stays_until_both_have_lost_it() {
    let table = Memory::new();
    let event = json!({ "refresh_sources": "Y", "regions": ["GB", "IE", "GB", "nowhere"] });
    let answers = |gb: Value, ie: Value| [("/sources?regions=GB", good(gb)), ("/sources?regions=IE", good(ie))];
    let (answer, _) = refreshed(&table, event.clone(), &answers(sources(1..4), sources(2..5))).await;
    let messages = json!(["Sources refreshed for region GB", "Sources refreshed for region IE"]);
    assert_eq!(answer["body"]["messages"], messages);
    let regions = |table: &Memory| -> Vec<String> {
        let items = table.items().into_values().filter(|item| item.contains_key("regions"));
        items.map(|item| item["regions"].to_string()).collect()
    };
    assert_eq!(
        regions(&table),
        [r#"["GB"]"#, r#"["GB","IE"]"#, r#"["GB","IE"]"#, r#"["IE"]"#]
    );

    refreshed(&table, event.clone(), &answers(sources(1..3), sources(2..5))).await;
    assert_eq!(
        regions(&table),
        [r#"["GB"]"#, r#"["GB","IE"]"#, r#"["IE"]"#, r#"["IE"]"#]
    );
    refreshed(&table, event, &answers(sources(1..3), sources(3..5))).await;
    assert_eq!(regions(&table), [r#"["GB"]"#, r#"["GB"]"#, r#"["IE"]"#, r#"["IE"]"#]);
}

#[test]
fn regions_are_texts_with_commas_or_lists() {
    let regions = |regions: Value| Order::read(&json!({ "regions": regions })).regions;
    assert_eq!(regions(json!("gb, IE ,,x")), ["GB", "IE"]);
    assert_eq!(regions(json!(["US"])), ["US"]);
    assert_eq!(regions(Value::Null), ["GB"]);
    assert_eq!(regions(json!("&apiKey=")), ["GB"]);
}
