use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use lake::aggregate::Packer;
use lake::write::{Encode as _, Part};

use super::{Counts, Parts, Record};

/// 2026-11-20T20:00:00Z, and an arrival a second later.
const HOUR: u64 = 1_795_204_800;
const ARRIVAL: i64 = (HOUR as i64 + 1) * 1_000;

fn event(number: u64, created_at: u64) -> Vec<u8> {
    format!(r#"{{"event_uuid":"u{number}","event_name":"a:b","created_at":{created_at}}}"#).into_bytes()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn aggregate(events: &[Vec<u8>]) -> Vec<u8> {
    let mut packer = Packer::new(100_000);
    for event in events {
        assert_eq!(packer.push("key", event), None);
    }
    packer.finish().unwrap().data
}

fn encode(records: &[Vec<u8>]) -> (Vec<Part>, Counts) {
    let data: Vec<_> = records.iter().map(|bytes| super::base64(bytes)).collect();
    let record = |(data, number): (&'static str, u64)| Record {
        sequence: number.to_string().parse().unwrap(),
        data,
        arrival_ms: ARRIVAL,
    };
    let data = data.into_iter().map(|data| &*data.leak());
    let records: Vec<_> = data.zip(100..).map(record).collect();
    let mut parts = Parts::new("events".to_owned()).unwrap();
    let made = parts.encode(&records).unwrap();
    // The buffers of a batch before leave no trace.
    assert_eq!(parts.encode(&records), Ok(made.clone()));
    (made, parts.counts().clone())
}

/// Keys of shard `s` with their rows, and the refusals by their codes.
#[track_caller]
fn check(records: &[Vec<u8>], keys: &[(&str, usize)], refusals: &[(&str, usize)]) -> Vec<Part> {
    let (parts, counts) = encode(records);
    let found: Vec<_> = parts.iter().map(|part| (part.key("s"), part.rows)).collect();
    let expected: Vec<_> = keys.iter().map(|(key, rows)| ((*key).to_owned(), *rows)).collect();
    assert_eq!(found, expected);
    let quarantined: Vec<_> = counts.quarantined.into_iter().collect();
    assert_eq!(quarantined, refusals);
    parts
}

#[test]
fn an_hour_is_named_after_its_own_first_record() {
    let records = [
        event(1, HOUR),
        event(2, HOUR - 1),
        event(3, HOUR + 1),
        event(4, HOUR - 3_600),
    ];
    let parts = check(
        &records,
        &[
            ("raw/events/year=2026/month=11/day=20/hour=19/s-101.parquet", 2),
            ("raw/events/year=2026/month=11/day=20/hour=20/s-100.parquet", 2),
        ],
        &[],
    );
    let ends: Vec<_> = parts.iter().map(|part| part.last.as_str()).collect();
    assert_eq!(ends, ["103", "102"]);
}

#[test]
fn what_is_no_event_is_quarantined_in_one_object() {
    let records = [
        event(1, HOUR),
        b"[]".to_vec(),
        event(2, HOUR),
        b"\xff".to_vec(),
        Vec::new(),
    ];
    let parts = check(
        &records,
        &[
            ("raw/events/year=2026/month=11/day=20/hour=20/s-100.parquet", 2),
            ("quarantine/events/s-101.ndjson", 3),
        ],
        &[("empty", 1), ("not_object", 1), ("not_utf8", 1)],
    );
    let lines = String::from_utf8(parts[1].bytes.clone()).unwrap();
    let first = lines.lines().next().unwrap();
    assert_eq!(
        first,
        r#"{"reason":"not_object","error":"the event is an array, not an object","sequence":"101","event":null,"arrival_ms":1795204801000,"data":"W10="}"#
    );
}

#[test]
fn an_aggregated_record_is_in_each_hour_of_its_events() {
    let packed = aggregate(&[event(1, HOUR), b"{}".to_vec(), event(2, HOUR - 1)]);
    let keys = [
        ("raw/events/year=2026/month=11/day=20/hour=19/s-100.parquet", 2),
        ("raw/events/year=2026/month=11/day=20/hour=20/s-100.parquet", 2),
        ("quarantine/events/s-100.ndjson", 2),
    ];
    check(&[packed.clone(), gzip(&packed)], &keys, &[("missing_field", 2)]);
}

#[test]
fn compressed_records_hold_an_event_or_one_in_each_line() {
    let one = gzip(&event(1, HOUR));
    let three = gzip(&[event(2, HOUR), b"no".to_vec(), b" ".to_vec(), event(3, HOUR)].join(&b'\n'));
    let keys = [
        ("raw/events/year=2026/month=11/day=20/hour=20/s-100.parquet", 3),
        ("quarantine/events/s-101.ndjson", 1),
    ];
    check(&[one, three], &keys, &[("not_json", 1)]);
}

#[test]
fn a_bad_line_of_a_compressed_record_fails_itself_alone() {
    let lines = |bad: &[u8]| gzip(&[bad.to_vec(), event(1, HOUR), event(2, HOUR)].join(&b'\n'));
    let keys = [
        ("raw/events/year=2026/month=11/day=20/hour=20/s-100.parquet", 6),
        ("quarantine/events/s-100.ndjson", 3),
    ];
    check(
        &[lines(b"no"), lines(b"\xff"), lines(b"{}")],
        &keys,
        &[("missing_field", 1), ("not_json", 1), ("not_utf8", 1)],
    );
    // An event over several lines is one, however bad.
    let keys = [("quarantine/events/s-100.ndjson", 1)];
    check(&[gzip(b"{\n\"event_uuid\":\n\"u\"}")], &keys, &[("missing_field", 1)]);
}

#[test]
fn damage_and_bombs_are_quarantined_whole() {
    let mut cut = gzip(&event(1, HOUR));
    cut.truncate(20);
    let mut damaged = aggregate(&[event(1, HOUR)]);
    damaged[20] ^= 1;
    let bomb = gzip(&vec![b' '; 11 * 1024 * 1024]);
    let keys = [("quarantine/events/s-100.ndjson", 3)];
    check(
        &[cut, damaged, bomb],
        &keys,
        &[("aggregate", 1), ("gzip", 1), ("gzip_bomb", 1)],
    );
}
