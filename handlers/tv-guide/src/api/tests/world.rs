//! A small guide, and requests to it; every answer is held against the document.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::schema;
use crate::api::memory::Walled;
use crate::api::{Caller, Request, Response, answer, document};
use crate::event::id::{ChannelId, GenreId, ProgrammeId, ShowId, SourceId, TitleId, UserId};
use crate::instant;
use crate::table::entity::{self, Channel, Edges, Programme, Status, Title, TitleData};
use crate::table::memory::Memory;
use crate::table::{Table, Write};

/// Two users.
pub(super) const ALICE: &str = "7c1f8a52-2f0e-4b6e-9d7a-0a4f3b1c2d3e";
pub(super) const BOB: &str = "b0b0b0b0-2f0e-4b6e-9d7a-0a4f3b1c2d3e";

pub(super) fn now() -> Timestamp {
    instant::parse("2026-01-09T20:15:30Z").unwrap()
}

pub(super) struct World {
    pub table: Memory,
}

/// A request in the making.
#[derive(Clone, Copy)]
pub(super) struct Call<'c> {
    pub user: Option<&'c str>,
    pub content_type: Option<&'c str>,
    pub if_match: Option<&'c str>,
    pub if_none_match: Option<&'c str>,
    pub body: &'c str,
}

pub(super) const CALL: Call<'static> = Call {
    user: Some(ALICE),
    content_type: None,
    if_match: None,
    if_none_match: None,
    body: "",
};

/// An answer as a client sees it.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub status: u16,
    pub tag: Option<String>,
    pub body: Value,
}

impl World {
    /// Two sources, three genres, two channels, an evening and four titles.
    pub(super) async fn new() -> Self {
        let world = World { table: Memory::new() };
        for (id, name) in [(203, "Netflix"), (349, "All 4")] {
            let data = json!({"id": id, "name": name, "type": "sub", "regions": ["GB"]});
            let data = data.as_object().unwrap().clone();
            world
                .write(entity::source(&SourceId::from(id), name, data, &["GB".to_owned()]))
                .await;
        }
        for (id, name) in [(4, "Comedy"), (6, "Documentary"), (7, "Drama")] {
            let data = json!({"id": id, "name": name, "tmdb_id": null});
            world
                .write(entity::genre(
                    &GenreId::from(id),
                    name,
                    data.as_object().unwrap().clone(),
                ))
                .await;
        }
        for (id, name) in [(12, "ITV1"), (3, "BBC One")] {
            let channel = Channel {
                channel_id: ChannelId::from(id),
                name: name.to_owned(),
                order: 1,
                version: "1".to_owned(),
            };
            world.write(channel.write()).await;
        }
        for (id, channel, start, end) in [
            ("100", "BBC One", "19:30", "20:30"),
            ("101", "BBC One", "20:30", "22:00"),
            ("102", "ITV1", "20:00", "21:00"),
            ("103", "ITV1", "22:30", "23:00"),
        ] {
            world.write(programme(id, channel, start, end).write()).await;
        }
        for (id, name, rating, sources, genres) in [
            (1, "Harbour Lights", Some(8.1), &["203"][..], &["4", "7"][..]),
            (2, "The Harbour", Some(9.0), &["349"], &["6"]),
            (3, "Harbour Nights", Some(7.0), &["203", "349"], &["7"]),
            (4, "Été", None, &["203"], &["4"]),
        ] {
            world.title(&title(id, name, rating, sources, genres)).await;
        }
        world
    }

    pub(super) async fn write(&self, write: Write) {
        assert!(self.table.write(write).await.unwrap().is_done());
    }

    pub(super) async fn title(&self, title: &Title) {
        self.write(title.write(None)).await;
        for writes in Edges::of(title).writes(&title.data.id, &Edges::default()) {
            self.table.write_all(writes).await.unwrap();
        }
    }

    pub(super) async fn send(&self, method: &str, url: &str, call: Call<'_>) -> Answer {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let request = Request {
            method,
            path,
            query,
            content_type: call.content_type,
            if_match: call.if_match,
            if_none_match: call.if_none_match,
            body: call.body.as_bytes(),
        };
        let caller = match call.user {
            Some(user) if request.wants_user() => Caller::User(UserId::new(user).unwrap()),
            _ => Caller::Anyone,
        };
        let response = answer(&request, caller, &self.table, &Walled(&self.table), now()).await;
        assert!(
            response.malformed.is_empty() && response.cause.is_none(),
            "{response:?}"
        );
        answered(method, url, &response)
    }

    pub(super) async fn get(&self, url: &str) -> Answer {
        self.send("GET", url, CALL).await
    }

    pub(super) async fn put_preferences(&self, body: &str) -> Answer {
        let content_type = Some("application/json");
        let call = Call {
            content_type,
            body,
            ..CALL
        };
        self.send("PUT", "/preferences", call).await
    }
}

/// The answer, which must be documented: its status, its media type, its body, its headers.
#[track_caller]
pub(super) fn answered(method: &str, url: &str, response: &Response) -> Answer {
    let header = |name: &str| {
        let mut values = response.headers.iter().filter(|(known, _)| *known == name);
        let value = values.next().map(|(_, value)| value.clone());
        assert!(values.next().is_none(), "{name} is sent twice");
        value
    };
    let (tag, media) = (header("ETag"), header("Content-Type"));
    assert_eq!(media.is_some(), !response.body.is_empty(), "{method} {url}");
    let body = match media {
        Some(_) => serde_json::from_slice(&response.body).unwrap(),
        None => Value::Null,
    };
    if let Some(id) = response.operation {
        let document: Value = serde_json::from_str(document()).unwrap();
        let operations = document["paths"].as_object().unwrap().values();
        let mut operations = operations.flat_map(|item| item.as_object().unwrap().values());
        let operation = operations.find(|operation| operation["operationId"] == id).unwrap();
        let reply = &operation["responses"][response.status.to_string()];
        assert!(
            reply.is_object(),
            "{method} {url}: {} is not documented",
            response.status
        );
        assert_eq!(
            reply["headers"]["ETag"].is_object(),
            tag.is_some(),
            "{method} {url}: ETag"
        );
        if let Some(media) = &media {
            let schema = &reply["content"][media]["schema"];
            assert!(!schema.is_null(), "{method} {url}: {media} is not documented");
            let wrong = schema::check(&document, schema, &body, "");
            assert!(wrong.is_empty(), "{method} {url}: {wrong:#?}");
        } else {
            assert!(reply["content"].is_null(), "{method} {url}: a body is documented");
        }
    }
    Answer {
        status: response.status,
        tag,
        body,
    }
}

pub(super) fn programme(id: &str, channel: &str, start: &str, end: &str) -> Programme {
    let time = |time: &str| instant::parse(&format!("2026-01-09T{time}:00Z")).unwrap();
    Programme {
        program_id: ProgrammeId::new(id).unwrap(),
        title: format!("Show {id}"),
        channel: channel.to_owned(),
        channel_id: ChannelId::from(if channel == "ITV1" { 12 } else { 3 }),
        start_time: time(start),
        end_time: time(end),
        description: Some("What it is about.".to_owned()),
        show_id: Some(ShowId::from(82)),
        imdb_id: None,
        episode: None,
        season: Some(1),
        number: Some(2),
        genres: vec!["Drama".to_owned()],
        image: None,
        url: Some("https://example.com/82".to_owned()),
        status: Status::Scheduled,
        version: "1".to_owned(),
    }
}

pub(super) fn title(id: u64, name: &str, rating: Option<f64>, sources: &[&str], genres: &[&str]) -> Title {
    Title {
        data: TitleData {
            id: TitleId::from(id),
            title: name.to_owned(),
            year: Some(2025),
            imdb_id: None,
            tmdb_id: None,
            tmdb_type: None,
            kind: Some("tv_series".to_owned()),
            source_ids: sources.iter().map(|id| SourceId::new(*id).unwrap()).collect(),
            genre_ids: genres.iter().map(|id| GenreId::new(*id).unwrap()).collect(),
            plot_overview: None,
            poster: None,
            user_rating: rating,
            ratings: Vec::new(),
        },
        listed: true,
        first_seen: instant::parse(&format!("2026-01-0{id}T00:00:00Z")).unwrap(),
        version: "1".to_owned(),
        listing_version: Some("1".to_owned()),
        details_version: None,
        details_of: None,
        show_id: (id == 1).then(|| ShowId::from(82)),
        next_try: None,
        tries: 0,
        revision: 1,
    }
}
