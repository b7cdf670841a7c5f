//! Requests to measure with: generated events of several shapes, or a file's.

use std::fmt::{self, Write as _};

use fastrand::Rng;

/// Records in one request.
const BATCH: usize = 500;
/// Events in one case.
const EVENTS: usize = 20_000;
/// 2025-11-20T00:00:00Z.
const START: f64 = 1_763_596_800.0;
const SPAN: f64 = 36.0 * 3_600.0;

const NOUNS: &str = "lesson account course payment subscription review streak placement profile \
                     notification search media referral goal session cart coupon device classroom \
                     speech";
const VERBS: &str = "started finished created deleted updated";
const NOTES: [&str; 6] = [
    "",
    "retry after timeout",
    r#"first \"attempt\" of day"#,
    "user tapped skip",
    "café dialogue",
    "offline sync",
];

/// One case: a name, and the requests that Firehose would send.
#[derive(Debug)]
pub(crate) struct Requests {
    name: &'static str,
    pub(crate) bodies: Vec<Vec<u8>>,
    pub(crate) records: usize,
}

impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What an event looks like beside its content.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// Integer `created_at`, always the same order of keys.
    Fixed,
    /// Float `created_at`, keys in any order.
    Shuffled,
    /// As fixed, one event in four holds escaped quotes.
    Escaped,
}

/// Every case.
pub(crate) fn all() -> Vec<Requests> {
    let mut cases = vec![
        case("fixed keys", Shape::Fixed),
        case("shuffled keys", Shape::Shuffled),
        case("25% escapes", Shape::Escaped),
    ];
    if let Some(path) = std::env::var_os("LAKE_EVENTS") {
        let file = std::fs::read_to_string(&path).expect("LAKE_EVENTS names a readable file");
        let events: Vec<String> = file.lines().take(100_000).map(str::to_owned).collect();
        cases.push(requests("LAKE_EVENTS", &events));
    }
    cases
}

fn case(name: &'static str, shape: Shape) -> Requests {
    let mut rng = Rng::with_seed(20_251_120);
    let mut names: Vec<String> = NOUNS
        .split(' ')
        .flat_map(|noun| VERBS.split(' ').map(move |verb| format!("{noun}:{verb}")))
        .collect();
    rng.shuffle(&mut names);
    // Zipf with exponent 1.1.
    let mut sum = 0.0;
    let weights: Vec<f64> = (1..=names.len())
        .map(|rank| {
            sum += (rank as f64).powf(-1.1);
            sum
        })
        .collect();
    let events: Vec<String> = (0..EVENTS)
        .map(|index| {
            let created = START + index as f64 * SPAN / EVENTS as f64;
            let pick = rng.f64() * sum;
            let rank = weights.partition_point(|weight| *weight < pick);
            event(&mut rng, shape, &names[rank], created)
        })
        .collect();
    requests(name, &events)
}

fn event(rng: &mut Rng, shape: Shape, name: &str, created: f64) -> String {
    let finished = name.ends_with("finished");
    let mut payload = format!(r#""item_id":{}"#, rng.u32(1..5_000));
    if finished {
        write!(payload, r#","score":{}"#, f64::from(rng.u32(0..1_001)) / 10.0).unwrap();
    }
    if finished || rng.f64() < 0.3 {
        write!(payload, r#","duration_ms":{}"#, rng.u32(500..600_000)).unwrap();
    }
    let source = pick(rng, &["push", "email", "organic", "deeplink", "home_feed"]);
    write!(payload, r#","source":"{source}""#).unwrap();
    if rng.f64() < 0.25 {
        let note = if shape == Shape::Escaped {
            NOTES[2]
        } else {
            pick(rng, &NOTES)
        };
        write!(payload, r#","note":"{note}""#).unwrap();
    }
    let created = match shape {
        Shape::Shuffled => format!("{created:.6}"),
        Shape::Fixed | Shape::Escaped => format!("{created:.0}"),
    };
    let uuid = rng.u128(..);
    let (a, b, c, d, e) = (
        uuid >> 96,
        uuid >> 80 & 0xffff,
        uuid >> 64 & 0xfff | 0x4000,
        uuid >> 48 & 0x3fff | 0x8000,
        uuid & 0xffff_ffff_ffff,
    );
    let mut members = [
        format!(r#""event_uuid":"{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}""#),
        format!(r#""event_name":"{name}""#),
        format!(r#""created_at":{created}"#),
        format!(r#""user_id":{}"#, rng.u32(1..2_000_000)),
        format!(r#""session_id":"{:016x}""#, rng.u64(..)),
        format!(r#""platform":"{}""#, pick(rng, &["ios", "android", "web"])),
        format!(r#""app_version":"7.{}.{}""#, rng.u8(0..40), rng.u8(0..4)),
        format!(r#""locale":"{}""#, pick(rng, &["en_US", "de_DE", "pt_BR", "pl_PL"])),
        format!(r#""country":"{}""#, pick(rng, &["US", "DE", "BR", "PL", "MX"])),
        format!(r#""payload":{{{payload}}}"#),
    ];
    if shape == Shape::Shuffled {
        rng.shuffle(&mut members);
    }
    format!("{{{}}}", members.join(","))
}

fn pick<'a>(rng: &mut Rng, choices: &[&'a str]) -> &'a str {
    choices[rng.usize(..choices.len())]
}

fn requests(name: &'static str, events: &[String]) -> Requests {
    let bodies = events.chunks(BATCH).enumerate().map(|(batch, events)| {
        let mut body = String::from(
            r#"{"invocationId":"7f2e1c9a-0000-4000-8000-000000000000","deliveryStreamArn":"arn:aws:firehose:eu-west-2:000000000000:deliverystream/events","region":"eu-west-2","records":["#,
        );
        for (index, event) in events.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let number = batch * BATCH + index;
            let data = base64_simd::STANDARD.encode_to_string(event);
            write!(
                body,
                r#"{comma}{{"recordId":"4966{number:050}000000","approximateArrivalTimestamp":{},"data":"{data}"}}"#,
                ((START + SPAN) * 1e3) as u64 + number as u64,
            )
            .unwrap();
        }
        body.push_str("]}");
        body.into_bytes()
    });
    Requests {
        name,
        bodies: bodies.collect(),
        records: events.len(),
    }
}
