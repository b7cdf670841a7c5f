//! `invoke`: runs a function once and prints what it answers.

use std::fs;
use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use reqwest::Method;
use serde_json::Value;

use crate::End;
use crate::aws::{Aws, Call, Service, encoded};
use crate::outputs::Outputs;

/// Run a function once, wait for its answer and print it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask invoke tv-guide-ingest --env dev
  cargo xtask invoke tv-guide-reference --payload '{\"refresh_sources\":\"Y\",\"regions\":\"GB\"}'
  cargo xtask invoke lake-transform --payload @event.json

Exit code 1, and the function's own words on standard error, where it fails.")]
pub(crate) struct Args {
    /// The function, by the name of its program or in full
    function: String,
    /// What it is given: JSON, or @FILE
    #[arg(long, value_name = "JSON", default_value = "{}")]
    payload: String,
}

pub(crate) async fn run(args: &Args, outputs: &Outputs) -> Result<End> {
    let payload = payload(&args.payload)?;
    let function = outputs.function(&args.function);
    let call = Call {
        service: Service::Lambda,
        operation: "Invoke",
        method: Method::POST,
        path: format!("/2015-03-31/functions/{}/invocations", encoded(&function)),
        headers: &[("content-type", "application/json".to_owned())],
        body: payload,
    };
    let answer = Aws::connect().await?.call(call).await;
    let answer = answer.with_context(|| format!("cannot invoke {function}"))?;
    if answer.header("x-amz-function-error").is_some() {
        let said: Value = answer.json().unwrap_or_default();
        let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default();
        bail!(
            "{function} failed: {} ({}); see `cargo xtask logs {}`",
            text("errorMessage"),
            text("errorType"),
            args.function
        );
    }
    let mut line = answer.body;
    line.push(b'\n');
    std::io::stdout()
        .write_all(&line)
        .context("cannot write to standard output")?;
    Ok(End::Done)
}

/// The bytes to send, which are JSON.
fn payload(given: &str) -> Result<Vec<u8>> {
    let (bytes, source) = match given.strip_prefix('@') {
        Some(path) => (fs::read(path).with_context(|| format!("cannot read {path}"))?, path),
        None => (given.as_bytes().to_vec(), "--payload"),
    };
    serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).with_context(|| format!("{source} is not JSON"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::payload;

    #[test]
    fn a_payload_is_json_from_the_line_or_a_file() {
        assert_eq!(payload("[1]").unwrap(), b"[1]");
        assert_eq!(payload("{").unwrap_err().to_string(), "--payload is not JSON");
        let absent = payload("@/nowhere.json").unwrap_err().to_string();
        assert_eq!(absent, "cannot read /nowhere.json");
        let path = std::env::temp_dir().join(format!("payload-{}.json", std::process::id()));
        std::fs::write(&path, "{\"a\":1}").unwrap();
        let read = payload(&format!("@{}", path.display()));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read.unwrap(), b"{\"a\":1}");
    }
}
