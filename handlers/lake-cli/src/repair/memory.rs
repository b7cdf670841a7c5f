//! The ports in memory, for tests.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use super::objects::{Object, Objects};
use super::queue::{Message, Queue};
use super::shard::{Page, Record, Shards, Span};
use super::writer::{Writer, Written};

/// The record of this number, which arrived so many seconds and milliseconds after 1970.
pub(crate) fn record(number: u32, data: &str) -> Record {
    Record {
        sequence: number.to_string().parse().expect("a number"),
        key: format!("key-{number}"),
        arrival_ms: i64::from(number) * 1_001,
        data: data.as_bytes().to_vec(),
    }
}

/// Shards whose records come so many at a time, with empty pages in between.
pub(crate) struct Stream(pub(crate) BTreeMap<String, Vec<Record>>, pub(crate) usize);

impl Shards for Stream {
    async fn begin(&self, shard: &str, span: &Span) -> Result<String> {
        let Some(records) = self.0.get(shard) else {
            bail!("no shard {shard}")
        };
        let is_before = |record: &Record| match span {
            Span::Records(records) => record.sequence < *records.start(),
            Span::Arrivals(time) => record.arrival_ms < time.start.as_millisecond(),
        };
        Ok(format!(
            "{shard}/{}/0",
            records.iter().take_while(|record| is_before(record)).count()
        ))
    }

    async fn page(&self, place: &str) -> Result<Page> {
        let mut parts = place.split('/');
        let mut part = || parts.next().expect("a place");
        let (shard, at, turn) = (part(), part().parse::<usize>()?, part());
        let records = &self.0[shard];
        if turn == "0" {
            let is_newest = at == records.len();
            return Ok(Page {
                records: vec![],
                next: Some(format!("{shard}/{at}/1")),
                is_newest,
            });
        }
        let end = records.len().min(at + self.1);
        let next = Some(format!("{shard}/{end}/0"));
        Ok(Page {
            records: records[at..end].to_vec(),
            next,
            is_newest: end == records.len(),
        })
    }
}

/// A queue, two messages at a time.
#[derive(Default)]
pub(crate) struct Messages {
    /// What can be received.
    pub(crate) visible: RefCell<Vec<Message>>,
    /// What has been received, and neither removed nor given back.
    pub(crate) taken: RefCell<Vec<Message>>,
}

impl Messages {
    /// A queue of messages that say this.
    pub(crate) fn of(bodies: &[String]) -> Self {
        let message = |(number, body): (usize, &String)| Message {
            message_id: number.to_string(),
            receipt_handle: format!("r{number}"),
            body: body.clone(),
        };
        Messages {
            visible: RefCell::new(bodies.iter().enumerate().map(message).collect()),
            ..Messages::default()
        }
    }
}

impl Queue for Messages {
    async fn receive(&self) -> Result<Vec<Message>> {
        let mut visible = self.visible.borrow_mut();
        let count = visible.len().min(2);
        let received: Vec<_> = visible.drain(..count).collect();
        self.taken.borrow_mut().extend(received.clone());
        Ok(received)
    }

    async fn remove(&self, message: &Message) -> Result<()> {
        self.taken.borrow_mut().retain(|other| other != message);
        Ok(())
    }

    async fn give_back(&self, message: &Message) -> Result<()> {
        self.remove(message).await?;
        self.visible.borrow_mut().push(message.clone());
        Ok(())
    }
}

/// A writer that knows what it has written; every record is one event.
#[derive(Default)]
pub(crate) struct Rows {
    /// Shards and sequence numbers.
    pub(crate) there: RefCell<BTreeSet<(String, String)>>,
    /// Calls that are left before one fails; none for no failure.
    pub(crate) fails_after: RefCell<Option<usize>>,
    /// Most records that are taken of a call; none for all.
    pub(crate) most: Option<usize>,
}

impl Writer for Rows {
    async fn redrive(&self, _: &str, shard: &str, records: &[Record]) -> Result<Written> {
        if let Some(left) = self.fails_after.borrow_mut().as_mut() {
            match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => bail!("the writer has no time"),
            }
        }
        let records = records.get(..self.most.unwrap_or(usize::MAX)).unwrap_or(records);
        let mut there = self.there.borrow_mut();
        let rows = records
            .iter()
            .filter(|record| there.insert((shard.to_owned(), record.sequence.to_string())))
            .count();
        Ok(Written {
            records: records.len() as u64,
            rows: rows as u64,
            covered: (records.len() - rows) as u64,
        })
    }
}

/// Objects by their keys, two in a listing.
#[derive(Default)]
pub(crate) struct Shelf(pub(crate) RefCell<BTreeMap<String, Object>>);

impl Objects for Shelf {
    async fn list(&self, token: Option<String>) -> Result<(Vec<String>, Option<String>)> {
        let after = token.unwrap_or_default();
        let shelf = self.0.borrow();
        let keys: Vec<String> = shelf.keys().filter(|key| **key > after).take(2).cloned().collect();
        let next = keys.last().filter(|_| keys.len() == 2).cloned();
        Ok((keys, next))
    }

    async fn read(&self, key: &str) -> Result<Object> {
        Ok(self.0.borrow()[key].clone())
    }

    async fn replace(&self, key: &str, object: Object) -> Result<()> {
        self.0.borrow_mut().insert(key.to_owned(), object);
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<()> {
        self.0.borrow_mut().remove(key);
        Ok(())
    }
}
