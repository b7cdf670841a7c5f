//! Objects that have arrived: their hours become partitions, and wait for a compaction.
//!
//! S3 tells of every object at least once and in no order, and of an hour it tells some hundred
//! times. So a partition is made once per hour and process, being there already is fine, and a mark
//! too many costs the compaction one look at the hour's list of objects.
//!
//! Reading order: [`Register::note`], then `Notice`, what S3 sends.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::Hour;
use crate::compact::{Catalog, Fault, Hours};
use crate::contract::raw_prefix;
use crate::write::Millis;

/// Registers hours of one dataset.
#[derive(Debug)]
pub struct Register<H, C> {
    hours: H,
    catalog: C,
    prefix: String,
    /// Hours whose partitions this process has made, or has found.
    known: BTreeSet<Hour>,
}

/// What a batch of notifications has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted {
    /// Objects that they told of.
    pub objects: usize,
    /// Keys that are no hour's, and texts that are no notification.
    pub ignored: Vec<String>,
    /// Hours that are marked.
    pub marked: BTreeSet<Hour>,
    /// The places of the notifications that must come again.
    pub again: Vec<usize>,
}

impl<H: Hours, C: Catalog> Register<H, C> {
    /// A register of a dataset.
    pub fn new(hours: H, catalog: C, dataset: &str) -> Self {
        Register {
            hours,
            catalog,
            prefix: raw_prefix(dataset),
            known: BTreeSet::new(),
        }
    }

    /// Registers the hours of a batch of notifications, and marks them.
    ///
    /// What is no object of an hour is told, and never fails a notification: it would be none the
    /// next time, either.
    pub async fn note(&mut self, notifications: &[&str], now: Millis) -> Noted {
        let mut noted = Noted::default();
        let mut told: BTreeMap<Hour, BTreeSet<usize>> = BTreeMap::new();
        for (place, notification) in notifications.iter().enumerate() {
            let Ok(Notice { records }) = serde_json::from_str(notification) else {
                noted.ignored.push("no notification of s3's".to_owned());
                continue;
            };
            for key in records.into_iter().map(|record| decoded(&record.s3.object.key)) {
                noted.objects += 1;
                match self.hour(&key) {
                    Some(hour) => {
                        told.entry(hour).or_default().insert(place);
                    }
                    None => noted.ignored.push(key),
                }
            }
        }
        let new: Vec<Hour> = told.keys().filter(|hour| !self.known.contains(hour)).copied().collect();
        let is_registered = new.is_empty() || self.catalog.register(&new).await.is_ok();
        if is_registered {
            self.known.extend(new);
        }
        let mut again = BTreeSet::new();
        for (hour, places) in told {
            // A mark comes last: who compacts the hour finds its partition.
            let marked = match self.known.contains(&hour) {
                true => self.hours.mark(hour, now).await,
                false => Err(Fault),
            };
            match marked {
                Ok(()) => {
                    noted.marked.insert(hour);
                }
                Err(Fault) => again.extend(places),
            }
        }
        noted.again = again.into_iter().collect();
        noted
    }

    /// The hour that an object belongs to; readers do not see names that begin with `_` or `.`.
    fn hour(&self, key: &str) -> Option<Hour> {
        let (folder, name) = key.strip_prefix(&self.prefix)?.rsplit_once('/')?;
        let is_hidden = name.is_empty() || name.starts_with(['_', '.']);
        Hour::from_folder(folder).filter(|_| !is_hidden)
    }
}

/// A notification, of which only the keys matter; S3's test of a new destination has none.
#[derive(Deserialize)]
struct Notice {
    #[serde(rename = "Records", default)]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    s3: Entity,
}

#[derive(Deserialize)]
struct Entity {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

/// A key as S3 spells it in notifications: as a form's value, so that `+` is a space.
fn decoded(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match digit(*high).zip(digit(*low)) {
                Some((high, low)) => {
                    bytes.push(high * 16 + low);
                    rest = after;
                }
                None => bytes.push(b'%'),
            },
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The value of a hexadecimal digit.
fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests;
