//! Events that were refused: sent once more where today's code takes them.

use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;
use lake::{Reason, aggregate};
use serde::Deserialize;

use super::Bounds;
use super::account::Account;
use crate::produce::deliver::Backoff;
use crate::produce::key::partition_key;
use crate::produce::stream::{Record, Stream};
use crate::quarantine::document;
use crate::repair::objects::{Object, Objects};
use crate::repair::run::Run;
use crate::repair::sender;

/// How the lines of an object are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// By `lake-write`: a record with its reason.
    Quarantine,
    /// By Firehose: error documents.
    Errors,
}

/// How events are sent again.
pub(super) struct Resend<'a, S> {
    /// Where to.
    pub(super) stream: &'a Arc<S>,
    /// How long to wait between tries.
    pub(super) backoff: Backoff,
    /// When they arrive: what was too far in the future may not be any more.
    pub(super) now: Timestamp,
}

/// Sends what is good by now, object by object, and leaves the rest of each.
pub(super) async fn redrive<S: Stream>(
    kind: Kind,
    objects: &impl Objects,
    resend: &Resend<'_, S>,
    bounds: Bounds,
    run: &mut Run<Account>,
) -> Result<()> {
    let mut token = None;
    loop {
        let (keys, next) = run.read(objects.list(token)).await?;
        for key in keys {
            if run.account.found >= bounds.limit {
                return Ok(());
            }
            object(kind, &key, objects, resend, bounds, run).await?;
            run.show(&key);
        }
        token = next;
        if token.is_none() {
            return Ok(());
        }
    }
}

async fn object<S: Stream>(
    kind: Kind,
    key: &str,
    objects: &impl Objects,
    resend: &Resend<'_, S>,
    bounds: Bounds,
    run: &mut Run<Account>,
) -> Result<()> {
    let Object { bytes, metadata } = run.read(objects.read(key)).await?;
    let (mut left, mut good, mut bad, mut unreadable) = (Vec::new(), Vec::new(), 0, 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match records(kind, line) {
            // A line goes as a whole, or it stays.
            Some(records) if records.iter().all(|record| is_good(record, resend.now)) => good.extend(records),
            Some(records) => {
                bad += records.len() as u64;
                left.extend_from_slice(line);
            }
            None => {
                unreadable += 1;
                left.extend_from_slice(line);
            }
        }
    }
    let count = good.len() as u64;
    if count > 0 && !bounds.dry_run {
        // From here on to its end, however many want it to stop: what is sent has to leave the object.
        let record = |data: Vec<u8>| Record::plain(partition_key(&data), data);
        for request in sender::requests(good.into_iter().map(record))? {
            sender::send(resend.stream, request, resend.backoff).await?;
        }
        if left.is_empty() {
            objects.remove(key).await?;
        } else {
            objects.replace(key, Object { bytes: left, metadata }).await?;
        }
    }
    run.account.sources += 1;
    run.account.found += count + bad;
    run.account.redriven += count;
    run.account.still_bad += bad;
    run.account.unreadable += unreadable;
    Ok(())
}

/// The records of a line, as they came; none of a line that is something else.
fn records(kind: Kind, line: &[u8]) -> Option<Vec<Vec<u8>>> {
    #[derive(Deserialize)]
    struct Line {
        data: String,
    }
    if line.trim_ascii().is_empty() {
        return Some(Vec::new());
    }
    match kind {
        Kind::Quarantine => {
            let line: Line = serde_json::from_slice(line).ok()?;
            Some(vec![base64_simd::STANDARD.decode_to_vec(line.data).ok()?])
        }
        Kind::Errors => {
            let documents = document::read(line).into_iter();
            documents
                .map(|document| document.ok().map(|document| document.data))
                .collect()
        }
    }
}

/// Whether an event, or every event of a packed record, would be taken.
fn is_good(record: &[u8], now: Timestamp) -> bool {
    let is_event = |event: &[u8]| lake::explain(event, now.as_millisecond());
    match is_event(record) {
        Ok(_) => true,
        Err(Reason::Aggregated) => {
            aggregate::unpack(record).is_ok_and(|events| events.into_iter().all(|event| is_event(event).is_ok()))
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests;
