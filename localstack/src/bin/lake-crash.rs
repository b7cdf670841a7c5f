//! Kills the direct writer a few hundred times, and counts what it has written.
//!
//! `make crash-lake` runs it with a cloud of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use localstack_tests::crash::lake::Settings;
use localstack_tests::crash::point::Point;
use localstack_tests::crash::schedule::Plan;
use localstack_tests::crash::{Options, Report, run};

/// Kill the direct writer again and again, and count what it has written.
#[derive(Debug, Parser)]
struct Args {
    /// Events to send; some of them twice
    #[arg(long, default_value_t = 1_000_000)]
    events: usize,
    /// Processes to kill
    #[arg(long, default_value_t = 200)]
    kills: usize,
    /// Requests between two kills, on average
    #[arg(long, default_value_t = 25)]
    every: usize,
    /// Shards of the stream
    #[arg(long, default_value_t = 4)]
    shards: usize,
    /// Most records in a batch
    #[arg(long, default_value_t = 500)]
    batch: usize,
    /// Longest run of the writer, in seconds
    #[arg(long, default_value_t = 20)]
    timeout: usize,
    /// What chance is made from; a run is not the same for it, as processes race
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The local cloud
    #[arg(long, env = "AWS_ENDPOINT_URL")]
    endpoint: String,
    /// A Python that has DuckDB
    #[arg(long, env = "HEADEND_PYTHON")]
    python: PathBuf,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let options = Options {
        events: args.events,
        plan: Plan {
            kills: args.kills,
            every: args.every,
            seed: args.seed,
        },
        settings: Settings {
            shards: args.shards,
            batch: args.batch,
            timeout: args.timeout,
        },
    };
    let report = run(options, &args.endpoint, &args.python, &|line| eprintln!("{line}"))?;
    print(&report);
    report.check()?;
    Ok(match report.kills >= args.kills {
        true => ExitCode::SUCCESS,
        false => {
            eprintln!(
                "error: the records were written before {} kills; lower --every or --batch",
                args.kills
            );
            ExitCode::FAILURE
        }
    })
}

fn print(report: &Report) {
    println!("{:<40} {:>9}", "killed", "times");
    for point in Point::all() {
        let hits = report.hits.get(&point).copied().unwrap_or_default();
        println!("{:<40} {hits:>9}", point.to_string());
    }
    println!("{:<40} {:>9}\n", "processes killed in all", report.kills);
    let Report { sent, read, .. } = report;
    println!("{:<40} {:>9}", "records sent", sent.records);
    println!("{:<40} {:>9}", "batches given up, and driven again", report.given_up.0);
    println!("{:<40} {:>9}", "events lacking in them", report.redriven.0);
    for (what, sent, found) in [
        ("rows", sent.rows, &read.rows),
        ("refusals", sent.refused, &read.refused),
    ] {
        println!("{:<40} {sent:>9}", format!("{what} sent"));
        println!("{:<40} {:>9}", format!("{what} read back"), found.found);
        println!("{:<40} {:>9}", format!("{what} lost"), found.lacking);
        println!("{:<40} {:>9}", format!("{what} beyond"), found.beyond);
    }
    for (prefix, objects) in &report.objects {
        println!("{:<40} {objects:>9}", format!("objects below {prefix}"));
    }
    println!("{:<40} {:>9.0}", "seconds", report.took.as_secs_f64());
}
