//! The titles of a run: which listings are read, and what is new beside them.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::catalogue;
use super::listing::{self, Listing};
use super::manifest::Manifest;
use super::order::Titles;
use super::publish::Stream;
use super::{Error, PARTS, Run, id_of};
use crate::contract::ingest::schedule::TITLES_ALLOWANCE;
use crate::event::Title;
use crate::event::id::{GenreId, SourceId};
use crate::instant;
use crate::retry;
use crate::snapshot::{Rejection, is_doubtful, is_shrunken};
use crate::table::{self, Index, Item, Query, Table, key};
use crate::upstream::{Pace, Upstream};
use crate::watchmode;
use crate::watchmode::answer::{Details, ListItem, Named, NewTitles, Releases, Rows};

/// The region whose titles are read.
const REGION: &str = "GB";
/// What is new is looked for so many days back, so that a run that is missed costs nothing.
const NEW_DAYS: i32 = 3;
/// Most new titles whose details a run asks for.
const MOST_NEW: usize = 10;

/// What is known of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LastRead {
    #[serde(with = "instant")]
    at: Timestamp,
    titles: usize,
}

impl<U: Upstream, P: Pace, T: Table, S: Stream> Run<'_, U, P, T, S> {
    /// Reads the listings that are wanted, and publishes the titles that have changed.
    pub(super) async fn titles(&mut self) -> Result<(), Error> {
        if self.order.titles == Titles::None {
            return Ok(());
        }
        let mut titles: Manifest<Title> = Manifest::read(self.ports.table, "titles", PARTS).await?;
        let mut reads: Manifest<LastRead> = Manifest::read(self.ports.table, "listings", 1).await?;
        let (sources, genres) = match self.known(&reads).await? {
            Ok(known) => known,
            Err(rejection) => {
                self.done.report.rejected.push(("titles".to_owned(), rejection));
                return Ok(());
            }
        };
        let mut after = titles.entries.clone();
        let mut read_now = reads.entries.clone();

        let spent_before = self.ports.client.counts().spent;
        let wanted = self.listings(&sources, genres, &reads);
        // What the reference function has taken out of the table has no titles any more.
        let names: BTreeSet<String> = wanted.iter().map(ToString::to_string).collect();
        for gone in reads.entries.keys().filter(|name| !names.contains(*name)) {
            read_now.remove(gone);
            if let Some(listing) = Listing::read(gone) {
                catalogue::replace(&mut after, &listing, Vec::new());
            }
        }
        for (place, listing) in wanted.iter().enumerate() {
            let spent = self.ports.client.counts().spent - spent_before;
            if self.order.titles == Titles::Due && spent >= u64::from(TITLES_ALLOWANCE) {
                break;
            }
            let name = listing.to_string();
            let before = reads.entries.get(&name).map_or(0, |read| read.titles);
            let fetched = self.listing(listing, &sources, before, &after).await;
            match fetched {
                Ok(items) => {
                    let titles = items.len();
                    catalogue::replace(&mut after, listing, items);
                    read_now.insert(name.clone(), LastRead { at: self.now, titles });
                    self.done.report.published.push(name);
                }
                Err(rejection) => {
                    let ends = matches!(&rejection, Rejection::Unanswered(error) if error.ends_the_run());
                    self.done.report.rejected.push((name, rejection));
                    if ends {
                        let datasets = wanted.len() - place - 1;
                        let others = ("other listings".to_owned(), Rejection::NotAsked { datasets });
                        self.done.report.rejected.extend((datasets > 0).then_some(others));
                        break;
                    }
                }
            }
        }
        if self.order.titles == Titles::Due {
            self.add_new(&mut after, &sources).await;
        }

        let events = catalogue::changes(&titles.entries, &after);
        self.publish(events, &mut titles, after).await?;
        // Only what was published has been read: after a failure it is read again.
        reads.entries = read_now;
        Ok(reads.write(self.ports.table).await?)
    }

    /// The titles of a listing; one that is doubtful is read twice, unless it is new, since requests
    /// are dear.
    async fn listing(
        &self,
        listing: &Listing,
        sources: &[SourceId],
        before: usize,
        titles: &catalogue::Titles,
    ) -> Result<Vec<ListItem>, Rejection> {
        let items = listing::fetch(listing, sources, REGION, self.ports.client).await?;
        let now = items.len();
        if is_shrunken(now, before) {
            return Err(Rejection::Shrunken { now, before });
        }
        let (held, lost) = catalogue::held_and_lost(titles, listing, &items);
        if lost > 0 && is_doubtful(lost, held) {
            let again = listing::fetch(listing, sources, REGION, self.ports.client).await?;
            if !again.iter().map(|item| &item.id).eq(items.iter().map(|item| &item.id)) {
                let (first, second) = (now, again.len());
                return Err(Rejection::Unsteady { first, second });
            }
        }
        Ok(items)
    }

    /// The listings in the order in which they are read: sources before genres; when only some are
    /// due, first those that were not read for longest.
    fn listings(&self, sources: &[SourceId], genres: Vec<GenreId>, reads: &Manifest<LastRead>) -> Vec<Listing> {
        let sources = sources.iter().cloned().map(Listing::Source);
        let mut listings: Vec<Listing> = sources.chain(genres.into_iter().map(Listing::Genre)).collect();
        if self.order.titles == Titles::Due {
            listings.sort_by_key(|listing| reads.entries.get(&listing.to_string()).map(|read| read.at));
        }
        listings
    }

    /// The sources and genres: from the table, or, before the reference function has run, from
    /// Watchmode.
    async fn known(
        &self,
        reads: &Manifest<LastRead>,
    ) -> Result<Result<(Vec<SourceId>, Vec<GenreId>), Rejection>, table::Error> {
        let table = self.ports.table;
        let sources = table.query_all(Query::new(Index::Gsi1, key::SOURCES)).await?;
        let genres = table.query_all(Query::new(Index::Gsi1, key::GENRES)).await?;
        let is_ours = |item: &&Item| match item.get("regions").and_then(Value::as_array) {
            Some(regions) => regions.iter().any(|region| region == REGION),
            None => true,
        };
        let ids = |items: &mut dyn Iterator<Item = &Item>| -> Vec<String> {
            items.filter_map(id_of).map(ToOwned::to_owned).collect()
        };
        let mut sources = ids(&mut sources.iter().filter(is_ours));
        let mut genres = ids(&mut genres.iter());
        for (ids, request, prefix) in [
            (&mut sources, watchmode::sources(REGION), "source-"),
            (&mut genres, watchmode::genres(), "genre-"),
        ] {
            if ids.is_empty() {
                let rows: Rows<Named> = match self.ports.client.get(&request).await {
                    Ok(rows) => rows,
                    Err(error) => return Ok(Err(Rejection::Unanswered(error))),
                };
                *ids = rows.good.into_iter().map(|named| named.id).collect();
                // To take one away is the reference function's.
                let known = reads.entries.keys().filter_map(|name| name.strip_prefix(prefix));
                let before = known.clone().count();
                let now = known.filter(|id| ids.iter().any(|it| it == id)).count();
                if ids.is_empty() || now < before {
                    return Ok(Err(Rejection::Shrunken { now, before }));
                }
            }
            // By id, so that two runs ask in the same order whatever the names are.
            ids.sort_unstable();
            ids.dedup();
        }
        let sources = sources.into_iter().filter_map(|id| SourceId::new(id).ok()).collect();
        let genres = genres.into_iter().filter_map(|id| GenreId::new(id).ok()).collect();
        Ok(Ok((sources, genres)))
    }

    /// Adds what came in the last days and stands in no listing that was read.
    ///
    /// The list of new titles is for plans that are paid for; without it, releases name titles and
    /// their sources, too, and their genres follow with the genres' listings.
    async fn add_new(&mut self, titles: &mut catalogue::Titles, sources: &[SourceId]) {
        let today = self.now.to_zoned(TimeZone::UTC).date();
        let since = today.saturating_sub(NEW_DAYS.days());
        let added = match self.new_titles(titles, sources, since).await {
            Err(retry::Error::Refused { status: 401, .. }) => {
                let releases: Result<Releases, _> = self.ports.client.get(&watchmode::releases(since, today)).await;
                releases.map(|answer| {
                    for release in answer.releases.good {
                        if sources.contains(&release.source_id) {
                            catalogue::add(titles, release.title, vec![release.source_id], Vec::new());
                        }
                    }
                })
            }
            other => other,
        };
        let dataset = "new titles".to_owned();
        match added {
            Ok(()) => self.done.report.published.push(dataset),
            Err(error) => self.done.report.rejected.push((dataset, Rejection::Unanswered(error))),
        }
    }

    async fn new_titles(
        &self,
        titles: &mut catalogue::Titles,
        sources: &[SourceId],
        since: jiff::civil::Date,
    ) -> Result<(), retry::Error> {
        let new: NewTitles = self.ports.client.get(&watchmode::new_titles(since, 1)).await?;
        let unknown = new
            .titles
            .good
            .into_iter()
            .filter(|id| !titles.contains_key(id.as_str()));
        let unknown: Vec<_> = unknown.take(MOST_NEW).collect();
        for id in unknown {
            let details: Details = match self
                .ports
                .client
                .get(&watchmode::details_with_sources(&id, REGION))
                .await
            {
                Ok(details) => details,
                // Gone again.
                Err(retry::Error::NotFound { .. }) => continue,
                Err(error) => return Err(error),
            };
            let region = |code: &Option<String>| code.as_deref().is_none_or(|code| code == REGION);
            let offers = details.sources.iter().filter(|offer| region(&offer.region));
            let offers = offers.map(|offer| &offer.source_id).filter(|id| sources.contains(id));
            let offers: Vec<SourceId> = offers.cloned().collect();
            let Some(title) = details.title else { continue };
            if offers.is_empty() {
                continue;
            }
            let item = ListItem {
                id: details.id,
                title,
                year: details.year,
                imdb_id: details.imdb_id,
                tmdb_id: details.tmdb_id,
                tmdb_type: details.tmdb_type,
                kind: details.kind,
            };
            catalogue::add(titles, item, offers, details.genres);
        }
        Ok(())
    }
}
