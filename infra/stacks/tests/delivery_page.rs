//! The page about the two ways of delivery says what the model says.

use std::fmt::Write as _;
use std::path::Path;

use infra_price::{Estimate, Money, Priced, Region};
use infra_stacks::environment::Setting;
use infra_stacks::{Environment, app};

/// Events an hour, and events that a producer puts into a record.
const LOADS: [(u64, u32); 6] = [
    (10_000, 1),
    (1_000_000, 1),
    (1_000_000, 80),
    (100_000_000, 1),
    (100_000_000, 80),
    (1_000_000_000, 80),
];

fn estimate(delivery: &str, (events, per_record): (u64, u32)) -> Estimate {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
    let load = |shards: u128| -> Environment {
        let settings = [
            format!("lake.delivery={delivery}"),
            format!("lake.stream.shards={shards}"),
            "lake.stream.capacity=provisioned".to_owned(),
            format!("load.events_per_hour={events}"),
            format!("load.events_per_record={per_record}"),
        ];
        // On demand there may be no number of shards, so capacity is said first.
        let settings: Vec<Setting> = [2, 1, 0, 3, 4].map(|at: usize| settings[at].parse().unwrap()).into();
        Environment::load_with(&root, "prod", "headend", &settings).unwrap()
    };
    let environment = load(load(1).settings.load.shards_needed());
    let stacks = app(&environment).unwrap();
    let region = Region::named(&environment.settings.region).unwrap();
    Estimate::of(&stacks[0], &environment.settings.load, region)
}

fn part(estimate: &Estimate, ids: &[&str]) -> Money {
    let resources = estimate.resources.iter();
    resources
        .filter(|resource| ids.contains(&resource.id.as_str()))
        .map(Priced::total)
        .sum()
}

fn dollars(money: Money) -> String {
    let whole = (money.as_micro() + 500_000) / 1_000_000;
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("${grouped}")
}

fn table() -> String {
    let mut table = String::new();
    for load in LOADS {
        let (firehose, direct) = (estimate("firehose", load), estimate("direct", load));
        let cells = [
            part(&firehose, &["Stream"]),
            part(&firehose, &["Delivery", "DeliveryLog", "Transform", "TransformLog"]),
            part(&direct, &["Write", "WriteLog", "Fences"]),
            firehose.total(),
            direct.total(),
        ];
        let cells = cells.map(dollars).join(" | ");
        let (events, per_record) = load;
        let events = dollars(Money::dollars(u32::try_from(events).unwrap())).replace('$', "");
        writeln!(table, "| {events} | {per_record} | {cells} |").unwrap();
    }
    table
}

#[test]
fn the_page_shows_what_the_model_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/delivery.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = table();
    assert!(page.contains(&table), "docs/delivery.md must hold\n{table}");
}
