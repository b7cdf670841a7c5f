//! `backfill`: puts into the table what a time range of the stream holds, or files of events.
//!
//! `range` reads the stream, `files` the events of files and objects, `checkpoint` keeps how far
//! either has got.

mod checkpoint;
mod files;
mod input;
mod range;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use jiff::Timestamp;
use lake::contract::output;
use serde::Serialize;

use crate::client::Aws;
use crate::exit;
use crate::outputs::Outputs;
use crate::produce::deliver::Backoff;
use crate::produce::kinesis::Kinesis;
use crate::repair::shard;
use crate::repair::signed::Signed;
use crate::repair::writer::Function;
use checkpoint::Checkpoint;

const HELP: &str = "\
With --stream, records of the stream that arrived from one time until another:
  With direct delivery lake-write writes those that no object holds: each is there once, however
  often this is repeated. Hours that were closed are closed again with what has come.
  With Firehose they go onto the stream once more, as they came: the rows are there a second time
  where the first ones are, with the same event_uuid, and compaction and the query `deduplicated`
  leave one.

With --input, events of files: JSON Lines, plain or compressed with gzip, from this machine or from
S3. Lines that are no events are told with their numbers and left out; the others go onto the stream,
packed into records of 25 KB.

How far it has got is kept in the checkpoint. After Ctrl-C, or whatever stopped it, the same command
goes on from there: nothing is lost, and nothing is sent twice but the request that was under way.
A run that has come to its end sends nothing when it is repeated; remove the checkpoint for that.

The account adds up: read = sent + refused + skipped. With direct delivery what was there already is
skipped; of files, what an earlier run has sent.

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

impl Account {
    fn line(&self) -> String {
        let Account {
            read,
            sent,
            refused,
            skipped,
        } = self;
        format!("{read} read = {sent} sent + {refused} refused + {skipped} skipped")
    }
}

/// Runs the command.
pub(crate) async fn run(args: Args, outputs: &Outputs) -> Result<ExitCode> {
    let aws = Aws::connect().await?;
    let mut account = Account::default();
    let ended = tokio::select! {
        ended = all(&args, outputs, &aws, &mut account) => Some(ended),
        () = exit::signal() => None,
    };
    if let Some(Err(error)) = ended {
        eprintln!("{}; the same command goes on from there", account.line());
        return Err(error);
    }
    let text = if args.json {
        serde_json::to_string(&account)?
    } else {
        account.line()
    };
    writeln!(std::io::stdout(), "{text}")?;
    if ended.is_none() {
        return Ok(exit::interrupted());
    }
    let Account {
        read,
        sent,
        refused,
        skipped,
    } = account;
    ensure!(
        read == sent + refused + skipped,
        "this account does not add up, which is a mistake in this program"
    );
    Ok(if refused > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

async fn all(args: &Args, outputs: &Outputs, aws: &Aws, account: &mut Account) -> Result<()> {
    let name = outputs.or(None, output::STREAM_NAME, "--outputs FILE")?;
    let writer = outputs.get(output::WRITE_FUNCTION_NAME);
    let Some(from) = args.from else {
        let stream = Arc::new(Kinesis::open(aws, name.clone()).await?);
        let mut checkpoint = Checkpoint::open(args.checkpoint.clone(), &format!("{name} {}", args.input.join(" ")))?;
        for input in input::all(aws, &args.input).await? {
            let text = input.read(aws).await?;
            files::send(&input.name(), text, &stream, Backoff::KINESIS, &mut checkpoint, account).await?;
        }
        return Ok(());
    };
    // What this command itself sends arrives later.
    let range = from..args.to.unwrap_or_else(Timestamp::now).min(Timestamp::now());
    if range.is_empty() {
        bail!("nothing arrives from {} to {}", range.start, range.end);
    }
    let shards = shard::Kinesis::new(aws, name.clone());
    let names = shards.shards().await?;
    if let Some(name) = writer {
        let (signed, arn) = (Signed::new(aws.config())?, shards.arn().await?);
        let function = Function { aws: &signed, name };
        for shard in names {
            range::write(&shards, &arn, &shard, &range, &function, account).await?;
        }
        return Ok(());
    }
    let stream = Arc::new(Kinesis::open(aws, name.clone()).await?);
    let what = format!(
        "{name} {} {}",
        range.start,
        args.to.map_or("now".to_owned(), |to| to.to_string())
    );
    let mut checkpoint = Checkpoint::open(args.checkpoint.clone(), &what)?;
    for shard in names {
        range::resend(
            &shards,
            &shard,
            &range,
            &stream,
            Backoff::KINESIS,
            &mut checkpoint,
            account,
        )
        .await?;
    }
    Ok(())
}
