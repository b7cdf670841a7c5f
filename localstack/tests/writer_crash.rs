//! A small run of `make crash-lake`: the direct writer is killed wherever it can be, and what was
//! sent is there as often as it was sent.

use std::env;
use std::path::Path;

use anyhow::{Context as _, Result};
use localstack_tests::crash::point::Point;
use localstack_tests::crash::schedule::Plan;
use localstack_tests::crash::write::lake::Settings;
use localstack_tests::crash::write::{Options, run};

#[test]
fn what_was_sent_is_there_however_often_the_writer_dies() -> Result<()> {
    const KILLS: usize = 32;
    let options = Options {
        events: 10_000,
        plan: Plan {
            kills: KILLS,
            every: 6,
            seed: fastrand::u64(..),
        },
        settings: Settings {
            shards: 4,
            batch: 100,
            timeout: 8,
        },
    };
    let endpoint = env::var("AWS_ENDPOINT_URL").context("run these tests with `cargo xtask test it`")?;
    let python = env::var("HEADEND_PYTHON").context("run these tests with `cargo xtask test it`")?;
    let report = run(options, &endpoint, Path::new(&python), &|line| eprintln!("{line}"))?;
    report.check().with_context(|| format!("seed {}", options.plan.seed))?;
    assert!(report.kills >= KILLS, "{report:?}");
    // Nobody can say when an attempt leaves something behind; all else has its turn.
    let missed: Vec<_> = Point::all()
        .into_iter()
        .filter(|point| !point.is_rare() && !report.hits.contains_key(point))
        .map(|point| point.to_string())
        .collect();
    assert_eq!(missed, Vec::<String>::new());
    assert!(report.redriven.0 > 100, "{report:?}");
    assert_eq!(report.redriven_again, (0, report.redriven.0 + report.redriven.1));
    Ok(())
}
