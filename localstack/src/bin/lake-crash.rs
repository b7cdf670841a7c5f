//! Kills the lake's programs a few hundred times, and counts what is left.
//!
//! `make crash-lake` and `make crash-compact` run it with a cloud of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser};
use localstack_tests::crash::call::Call;
use localstack_tests::crash::point::Point;
use localstack_tests::crash::schedule::Plan;
use localstack_tests::crash::write::lake::Settings;
use localstack_tests::crash::{compact, write};

/// Kill a program of the lake again and again, and count what it has made.
#[derive(Debug, Parser)]
enum Program {
    /// The direct writer, and what it has written
    Write(Write),
    /// The compaction, while late events arrive and a reader counts the hours
    Compact(Compact),
}

#[derive(Debug, Args)]
struct Write {
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
    #[command(flatten)]
    cloud: Cloud,
    /// A Python that has DuckDB
    #[arg(long, env = "HEADEND_PYTHON")]
    python: PathBuf,
}

#[derive(Debug, Args)]
struct Compact {
    /// New events of each hour and round; the first hour begins with far more
    #[arg(long, default_value_t = 200)]
    events: usize,
    /// Processes to kill
    #[arg(long, default_value_t = 200)]
    kills: usize,
    /// Requests between two kills, on average
    #[arg(long, default_value_t = 15)]
    every: usize,
    /// Most rounds of late events until then
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    #[command(flatten)]
    cloud: Cloud,
}

#[derive(Debug, Args)]
struct Cloud {
    /// What chance is made from; a run is not the same for it, as processes race
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The local cloud
    #[arg(long, env = "AWS_ENDPOINT_URL")]
    endpoint: String,
}

fn main() -> Result<ExitCode> {
    match Program::parse() {
        Program::Write(args) => write(&args),
        Program::Compact(args) => compact(&args),
    }
}

fn say(line: &str) {
    eprintln!("{line}");
}

fn write(args: &Write) -> Result<ExitCode> {
    let options = write::Options {
        events: args.events,
        plan: Plan {
            kills: args.kills,
            every: args.every,
            seed: args.cloud.seed,
        },
        settings: Settings {
            shards: args.shards,
            batch: args.batch,
            timeout: args.timeout,
        },
    };
    let report = write::run(options, &args.cloud.endpoint, &args.python, &say)?;
    print_hits(&report.hits, report.kills);
    let write::Report { sent, read, .. } = &report;
    print("records sent", sent.records);
    print("batches given up, and driven again", report.given_up.0);
    print("events lacking in them", report.redriven.0);
    for (what, sent, found) in [
        ("rows", sent.rows, &read.rows),
        ("refusals", sent.refused, &read.refused),
    ] {
        print(&format!("{what} sent"), sent);
        print(&format!("{what} read back"), found.found);
        print(&format!("{what} lost"), found.lacking);
        print(&format!("{what} beyond"), found.beyond);
    }
    for (prefix, objects) in &report.objects {
        print(&format!("objects below {prefix}"), *objects);
    }
    print("seconds", report.took.as_secs());
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

fn compact(args: &Compact) -> Result<ExitCode> {
    let options = compact::Options {
        events: args.events,
        rounds: args.rounds,
        plan: Plan {
            kills: args.kills,
            every: args.every,
            seed: args.cloud.seed,
        },
    };
    let report = compact::run(options, &args.cloud.endpoint, &say)?;
    print_hits(&report.hits, report.kills);
    print("rounds of late events", report.rounds);
    print("invocations", report.invocations);
    print("answers of the reader", report.answers);
    print("rows that arrived", report.events.1);
    print("events, each of them a row", report.events.0);
    print("seconds", report.took.as_secs());
    Ok(ExitCode::SUCCESS)
}

fn print_hits<C: Call>(hits: &BTreeMap<Point<C>, usize>, kills: usize) {
    println!("{:<40} {:>9}", "killed", "times");
    for point in Point::<C>::all() {
        print(&point.to_string(), hits.get(&point).copied().unwrap_or_default());
    }
    print("processes killed in all", kills);
    println!();
}

fn print(what: &str, figure: impl std::fmt::Display) {
    println!("{what:<40} {figure:>9}");
}
