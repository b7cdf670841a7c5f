use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::json;
use tokio::sync::watch;

use super::{Account, Bounds, Run};
use crate::repair::memory::{Messages, Rows, Stream, record};
use crate::repair::run::Account as _;
use crate::repair::shard::Record;
use crate::repair::writer::{Writer, Written};

const SHARD: &str = "shardId-000000000000";

fn given_up(first: u32, last: u32) -> String {
    let info = json!({
        "shardId": SHARD, "startSequenceNumber": first.to_string(), "endSequenceNumber": last.to_string(),
        "batchSize": last - first + 1, "streamArn": "arn:aws:kinesis:eu-west-2:123456789012:stream/events",
    });
    json!({ "KinesisBatchInfo": info }).to_string()
}

/// A shard that still has the records from this one to the hundredth.
fn stream(oldest: u32) -> Stream {
    let records = (oldest..=100).map(|number| record(number, "{}")).collect();
    Stream(BTreeMap::from([(SHARD.to_owned(), records)]), 3)
}

/// Redrives; gives the account, or the error, and how many messages are left.
async fn redrive(queue: &Messages, stream: &Stream, rows: &Rows, bounds: Bounds) -> (Account, Result<(), String>) {
    let mut run = Run::unstopped();
    let ended = super::redrive(queue, stream, rows, bounds, &mut run).await;
    assert!(run.account.adds_up(), "{:?}", run.account);
    assert_eq!(*queue.taken.borrow(), [], "a message is kept from others");
    (run.account, ended.map_err(|error| error.to_string()))
}

const ALL: Bounds = Bounds {
    dry_run: false,
    limit: u64::MAX,
};

#[tokio::test]
async fn what_is_lacking_is_written_and_what_is_there_is_not() {
    let queue = Messages::of(&[given_up(10, 19), given_up(15, 24), given_up(90, 100)]);
    let (stream, rows) = (stream(1), Rows::default());
    let (account, ended) = redrive(&queue, &stream, &rows, ALL).await;
    assert_eq!(
        (account.found, account.redriven, account.already_there, ended),
        (31, 26, 5, Ok(()))
    );
    assert_eq!((queue.visible.borrow().len(), rows.there.borrow().len()), (0, 26));
    assert!(rows.there.borrow().contains(&(SHARD.to_owned(), "100".to_owned())));
}

#[tokio::test]
async fn what_the_writer_takes_in_part_is_sent_until_all_is_there() {
    let queue = Messages::of(&[given_up(10, 19)]);
    let rows = |most| Rows {
        most: Some(most),
        ..Rows::default()
    };
    let (stream, some) = (stream(1), rows(2));
    let (account, ended) = redrive(&queue, &stream, &some, ALL).await;
    assert_eq!((account.found, account.redriven, ended), (10, 10, Ok(())));
    assert_eq!((queue.visible.borrow().len(), some.there.borrow().len()), (0, 10));
    // Nothing is no part.
    let queue = Messages::of(&[given_up(10, 19)]);
    let (_, ended) = redrive(&queue, &stream, &rows(0), ALL).await;
    assert_eq!(
        ended,
        Err("the writer says that it has taken 0 of 3 records".to_owned())
    );
}

#[tokio::test]
async fn what_breaks_off_is_repeated_without_a_second_row() {
    let queue = Messages::of(&[given_up(1, 9), given_up(20, 29)]);
    let (stream, rows) = (
        stream(1),
        Rows {
            fails_after: RefCell::new(Some(4)),
            ..Rows::default()
        },
    );
    let (_, ended) = redrive(&queue, &stream, &rows, ALL).await;
    assert_eq!(ended, Err("the writer has no time".to_owned()));
    // The first message's records were there, and the second's in part.
    assert_eq!((queue.visible.borrow().len(), rows.there.borrow().len()), (1, 12));
    *rows.fails_after.borrow_mut() = None;
    let (account, ended) = redrive(&queue, &stream, &rows, ALL).await;
    assert_eq!((account.redriven, account.already_there, ended), (7, 3, Ok(())));
    assert_eq!((queue.visible.borrow().len(), rows.there.borrow().len()), (0, 19));
}

#[tokio::test]
async fn what_has_expired_is_counted_and_its_message_stays() {
    let queue = Messages::of(&[given_up(1, 9), given_up(2, 3)]);
    let (stream, rows) = (stream(5), Rows::default());
    let (account, ended) = redrive(&queue, &stream, &rows, ALL).await;
    assert_eq!(
        (account.found, account.redriven, account.expired, ended),
        (11, 5, 6, Ok(()))
    );
    assert_eq!(queue.visible.borrow().len(), 2);
}

#[tokio::test]
async fn a_dry_run_and_foreign_messages_change_nothing() {
    let queue = Messages::of(&[given_up(1, 9), "{}".to_owned(), given_up(20, 29)]);
    let (stream, rows) = (stream(1), Rows::default());
    let (account, ended) = redrive(&queue, &stream, &rows, Bounds { dry_run: true, ..ALL }).await;
    assert_eq!(
        (account.found, account.redriven, account.unreadable, ended),
        (19, 19, 1, Ok(()))
    );
    assert_eq!((queue.visible.borrow().len(), rows.there.borrow().len()), (3, 0));
    let (account, _) = redrive(&queue, &stream, &rows, Bounds { limit: 1, ..ALL }).await;
    assert!(account.found == 9 || account.found == 10, "{account:?}");
    assert_eq!(queue.visible.borrow().len(), 2);
}

/// A writer after whose call somebody wants the run to stop.
struct Stopping<'r>(&'r Rows, watch::Sender<bool>);

impl Writer for Stopping<'_> {
    async fn redrive(&self, stream_arn: &str, shard: &str, records: &[Record]) -> anyhow::Result<Written> {
        let written = self.0.redrive(stream_arn, shard, records).await;
        self.1.send_replace(true);
        written
    }
}

#[tokio::test]
async fn who_stops_it_finds_what_is_left_in_the_queue() {
    let queue = Messages::of(&[given_up(1, 9), given_up(20, 29)]);
    let (stream, rows) = (stream(1), Rows::default());
    let (stopper, stop) = watch::channel(false);
    let mut run = Run::until(stop);
    let ended = super::redrive(&queue, &stream, &Stopping(&rows, stopper), ALL, &mut run).await;
    assert_eq!(ended.expect_err("stopped").to_string(), "interrupted");
    assert!(run.account.adds_up() && queue.taken.borrow().is_empty());
    // The call that was under way has been counted, and no other was made.
    assert_eq!((run.account.redriven, rows.there.borrow().len()), (3, 3));
    assert_eq!(queue.visible.borrow().len(), 2);
    let (rest, ended) = redrive(&queue, &stream, &rows, ALL).await;
    assert_eq!((rest.redriven, rest.already_there, ended), (16, 3, Ok(())));
}
