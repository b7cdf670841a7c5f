//! What is on between two times: the programmes of all channels, or of one, page by page.
//!
//! A programme is found by its start, so that what is on at a time can have begun before it. Those
//! that last up to four hours are read from the days' partitions, from four hours before the window
//! on; the few that last longer stand in partitions of their own. So what is read stays
//! proportional to what is on.
//!
//! Reading order: [`Window`], [`read`], [`Slice`].

mod pages;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::contract::attribute;
use crate::event::id::ChannelId;
use crate::instant;
use crate::join;
use crate::table::key;
use crate::table::{Error, Index, Item, Query, Range, Table};
use pages::Pages;

/// Longest programme that is found when only its end is in the window, in hours: what upstreams
/// send beyond it is a mistake.
pub const LONGEST_HOURS: i64 = 24;

/// From a time, included, to another, excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its start.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

/// Which channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels<'c> {
    /// Every one, in the order of start, then channel.
    All,
    /// One, in the order of start.
    One(&'c ChannelId),
}

/// A part of what is on.
#[derive(Debug, Default)]
pub struct Slice {
    /// Items of the programmes that overlap with the window, as they are stored: thousands of them
    /// are on in an evening, and whoever shows them needs no copies.
    pub items: Vec<Item>,
    /// Sort key of the last of them, to go on from; none where nothing is left.
    pub next: Option<String>,
    /// How many items the table read.
    pub read: u32,
}

/// Up to `limit` programmes that overlap with the window, after the sort key `after`.
///
/// # Errors
///
/// When the table fails.
pub async fn read(
    table: &impl Table,
    channels: Channels<'_>,
    window: Window,
    after: Option<&str>,
    limit: u32,
    now: Timestamp,
) -> Result<Slice, Error> {
    let wanted = limit as usize + 1;
    let on = On::new(window, after, now);
    let queries = match channels {
        Channels::One(channel) => {
            let partition = key::channel_partition(channel);
            vec![vec![on.query(Index::Gsi1, partition, LONGEST_HOURS * 3600)]]
        }
        // The days follow each other, so that a later one is read only where the earlier ones do
        // not fill the page; the long programmes are read beside them.
        Channels::All => std::iter::once(on.days(key::day_partition, key::LONG_SECONDS))
            .chain(
                on.days(key::long_partition, LONGEST_HOURS * 3600)
                    .into_iter()
                    .map(|day| vec![day]),
            )
            .collect(),
    };
    let chains = queries
        .into_iter()
        .map(|queries| Pages::new(table, queries).until(wanted, &on));
    let mut slice = Slice::default();
    // By sort key: start, channel, programme.
    let mut found: BTreeMap<String, Item> = BTreeMap::new();
    for pages in join::all(chains).await {
        let pages = pages?;
        slice.read += pages.read;
        found.extend(pages.found);
    }
    let is_last = found.len() <= limit as usize;
    for (sort, item) in found.into_iter().take(limit as usize) {
        slice.items.push(item);
        slice.next = Some(sort);
    }
    if is_last {
        slice.next = None;
    }
    Ok(slice)
}

/// Which items of a query overlap with the window and come after the last page.
struct On<'a> {
    window: Window,
    from: String,
    to: String,
    after: Option<&'a str>,
    now: Timestamp,
}

impl<'a> On<'a> {
    fn new(window: Window, after: Option<&'a str>, now: Timestamp) -> Self {
        On {
            window,
            from: instant::text(window.from),
            to: instant::text(window.to),
            after,
            now,
        }
    }

    /// What began at most `back` seconds before the window.
    fn query(&self, index: Index, partition: String, back: i64) -> Query {
        let low = instant::text(earlier(self.window.from, back));
        let low = self.after.map_or(low.as_str(), |after| after.max(&low)).to_owned();
        Query::new(index, partition).range(Range::Between(low, self.to.clone()))
    }

    /// One query for each day (UTC) on which something can have begun that is on.
    fn days(&self, partition: fn(Timestamp) -> String, back: i64) -> Vec<Query> {
        let first = earlier(self.window.from, back);
        let last = partition(self.window.to);
        let mut days: Vec<String> = Vec::new();
        let mut day = first;
        while day < self.window.to {
            days.push(partition(day));
            day = match day.checked_add(SignedDuration::from_hours(24)) {
                Ok(next) => next,
                Err(_) => break,
            };
        }
        if days.last() != Some(&last) {
            days.push(last);
        }
        let query = |day| self.query(Index::Gsi2, day, back);
        days.into_iter().map(query).collect()
    }

    /// The sort key of an item that is on, and was not on the last page.
    fn admits(&self, index: Index, item: &Item) -> Option<String> {
        let text = |name| item.get(name).and_then(serde_json::Value::as_str);
        let sort = text(index.attributes().1)?;
        // Instants have one spelling, so that their texts compare as they do.
        let is_on = text("end_time")? > self.from.as_str() && text("start_time")? < self.to.as_str();
        let is_new = self.after.is_none_or(|after| sort > after);
        (is_on && is_new && !is_expired(item, self.now)).then(|| sort.to_owned())
    }
}

/// A time before another; the first of all times where there is none.
fn earlier(time: Timestamp, seconds: i64) -> Timestamp {
    time.checked_sub(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MIN)
}

/// Whether an item stands only because the table has not removed it yet.
fn is_expired(item: &Item, now: Timestamp) -> bool {
    item.get(attribute::TTL)
        .and_then(serde_json::Value::as_i64)
        .is_some_and(|ttl| ttl <= now.as_second())
}

#[cfg(test)]
mod tests;
