//! What the event source mapping gave up: read from the stream again, written where it is lacking.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Bounds;
use super::account::Account;
use crate::repair::queue::{GivenUp, Message, Queue};
use crate::repair::run::Run;
use crate::repair::shard::{Reader, Shards, Span};
use crate::repair::writer::{Writer, fill};

/// Has the records of every message written, and removes those of which all are there.
pub(super) async fn redrive(
    queue: &impl Queue,
    shards: &impl Shards,
    writer: &impl Writer,
    bounds: Bounds,
    run: &mut Run<Account>,
) -> Result<()> {
    let mut kept = Vec::new();
    let ended = messages(queue, shards, writer, bounds, run, &mut kept).await;
    // Whatever has ended it, and if somebody wants it to stop: nobody else sees them until then.
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
    run: &mut Run<Account>,
    kept: &mut Vec<Message>,
) -> Result<()> {
    let mut seen = BTreeSet::new();
    loop {
        // A message that is on its way to a reader who has gone is seen by nobody.
        let received = run.write(queue.receive()).await?;
        if received.is_empty() {
            return Ok(());
        }
        // Whatever happens to one of them, the others are given back.
        kept.extend(received.iter().cloned());
        for message in received {
            if run.account.found >= bounds.limit {
                return Ok(());
            }
            if !seen.insert(message.message_id.clone()) {
                continue;
            }
            run.account.sources += 1;
            let Some(given_up) = GivenUp::read(&message.body) else {
                run.account.unreadable += 1;
                run.say(&format!(
                    "message {} is of no shard's records, and stays",
                    message.message_id
                ));
                continue;
            };
            let is_whole = records(&given_up, shards, writer, bounds, run).await?;
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
    run: &mut Run<Account>,
) -> Result<bool> {
    let GivenUp {
        stream_arn,
        shard_id,
        first,
        last,
        batch_size,
    } = given_up;
    let span = Span::Records(first.clone()..=last.clone());
    let mut reader = run.read(Reader::begin(shards, shard_id, span)).await?;
    let mut read = 0;
    while let Some(records) = run.read(reader.next()).await? {
        read += records.len() as u64;
        if bounds.dry_run {
            run.account.found += records.len() as u64;
            run.account.redriven += records.len() as u64;
        } else {
            fill(writer, stream_arn, shard_id, &records, run, |account, written| {
                account.found += written.rows + written.covered;
                account.redriven += written.rows;
                account.already_there += written.covered;
            })
            .await?;
        }
        run.show(shard_id);
    }
    let expired = batch_size.saturating_sub(read);
    if expired > 0 {
        run.say(&format!(
            "{expired} of {batch_size} records from {first} to {last} of {shard_id} have expired"
        ));
    }
    run.account.found += expired;
    run.account.expired += expired;
    Ok(expired == 0)
}

#[cfg(test)]
mod tests;
