//! Who is told of a change: those who follow the show, or the title that it is an airing of.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::Notice;
use crate::contract::attribute;
use crate::event::id::{TitleId, UserId};
use crate::table::key::{self, Favourite};
use crate::table::{Cursor, Error, Index, Item, Query, Table};

/// Followers that are read at a time.
const PAGE: u32 = 500;

/// What one may follow to be told of a change.
///
/// # Errors
///
/// When the table gives no answer.
pub async fn followed(notice: &Notice, table: &impl Table) -> Result<Vec<Favourite>, Error> {
    let (mut followed, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for programme in [&notice.before, &notice.after].into_iter().flatten() {
        followed.extend(programme.show_id.clone().map(Favourite::Show));
        ids.extend(programme.imdb_id.clone());
    }
    for imdb in ids {
        let titles = Query::new(Index::Table, key::imdb_partition(&imdb));
        for item in table.query_all(titles).await? {
            let title = text(&item, attribute::SK).and_then(|sk| sk.strip_prefix("title:"));
            followed.extend(title.and_then(|id| TitleId::new(id).ok()).map(Favourite::Title));
        }
    }
    Ok(followed.into_iter().collect())
}

/// Some of those who follow.
#[derive(Debug)]
pub struct Page {
    /// The users.
    pub users: Vec<UserId>,
    /// Where to go on.
    pub next: Option<Cursor>,
}

/// One page of those who follow a show or a title.
///
/// # Errors
///
/// When the table gives no answer.
pub async fn page(favourite: &Favourite, after: Option<Cursor>, table: &impl Table) -> Result<Page, Error> {
    let query = Query {
        limit: Some(PAGE),
        after,
        ..Query::new(Index::Gsi1, favourite.to_string())
    };
    let page = table.query(&query).await?;
    let user = |item: &Item| UserId::new(text(item, attribute::GSI1SK)?).ok();
    Ok(Page {
        users: page.items.iter().filter_map(user).collect(),
        next: page.next,
    })
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(Value::as_str)
}
