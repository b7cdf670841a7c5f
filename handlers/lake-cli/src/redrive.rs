//! `redrive`: sends again what did not get into the table, where the cause is gone.
//!
//! Nothing is taken from where it lies before it has arrived elsewhere, so that a run which breaks
//! off loses nothing and can be repeated. `failures` reads what the event source mapping gave up,
//! `refused` what was refused; `account` adds up what became of it.

mod account;
mod failures;
mod refused;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};
use jiff::Timestamp;
use lake::contract::{DATASET, ERROR_PREFIX, output, quarantine_prefix};

use crate::client::Aws;
use crate::outputs::Outputs;
use crate::produce::deliver::Backoff;
use crate::produce::kinesis::Kinesis;
use crate::repair::objects::Bucket;
use crate::repair::queue::Sqs;
use crate::repair::run::Run;
use crate::repair::shard;
use crate::repair::signed::Signed;
use crate::repair::writer::Function;
use account::Account;
use refused::Kind;

const HELP: &str = "\
What can be sent again, and how often its rows are there then:
  failures    Batches that the event source mapping gave up (direct delivery). They are read from
              the stream again, and lake-write writes what no object holds: each record once, also
              when this is repeated. A message is removed when all its records were there; one of
              which records have expired stays in the queue, and they are lost.
  quarantine  Records that lake-write refused.
  errors      Records that Firehose could not deliver.
              Of both, events against which today's code has nothing go onto the stream, with the
              bytes that they came with; then their lines are taken out of the object. Where this
              is killed in between, they are sent once more when it is repeated: rows that share an
              event_uuid, of which compaction and the query `deduplicated` leave one.

Ctrl-C stops when what is under way is there, a second one at once; the same command finds the rest.

The account adds up: found = redriven + already there + still bad + expired. Of a packed record each
event is counted, of an expired one the record.

`cargo xtask` adds --env ENV [local], --name NAME and --prefix PREFIX, which choose the stack.

Examples:
  cargo xtask redrive                          whatever the stack has of these
  cargo xtask redrive --dry-run                only count
  cargo xtask redrive --from quarantine --limit 100
  cargo xtask redrive --from failures --json

Exit codes: 0 done, 1 failed or records have expired, 2 wrong usage, 130 interrupted.";

/// Send again what is not in the table, where the cause is gone
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Where from; can be repeated [default: all that the stack has]
    #[arg(long, value_enum, value_name = "SOURCE")]
    from: Vec<Source>,
    /// Send and remove nothing, only count
    #[arg(long)]
    dry_run: bool,
    /// Stop once so many were found, with the message or object that they are in
    #[arg(long, short = 'n', value_name = "N")]
    limit: Option<u64>,
    /// Print the account as one JSON object
    #[arg(long)]
    json: bool,
}

/// Where records are that did not get into the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Source {
    /// The queue of batches that the event source mapping gave up
    Failures,
    /// What lake-write refused
    Quarantine,
    /// What Firehose could not deliver
    Errors,
}

/// How far a run goes.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Nothing is sent and nothing removed.
    dry_run: bool,
    /// Enough is found.
    limit: u64,
}

/// Runs the command.
pub(crate) async fn run(args: Args, outputs: &Outputs) -> Result<ExitCode> {
    let aws = Aws::connect().await?;
    let mut run = Run::begin();
    let ended = all(&args, outputs, &aws, &mut run).await;
    run.end(ended, args.json)
}

async fn all(args: &Args, outputs: &Outputs, aws: &Aws, run: &mut Run<Account>) -> Result<()> {
    let sources = if args.from.is_empty() {
        sources(outputs)?
    } else {
        args.from.clone()
    };
    let bounds = Bounds {
        dry_run: args.dry_run,
        limit: args.limit.unwrap_or(u64::MAX),
    };
    let stream = outputs.or(None, output::STREAM_NAME, "--outputs FILE")?;
    for source in sources {
        let kind = match source {
            Source::Failures => {
                let signed = Signed::new(aws.config())?;
                let queue = outputs.get(output::FAILURES_QUEUE_URL);
                let Some((url, name)) = queue.zip(outputs.get(output::WRITE_FUNCTION_NAME)) else {
                    bail!("the stack has no queue of failures, which comes with direct delivery; say --from errors");
                };
                let (queue, function) = (Sqs { aws: &signed, url }, Function { aws: &signed, name });
                let shards = shard::Kinesis::new(aws, stream.clone());
                failures::redrive(&queue, &shards, &function, bounds, run).await?;
                continue;
            }
            Source::Quarantine => Kind::Quarantine,
            Source::Errors => Kind::Errors,
        };
        let prefix = match kind {
            Kind::Quarantine => outputs
                .get(output::QUARANTINE_PREFIX)
                .unwrap_or_else(|| quarantine_prefix(DATASET)),
            Kind::Errors => outputs
                .get(output::ERROR_PREFIX)
                .unwrap_or_else(|| ERROR_PREFIX.to_owned()),
        };
        let bucket = Bucket::new(
            aws,
            outputs.or(None, output::DATA_BUCKET_NAME, "--outputs FILE")?,
            prefix,
        );
        let stream = Arc::new(run.read(Kinesis::open(aws, stream.clone())).await?);
        let resend = refused::Resend {
            stream: &stream,
            backoff: Backoff::KINESIS,
            now: Timestamp::now(),
        };
        refused::redrive(kind, &bucket, &resend, bounds, run).await?;
    }
    Ok(())
}

/// What the stack has: the queue comes first, since its records are the ones that expire.
fn sources(outputs: &Outputs) -> Result<Vec<Source>> {
    let found: Vec<Source> = [
        (output::FAILURES_QUEUE_URL, Source::Failures),
        (output::QUARANTINE_PREFIX, Source::Quarantine),
        (output::ERROR_PREFIX, Source::Errors),
    ]
    .into_iter()
    .filter_map(|(name, source)| outputs.get(name).map(|_| source))
    .collect();
    if found.is_empty() {
        bail!("the stack has nothing to send again from; deploy it first, or say --from");
    }
    Ok(found)
}
