//! Records per second and core of the transform, beside the plain `serde_json::Value` way.
//!
//! `cargo bench -p lake` runs both on the same requests in one process: quote the ratio first, the
//! absolute figure is this machine's.
//! `LAKE_EVENTS=events.jsonl cargo bench -p lake` adds a file of good events, one a line.

mod events;
mod peer;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use divan::Bencher;
use divan::counter::ItemsCount;
use lake::Transformer;

use events::Requests;

/// Interleaved rounds for the ratio; the best of each side counts, as noise only ever adds.
const ROUNDS: usize = 9;

static CASES: LazyLock<Vec<Requests>> = LazyLock::new(events::all);

fn main() {
    for requests in CASES.iter() {
        agree(requests);
    }
    divan::main();
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    for requests in CASES.iter() {
        compare(requests);
    }
}

#[divan::bench(args = CASES.iter(), sample_count = 30)]
fn transform(bencher: Bencher<'_, '_>, requests: &Requests) {
    let mut transformer = Transformer::default();
    bencher
        .counter(ItemsCount::new(requests.records))
        .bench_local(|| ours(&mut transformer, requests));
}

#[divan::bench(args = CASES.iter(), sample_count = 30)]
fn serde_json_value(bencher: Bencher<'_, '_>, requests: &Requests) {
    bencher
        .counter(ItemsCount::new(requests.records))
        .bench_local(|| theirs(requests));
}

fn ours(transformer: &mut Transformer, requests: &Requests) -> usize {
    requests
        .bodies
        .iter()
        .map(|body| {
            let batch = transformer.transform(body).expect("a good request");
            batch.response.len()
        })
        .sum()
}

fn theirs(requests: &Requests) -> usize {
    let bodies = requests.bodies.iter();
    bodies.map(|body| peer::transform(body).len()).sum()
}

/// Both sides must give the same answers before their speed means anything.
fn agree(requests: &Requests) {
    let mut transformer = Transformer::default();
    for body in &requests.bodies {
        let batch = transformer.transform(body).expect("a good request");
        assert_eq!(
            peer::read(batch.response),
            peer::read(&peer::transform(body)),
            "{requests}: the two transforms differ"
        );
    }
}

fn compare(requests: &Requests) {
    let mut transformer = Transformer::default();
    let (mut best_ours, mut best_theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        best_ours = best_ours.min(time(|| ours(&mut transformer, requests)));
        best_theirs = best_theirs.min(time(|| theirs(requests)));
    }
    let rate = |time: Duration| requests.records as f64 / time.as_secs_f64();
    println!(
        "{:<14} {:>9.0} records/s/core, serde_json Value {:>7.0}: {:.2} times",
        requests.to_string(),
        rate(best_ours),
        rate(best_theirs),
        rate(best_ours) / rate(best_theirs),
    );
}

fn time(work: impl FnOnce() -> usize) -> Duration {
    let start = Instant::now();
    divan::black_box(work());
    start.elapsed()
}
