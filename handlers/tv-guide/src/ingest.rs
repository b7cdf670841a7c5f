//! Ingest: what the upstreams say now, against what was published last; the changes go to the
//! stream.
//!
//! A dataset (a listing of titles, a day of the schedule) is read whole, compared, published and
//! only then noted in its manifest: a run that fails anywhere publishes no part of an answer, and
//! what it did publish and did not note is published once more.
//! The same answers twice publish nothing the second time.
//!
//! Reading order: [`Order`] (what is wanted), [`run`]; then [`slots`] and [`channels`] (the linear
//! schedule), [`listing`] and [`catalogue`] (titles), [`manifest`], [`publish`].

pub mod catalogue;
pub mod channels;
pub mod listing;
pub mod manifest;
mod order;
pub mod publish;
pub mod slots;
mod titles;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::event::id::TitleId;
use crate::event::{Channel, Event, Record, TitleKey};
use crate::instant;
use crate::retry::Client;
use crate::snapshot::{Rejection, Report};
use crate::table::{self, Index, Item, Query, Range, Table, key};
use crate::tvmaze;
use crate::tvmaze::answer::Episode;
use crate::upstream::{Pace, Upstream};
use crate::watchmode::answer::Rows;

use manifest::Manifest;
use publish::Stream;
use slots::{Day, Slot, Slots};

pub use order::{Order, Titles};

/// Days of the schedule that are read, today's included.
const DAYS: i32 = 7;
/// Parts of the manifests; the numbers are for ever, see [`manifest`].
const PARTS: u8 = 32;
/// Most titles whose details a run asks for again.
const ENRICH: u32 = 200;

/// What a run has done.
#[derive(Debug, Default)]
pub struct Ingested {
    /// Which datasets were taken, which were not.
    pub report: Report,
    /// How many records the stream took.
    pub records: usize,
    /// Sequence number of the last one.
    pub sequence_number: Option<String>,
    /// Why the run did not come to its end; what it did until then is noted, and not done again.
    pub error: Option<Error>,
}

/// Why a run did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table failed.
    #[error("the table cannot be read")]
    Table(#[from] table::Error),
    /// A manifest cannot be read or written.
    #[error("what was published cannot be told from what is to be")]
    Manifest(#[from] manifest::Error),
    /// The stream did not take all records.
    #[error("the stream did not take {failed} of {records} records: the next run sends them")]
    Unpublished {
        /// How many it did not take.
        failed: usize,
        /// How many there were.
        records: usize,
        /// Why the last call failed, if one failed as a whole.
        #[source]
        source: Option<publish::Error>,
    },
}

impl Ingested {
    /// The function's answer: a status, and a body as text; a failure where no dataset was taken
    /// although some were wanted.
    #[must_use]
    pub fn answer(&self) -> Value {
        let Report { published, rejected } = &self.report;
        if published.is_empty() && !rejected.is_empty() {
            let body = json!({ "error": "No dataset could be ingested", "rejected": names(&self.report) });
            return json!({ "statusCode": 500, "body": body.to_string() });
        }
        let mut body = json!({
            "message": "Data ingested successfully",
            "records": self.records,
            "published": published.len(),
            "rejected": names(&self.report),
        });
        if let (Some(number), Some(body)) = (&self.sequence_number, body.as_object_mut()) {
            body.insert("sequenceNumber".to_owned(), number.as_str().into());
        }
        json!({ "statusCode": 200, "body": body.to_string() })
    }
}

fn names(report: &Report) -> Vec<&str> {
    report.rejected.iter().map(|(name, _)| name.as_str()).collect()
}

/// What a run works with.
#[derive(Debug)]
pub struct Ports<'a, U, P, T, S> {
    /// Asks the upstreams.
    pub client: &'a Client<'a, U, P, T>,
    /// Holds the manifests, the sources and the genres.
    pub table: &'a T,
    /// Takes the changes.
    pub stream: &'a S,
    /// Tells the time.
    pub pace: &'a P,
}

/// Reads what is wanted, and publishes what has changed.
///
/// An upstream that fails is in the report; a table or a stream that fails ends the run.
pub async fn run<U: Upstream, P: Pace, T: Table, S: Stream>(order: &Order, ports: &Ports<'_, U, P, T, S>) -> Ingested {
    let mut run = Run {
        ports,
        order,
        now: ports.pace.now(),
        done: Ingested::default(),
    };
    // On the heap: the states of all that is awaited below would be one type too deep to lay out.
    let error = Box::pin(run.all()).await.err();
    Ingested { error, ..run.done }
}

/// A run under way.
struct Run<'a, U, P, T, S> {
    ports: &'a Ports<'a, U, P, T, S>,
    order: &'a Order,
    now: Timestamp,
    done: Ingested,
}

impl<U: Upstream, P: Pace, T: Table, S: Stream> Run<'_, U, P, T, S> {
    async fn all(&mut self) -> Result<(), Error> {
        if self.order.schedules {
            self.schedules().await?;
        }
        self.titles().await?;
        self.pending().await
    }

    /// The linear schedule of a week, and the channels in it.
    async fn schedules(&mut self) -> Result<(), Error> {
        let table = self.ports.table;
        let mut slots: Manifest<Slot> = Manifest::read(table, "schedule", PARTS).await?;
        let wanted = week(tvmaze::today(self.now));
        let mut days: BTreeMap<Date, Day> = BTreeMap::new();
        for day in &wanted {
            let dataset = format!("schedule of {day}");
            let read = self.day(*day, &slots.entries).await;
            match read {
                Ok(programmes) => {
                    days.insert(*day, programmes);
                    self.done.report.published.push(dataset);
                }
                Err(rejection) => self.done.report.rejected.push((dataset, rejection)),
            }
        }

        let mut channels: Manifest<Channel> = Manifest::read(table, "channels", 1).await?;
        let mut seen = channels.entries.clone();
        let events = channels::changes(&mut seen, days.values().flat_map(BTreeMap::values));
        self.publish(events, &mut channels, seen).await?;

        let (events, after) = slots::changes(&slots.entries, &days, &wanted, self.now);
        self.publish(events, &mut slots, after).await
    }

    /// The programmes of a day; those of a day that is doubtful are asked for twice.
    async fn day(&self, day: Date, published: &Slots) -> Result<Day, Rejection> {
        let ask = async || -> Result<Day, Rejection> {
            let rows: Rows<Episode> = self
                .ports
                .client
                .get(&tvmaze::schedule(day))
                .await
                .map_err(Rejection::Unanswered)?;
            slots::read(day, &rows, published)
        };
        let programmes = ask().await?;
        if slots::is_doubtful(day, &programmes, published) {
            let again = ask().await?;
            if !again.keys().eq(programmes.keys()) {
                let (first, second) = (programmes.len(), again.len());
                return Err(Rejection::Unsteady { first, second });
            }
        }
        Ok(programmes)
    }

    /// Asks for the details of titles again for which it is time.
    async fn pending(&mut self) -> Result<(), Error> {
        // The separator of time and id is `#`, and `$` comes after it.
        let until = format!("{}$", instant::text(self.now));
        let query = Query {
            limit: Some(ENRICH),
            ..Query::new(Index::Gsi3, key::PENDING).range(Range::Below(until))
        };
        let page = self.ports.table.query(&query).await?;
        let titles = page.items.iter().filter_map(|item| TitleId::new(id_of(item)?).ok());
        let events: Vec<Event> = titles.map(|id| Event::TitleEnrich(TitleKey { id })).collect();
        match self.send(&events).await {
            (_, None) => Ok(()),
            (_, Some(error)) => Err(error),
        }
    }

    /// Publishes a dataset's changes, and notes in its manifest those that the stream took.
    async fn publish<E: Clone + Serialize + DeserializeOwned>(
        &mut self,
        events: Vec<Event>,
        manifest: &mut Manifest<E>,
        mut after: BTreeMap<String, E>,
    ) -> Result<(), Error> {
        let (failed, error) = self.send(&events).await;
        for place in failed {
            let Some(id) = events.get(place).map(Event::key) else {
                continue;
            };
            match manifest.entries.get(id) {
                Some(before) => after.insert(id.to_owned(), before.clone()),
                None => after.remove(id),
            };
        }
        manifest.entries = after;
        manifest.write(self.ports.table).await?;
        error.map_or(Ok(()), Err)
    }

    /// Puts events on the stream; returns the places of those that it did not take.
    async fn send(&mut self, events: &[Event]) -> (BTreeSet<usize>, Option<Error>) {
        let record = |event: &Event| Record::new(event.clone(), self.order.cause, self.now);
        let records: Vec<Record> = events.iter().map(record).collect();
        let published = publish::publish(&records, self.ports.stream, self.ports.pace).await;
        self.done.records += records.len() - published.failed.len();
        if published.sequence_number.is_some() {
            self.done.sequence_number = published.sequence_number;
        }
        let error = (!published.failed.is_empty()).then_some(Error::Unpublished {
            failed: published.failed.len(),
            records: records.len(),
            source: published.error,
        });
        (published.failed, error)
    }
}

/// The days of a week from the first on.
fn week(first: Date) -> Vec<Date> {
    (0..DAYS)
        .filter_map(|days| first.checked_add(days.days()).ok())
        .collect()
}

/// The id in an item's partition key: `source:203` is 203.
fn id_of(item: &Item) -> Option<&str> {
    let partition = item.get(crate::contract::attribute::PK)?.as_str()?;
    partition.split_once(':').map(|(_, id)| id)
}

#[cfg(test)]
mod tests;
