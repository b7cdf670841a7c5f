//! Favourites: what a user follows, and is told of when it is added, moved or cancelled.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::parameter::Arguments;
use super::problem::{Kind, Problem};
use super::{Context, Success, Users, nowhere, shape};
use crate::contract::api::limit;
use crate::contract::attribute;
use crate::event::id::UserId;
use crate::instant;
use crate::table::entity::{Programme, Title};
use crate::table::key::{self, Airing, Favourite};
use crate::table::{Condition, Index, Item, Query, Range, Table, Write};

impl<S: Table, U: Users> Context<'_, S, U> {
    pub(super) async fn favourites(&self, user: &UserId) -> Result<Success, Problem> {
        let items = all(&self.own(user).await?, user).await?;
        let favourites = items.iter().filter_map(read).collect();
        Success::json(&shape::Favourites { favourites })
    }

    pub(super) async fn put_favourite(&self, user: &UserId, arguments: &Arguments) -> Result<Success, Problem> {
        let favourite = arguments.favourite().ok_or_else(nowhere)?;
        let own = self.own(user).await?;
        let key = key::favourite(user, &favourite);
        let standing = all(&own, user).await?;
        if standing.iter().any(|item| text(item, attribute::SK) == Some(&key.sk)) {
            return Ok(Success::Done(None));
        }
        if standing.len() >= limit::FAVOURITES as usize {
            let detail = format!("a user has up to {} favourites: remove one first", limit::FAVOURITES);
            return Err(Problem::new(Kind::Favourites, detail));
        }
        let stored = Stored {
            since: self.now,
            name: self.name(&favourite).await?,
            followed: favourite.to_string(),
            follower: user.clone(),
        };
        let Ok(Value::Object(item)) = serde_json::to_value(stored) else {
            return Err(nowhere());
        };
        // Of two requests at the same time the first says since when.
        own.write(Write::put(key, item).when(Condition::Absent)).await?;
        Ok(Success::Done(None))
    }

    pub(super) async fn delete_favourite(&self, user: &UserId, arguments: &Arguments) -> Result<Success, Problem> {
        let favourite = arguments.favourite().ok_or_else(nowhere)?;
        let own = self.own(user).await?;
        own.write(Write::delete(key::favourite(user, &favourite))).await?;
        Ok(Success::Done(None))
    }

    /// Its name, where the guide has it: what is followed may come into it later.
    async fn name(&self, favourite: &Favourite) -> Result<Option<String>, Problem> {
        match favourite {
            Favourite::Title(id) => {
                let item = self.shared.get(&key::title(id)).await?;
                let title = item.and_then(|item| self.keep(Title::read(&item)));
                Ok(title.map(|title| title.data.title))
            }
            Favourite::Show(id) => {
                let mut query = Query::new(Index::Gsi3, key::airs_partition(&Airing::Show(id.clone())));
                query.limit = Some(1);
                let page = self.shared.query(&query).await?;
                let programme = page.items.first().and_then(|item| self.keep(Programme::read(item)));
                Ok(programme.map(|programme| programme.title))
            }
        }
    }
}

/// A favourite, as it stands in the user's partition; the index leads from it to its followers.
#[derive(Debug, Serialize)]
struct Stored {
    #[serde(with = "instant")]
    since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "GSI1PK")]
    followed: String,
    #[serde(rename = "GSI1SK")]
    follower: UserId,
}

async fn all(own: &impl Table, user: &UserId) -> Result<Vec<Item>, Problem> {
    let range = Range::Prefix(key::FAVOURITE_SK.to_owned());
    let query = Query::new(Index::Table, key::user_partition(user)).range(range);
    Ok(own.query_all(query).await?)
}

fn read(item: &Item) -> Option<shape::Favourite> {
    let (kind, id) = text(item, attribute::SK)?
        .strip_prefix(key::FAVOURITE_SK)?
        .split_once(':')?;
    let kind = match kind {
        "title" => shape::FavouriteKind::Title,
        "show" => shape::FavouriteKind::Show,
        _ => return None,
    };
    Some(shape::Favourite {
        kind,
        id: id.to_owned(),
        name: text(item, "name").map(str::to_owned),
        since: text(item, "since").and_then(instant::parse)?,
    })
}

fn text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    item.get(name).and_then(Value::as_str)
}
