//! The records of a shard that arrived in a time range.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use jiff::Timestamp;
use lake::write::Sequence;

use super::Account;
use super::checkpoint::Checkpoint;
use crate::produce::deliver::Backoff;
use crate::produce::stream::{self, Stream};
use crate::repair::sender;
use crate::repair::shard::{Reader, Record, Shards, Start};
use crate::repair::writer::{Writer, calls};

/// Has the direct writer write what is lacking of a shard.
pub(super) async fn write(
    shards: &impl Shards,
    stream_arn: &str,
    shard: &str,
    range: &Range<Timestamp>,
    writer: &impl Writer,
    account: &mut Account,
) -> Result<()> {
    let mut pages = Pages::begin(shards, shard, range).await?;
    while let Some(records) = pages.next().await? {
        for call in calls(&records) {
            let written = writer.redrive(stream_arn, shard, call).await?;
            ensure!(
                written.records == call.len() as u64,
                "the writer has taken {} of {} records",
                written.records,
                call.len()
            );
            account.read += written.rows + written.covered;
            account.sent += written.rows;
            account.skipped += written.covered;
        }
        eprintln!("{shard}: {}", account.line());
    }
    Ok(())
}

/// Sends the records of a shard once more, as they came, from the checkpoint's record on.
pub(super) async fn resend<S: Stream>(
    shards: &impl Shards,
    shard: &str,
    range: &Range<Timestamp>,
    stream: &Arc<S>,
    backoff: Backoff,
    checkpoint: &mut Checkpoint,
    account: &mut Account,
) -> Result<()> {
    let done = checkpoint.place(shard).map(str::parse::<Sequence>).transpose();
    let done = done.context("the checkpoint's record is no sequence number")?;
    let mut pages = Pages::begin(shards, shard, range).await?;
    while let Some(records) = pages.next().await? {
        let read = records.len() as u64;
        let last = records.last().map(|record| record.sequence.clone());
        let is_new = |record: &Record| done.as_ref().is_none_or(|done| record.sequence > *done);
        let new: Vec<_> = records.into_iter().filter(is_new).collect();
        let count = new.len() as u64;
        let again = |record: Record| stream::Record {
            key: record.key,
            data: record.data,
            packed: None,
        };
        let sent = sender::send(stream, new.into_iter().map(again).collect(), backoff).await;
        sent.with_context(|| format!("stopped in {shard}"))?;
        account.read += read;
        account.sent += count;
        account.skipped += read - count;
        if let Some(last) = last.filter(|_| count > 0) {
            checkpoint.keep(shard, last.to_string())?;
        }
        eprintln!("{shard}: {}", account.line());
    }
    Ok(())
}

/// Pages of a shard, up to the range's end.
struct Pages<'s, S> {
    reader: Reader<'s, S>,
    end_ms: i64,
    is_past: bool,
}

impl<'s, S: Shards> Pages<'s, S> {
    async fn begin(shards: &'s S, shard: &str, range: &Range<Timestamp>) -> Result<Self> {
        let reader = Reader::begin(shards, shard, &Start::Time(range.start)).await?;
        Ok(Pages {
            reader,
            end_ms: range.end.as_millisecond(),
            is_past: false,
        })
    }

    async fn next(&mut self) -> Result<Option<Vec<Record>>> {
        if self.is_past {
            return Ok(None);
        }
        let Some(mut records) = self.reader.next().await? else {
            return Ok(None);
        };
        let before = records.len();
        records.retain(|record| record.arrival_ms < self.end_ms);
        self.is_past = records.len() < before;
        Ok(Some(records))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ops::Range;
    use std::sync::Arc;
    use std::time::Duration;

    use jiff::Timestamp;

    use super::{Account, Backoff, Checkpoint, resend, write};
    use crate::produce::fake::{Fake, Faults};
    use crate::repair::memory::{Rows, Stream, record};

    const SHARD: &str = "shardId-000000000000";

    fn stream() -> Stream {
        let records = (1..=100)
            .map(|number| record(number, &format!("{{\"n\":{number}}}")))
            .collect();
        Stream(BTreeMap::from([(SHARD.to_owned(), records)]))
    }

    /// From the twentieth record until before the fiftieth.
    fn range() -> Range<Timestamp> {
        let arrival = |number| Timestamp::from_millisecond(record(number, "").arrival_ms).expect("a time");
        arrival(20)..arrival(50)
    }

    #[tokio::test]
    async fn the_range_is_written_once() {
        let (stream, rows) = (stream(), Rows::default());
        for (sent, skipped) in [(30, 0), (0, 30)] {
            let mut account = Account::default();
            write(&stream, "arn", SHARD, &range(), &rows, &mut account)
                .await
                .expect("written");
            assert_eq!((account.read, account.sent, account.skipped), (30, sent, skipped));
        }
        let there = rows.there.borrow();
        let has = |number: u32| there.contains(&(SHARD.to_owned(), number.to_string()));
        assert_eq!([19, 20, 49, 50].map(has), [false, true, true, false]);
    }

    #[tokio::test]
    async fn the_range_is_sent_once_more_and_not_again_after_a_break() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("checkpoint.json");
        let backoff = Backoff {
            first: Duration::ZERO,
            most: Duration::ZERO,
        };
        let mut sent = Vec::new();
        for fatal_after in [Some(3), None] {
            let fake = Arc::new(Fake::new(
                1,
                Faults {
                    fatal_after,
                    ..Faults::default()
                },
            ));
            let target = Arc::new(Arc::clone(&fake));
            let mut checkpoint = Checkpoint::open(Some(path.clone()), "test").expect("a checkpoint");
            let mut account = Account::default();
            let ended = resend(
                &stream(),
                SHARD,
                &range(),
                &target,
                backoff,
                &mut checkpoint,
                &mut account,
            )
            .await;
            assert_eq!(ended.is_ok(), fatal_after.is_none(), "{account:?}");
            sent.extend(
                fake.log
                    .lock()
                    .expect("alone")
                    .acknowledged
                    .iter()
                    .map(|record| record.key.clone()),
            );
        }
        assert_eq!(sent, (20..50).map(|number| format!("key-{number}")).collect::<Vec<_>>());
    }
}
