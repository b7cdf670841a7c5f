//! Sources, genres and channels: everybody's, small, and read by one query each.

use serde::de::DeserializeOwned;

use super::problem::Problem;
use super::shape::{Channel, Genre, Source};
use super::{Context, Success, Users, malformed};
use crate::table::entity::{self, Malformed};
use crate::table::{Index, Item, Query, Table, key};

impl<S: Table, U: Users> Context<'_, S, U> {
    pub(super) async fn sources(&self) -> Result<Success, Problem> {
        let items = self.shared.query_all(Query::new(Index::Gsi1, key::SOURCES)).await?;
        let sources = items
            .into_iter()
            .filter_map(|item| self.keep(data::<Source>("source", item)));
        Success::json(&sources.collect::<Vec<_>>())
    }

    pub(super) async fn genres(&self) -> Result<Success, Problem> {
        let items = self.shared.query_all(Query::new(Index::Gsi1, key::GENRES)).await?;
        let genres = items
            .into_iter()
            .filter_map(|item| self.keep(data::<Genre>("genre", item)));
        Success::json(&genres.collect::<Vec<_>>())
    }

    pub(super) async fn channels(&self) -> Result<Success, Problem> {
        let items = self.shared.query_all(Query::new(Index::Gsi1, key::CHANNELS)).await?;
        let channels = items.iter().filter_map(|item| {
            let entity::Channel {
                channel_id,
                name,
                order,
                ..
            } = self.keep(entity::Channel::read(item))?;
            Some(Channel {
                id: channel_id,
                name,
                order,
            })
        });
        Success::json(&channels.collect::<Vec<_>>())
    }
}

/// What upstream said of a source or a genre.
fn data<T: DeserializeOwned>(entity: &'static str, mut item: Item) -> Result<T, Malformed> {
    let data = item.remove("data").unwrap_or_default();
    serde_json::from_value(data).map_err(|source| malformed(entity, &item, source))
}
