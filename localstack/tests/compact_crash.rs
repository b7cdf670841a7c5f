//! A small run of `make crash-compact`: the compaction is killed wherever it can be, late events
//! arrive all the while, and no reader ever finds what he must not.

use std::env;

use anyhow::{Context as _, Result};
use localstack_tests::crash::compact::{Options, run};
use localstack_tests::crash::schedule::Plan;

#[test]
fn each_event_is_there_once_however_often_the_compaction_dies() -> Result<()> {
    let options = Options {
        events: 30,
        rounds: 25,
        plan: Plan {
            kills: 48,
            every: 10,
            seed: fastrand::u64(..),
        },
    };
    let endpoint = env::var("AWS_ENDPOINT_URL").context("run these tests with `cargo xtask test it`")?;
    let report = run(options, &endpoint, &|line| eprintln!("{line}"));
    let report = report.with_context(|| format!("seed {}", options.plan.seed))?;
    assert!(report.kills >= options.plan.kills && report.rounds > 2, "{report:?}");
    assert!(report.answers > report.rounds, "{report:?}");
    let (events, rows) = report.events;
    assert!(rows > events, "{report:?}");
    Ok(())
}
