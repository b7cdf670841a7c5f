//! `guide programmes`: every programme of a window, for scripts.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};

use super::api::{Api, Who};
use super::schedule;
use crate::End;
use crate::outputs::Outputs;

/// Print every programme of a window, one JSON object per line, the earliest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask guide programmes                        what is on within a day
  cargo xtask guide programmes --back 48 --ahead 192 | wc -l
  cargo xtask guide programmes --upcoming | jq -r 'select(.show_id) | .title'")]
pub(crate) struct Args {
    /// Hours before now at which the window begins
    #[arg(long, value_name = "HOURS", default_value_t = 0)]
    back: u16,
    /// Hours from now at which it ends
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    ahead: u16,
    /// Only what has not begun yet
    #[arg(long)]
    upcoming: bool,
    #[command(flatten)]
    who: Who,
}

pub(crate) async fn run(args: &Args, outputs: &Outputs) -> Result<End> {
    let now = Timestamp::now();
    let from = now.checked_sub(SignedDuration::from_hours(args.back.into()))?;
    let to = now.checked_add(SignedDuration::from_hours(args.ahead.into()))?;
    let api = Api::open(&args.who, outputs).await?;
    let mut out = std::io::stdout().lock();
    for (programme, object) in schedule::read(&api, from, to).await? {
        if args.upcoming && programme.start_time <= now {
            continue;
        }
        serde_json::to_writer(&mut out, &object)?;
        writeln!(out).context("cannot write to standard output")?;
    }
    Ok(End::Done)
}
