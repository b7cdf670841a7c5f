//! Records per second and core of the encoder, in the lake's own columns, by the shape of events.
//!
//! `cargo bench -p lake-parquet` measures our own code alone; `make bench-lake` sets it beside others.

use std::fmt;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use fastrand::Rng;
use lake_parquet::{Encoder, Layout, Settings};

/// Records of one call, as many as Lambda gives at most.
const BATCH: usize = 10_000;
/// 2026-01-01T00:00:00Z
const ARRIVAL_MS: i64 = 1_767_225_600_000;

/// What events look like.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    /// Compact, always the same order of keys, whole seconds.
    Plain,
    /// The lake's real events: microseconds, names of three parts, members in any order.
    Real,
    /// As plain, with an escaped quote in every event.
    Escaped,
    /// As plain, with white space between all tokens.
    Spaced,
}

struct Case {
    shape: Shape,
    records: Vec<String>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.shape)
    }
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let shapes = [Shape::Plain, Shape::Real, Shape::Escaped, Shape::Spaced];
    shapes.map(|shape| case(shape, &mut Rng::with_seed(20_251_120))).into()
});

fn case(shape: Shape, rng: &mut Rng) -> Case {
    let record = |at: usize| base64_simd::STANDARD.encode_to_string(event(shape, at, rng));
    Case {
        shape,
        records: (0..BATCH).map(record).collect(),
    }
}

fn event(shape: Shape, at: usize, rng: &mut Rng) -> String {
    let mut pick = |choices: &[&'static str]| choices[rng.usize(..choices.len())];
    let noun = pick(&["lesson", "account", "payment", "subscription", "review"]);
    let verb = pick(&["started", "finished", "created", "order:completed"]);
    let (platform, locale) = (pick(&["ios", "android", "web"]), pick(&["en_US", "de_DE", "pt_BR"]));
    let note = if shape == Shape::Escaped {
        r#"first \"attempt\" of day"#
    } else {
        "offline sync"
    };
    // Ten seconds of one hour.
    let second = 1_763_596_800 + at / 1_000;
    let created = match shape {
        Shape::Real => format!("{second}.{:06}", rng.u32(..1_000_000)),
        _ => second.to_string(),
    };
    let uuid = format!("{:032x}", rng.u128(..));
    let uuid = [&uuid[..8], &uuid[8..12], &uuid[12..16], &uuid[16..20], &uuid[20..]].join("-");
    let mut members = [
        format!(r#""event_uuid":"{uuid}""#),
        format!(r#""event_name":"{noun}:{verb}""#),
        format!(r#""created_at":{created}"#),
        format!(r#""user_id":{}"#, rng.u32(1..2_000_000)),
        format!(r#""session_id":"{:016x}""#, rng.u64(..)),
        format!(r#""platform":"{platform}""#),
        format!(r#""locale":"{locale}""#),
        format!(r#""payload":{{"item_id":{},"note":"{note}"}}"#, rng.u32(1..5_000)),
    ];
    if shape == Shape::Real {
        rng.shuffle(&mut members);
    }
    let event = format!("{{{}}}", members.join(","));
    match shape {
        Shape::Spaced => event.replace("\":", "\": ").replace(",\"", ", \""),
        _ => event,
    }
}

fn main() {
    divan::main();
}

#[divan::bench(args = CASES.iter(), sample_count = 30)]
fn encode(bencher: Bencher<'_, '_>, case: &Case) {
    let mut encoder = Encoder::new(Layout::lake(), Settings::default()).expect("an encoder");
    bencher.counter(ItemsCount::new(BATCH)).bench_local(|| {
        for record in &case.records {
            encoder
                .push_base64(record.as_bytes(), Some(ARRIVAL_MS))
                .expect("a good event");
        }
        encoder
            .finish()
            .map(|object| object.expect("an object").bytes.len())
            .sum::<usize>()
    });
}
