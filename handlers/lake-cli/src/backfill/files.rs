//! The events of a file onto the stream, a request at a time.

use std::io::BufRead;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use lake::aggregate::{Packer, UNIT};

use super::Account;
use super::checkpoint::Checkpoint;
use crate::produce::deliver::Backoff;
use crate::produce::dispatch::packed;
use crate::produce::key::partition_key;
use crate::produce::stream::{Record, Stream};
use crate::repair::run::Run;
use crate::repair::sender;

/// Bytes of events in a request, about; a request takes 5 MiB.
const REQUEST: usize = 4 * 1024 * 1024;

/// Lines of a file on their way.
#[derive(Default)]
struct Request {
    records: Vec<Record>,
    bytes: usize,
    /// What they come to once they are on the stream.
    sent: u64,
    refused: u64,
}

/// Sends the events of a text's lines, from the checkpoint's line on.
pub(super) async fn send<S: Stream>(
    name: &str,
    mut text: Box<dyn BufRead>,
    stream: &Arc<S>,
    backoff: Backoff,
    checkpoint: &mut Checkpoint,
    run: &mut Run<Account>,
) -> Result<()> {
    let done: u64 = checkpoint
        .place(name)
        .map_or(Ok(0), str::parse)
        .context("the checkpoint's line is no number")?;
    let (mut number, mut line) = (0, Vec::new());
    let (mut packer, mut request) = (Packer::new(UNIT), Request::default());
    loop {
        line.clear();
        let is_end = text
            .read_until(b'\n', &mut line)
            .with_context(|| format!("cannot read {name}"))?
            == 0;
        if !is_end {
            number += 1;
        }
        let event = line.trim_ascii();
        match event {
            [] => {}
            _ if number <= done => {
                run.account.read += 1;
                run.account.skipped += 1;
            }
            _ => match lake::explain(event, Timestamp::now().as_millisecond()) {
                Ok(_) => {
                    request.sent += 1;
                    request.bytes += event.len();
                    place(event, &mut packer, &mut request.records);
                }
                Err(reason) => {
                    request.refused += 1;
                    run.say(&format!("{name} line {number} is refused: {reason}"));
                }
            },
        }
        if is_end || request.bytes >= REQUEST {
            request.records.extend(packer.finish().map(packed));
            let Request {
                records, sent, refused, ..
            } = std::mem::take(&mut request);
            for request in sender::requests(records)? {
                let sent = run.write(sender::send(stream, request, backoff)).await;
                sent.with_context(|| format!("stopped in {name}"))?;
            }
            run.account.read += sent + refused;
            run.account.sent += sent;
            run.account.refused += refused;
            if number > done {
                checkpoint.keep(name, number.to_string())?;
            }
            run.show(name);
        }
        if is_end {
            return Ok(());
        }
    }
}

/// Packs an event with others; one that fills a record goes by itself.
fn place(event: &[u8], packer: &mut Packer, records: &mut Vec<Record>) {
    let key = partition_key(event);
    if event.len() + key.len() >= UNIT {
        records.extend(packer.finish().map(packed));
        records.push(Record::plain(key, event.to_vec()));
    } else {
        records.extend(packer.push(&key, event).map(packed));
    }
}

#[cfg(test)]
mod tests;
