//! The API behind the real gateway, over the real table: what its document says of every operation,
//! pages that join without a seam, changes that nobody loses, and pages that may read answers.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use localstack_tests::http::{self, Answer};
use localstack_tests::tv_guide::TvGuide;
use serde_json::{Value, json};
use tv_guide::contract::api::ROUTES;
use tv_guide::contract::output;

#[test]
fn the_api_is_what_its_document_says() -> Result<()> {
    let guide = TvGuide::deploy()?;
    let filled = guide.fill()?;
    guide.settle(filled)?;
    let [kim, _] = guide.user("kim@example.com")?;
    every_answer_is_documented(&guide, &kim)?;
    pages_join_without_a_seam(&guide, &kim)?;
    nobody_undoes_what_he_has_not_seen(&guide, &kim)?;
    only_pages_of_the_site_read_answers(&guide)
}

/// Sends what is right, what is wrong, and what is nobody's to every operation.
fn every_answer_is_documented(guide: &TvGuide, token: &str) -> Result<()> {
    let document = guide.ask("GET", "/openapi.json", "", "")?.json()?;
    for route in &ROUTES {
        let path = |kind: &str, id: &str| route.path.replace("{kind}", kind).replace("{id}", id);
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        for (url, token, body) in [
            (path("show", "1"), token, "{}"),
            (path("film", "1"), token, "{}"),
            (path("title", "%2e%2e"), token, "{}"),
            (path("title", "a%2Fb"), token, "{}"),
            (format!("{}?cursor=AAAA", path("title", "1")), token, "{}"),
            (format!("{}?unknown=1", path("show", "1")), token, "{}"),
            (path("show", "1"), token, r#"{"user_id": "1"}"#),
            (path("show", "1"), token, "["),
            (path("show", "1"), "", ""),
            (path("show", "1"), "nonsense", ""),
        ] {
            let answer = guide.ask(route.method.as_str(), &url, token, body)?;
            let reply = &operation["responses"][answer.status.to_string()];
            ensure!(
                reply.is_object(),
                "{} {url}: {} is not documented",
                route.key(),
                answer.status
            );
            ensure!(answer.status < 500, "{} {url}: {}", route.key(), answer.body);
            if !answer.body.is_empty() {
                let media = header(&answer, "content-type")?.context("a media type")?;
                let known = reply["content"].as_object().context("a body that is not documented")?;
                ensure!(
                    known.contains_key(&media),
                    "{} {url}: {media} is not documented",
                    route.key()
                );
            }
            let is_refused = answer.status == 401;
            let is_nobody = token.is_empty() || token == "nonsense";
            assert_eq!(is_refused, is_nobody && !route.public, "{} {url}", route.key());
        }
    }
    Ok(())
}

fn pages_join_without_a_seam(guide: &TvGuide, token: &str) -> Result<()> {
    let (all, requests) = joined(guide, "/guide?limit=2000", "", "program_id")?;
    ensure!(
        all.len() > 50 && requests == 1,
        "{} programmes in {requests} answers",
        all.len()
    );
    let (parts, requests) = joined(guide, "/guide?limit=23", "", "program_id")?;
    assert!(requests > 2);
    assert_eq!(parts, all);
    let source = guide.ask("GET", "/sources", "", "")?.json()?[0]["id"].to_string();
    for query in ["q=th", &format!("source={source}")] {
        let (all, _) = joined(guide, &format!("/titles?limit=100&{query}"), token, "id")?;
        ensure!(!all.is_empty(), "no titles of {query}");
        let (parts, _) = joined(guide, &format!("/titles?limit=3&{query}"), token, "id")?;
        assert_eq!(parts, all, "{query}");
    }
    Ok(())
}

/// The ids on all pages from the first on, and how many pages there are; no id is there twice.
fn joined(guide: &TvGuide, first: &str, token: &str, id: &str) -> Result<(BTreeSet<String>, usize)> {
    let (mut ids, mut cursor, mut pages) = (BTreeSet::new(), String::new(), 0);
    loop {
        let page = guide.ask("GET", &format!("{first}{cursor}"), token, "")?;
        ensure!(page.status == 200, "{first}: {}", page.body);
        let page = page.json()?;
        pages += 1;
        let mut found = Vec::new();
        collect(&page, id, &mut found);
        for id in found {
            ensure!(ids.insert(id.clone()), "{first}: {id} is on two pages");
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok((ids, pages)),
        }
    }
}

/// The values of a member of programmes or titles.
fn collect(page: &Value, name: &str, found: &mut Vec<String>) {
    let lists = page["channels"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|channel| &channel["programmes"]);
    for list in lists.chain([&page["titles"]]) {
        let members = list.as_array().into_iter().flatten();
        found.extend(members.map(|member| member[name].to_string()));
    }
}

fn nobody_undoes_what_he_has_not_seen(guide: &TvGuide, token: &str) -> Result<()> {
    let url = format!("{}/preferences", guide.output(output::API_URL)?);
    let bearer = format!("Bearer {token}");
    let put = |if_match: &str, body: &str| {
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("if-match", if_match),
        ];
        http::send("PUT", &url, &headers, body)
    };
    let seen = header(&guide.ask("GET", "/preferences", token, "")?, "etag")?.context("a tag")?;
    let mine = put(&seen, r#"{"sources": ["203"]}"#)?;
    assert_eq!((mine.status, mine.body.as_str()), (204, ""));
    assert_eq!(put(&seen, r#"{"sources": ["349"]}"#)?.status, 412);
    assert_eq!(
        guide.ask("GET", "/preferences", token, "")?.json()?["sources"],
        json!(["203"])
    );
    let known = header(&mine, "etag")?.context("a tag")?;
    let headers = [("authorization", bearer.as_str()), ("if-none-match", known.as_str())];
    let again = http::send("GET", &url, &headers, "")?;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    Ok(())
}

fn only_pages_of_the_site_read_answers(guide: &TvGuide) -> Result<()> {
    let url = format!("{}/sources", guide.output(output::API_URL)?);
    let site = guide.output(output::SITE_URL)?;
    let suffixed = format!("{site}.evil.example");
    for (origin, allowed) in [(site.as_str(), true), (&suffixed, false), ("null", false)] {
        let answer = http::send("GET", &url, &[("origin", origin)], "")?;
        assert_eq!(answer.status, 200);
        let named = header(&answer, "access-control-allow-origin")?;
        assert_eq!(named.as_deref(), allowed.then_some(origin));
        assert_eq!(header(&answer, "vary")?.as_deref(), Some("Origin"));
        let preflight = [("origin", origin), ("access-control-request-method", "PUT")];
        let preflight = http::send("OPTIONS", &url, &preflight, "")?;
        let named = header(&preflight, "access-control-allow-origin")?;
        assert_eq!(named.as_deref(), allowed.then_some(origin));
    }
    Ok(())
}

/// A header of an answer, which is there once at most.
fn header(answer: &Answer, name: &str) -> Result<Option<String>> {
    let lines = answer.head.lines().filter_map(|line| line.split_once(':'));
    let mut values = lines.filter(|(known, _)| known.trim().eq_ignore_ascii_case(name));
    let value = values.next().map(|(_, value)| value.trim().to_owned());
    ensure!(values.next().is_none(), "{name} is there twice: {}", answer.head);
    Ok(value)
}
