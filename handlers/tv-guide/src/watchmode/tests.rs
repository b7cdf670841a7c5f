use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::{Details, ListItem, Named, NewTitles, Releases, Rows, Terms, Titles};
use super::*;
use crate::event::id::ImdbId;

fn read<A: DeserializeOwned>(answer: Value) -> A {
    serde_json::from_str(&answer.to_string()).unwrap()
}

#[test]
fn requests_name_what_watchmode_names() {
    let sources = [SourceId::from(203), SourceId::from(409)];
    let day = jiff::civil::date(2026, 1, 9);
    let targets = [
        sources_target(),
        list_titles(Of::Source(&sources[0]), "GB", 1).target(),
        list_titles(Of::Genre(&GenreId::from(4), &sources), "GB", 2).target(),
        releases(day, day).target(),
        new_titles(day, 1).target(),
        details_with_sources(&TitleId::from(7), "GB").target(),
    ];
    assert_eq!(
        targets,
        [
            "/sources?regions=GB,IE",
            "/list-titles?regions=GB&source_ids=203&sort_by=popularity_desc&page=1&limit=250",
            "/list-titles?regions=GB&genres=4&source_ids=203,409&sort_by=popularity_desc&page=2&limit=250",
            "/releases?start_date=20260109&end_date=20260109&limit=500",
            "/changes/new_titles?start_date=20260109&page=1&limit=250",
            "/title/7/details?append_to_response=sources&regions=GB",
        ]
    );
    let costs = [
        &details(&TitleId::from(7)),
        &details_with_sources(&TitleId::from(7), "GB"),
    ]
    .map(|it| it.cost);
    assert_eq!(costs, [1, 2]);
}

fn sources_target() -> String {
    super::sources("GB,IE").target()
}

#[test]
fn a_source_is_kept_whole() {
    let netflix = json!({ "id": 203, "name": " Netflix ", "type": "sub", "regions": ["US", "GB"], "ios_scheme": null });
    let rows: Rows<Named> =
        read(json!([netflix, { "id": 26 }, { "name": "None" }, null, { "id": "a/b", "name": "x" }]));
    assert_eq!((rows.good.len(), rows.strange), (1, 4));
    let named = &rows.good[0];
    assert_eq!((named.id.as_str(), named.name.as_str()), ("203", "Netflix"));
    assert_eq!(Value::Object(named.data.clone()), netflix);
}

#[test]
fn a_row_that_is_not_understood_costs_no_other() {
    let good = json!({ "id": 1, "title": "One", "year": "2025", "imdb_id": "tt1", "tmdb_id": null, "type": "movie" });
    let page: Titles =
        read(json!({ "titles": [good, { "id": 2, "title": null }, { "id": 3, "title": " " }, 7], "page": 1.0 }));
    assert_eq!((page.titles.strange, page.page, page.total_pages), (3, Some(1), None));
    let expected = ListItem {
        id: 1.into(),
        title: "One".to_owned(),
        year: Some(2025),
        imdb_id: ImdbId::new("tt1").ok(),
        tmdb_id: None,
        tmdb_type: None,
        kind: Some("movie".to_owned()),
    };
    assert_eq!(page.titles.good, [expected]);
}

#[test]
fn an_answer_without_its_list_is_none() {
    assert!(serde_json::from_str::<Titles>(r#"{"page":1}"#).is_err());
    assert!(serde_json::from_str::<Releases>("{}").is_err());
    assert!(serde_json::from_str::<NewTitles>("[]").is_err());
    assert!(serde_json::from_str::<Rows<Named>>(r#"{"success":false}"#).is_err());
}

#[test]
fn sentences_for_urls_and_zeros_for_ratings_are_none() {
    let details: Details = read(json!({
        "id": 7, "poster": "https://cdn.watchmode.com/p.jpg", "user_rating": 0, "genres": [7, null, "5"],
        "sources": [
            { "source_id": 409, "type": "free", "region": "GB", "web_url": "https://www.bbc.co.uk/iplayer/x", "price": null },
            { "source_id": 411, "type": "purchase", "web_url": "Deeplinks available for paid plans only.", "price": "3.49" },
            { "source_id": 203, "type": "lease" },
            { "type": "sub" },
        ],
    }));
    assert_eq!(details.rating(), None);
    assert_eq!(details.poster.as_deref(), Some("https://cdn.watchmode.com/p.jpg"));
    assert_eq!(details.genres, [7.into(), 5.into()]);
    let offers: Vec<_> = details
        .sources
        .iter()
        .map(|it| (&it.terms, it.web_url.is_some(), it.price))
        .collect();
    let lease = Terms::Other("lease".to_owned());
    assert_eq!(
        offers,
        [
            (&Terms::Free, true, None),
            (&Terms::Purchase, false, Some(3.49)),
            (&lease, false, None)
        ]
    );
    assert_eq!(
        read::<Details>(json!({ "id": 7, "user_rating": 7.6 })).rating(),
        Some(7.6)
    );
}

#[test]
fn a_release_names_a_title_and_a_source() {
    let answer: Releases = read(json!({ "releases": [
        { "id": 1, "title": "One", "type": "tv_series", "source_id": 409, "source_release_date": "2026-01-09", "is_original": 1 },
        { "id": 2, "title": "Two", "source_id": null },
    ] }));
    let release = &answer.releases.good[0];
    assert_eq!((release.title.id.as_str(), release.source_id.as_str()), ("1", "409"));
    assert_eq!(answer.releases.strange, 1);
}

/// Any JSON, with Watchmode's own names among its keys.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("id"),
        Just("name"),
        Just("title"),
        Just("titles"),
        Just("page"),
        Just("total_results"),
        Just("total_pages"),
        Just("year"),
        Just("imdb_id"),
        Just("type"),
        Just("sources"),
        Just("source_id"),
        Just("releases"),
        Just("user_rating"),
        Just("genres"),
        Just("poster"),
        Just("show"),
        Just("_embedded"),
        Just("airstamp"),
        Just("runtime"),
        Just("network"),
        Just("externals"),
        Just("rating"),
        Just("image"),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..8).prop_map(|entries| entries
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_answer_stops_a_reader(answer in any_json()) {
        let text = answer.to_string();
        let _ = serde_json::from_str::<Titles>(&text);
        let _ = serde_json::from_str::<Details>(&text).map(|details| details.rating());
        let _ = serde_json::from_str::<Rows<Named>>(&text);
        let _ = serde_json::from_str::<Releases>(&text);
        let _ = serde_json::from_str::<NewTitles>(&text);
    }

    #[test]
    fn a_row_is_either_good_or_strange(rows in proptest::collection::vec(any_json(), 0..20)) {
        let read: Rows<ListItem> = serde_json::from_value(Value::from(rows.clone())).unwrap();
        prop_assert_eq!(read.good.len() + read.strange, rows.len());
    }
}
