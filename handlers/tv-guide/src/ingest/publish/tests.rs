use std::cell::Cell;

use proptest::prelude::*;

use super::memory::Memory;
use super::*;
use crate::event::id::TitleId;
use crate::event::{Cause, Event, TitleKey};
use crate::upstream::script::Hands;

fn records(count: u64) -> Vec<Record> {
    let record = |number: u64| {
        let key = TitleKey {
            id: TitleId::from(number),
        };
        Record::new(
            Event::TitleEnrich(key),
            Cause::Request,
            "2026-01-09T21:00:00Z".parse().unwrap(),
        )
    };
    (0..count).map(record).collect()
}

fn clock() -> Hands {
    Hands::new("2026-01-09T21:00:00Z".parse().unwrap(), 1.0)
}

#[tokio::test]
async fn only_what_was_not_taken_is_sent_again() {
    // Of the first call two are refused, of the second one.
    let stream = Memory::new(|call, place| Some(!matches!((call, place), (0, 3 | 7) | (1, 0))));
    let (records, pace) = (records(10), clock());
    let published = publish(&records, &stream, &pace).await;
    assert_eq!(stream.calls(), [10, 2, 1]);
    assert!(published.failed.is_empty());
    assert_eq!(published.sequence_number.as_deref(), Some("10"));
    let mut keys: Vec<u64> = stream
        .drain()
        .iter()
        .map(|entry| entry.partition_key.parse().unwrap())
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, (0..10).collect::<Vec<u64>>());
    assert_eq!(pace.slept().len(), 2);
}

#[tokio::test]
async fn after_five_calls_a_record_is_given_up_and_named() {
    let calls = Cell::new(0);
    let stream = Memory::new(|call, place| {
        calls.set(call);
        (place > 0).then_some(true).or(Some(false))
    });
    let published = publish(&records(3), &stream, &clock()).await;
    assert_eq!((stream.calls(), calls.get()), (vec![3, 1, 1, 1, 1], 4));
    assert_eq!(published.failed, BTreeSet::from([0]));
    assert!(published.error.is_none());
}

#[tokio::test]
async fn a_call_that_fails_is_repeated_as_a_whole() {
    let stream = Memory::new(|call, _| (call > 1).then_some(true));
    let pace = clock();
    let published = publish(&records(3), &stream, &pace).await;
    assert_eq!((stream.calls(), published.failed.len()), (vec![3, 3, 3], 0));
    assert_eq!(pace.slept(), [BASE, BASE * 2]);

    let stream = Memory::new(|_, _| None);
    let published = publish(&records(501), &stream, &clock()).await;
    assert_eq!(published.failed.len(), 501);
    assert!(published.error.is_some() && published.sequence_number.is_none());
}

#[tokio::test]
async fn nothing_to_send_is_no_call() {
    let stream = Memory::new(|_, _| Some(true));
    publish(&[], &stream, &clock()).await;
    assert!(stream.calls().is_empty());
}

#[tokio::test]
async fn a_record_that_no_call_takes_costs_the_others_nothing() {
    let mut records = records(3);
    let channel = crate::event::Channel {
        id: 1.into(),
        name: "x".repeat(LARGEST_RECORD),
        order: 1,
    };
    records[1].event = Event::ChannelSeen(channel);
    let stream = Memory::new(|_, _| Some(true));
    let published = publish(&records, &stream, &clock()).await;
    assert_eq!((stream.calls(), published.failed), (vec![2], BTreeSet::from([1])));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn every_call_is_within_both_limits_and_together_they_are_all(
        sizes in proptest::collection::vec(prop_oneof![4 => 1_usize..3_000, 1 => 1_usize..=LARGEST_RECORD], 0..1_500)
    ) {
        let calls: Vec<&[usize]> = chunks(&sizes, |size| *size).collect();
        prop_assert_eq!(calls.concat(), sizes.clone());
        for call in &calls {
            prop_assert!((1..=MOST_RECORDS).contains(&call.len()));
            prop_assert!(call.iter().sum::<usize>() <= MOST_BYTES);
        }
        // No call could have taken the first of the next one, too.
        for pair in calls.windows(2) {
            let together = pair[0].iter().sum::<usize>() + pair[1][0];
            prop_assert!(pair[0].len() == MOST_RECORDS || together > MOST_BYTES);
        }
    }
}
