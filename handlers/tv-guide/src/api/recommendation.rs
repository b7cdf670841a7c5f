//! `GET /recommendations`: well rated titles that the user can see, best first.

use super::preference::Stored;
use super::problem::Problem;
use super::shape::{Preferences, Recommendations};
use super::{Context, Success, Users};
use crate::contract::api::limit;
use crate::event::id::UserId;
use crate::table::entity::Title;
use crate::table::entity::TitleData;
use crate::table::{Index, Query, Table, key};

/// Items of one query.
const PAGE: u32 = 100;

impl<S: Table, U: Users> Context<'_, S, U> {
    /// Reads titles from the best rated on, until enough of them are the user's.
    pub(super) async fn recommendations(&self, user: &UserId) -> Result<Success, Problem> {
        let Stored { preferences, .. } = Stored::read(&self.own(user).await?, user).await?;
        let mut query = Query {
            forward: false,
            limit: Some(PAGE),
            ..Query::new(Index::Gsi3, key::RATED)
        };
        let (mut titles, mut read) = (Vec::new(), 0);
        while read < limit::RECOMMENDATIONS_READ {
            let page = self.shared.query(&query).await?;
            read += page.read;
            for item in &page.items {
                let Some(Title { data, .. }) = self.keep(Title::read(item)) else {
                    continue;
                };
                // From here on nothing is better.
                if data.rating().is_none_or(|rating| rating <= limit::RECOMMENDED_ABOVE) {
                    return Success::json(&Recommendations { titles });
                }
                if suits(&preferences, &data) {
                    titles.push(data.into());
                }
                if titles.len() == limit::RECOMMENDATIONS {
                    return Success::json(&Recommendations { titles });
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        Success::json(&Recommendations { titles })
    }
}

/// Whether a title is on one of the sources and of one of the genres; an empty list restricts nothing.
fn suits(Preferences { sources, genres }: &Preferences, title: &TitleData) -> bool {
    let source = title
        .source_ids
        .iter()
        .any(|id| sources.iter().any(|source| source == id.as_str()));
    let genre = title
        .genre_ids
        .iter()
        .any(|id| genres.iter().any(|genre| genre == id.as_str()));
    (sources.is_empty() || source) && (genres.is_empty() || genre)
}
