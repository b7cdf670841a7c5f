//! What the event source mapping gave up: read from the stream again, written where it is lacking.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::Bounds;
use super::account::Account;
use crate::repair::queue::{GivenUp, Message, Queue};
use crate::repair::shard::{Reader, Record, Shards, Start};
use crate::repair::writer::{Writer, calls};

/// Has the records of every message written, and removes those of which all are there.
pub(super) async fn run(
    queue: &impl Queue,
    shards: &impl Shards,
    writer: &impl Writer,
    bounds: Bounds,
    account: &mut Account,
) -> Result<()> {
    let (mut seen, mut kept) = (BTreeSet::new(), Vec::new());
    let ended = messages(queue, shards, writer, bounds, account, &mut seen, &mut kept).await;
    for message in &kept {
        queue.give_back(message).await?;
    }
    ended
}

async fn messages(
    queue: &impl Queue,
    shards: &impl Shards,
    writer: &impl Writer,
    bounds: Bounds,
    account: &mut Account,
    seen: &mut BTreeSet<String>,
    kept: &mut Vec<Message>,
) -> Result<()> {
    loop {
        let received = queue.receive().await?;
        if received.is_empty() {
            return Ok(());
        }
        // Whatever happens to one of them, the others are given back.
        kept.extend(received.iter().cloned());
        for message in received {
            if account.found >= bounds.limit {
                return Ok(());
            }
            if !seen.insert(message.message_id.clone()) {
                continue;
            }
            account.sources += 1;
            let Some(given_up) = GivenUp::read(&message.body) else {
                account.unreadable += 1;
                eprintln!("message {} is of no shard's records, and stays", message.message_id);
                continue;
            };
            let is_whole = records(&given_up, shards, writer, bounds, account).await?;
            if is_whole && !bounds.dry_run {
                queue.remove(&message).await?;
                kept.retain(|other| *other != message);
            }
        }
    }
}

/// Has the records that were given up written; says whether all of them were still there.
async fn records(
    given_up: &GivenUp,
    shards: &impl Shards,
    writer: &impl Writer,
    bounds: Bounds,
    account: &mut Account,
) -> Result<bool> {
    let GivenUp {
        stream_arn,
        shard_id,
        first,
        last,
        batch_size,
    } = given_up;
    let mut reader = Reader::begin(shards, shard_id, &Start::Record(first.clone())).await?;
    let (mut read, mut is_past) = (0, false);
    while !is_past && let Some(page) = reader.next().await? {
        is_past = page.last().is_some_and(|record| record.sequence >= *last);
        let is_among = |record: &Record| (first..=last).contains(&&record.sequence);
        let among: Vec<Record> = page.into_iter().filter(is_among).collect();
        read += among.len() as u64;
        if bounds.dry_run {
            account.found += among.len() as u64;
            account.redriven += among.len() as u64;
            continue;
        }
        for call in calls(&among) {
            let written = writer.redrive(stream_arn, shard_id, call).await?;
            ensure!(
                written.records == call.len() as u64,
                "the writer has taken {} of {} records",
                written.records,
                call.len()
            );
            account.found += written.rows + written.covered;
            account.redriven += written.rows;
            account.already_there += written.covered;
        }
    }
    let expired = batch_size.saturating_sub(read);
    if expired > 0 {
        eprintln!("{expired} of {batch_size} records from {first} to {last} of {shard_id} have expired");
    }
    account.found += expired;
    account.expired += expired;
    Ok(expired == 0)
}

#[cfg(test)]
mod tests;
