//! `produce`: puts events on the stream and accounts for each of them.
//!
//! A `source` is read on its own thread; `dispatch` takes from it at the wanted `pace` and fills
//! a `batch` per lane; `deliver` sends batches through the port `stream`, which `kinesis`
//! implements; `summary` adds up what they report, and `failed` keeps what did not get through.

pub(crate) mod batch;
pub(crate) mod deliver;
pub(crate) mod dispatch;
mod failed;
#[cfg(test)]
pub(crate) mod fake;
mod generator;
pub(crate) mod key;
pub(crate) mod kinesis;
mod pace;
mod progress;
mod source;
mod split;
pub(crate) mod stream;
mod summary;

use crate::client::Aws;
use crate::exit;
use crate::outputs::Outputs;
use crate::quantity::duration;
use anyhow::{Result, anyhow, ensure};
use deliver::{Backoff, Stop};
use dispatch::Plan;
use failed::FailedFile;
use fastrand::Rng;
use generator::Generator;
use jiff::Timestamp;
use kinesis::Kinesis;
use lake::contract::output;
use progress::Progress;
use source::Source;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use summary::Summary;
use tokio::sync::{mpsc, watch};

/// Events to make when nothing says how many.
const DEFAULT_COUNT: u64 = 1000;
/// Reports under way; many, so that couriers do not wait for a file or a terminal.
const REPORTS: usize = 1024;

const HELP: &str = "\
Every event taken from the source ends up acknowledged or in the failed file: the summary's
sent = acknowledged + failed. What is not JSON is sent as it is; the lake quarantines it with a
reason. An event of more than 1 MiB cannot be sent and fails. A failed event may have arrived all
the same when the network cut off the answer: sent again it is there twice, with one event_uuid.

`cargo xtask` adds --env ENV [local], --name NAME and --prefix PREFIX, which choose the stack.

Examples:
  cargo xtask produce                               1000 made-up events
  cargo xtask produce --rate 300 --duration 1h      300 events per second for an hour
  cargo xtask produce --count 1000000 --seed 1 --hours 36 --aggregate
  cargo xtask produce --input events.jsonl          your own events, one per line
  cargo xtask produce --input events.json           or as one JSON array
  zcat events.jsonl.gz | cargo xtask produce --input - --json
  cargo xtask produce --input failed.jsonl --input-format failed
                                                    once more what failed

Exit codes: 0 all acknowledged, 1 some failed, 2 wrong usage, 130 interrupted (requests under way
are finished, the rest is in the failed file; a second Ctrl-C ends at once).";

/// Put events on the stream, made up or your own
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Stream to write to [default: the outputs' StreamName]
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,
    /// How many events [default: 1000, or all of the input, or as many as the duration allows]
    #[arg(long, short = 'n', value_name = "N")]
    count: Option<u64>,
    /// How long to take events, such as 30s, 5m or 1h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    duration: Option<Duration>,
    /// Events per second, evenly spaced [default: as fast as possible]
    #[arg(long, value_name = "N", value_parser = positive)]
    rate: Option<f64>,
    /// File of your own events, `-` for standard input
    #[arg(long, short, value_name = "FILE")]
    input: Option<PathBuf>,
    /// How the input is cut into events
    #[arg(long, value_enum, default_value_t, requires = "input")]
    input_format: source::Format,
    /// Pack events into records of 25 KB, Kinesis' unit of price, as the Kinesis Producer Library does
    #[arg(long)]
    aggregate: bool,
    /// Makes the generated events repeatable [default: random]
    #[arg(long, value_name = "N", conflicts_with = "input")]
    seed: Option<u64>,
    /// Generated events were created within the past N hours
    #[arg(long, value_name = "N", default_value = "1", value_parser = not_negative, conflicts_with = "input")]
    hours: f64,
    /// Where to write events that fail [default: target/produce/failed-TIME-PID.jsonl]
    #[arg(long, value_name = "FILE")]
    failed: Option<PathBuf>,
    /// Requests under way at once
    #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,
    /// Print the summary as one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) async fn run(args: Args, outputs: &Outputs) -> Result<ExitCode> {
    let name = outputs.or(args.stream.clone(), output::STREAM_NAME, "--stream NAME")?;
    let now = Timestamp::now();
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let (source, total) = choose_source(&args, seed, now)?;
    let stream = Kinesis::open(&Aws::connect().await?, name.clone()).await?;
    let mut failed = FailedFile::create(args.failed, now)?;
    let source = source::spawn(source)?;

    let (stop, stopped) = watch::channel(Stop::No);
    let (reports, reported) = mpsc::channel(REPORTS);
    let plan = Plan {
        rate: args.rate,
        duration: args.duration,
        lanes: args.concurrency.into(),
        aggregate: args.aggregate,
        backoff: Backoff::KINESIS,
        rng: Rng::new(),
    };
    let (start, progress) = (Instant::now(), Progress::new(total));
    let watcher = tokio::spawn(heed_signals(stop.clone()));
    let (taken, (counts, written)) = tokio::join!(
        dispatch::run(stream, source, plan, stop, reports),
        summary::collect(reported, &mut failed, &progress),
    );
    watcher.abort();
    progress.finish();
    let (taken, time) = (taken?, start.elapsed());
    let failed_file = failed.finish()?;

    let stop = stopped.borrow().clone();
    let summary = Summary {
        stream: name,
        sent: taken.events,
        acknowledged: counts.acknowledged,
        failed: counts.failed,
        failures: counts.failures,
        failed_file,
        blank_lines: taken.blank,
        records: counts.records,
        bytes: counts.bytes,
        requests: counts.requests,
        retries: counts.retries,
        seconds: time.as_secs_f64(),
        rate: summary::rate(counts.acknowledged, time),
        seed: args.input.is_none().then_some(seed),
        interrupted: stop == Stop::Interrupted,
    };
    let printed = print(&summary, args.json);
    ensure!(
        summary.sent == summary.acknowledged + summary.failed,
        "this account does not add up, which is a mistake in this program"
    );
    written?;
    if let Stop::Fatal(refusal) = stop {
        return Err(anyhow!(
            "stopped, because no event can get through: {}: {}",
            refusal.code,
            refusal.message
        ));
    }
    if let Some(error) = taken.broken {
        return Err(error.context(format!("stopped reading after {} events", summary.sent)));
    }
    Ok(match (summary.interrupted, summary.failed) {
        (true, _) => exit::interrupted(),
        (false, 0) => printed.map(|()| ExitCode::SUCCESS)?,
        (false, _) => ExitCode::FAILURE,
    })
}

/// The source, and how many events it has if that is known.
fn choose_source(args: &Args, seed: u64, now: Timestamp) -> Result<(Source, Option<u64>)> {
    let (source, count) = match &args.input {
        Some(path) => (source::open(path, args.input_format)?, args.count),
        None => {
            let now = now.as_microsecond() as f64 / 1e6;
            let default = args.duration.is_none().then_some(DEFAULT_COUNT);
            let source = source::generated(Generator::new(seed, now, args.hours));
            (source, args.count.or(default))
        }
    };
    Ok(match count {
        Some(count) => (source::limited(source, count), Some(count)),
        None => (source, None),
    })
}

/// Stops the run at the first signal, and the process at the second.
async fn heed_signals(stop: watch::Sender<Stop>) {
    exit::signal().await;
    eprintln!("interrupted: finishing the requests under way (Ctrl-C again ends at once)");
    stop.send_replace(Stop::Interrupted);
    exit::signal().await;
    eprintln!("ended at once: what became of the requests under way is not known");
    std::process::exit(130);
}

fn print(summary: &Summary, json: bool) -> Result<()> {
    if let Some(file) = &summary.failed_file {
        let codes: Vec<_> = summary.failures.iter().map(|(code, n)| format!("{n} {code}")).collect();
        eprintln!("failed: {}; see {}", codes.join(", "), file.display());
    }
    let text = if json {
        serde_json::to_string(summary)?
    } else {
        summary.line()
    };
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn positive(text: &str) -> Result<f64, String> {
    // Slower than once in eleven days or faster than a nanosecond each is a slip.
    let number = text.parse().ok().filter(|n| (1e-6..=1e9).contains(n));
    number.ok_or_else(|| format!("`{text}` is not a number of events per second above 0"))
}

fn not_negative(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|n| (0.0..=1e6).contains(n));
    number.ok_or_else(|| format!("`{text}` is not a number of hours from 0"))
}

#[cfg(test)]
mod tests {
    use super::{not_negative, positive};

    #[test]
    fn rates_and_hours_are_sane() {
        assert_eq!(
            (positive("300"), not_negative("0"), positive("0.5")),
            (Ok(300.0), Ok(0.0), Ok(0.5))
        );
        for wrong in ["0", "-1", "NaN", "inf", "x"] {
            assert!(positive(wrong).is_err(), "{wrong}");
        }
        assert!(not_negative("-1").is_err());
    }
}
