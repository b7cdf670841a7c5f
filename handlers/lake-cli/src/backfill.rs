//! `backfill`: puts into the table what a time range of the stream holds, or files of events.
//!
//! `range` reads the stream, `files` the events of files and objects, `checkpoint` keeps how far
//! either has got.

mod checkpoint;
mod files;
mod input;
mod range;

use std::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, ensure};
use jiff::{Timestamp, Unit};
use lake::contract::output;
use serde::Serialize;

use crate::client::Aws;
use crate::outputs::Outputs;
use crate::produce::deliver::Backoff;
use crate::produce::kinesis::Kinesis;
use crate::repair::run::{self, Run};
use crate::repair::shard;
use crate::repair::signed::Signed;
use crate::repair::writer::Function;
use checkpoint::Checkpoint;

const HELP: &str = "\
With --stream, records of the stream that arrived from one time until another:
  With direct delivery lake-write writes those that no object holds: each is there once, however
  often this is repeated, and whether or not lake-write has come to it by itself yet. Hours that were
  closed are closed again with what has come.
  With Firehose they go onto the stream once more, as they came: the rows are there a second time
  where the first ones are, with the same event_uuid, and compaction and the query `deduplicated`
  leave one.

With --input, events of files: JSON Lines, plain or compressed with gzip, from this machine or from
S3. Lines that are no events are told with their numbers and left out; the others go onto the stream,
packed into records of 25 KB.

What goes onto the stream is kept in a checkpoint, request by request. Ctrl-C stops when the request
that is under way is there, a second one at once; the same command goes on from there. Nothing is
lost, and nothing is sent twice but a request that was cut off. A run that has come to its end sends
nothing when it is repeated; remove the checkpoint for that.

The account adds up: read = sent + refused + skipped. With direct delivery what was there
already is skipped; of files, what an earlier run has sent.

`cargo xtask` adds --env ENV [local], --name NAME and --prefix PREFIX, which choose the stack.

Examples:
  cargo xtask backfill --stream --from 2026-11-20T08:00:00Z --to 2026-11-20T12:00:00Z
  cargo xtask backfill --input events.jsonl --input more.jsonl.gz
  cargo xtask backfill --input s3://archive/events/2025/ --json

Exit codes: 0 done, 1 failed or lines were refused, 2 wrong usage, 130 interrupted.";

/// Put into the table what a time range of the stream holds, or files of events
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// From the stream itself, which keeps its records for a day or longer
    #[arg(long, requires = "from", conflicts_with = "input", required_unless_present = "input")]
    stream: bool,
    /// Records that arrived then or later, such as 2026-11-20T08:00:00Z
    #[arg(long, value_name = "TIME", requires = "stream")]
    from: Option<Timestamp>,
    /// Records that arrived before [default: now]
    #[arg(long, value_name = "TIME", requires = "stream")]
    to: Option<Timestamp>,
    /// A file, or all objects below s3://BUCKET/PREFIX; can be repeated
    #[arg(long, short, value_name = "FILE")]
    input: Vec<String>,
    /// Where to keep how far it has got [default: target/backfill/ and a name of its own]
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Print the account as one JSON object
    #[arg(long)]
    json: bool,
}

/// What became of everything that was read.
///
/// `read` = `sent` + `refused` + `skipped`, always.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Account {
    /// Events; of a stream whose records are sent as they are, records.
    pub(crate) read: u64,
    /// On the stream, or written by the direct writer.
    pub(crate) sent: u64,
    /// No events.
    pub(crate) refused: u64,
    /// There already, or sent by an earlier run.
    pub(crate) skipped: u64,
}

impl run::Account for Account {
    const BROKEN_OFF: &str = "; the same command goes on from there";

    fn line(&self) -> String {
        let Account {
            read,
            sent,
            refused,
            skipped,
        } = self;
        format!("{read} read = {sent} sent + {refused} refused + {skipped} skipped")
    }

    fn adds_up(&self) -> bool {
        self.read == self.sent + self.refused + self.skipped
    }

    fn is_well(&self) -> bool {
        self.refused == 0
    }
}

/// Runs the command.
pub(crate) async fn run(args: Args, outputs: &Outputs) -> Result<ExitCode> {
    let aws = Aws::connect().await?;
    let mut run = Run::begin();
    let ended = all(&args, outputs, &aws, &mut run).await;
    run.end(ended, args.json)
}

async fn all(args: &Args, outputs: &Outputs, aws: &Aws, run: &mut Run<Account>) -> Result<()> {
    let name = outputs.or(None, output::STREAM_NAME, "--outputs FILE")?;
    let now = Timestamp::now().round(Unit::Millisecond)?;
    let to = args.to.map_or(now, |to| to.min(now));
    match (args.from, outputs.get(output::WRITE_FUNCTION_NAME)) {
        (None, _) => files(args, name, aws, run).await,
        (Some(from), Some(function)) => lacking(time(from, to)?, name, function, aws, run).await,
        (Some(from), None) => again(args, time(from, to)?, name, aws, run).await,
    }
}

/// Sends the events of files.
async fn files(args: &Args, name: String, aws: &Aws, run: &mut Run<Account>) -> Result<()> {
    let mut checkpoint = Checkpoint::open(args.checkpoint.clone(), &format!("{name} {}", args.input.join(" ")))?;
    let stream = Arc::new(run.read(Kinesis::open(aws, name)).await?);
    for input in run.read(input::all(aws, &args.input)).await? {
        let text = run.read(input.read(aws)).await?;
        files::send(&input.name(), text, &stream, Backoff::KINESIS, &mut checkpoint, run).await?;
    }
    Ok(())
}

/// Has the direct writer write what is lacking.
async fn lacking(
    time: Range<Timestamp>,
    name: String,
    function: String,
    aws: &Aws,
    run: &mut Run<Account>,
) -> Result<()> {
    let shards = shard::Kinesis::new(aws, name);
    let arn = run.read(shards.arn()).await?;
    let signed = Signed::new(aws.config())?;
    let function = Function {
        aws: &signed,
        name: function,
    };
    for shard in run.read(shards.shards()).await? {
        range::write(&shards, &arn, &shard, &time, &function, run).await?;
    }
    Ok(())
}

/// Sends records of the stream once more.
async fn again(args: &Args, time: Range<Timestamp>, name: String, aws: &Aws, run: &mut Run<Account>) -> Result<()> {
    let to = args.to.map_or("now".to_owned(), |to| to.to_string());
    let mut checkpoint = Checkpoint::open(args.checkpoint.clone(), &format!("{name} {} {to}", time.start))?;
    // What this command itself sends arrives later; a run that goes on must not take it for the stream's.
    let time = time.start..checkpoint.end(time.end)?;
    let shards = shard::Kinesis::new(aws, name.clone());
    let stream = Arc::new(run.read(Kinesis::open(aws, name)).await?);
    for shard in run.read(shards.shards()).await? {
        range::resend(&shards, &shard, &time, &stream, Backoff::KINESIS, &mut checkpoint, run).await?;
    }
    Ok(())
}

fn time(from: Timestamp, to: Timestamp) -> Result<Range<Timestamp>> {
    ensure!(from < to, "nothing arrives from {from} to {to}");
    Ok(from..to)
}
