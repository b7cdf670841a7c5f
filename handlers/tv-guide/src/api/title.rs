//! `GET /titles` and `GET /titles/{id}`.
//!
//! A list is read from the narrowest partitions that its parameters name, page by page; what the
//! other parameters ask for is compared with each title. A request reads a bounded number of items
//! and may answer with fewer titles than asked for, and with where to go on.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parameter::Arguments;
use super::problem::{Kind, Problem};
use super::schedule::programme;
use super::shape::{TitleDetails, Titles};
use super::{Context, Success, Users, cursor, nowhere};
use crate::contract::api::limit;
use crate::event::id::{GenreId, SourceId, TitleId};
use crate::instant;
use crate::table::entity::Title;
use crate::table::key::{self, Airing};
use crate::table::{Cursor, Index, Item, Query, Range, Table};

/// Queries of one request; each reads at most as many items as titles are missing.
const QUERIES: usize = 8;

/// Programmes of a title's details.
const AIRINGS: u32 = 10;

/// How new a title is, in days, where a list says nothing else.
const NEW_DAYS: i64 = 30;

impl<S: Table, U: Users> Context<'_, S, U> {
    pub(super) async fn titles(&self, arguments: &Arguments) -> Result<Success, Problem> {
        let filter = Filter::read(arguments, self.now)?;
        let request = filter.request(self.route.operation);
        let limit = arguments.count("limit").unwrap_or(limit::TITLES_PAGE_DEFAULT);
        let queries = filter.queries(self.now);
        let position = match arguments.text("cursor") {
            Some(cursor) => cursor::decode(&request, cursor)?,
            None => Position::default(),
        };
        let (titles, next) = self.list(&filter, &queries, position, limit).await?;
        Success::json(&Titles {
            titles: titles.into_iter().map(|title| title.data.into()).collect(),
            next: next.map(|next| cursor::encode(&request, &next)),
        })
    }

    /// Titles that pass the filter, of queries that follow each other, and where to go on.
    async fn list(
        &self,
        filter: &Filter,
        queries: &[Query],
        mut position: Position,
        limit: u32,
    ) -> Result<(Vec<Title>, Option<Position>), Problem> {
        let mut titles = Vec::new();
        for _ in 0..QUERIES {
            let missing = limit.saturating_sub(titles.len() as u32);
            if missing == 0 {
                return Ok((titles, Some(position)));
            }
            let Some(query) = queries.get(position.query) else {
                return Ok((titles, None));
            };
            let mut query = query.clone();
            query.limit = Some(missing);
            query.after = position.after.take();
            let page = self.shared.query(&query).await?;
            let passes = |title: &Title| title.listed && filter.admits(title);
            titles.extend(self.read(page.items).await?.into_iter().filter(passes));
            position.after = page.next;
            if position.after.is_none() {
                position.query += 1;
            }
        }
        let is_left = position.query < queries.len();
        Ok((titles, is_left.then_some(position)))
    }

    /// The titles that items are, or lead to.
    async fn read(&self, items: Vec<Item>) -> Result<Vec<Title>, Problem> {
        let mut titles = Vec::with_capacity(items.len());
        let mut led_to = Vec::new();
        for item in items {
            match item.get("title_id").and_then(Value::as_str).map(TitleId::new) {
                Some(Ok(id)) => led_to.push(key::title(&id)),
                _ => titles.extend(self.keep(Title::read(&item))),
            }
        }
        if !led_to.is_empty() {
            let items = self.shared.get_many(&led_to).await?.into_iter().flatten();
            titles.extend(items.filter_map(|item| self.keep(Title::read(&item))));
        }
        Ok(titles)
    }

    pub(super) async fn title(&self, arguments: &Arguments) -> Result<Success, Problem> {
        let id = arguments.id("id", TitleId::new).ok_or_else(nowhere)?;
        let item = self.shared.get(&key::title(&id)).await?;
        let title = item
            .and_then(|item| self.keep(Title::read(&item)))
            .filter(|title| title.listed)
            .ok_or_else(|| Problem::new(Kind::Title, "the guide has no title with this id"))?;
        let airing = title.show_id.clone().map(Airing::Show);
        let airing = airing.or_else(|| title.data.imdb_id.clone().map(Airing::Imdb));
        let items = match airing {
            Some(airing) => self.airings(&airing).await?,
            None => Vec::new(),
        };
        let airings = items.iter().filter_map(|item| self.keep(programme(item)));
        Success::json(&TitleDetails {
            title: title.data.into(),
            show_id: title.show_id,
            airings: airings.collect(),
        })
    }

    /// The next programmes of a show or film.
    async fn airings(&self, airing: &Airing) -> Result<Vec<Item>, Problem> {
        let range = Range::From(instant::text(self.now));
        let mut query = Query::new(Index::Gsi3, key::airs_partition(airing)).range(range);
        query.limit = Some(AIRINGS);
        Ok(self.shared.query(&query).await?.items)
    }
}

/// Where a list goes on: in which of its queries, and after which of its items.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Position {
    #[serde(rename = "q")]
    query: usize,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    after: Option<Cursor>,
}

/// What a list asks for.
#[derive(Debug)]
struct Filter {
    source: Option<SourceId>,
    genre: Option<GenreId>,
    /// Folded.
    name: Option<String>,
    since: Option<Timestamp>,
}

impl Filter {
    fn read(arguments: &Arguments, now: Timestamp) -> Result<Self, Problem> {
        let since = arguments.time("new_since");
        if since.is_some_and(|since| since < days_before(now, limit::NEW_SINCE_DAYS)) {
            let detail = format!("more than {} days ago: send a later time", limit::NEW_SINCE_DAYS);
            return Err(Problem::parameter("new_since", detail));
        }
        Ok(Filter {
            source: arguments.id("source", SourceId::new),
            genre: arguments.id("genre", GenreId::new),
            name: arguments.text("q").map(key::fold),
            since,
        })
    }

    /// What a cursor belongs to.
    fn request(&self, operation: &str) -> String {
        let Filter {
            source,
            genre,
            name,
            since,
        } = self;
        format!("{operation} {source:?} {genre:?} {name:?} {since:?}")
    }

    fn admits(&self, title: &Title) -> bool {
        let is_named = |name: &String| key::fold(&title.data.title).starts_with(name.as_str());
        self.source.as_ref().is_none_or(|id| title.data.source_ids.contains(id))
            && self.genre.as_ref().is_none_or(|id| title.data.genre_ids.contains(id))
            && self.name.as_ref().is_none_or(is_named)
            && self.since.is_none_or(|since| title.first_seen >= since)
    }

    /// The queries that lead to every title that is asked for, narrowest first.
    fn queries(&self, now: Timestamp) -> Vec<Query> {
        let one = |index, partition: String| vec![Query::new(index, partition)];
        match (&self.name, &self.source, &self.genre) {
            (Some(name), _, _) => {
                let query = Query::new(Index::Gsi1, key::name_partition(name));
                vec![query.range(Range::Prefix(name.clone()))]
            }
            (None, Some(source), Some(genre)) => one(Index::Table, key::source_genre_partition(source, genre)),
            (None, Some(source), None) => one(Index::Gsi1, key::by_source(source)),
            (None, None, Some(genre)) => one(Index::Gsi1, key::by_genre(genre)),
            (None, None, None) => {
                let since = self.since.unwrap_or_else(|| days_before(now, NEW_DAYS));
                let range = Range::From(instant::text(since));
                let month = |month| Query {
                    forward: false,
                    ..Query::new(Index::Gsi2, month).range(range.clone())
                };
                months(since, now).into_iter().rev().map(month).collect()
            }
        }
    }
}

/// The partitions of the months from one time to another.
fn months(from: Timestamp, to: Timestamp) -> Vec<String> {
    let mut months: Vec<String> = Vec::new();
    let mut day = from;
    loop {
        let month = key::new_partition(day.min(to));
        if months.last() != Some(&month) {
            months.push(month);
        }
        if day >= to {
            return months;
        }
        day = day.checked_add(SignedDuration::from_hours(24)).unwrap_or(to);
    }
}

fn days_before(now: Timestamp, days: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * days))
        .unwrap_or(Timestamp::MIN)
}
