use md5::{Digest as _, Md5};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{MAGIC, MOST_PACKED, MOST_UNPACKED, Malformed, Packer, is_aggregated, unpack};

/// A record around a message, with the right checksum.
fn record(message: &[u8]) -> Vec<u8> {
    let checksum = Md5::digest(message);
    [&MAGIC[..], message, checksum.as_slice()].concat()
}

#[track_caller]
fn check_refused(message: &[u8], expected: Malformed) {
    assert_eq!(unpack(&record(message)), Err(expected));
}

/// As `aws-kinesis-agg` for Python writes two events with two keys.
#[test]
fn a_record_of_another_producer_is_read() {
    let message = b"\x0a\x01a\x0a\x01b\x1a\x05\x08\x00\x1a\x01x\x1a\x08\x08\x01\x10\x00\x1a\x02yz";
    assert_eq!(unpack(&record(message)), Ok(vec![&b"x"[..], b"yz"]));
}

#[test]
fn fields_that_nobody_knows_are_skipped() {
    let tags = b"\x0a\x01a\x1a\x0d\x08\x00\x1a\x01x\x22\x04\x0a\x02kk\x30\x07\x55\x01\x02\x03\x04";
    assert_eq!(unpack(&record(tags)), Ok(vec![&b"x"[..]]));
}

#[test]
fn damage_is_named() {
    check_refused(b"", Malformed::Empty);
    check_refused(b"\x0a\x01a", Malformed::Empty);
    check_refused(b"\x0a\x05a", Malformed::Cut);
    check_refused(b"\x0a\x01a\x1a\x02\x08\x00", Malformed::NoData);
    check_refused(b"\x0a\x01a\x1a\x03\x1a\x01x", Malformed::NoKey);
    check_refused(b"\x1a\x05\x08\x00\x1a\x01x", Malformed::NoKey);
    check_refused(b"\x0a\x01a\x1a\x05\x08\x01\x1a\x01x", Malformed::NoKey);
    check_refused(b"\x18\x05", Malformed::Kind);
    check_refused(b"\x0b", Malformed::WireType);
    check_refused(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", Malformed::Varint);
    assert_eq!(unpack(b"{}"), Err(Malformed::NotAggregated));
    assert_eq!(unpack(&MAGIC), Err(Malformed::NotAggregated));
    let mut record = record(b"\x0a\x01a\x1a\x05\x08\x00\x1a\x01x");
    record[7] ^= 1;
    assert_eq!(unpack(&record), Err(Malformed::Checksum));
}

#[test]
fn others_may_pack_more_events_than_we_do_up_to_a_limit() {
    let message = |events| [&b"\x0a\x01a"[..], &b"\x1a\x05\x08\x00\x1a\x01x".repeat(events)].concat();
    let most = record(&message(MOST_UNPACKED));
    assert_eq!(unpack(&most).map(|events| events.len()), Ok(MOST_UNPACKED));
    check_refused(&message(MOST_UNPACKED + 1), Malformed::TooMany);
}

#[test]
fn a_large_event_is_alone() {
    let mut packer = Packer::new(100);
    assert_eq!(packer.push("k", b"small"), None);
    let first = packer.push("k", &[b'x'; 300]).unwrap();
    assert_eq!(first.events, 1);
    let second = packer.finish().unwrap();
    assert_eq!(unpack(&second.data), Ok(vec![&[b'x'; 300][..]]));
    assert_eq!(packer.finish(), None);
}

#[test]
fn without_a_limit_of_size_records_are_limited_by_their_events() {
    let mut packer = Packer::new(usize::MAX);
    let packed: Vec<_> = (0..=MOST_PACKED).filter_map(|_| packer.push("k", b"event")).collect();
    assert_eq!(
        packed.iter().map(|record| record.events).collect::<Vec<_>>(),
        [MOST_PACKED]
    );
    assert_eq!(packer.finish().map(|record| record.events), Some(1));
}

proptest! {
    #[test]
    fn what_is_packed_comes_out_in_order_and_within_the_size(
        events in vec(vec(any::<u8>(), 0..60), 1..700),
        key in "[a-z0-9-]{1,40}",
        size in 300_usize..9_000,
    ) {
        let mut packer = Packer::new(size);
        let mut packed: Vec<_> = events.iter().filter_map(|event| packer.push(&key, event)).collect();
        packed.extend(packer.finish());
        let mut out = Vec::new();
        for record in &packed {
            prop_assert!(is_aggregated(&record.data));
            prop_assert!(record.data.len() <= size, "{} of {size}", record.data.len());
            prop_assert_eq!(&record.key, &key);
            let events = unpack(&record.data).unwrap();
            prop_assert_eq!(events.len(), record.events);
            out.extend(events.into_iter().map(<[u8]>::to_vec));
        }
        prop_assert_eq!(out, events);
    }

    #[test]
    fn a_full_record_leaves_no_room_for_the_next_event(events in vec(vec(any::<u8>(), 50..60), 600)) {
        let mut packer = Packer::new(super::UNIT);
        for event in &events {
            if let Some(full) = packer.push("key", event) {
                prop_assert!(full.events == MOST_PACKED || full.data.len() + event.len() + 6 > super::UNIT);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(message in vec(any::<u8>(), 0..400)) {
        let _ = unpack(&record(&message));
        let _ = unpack(&message);
    }
}
