//! `guide quarantine`: the records of the programme stream that could not be used, and why.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use reqwest::Method;
use serde::Deserialize;
use tv_guide::contract::output;

use crate::End;
use crate::aws::{Answer, Aws, Call, Service, encoded};
use crate::outputs::Outputs;
use crate::table;

/// Print the records that could not be used, with the reason of each
///
/// These are the guide's; what the lake could not use of the same stream, `cargo xtask quarantine`
/// does not tell apart from other events.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print them as they are kept, one JSON object per line, with their bytes in base64
    #[arg(long)]
    json: bool,
}

/// A record as far as it is shown.
#[derive(Debug, Deserialize)]
struct Record {
    code: String,
    reason: String,
    cause: Option<String>,
    arrived: Option<String>,
    sequence_number: String,
}

pub(crate) async fn run(args: &Args, outputs: &Outputs) -> Result<End> {
    let bucket = outputs.get(output::QUARANTINE_BUCKET_NAME)?;
    let prefix = outputs.get(output::QUARANTINE_PREFIX)?;
    let aws = Aws::connect().await?;
    let mut lines = String::new();
    for key in keys(&aws, bucket, prefix).await? {
        let object = get(&aws, "GetObject", format!("/{bucket}/{}", path(&key))).await;
        lines += object
            .with_context(|| format!("cannot read {key} of {bucket}"))?
            .text()?;
    }
    let text = if args.json { lines } else { table(&lines)? };
    std::io::stdout()
        .write_all(text.as_bytes())
        .context("cannot write to standard output")?;
    Ok(End::Done)
}

/// All keys under a prefix, in order.
async fn keys(aws: &Aws, bucket: &str, prefix: &str) -> Result<Vec<String>> {
    let mut keys = Vec::new();
    let mut from: Option<String> = None;
    loop {
        // Parameters in the order of their names, as signatures want them.
        let mut query = String::new();
        if let Some(from) = &from {
            query = format!("continuation-token={}&", encoded(from));
        }
        let path = format!("/{bucket}?{query}list-type=2&prefix={}", encoded(prefix));
        let page = get(aws, "ListObjectsV2", path).await;
        let page = page.with_context(|| format!("cannot list {prefix} of {bucket}"))?;
        keys.extend(page.elements("Key")?);
        from = page.elements("NextContinuationToken")?.pop();
        if from.is_none() {
            return Ok(keys);
        }
    }
}

async fn get(aws: &Aws, operation: &'static str, path: String) -> Result<Answer> {
    let call = Call {
        service: Service::S3,
        operation,
        method: Method::GET,
        path,
        headers: &[],
        body: Vec::new(),
    };
    aws.call(call).await
}

/// A key as a path: encoded between its slashes.
fn path(key: &str) -> String {
    let parts: Vec<String> = key.split('/').map(encoded).collect();
    parts.join("/")
}

fn table(lines: &str) -> Result<String> {
    let mut rows = Vec::new();
    for line in lines.lines() {
        let record: Record = serde_json::from_str(line).context("cannot read a record of the quarantine")?;
        let reason = match record.cause {
            Some(cause) => format!("{}: {cause}", record.reason),
            None => record.reason,
        };
        rows.push([
            record.arrived.unwrap_or_default(),
            record.code,
            record.sequence_number,
            reason,
        ]);
    }
    Ok(match rows.is_empty() {
        true => "nothing is in quarantine\n".to_owned(),
        false => table::render(["ARRIVED", "CODE", "SEQUENCE NUMBER", "REASON"], &rows),
    })
}

#[cfg(test)]
mod tests {
    use super::{path, table};

    #[test]
    fn reasons_stand_with_their_causes() {
        let text = table(
            "{\"code\":\"shape\",\"reason\":\"the record is no event\",\"cause\":\"missing field\",\"shard\":\"s\",\
             \"sequence_number\":\"7\",\"arrived\":\"2026-01-09T21:00:00Z\",\"data\":\"eyJ9\"}\n",
        );
        assert_eq!(
            text.unwrap(),
            "ARRIVED               CODE   SEQUENCE NUMBER  REASON\n\
             2026-01-09T21:00:00Z  shape  7                the record is no event: missing field\n"
        );
        assert_eq!(table("").unwrap(), "nothing is in quarantine\n");
    }

    #[test]
    fn a_key_keeps_its_slashes() {
        assert_eq!(path("quarantine/a b/é.ndjson"), "quarantine/a%20b/%C3%A9.ndjson");
    }
}
