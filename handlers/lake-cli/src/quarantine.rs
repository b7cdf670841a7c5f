//! `quarantine`: what is no row, and why.
//!
//! Firehose keeps no reason for a record that the transform refused, only its bytes; so the
//! reason is found again by the same pure function on these bytes. The direct writer keeps its
//! reasons; a lake that has had both has both.

mod bucket;
pub(crate) mod document;
mod finding;
mod lines;
mod report;
mod rescue;

use crate::client::Aws;
use crate::exit;
use crate::outputs::Outputs;
use crate::quantity::{count, duration};
use crate::table::Target;
use anyhow::Result;
use bucket::{Bucket, Object};
use finding::{Finding, Place};
use jiff::Timestamp;
use lake::contract::{ERROR_PREFIX, output};
use report::{Counts, Format, Report};
use rescue::Rescue;
use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
With Firehose the reason is the transform's, found again from the bytes that were kept. Where the
transform has nothing against the record, it is Firehose's own: the function failed, the conversion
to Parquet failed, and so on. With direct delivery it is the writer's, as it was written.

`cargo xtask` adds --env ENV [local], --name NAME and --prefix PREFIX, which choose the stack.

Examples:
  cargo xtask quarantine
  cargo xtask quarantine --summary
  cargo xtask quarantine --summary --json
  cargo xtask quarantine --since 1h --format csv > bad.csv
  cargo xtask quarantine --raw bad/                 the original bytes, one file each
  cargo xtask quarantine --ndjson again.jsonl && cargo xtask produce --input again.jsonl

Exit codes: 0 done, 1 failed or some error documents could not be read, 2 wrong usage, 130
interrupted.";

/// List the records that are not in the table, each with its reason
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// How the list is written
    #[arg(long, short, value_enum, default_value = "table")]
    format: Format,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Count the records of each reason
    #[arg(long)]
    summary: bool,
    /// At most so many records
    #[arg(long, short = 'n', value_name = "N")]
    limit: Option<u64>,
    /// Records that arrived since then: a time such as 2026-11-20T21:00:00Z, or 30m, 1h, 2d ago
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// Write the original bytes into this folder, one file per record
    #[arg(long, value_name = "DIR")]
    raw: Option<PathBuf>,
    /// Write the original events into this file, one per line, for `produce --input`
    #[arg(long, value_name = "FILE")]
    ndjson: Option<PathBuf>,
    /// Bucket to look in [default: the outputs' DataBucketName]
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
    /// Prefix of what was kept [default: the outputs' ErrorPrefix and EventQuarantinePrefix]
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
}

/// Runs the command.
pub(crate) async fn run(args: Args, outputs: &Outputs) -> Result<ExitCode> {
    let name = outputs.or(args.bucket.clone(), output::DATA_BUCKET_NAME, "--bucket NAME")?;
    let prefixes = match &args.prefix {
        Some(prefix) => vec![prefix.clone()],
        None => {
            let errors = outputs.get(output::ERROR_PREFIX);
            let refused = outputs.get(output::QUARANTINE_PREFIX);
            let errors = errors.unwrap_or_else(|| ERROR_PREFIX.to_owned());
            [errors].into_iter().chain(refused).collect()
        }
    };
    let aws = Aws::connect().await?;
    let places: Vec<Bucket<'_>> = prefixes
        .into_iter()
        .map(|prefix| Bucket::new(&aws, name.clone(), prefix))
        .collect();
    tokio::select! {
        ended = look(&args, &places) => ended,
        () = exit::signal() => Ok(exit::interrupted()),
    }
}

async fn look(args: &Args, places: &[Bucket<'_>]) -> Result<ExitCode> {
    let format = if args.json { Format::Json } else { args.format };
    let target = Target::stdout();
    let mut report = match args.summary {
        false => Some(Report::new(format, target, BufWriter::new(std::io::stdout()))?),
        true => None,
    };
    let mut rescue = Rescue::open(args.raw.clone(), args.ndjson.as_deref())?;
    let mut counts = Counts::default();
    let since = args.since.map(Timestamp::as_millisecond);
    let wanted = |time: Option<i64>| time.zip(since).is_none_or(|(time, since)| time >= since);

    let (mut rest, mut token, mut more) = (places.iter(), None, true);
    let mut looked_at = rest.next();
    while let Some(bucket) = looked_at.filter(|_| more) {
        let page = bucket.list(token).await?;
        for object in page.objects {
            // A record arrives before its object is written.
            if !more || !wanted(object.written_ms) {
                continue;
            }
            counts.objects += 1;
            more = bucket
                .read(&object.key, |number, line| {
                    for document in document::read(line) {
                        let document = match document {
                            Ok(document) => document,
                            Err(why) => {
                                counts.malformed += 1;
                                eprintln!("{} line {number} is no error document: {why}", bucket.url(&object.key));
                                continue;
                            }
                        };
                        if !wanted(document.arrival_ms) {
                            continue;
                        }
                        if args.limit.is_some_and(|limit| counts.records >= limit) {
                            return Ok(false);
                        }
                        let finding = Finding::of(&document, place(bucket, &object, number));
                        counts.add(&finding);
                        rescue.keep(&finding.code, &document.data)?;
                        if let Some(report) = &mut report {
                            report.add(&finding)?;
                        }
                    }
                    Ok(true)
                })
                .await?;
        }
        token = page.next;
        if token.is_none() {
            looked_at = rest.next();
        }
    }

    let unfit = rescue.unfit;
    rescue.finish()?;
    match report {
        Some(report) => report.finish()?,
        None => counts.write(format, target, std::io::stdout())?,
    }
    eprintln!(
        "{} in {}",
        count(counts.records, "record"),
        count(counts.objects, "object")
    );
    if unfit > 0 {
        eprintln!(
            "{} with line breaks and no JSON left out of the lines; --raw keeps them",
            count(unfit, "record")
        );
    }
    if counts.malformed > 0 {
        eprintln!("{} could not be read", count(counts.malformed, "error document"));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn place(bucket: &Bucket<'_>, object: &Object, line: u64) -> Place {
    Place {
        kind: bucket.kind(&object.key),
        object: object.key.clone(),
        line,
        written_ms: object.written_ms,
    }
}

/// A moment, or a time before now.
fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let wrong = || format!("`{text}` is neither a moment such as 2026-11-20T21:00:00Z nor a time such as 1h");
    let ago = duration(text).map_err(|_| wrong())?;
    Timestamp::now().checked_sub(ago).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::since;

    #[test]
    fn since_is_a_moment_or_a_time_ago() {
        assert_eq!(
            since("2026-11-20T21:00:00+01:00").map(|t| t.to_string()).as_deref(),
            Ok("2026-11-20T20:00:00Z")
        );
        let ago = jiff::Timestamp::now().as_second() - since("2h").expect("a time").as_second();
        assert!((7199..=7300).contains(&ago), "{ago}");
        assert!(since("yesterday").is_err());
    }
}
