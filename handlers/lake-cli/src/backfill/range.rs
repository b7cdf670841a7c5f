//! The records of a shard that arrived in a time range.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use lake::write::Sequence;

use super::Account;
use super::checkpoint::Checkpoint;
use crate::produce::deliver::Backoff;
use crate::produce::stream::{self, Stream};
use crate::repair::run::Run;
use crate::repair::sender;
use crate::repair::shard::{Reader, Record, Shards, Span};
use crate::repair::writer::{Writer, fill};

/// Has the direct writer write what is lacking of a shard.
pub(super) async fn write(
    shards: &impl Shards,
    stream_arn: &str,
    shard: &str,
    time: &Range<Timestamp>,
    writer: &impl Writer,
    run: &mut Run<Account>,
) -> Result<()> {
    let mut reader = run
        .read(Reader::begin(shards, shard, Span::Arrivals(time.clone())))
        .await?;
    while let Some(records) = run.read(reader.next()).await? {
        fill(writer, stream_arn, shard, &records, run, |account, written| {
            account.read += written.rows + written.covered;
            account.sent += written.rows;
            account.skipped += written.covered;
        })
        .await?;
        run.show(shard);
    }
    Ok(())
}

/// Sends the records of a shard once more, as they came, from the checkpoint's record on.
pub(super) async fn resend<S: Stream>(
    shards: &impl Shards,
    shard: &str,
    time: &Range<Timestamp>,
    stream: &Arc<S>,
    backoff: Backoff,
    checkpoint: &mut Checkpoint,
    run: &mut Run<Account>,
) -> Result<()> {
    let done = checkpoint.place(shard).map(str::parse::<Sequence>).transpose();
    let done = done.context("the checkpoint's record is no sequence number")?;
    let is_done = |record: &Record| done.as_ref().is_some_and(|done| record.sequence <= *done);
    let mut reader = run
        .read(Reader::begin(shards, shard, Span::Arrivals(time.clone())))
        .await?;
    while let Some(mut records) = run.read(reader.next()).await? {
        let before = records.iter().take_while(|record| is_done(record)).count();
        run.account.read += before as u64;
        run.account.skipped += before as u64;
        let (places, again): (Vec<_>, Vec<_>) = records.drain(before..).map(again).unzip();
        let mut places = places.into_iter();
        for request in sender::requests(again)? {
            let count = request.len();
            let sent = run.write(sender::send(stream, request, backoff)).await;
            sent.with_context(|| format!("stopped in {shard}"))?;
            run.account.read += count as u64;
            run.account.sent += count as u64;
            if let Some(last) = places.by_ref().take(count).last() {
                checkpoint.keep(shard, last.to_string())?;
            }
        }
        run.show(shard);
    }
    Ok(())
}

/// A record's place, and the record as it came.
fn again(record: Record) -> (Sequence, stream::Record) {
    let Record {
        sequence, key, data, ..
    } = record;
    (sequence, stream::Record::plain(key, data))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ops::Range;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use jiff::Timestamp;

    use super::{Account, Backoff, Checkpoint, resend, write};
    use crate::produce::fake::{Fake, Faults};
    use crate::repair::memory::{Rows, Stream, record};
    use crate::repair::run::{Account as _, Run};

    const SHARD: &str = "shardId-000000000000";

    fn stream() -> Stream {
        let records = (1..=100)
            .map(|number| record(number, &format!("{{\"n\":{number}}}")))
            .collect();
        Stream(BTreeMap::from([(SHARD.to_owned(), records)]), 3)
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
            let mut run = Run::unstopped();
            write(&stream, "arn", SHARD, &range(), &rows, &mut run)
                .await
                .expect("written");
            let Account {
                read,
                sent: written,
                skipped: there,
                ..
            } = run.account;
            assert_eq!((read, written, there), (30, sent, skipped));
        }
        let there = rows.there.borrow();
        let has = |number: u32| there.contains(&(SHARD.to_owned(), number.to_string()));
        assert_eq!([19, 20, 49, 50].map(has), [false, true, true, false]);
    }

    /// Sends the range of a stream; gives the account, and whether it came to its end.
    async fn fill(stream: &Stream, fake: &Arc<Fake>, path: &Path) -> (Account, bool) {
        let backoff = Backoff {
            first: Duration::ZERO,
            most: Duration::ZERO,
        };
        let target = Arc::new(Arc::clone(fake));
        let mut checkpoint = Checkpoint::open(Some(path.to_owned()), "test").expect("a checkpoint");
        let mut run = Run::unstopped();
        let ended = resend(stream, SHARD, &range(), &target, backoff, &mut checkpoint, &mut run).await;
        assert!(run.account.adds_up(), "{:?}", run.account);
        (run.account, ended.is_ok())
    }

    fn broken_after(requests: usize) -> Arc<Fake> {
        let fatal_after = Some(requests);
        Arc::new(Fake::new(
            1,
            Faults {
                fatal_after,
                ..Faults::default()
            },
        ))
    }

    fn keys(fakes: &[Arc<Fake>]) -> Vec<String> {
        let logs = fakes.iter().map(|fake| fake.log.lock().expect("alone"));
        logs.flat_map(|log| {
            log.acknowledged
                .iter()
                .map(|record| record.key.clone())
                .collect::<Vec<_>>()
        })
        .collect()
    }

    #[tokio::test]
    async fn the_range_is_sent_once_more_and_not_again_after_a_break() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("checkpoint.json");
        let fakes = [broken_after(3), broken_after(usize::MAX)];
        let (first, is_done) = fill(&stream(), &fakes[0], &path).await;
        assert!(!is_done && first.sent > 0, "{first:?}");
        let (second, is_done) = fill(&stream(), &fakes[1], &path).await;
        assert_eq!(
            (second.skipped, second.sent, is_done),
            (first.sent, 30 - first.sent, true)
        );
        assert_eq!(
            keys(&fakes),
            (20..50).map(|number| format!("key-{number}")).collect::<Vec<_>>()
        );
    }

    #[tokio::test]
    async fn a_page_that_broke_off_goes_on_behind_its_last_whole_request() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("checkpoint.json");
        let large = |number| record(number, &"x".repeat(900 << 10));
        // One page, of which a request takes five records.
        let records = (20..50).map(large).collect();
        let stream = Stream(BTreeMap::from([(SHARD.to_owned(), records)]), 30);
        let fakes = [broken_after(2), broken_after(usize::MAX)];
        let (first, is_done) = fill(&stream, &fakes[0], &path).await;
        assert_eq!((first.sent, is_done), (10, false));
        let (second, is_done) = fill(&stream, &fakes[1], &path).await;
        assert_eq!((second.skipped, second.sent, is_done), (10, 20, true));
        assert_eq!(
            keys(&fakes),
            (20..50).map(|number| format!("key-{number}")).collect::<Vec<_>>()
        );
    }
}
