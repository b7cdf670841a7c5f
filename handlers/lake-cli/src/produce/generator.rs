//! Events of an imaginary language-learning app, for when there are none at hand.
//!
//! A hundred types of very unequal frequency (Zipf, exponent 1.1: the first is about 23 % of
//! all, the last about 0.15 %), about 300 bytes each, in six shapes.
//! The same seed and the same time give the same events.

use fastrand::Rng;
use std::fmt::Write;

const NOUNS: [&str; 20] = [
    "lesson",
    "account",
    "course",
    "payment",
    "subscription",
    "review",
    "streak",
    "placement",
    "profile",
    "notification",
    "search",
    "media",
    "referral",
    "goal",
    "session",
    "cart",
    "coupon",
    "device",
    "classroom",
    "speech",
];
const VERBS: [&str; 5] = ["started", "finished", "created", "deleted", "updated"];
const ZIPF_EXPONENT: f64 = 1.1;
/// Which types are frequent is the same for every seed, so that runs can be compared.
const TYPE_ORDER_SEED: u64 = 7;

const PLATFORMS: [&str; 3] = ["ios", "android", "web"];
const LOCALES: [&str; 8] = ["en_GB", "en_US", "de_DE", "es_ES", "fr_FR", "it_IT", "pl_PL", "pt_BR"];
const COUNTRIES: [&str; 10] = ["GB", "US", "DE", "ES", "FR", "IT", "PL", "BR", "MX", "AT"];
const SOURCES: [&str; 5] = ["push", "email", "organic", "deeplink", "home_feed"];
const CURRENCIES: [&str; 4] = ["GBP", "EUR", "USD", "PLN"];
/// As they stand in JSON, escapes included.
const NOTES: [&str; 6] = [
    "",
    "retry after timeout",
    r#"first \"attempt\" of day"#,
    "café dialogue",
    "offline\\tsync",
    "\u{1f389} streak kept",
];
const QUERIES: [&str; 5] = ["past tense", "pluscuamperfecto", "der die das", "être", "żółty"];

/// The variable part of an event.
#[derive(Clone, Copy)]
enum Shape {
    Learning,
    Money,
    Search,
    Device,
    Social,
    Plain,
}

struct Kind {
    name: String,
    shape: Shape,
    cumulative: f64,
}

/// An endless source of events.
pub(crate) struct Generator {
    rng: Rng,
    kinds: Vec<Kind>,
    now: f64,
    spread: f64,
}

impl Generator {
    /// Events created at even odds within the `hours` before `now` (Unix seconds).
    pub(crate) fn new(seed: u64, now: f64, hours: f64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            kinds: kinds(),
            now,
            spread: hours * 3600.0,
        }
    }

    fn event(&mut self) -> String {
        let rng = &mut self.rng;
        let point = rng.f64() * self.kinds.last().map_or(0.0, |kind| kind.cumulative);
        let chosen = self.kinds.partition_point(|kind| kind.cumulative <= point);
        let (name, shape) = self
            .kinds
            .get(chosen)
            .map_or(("heartbeat", Shape::Plain), |kind| (kind.name.as_str(), kind.shape));
        let created_at = self.now - rng.f64() * self.spread;
        let mut event = format!(
            r#"{{"event_uuid":"{}","event_name":"{name}","created_at":{created_at:.6},"user_id":{},"session_id":"{:016x}","platform":"{}","app_version":"7.{}.{}","locale":"{}","country":"{}""#,
            uuid(rng),
            user(rng),
            rng.u64(..),
            pick(rng, &PLATFORMS),
            rng.u8(..40),
            rng.u8(..4),
            pick(rng, &LOCALES),
            pick(rng, &COUNTRIES),
        );
        // Writing to a string cannot fail.
        let _ = write_shape(&mut event, rng, shape);
        event.push('}');
        event
    }
}

impl Iterator for Generator {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        Some(self.event())
    }
}

/// A version 4 UUID from this generator's own randomness, so that a seed reproduces it.
pub(crate) fn uuid(rng: &mut Rng) -> String {
    let bits = (rng.u128(..) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let mut out = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
    out
}

fn kinds() -> Vec<Kind> {
    let mut kinds: Vec<Kind> = NOUNS
        .iter()
        .flat_map(|noun| VERBS.iter().map(move |verb| kind(noun, verb)))
        .collect();
    Rng::with_seed(TYPE_ORDER_SEED).shuffle(&mut kinds);
    let mut sum = 0.0;
    for (rank, kind) in (1u32..).zip(&mut kinds) {
        sum += f64::from(rank).powf(-ZIPF_EXPONENT);
        kind.cumulative = sum;
    }
    kinds
}

fn kind(noun: &str, verb: &str) -> Kind {
    let name = match (noun, verb) {
        ("session", "updated") => "heartbeat".to_owned(),
        ("payment" | "cart", _) => format!("{noun}:order:{verb}"),
        _ => format!("{noun}:{verb}"),
    };
    let shape = match noun {
        "lesson" | "course" | "placement" | "speech" | "classroom" => Shape::Learning,
        "payment" | "subscription" | "cart" | "coupon" => Shape::Money,
        "search" => Shape::Search,
        "device" | "media" => Shape::Device,
        "review" | "referral" | "notification" | "profile" => Shape::Social,
        _ => Shape::Plain,
    };
    Kind {
        name,
        shape,
        cumulative: 0.0,
    }
}

fn write_shape(out: &mut String, rng: &mut Rng, shape: Shape) -> std::fmt::Result {
    match shape {
        Shape::Learning => {
            let (item, took) = (rng.u32(1..5000), rng.u32(500..600_000));
            write!(
                out,
                r#","item":{{"id":{item},"level":"{}{}","answers":["#,
                rng.char('A'..='C'),
                rng.u8(1..=2)
            )?;
            for at in 0..rng.u8(0..6) {
                let comma = if at == 0 { "" } else { "," };
                write!(out, "{comma}{}", rng.bool())?;
            }
            write!(out, r#"]}},"score":{:.1},"duration_ms":{took}"#, rng.f64() * 100.0)
        }
        Shape::Money => {
            let (pence, count) = (rng.u32(99..20_000), rng.u8(1..4));
            let order = rng.u64(..);
            write!(
                out,
                r#","order":{{"id":{order},"amount_minor":{pence},"currency":"{}","items":["#,
                pick(rng, &CURRENCIES)
            )?;
            for at in 0..count {
                let comma = if at == 0 { "" } else { "," };
                write!(out, r#"{comma}{{"sku":"p-{}","n":{}}}"#, rng.u16(..), rng.u8(1..3))?;
            }
            out.write_str("]}")
        }
        Shape::Search => {
            let (results, took) = (rng.u16(..400), rng.f64() * 80.0);
            write!(
                out,
                r#","query":"{}","results":{results},"took_ms":{took:.3},"clicked":null"#,
                pick(rng, &QUERIES)
            )
        }
        Shape::Device => {
            let (free, battery) = (rng.u64(..1 << 38), rng.f32());
            write!(
                out,
                r#","device":{{"model":"m{}","os":{{"major":{},"minor":{}}},"free_bytes":{free},"battery":{battery:.2}}}"#,
                rng.u8(..),
                rng.u8(9..19),
                rng.u8(..8)
            )
        }
        Shape::Social => {
            write!(
                out,
                r#","source":"{}","note":"{}","stars":{}"#,
                pick(rng, &SOURCES),
                pick(rng, &NOTES),
                rng.u8(1..=5)
            )
        }
        Shape::Plain => {
            write!(
                out,
                r#","source":"{}","item_id":{}"#,
                pick(rng, &SOURCES),
                rng.u32(1..5000)
            )
        }
    }
}

/// A few people use the app much more than the others (Pareto, index 0.6).
fn user(rng: &mut Rng) -> u64 {
    let drawn = 1000.0 * (1.0 - rng.f64()).powf(-1.0 / 0.6);
    // The cast saturates, which is what an endless tail needs.
    drawn as u64 % 2_000_000
}

fn pick<'a>(rng: &mut Rng, choices: &[&'a str]) -> &'a str {
    rng.choice(choices).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Generator;
    use std::collections::{HashMap, HashSet};

    const NOW: f64 = 1_790_000_000.5;

    #[test]
    fn a_seed_reproduces_its_events() {
        let run = |seed| Generator::new(seed, NOW, 1.0).take(500).collect::<Vec<_>>();
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn events_are_json_of_the_promised_size_time_and_variety() {
        let (mut names, mut ids, mut bytes) = (HashMap::new(), HashSet::new(), 0);
        let (mut shapes, count) = (HashSet::new(), 50_000);
        for text in Generator::new(3, NOW, 2.0).take(count) {
            let event: serde_json::Value = serde_json::from_str(&text).expect(&text);
            let id = event["event_uuid"].as_str().expect("an id").to_owned();
            assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
            assert!(ids.insert(id));
            let at = event["created_at"].as_f64().expect("a number");
            assert!((NOW - 7200.0..=NOW).contains(&at), "{at}");
            shapes.insert(
                event
                    .as_object()
                    .expect("an object")
                    .keys()
                    .cloned()
                    .collect::<Vec<_>>(),
            );
            *names
                .entry(event["event_name"].as_str().expect("a name").to_owned())
                .or_insert(0) += 1;
            bytes += text.len();
        }
        assert_eq!(names.len(), 100);
        assert_eq!(shapes.len(), 6);
        let most = f64::from(*names.values().max().expect("some")) / count as f64;
        assert!((0.2..0.27).contains(&most), "{most}");
        assert!((250..350).contains(&(bytes / count)), "{}", bytes / count);
    }
}
