//! `logs`: what a function has logged, and what it logs from now on.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::End;
use crate::aws::{Aws, Service};
use crate::outputs::Outputs;
use crate::signal;

/// Print what a function has logged
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask logs tv-guide-consume
  cargo xtask logs tv-guide-ingest --env dev --since 2h
  cargo xtask logs tv-guide-notify --follow")]
pub(crate) struct Args {
    /// The function, by the name of its program or in full
    function: String,
    /// How far back: a number with s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = span)]
    since: Duration,
    /// Keep printing what is added, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
}

/// How often `--follow` asks; CloudWatch allows five calls per second and account.
const POLL: Duration = Duration::from_secs(1);

/// How far back `--follow` looks again: events become visible out of order, some seconds late.
const LATE: Duration = Duration::from_secs(30);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    log_group_name: &'a str,
    start_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    events: Vec<Event>,
    next_token: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    /// Milliseconds since 1970.
    timestamp: u64,
    message: String,
    #[serde(default)]
    log_stream_name: String,
}

pub(crate) async fn run(args: &Args, outputs: &Outputs) -> Result<End> {
    let group = format!("/aws/lambda/{}", outputs.function(&args.function));
    let aws = Aws::connect().await?;
    signal::until(async {
        let mut seen = Seen::default();
        let mut from = SystemTime::now() - args.since;
        loop {
            let mut events = events(&aws, &group, from).await?;
            if !args.follow {
                return print(&events);
            }
            events.retain(|event| seen.is_new(event));
            print(&events)?;
            from = from.max(SystemTime::now() - LATE);
            seen.forget(millis(from));
            tokio::time::sleep(POLL).await;
        }
    })
    .await
}

/// All events of a log group from a moment on, the oldest first.
async fn events(aws: &Aws, group: &str, from: SystemTime) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let mut token = None;
    loop {
        let question = Question {
            log_group_name: group,
            start_time: millis(from),
            next_token: token.as_deref(),
        };
        let question = serde_json::to_value(question)?;
        let answer = aws
            .json(Service::Logs, "Logs_20140328.FilterLogEvents", &question)
            .await;
        let page: Page = answer.with_context(|| format!("cannot read the log {group}"))?.json()?;
        events.extend(page.events);
        if page.next_token.is_none() || page.next_token == token {
            break;
        }
        token = page.next_token;
    }
    events.sort_by_key(|event| event.timestamp);
    Ok(events)
}

fn print(events: &[Event]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for event in events {
        writeln!(out, "{}", event.message.trim_end()).context("cannot write to standard output")?;
    }
    out.flush().context("cannot write to standard output")
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The events that have been printed, as far back as they can come again.
///
/// An event is known by what it says, where and when: a local cloud gives it no id. What is logged
/// twice in one millisecond is then printed once by `--follow`, which is no loss to its reader.
#[derive(Debug, Default)]
struct Seen(BTreeSet<(u64, String, String)>);

impl Seen {
    fn is_new(&mut self, event: &Event) -> bool {
        let Event {
            timestamp,
            message,
            log_stream_name,
        } = event.clone();
        self.0.insert((timestamp, log_stream_name, message))
    }

    fn forget(&mut self, before: u64) {
        self.0 = self.0.split_off(&(before, String::new(), String::new()));
    }
}

/// `90s`, `10m`, `2h`, `1d`.
fn span(text: &str) -> Result<Duration> {
    let usage = "a time is a number with s, m, h or d, such as 10m";
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
    let unit = units.iter().find(|(unit, _)| text.ends_with(*unit));
    let (Some((unit, seconds)), true) = (unit, text.len() > 1) else {
        bail!("{usage}");
    };
    let number: u64 = text.trim_end_matches(*unit).parse().context(usage)?;
    let seconds = number.checked_mul(*seconds).context(usage)?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::{Event, Page, Seen, span};
    use std::time::Duration;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [("90s", 90), ("10m", 600), ("2h", 7_200), ("1d", 86_400)] {
            assert_eq!(span(text).unwrap(), Duration::from_secs(seconds));
        }
        for text in ["", "10", "m", "1.5h", "-1h", "99999999999999999999d"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_event_is_printed_once_though_it_is_read_again() {
        let page: Page = serde_json::from_str(
            r#"{"events":[{"timestamp":5,"message":"a","logStreamName":"s"}],"searchedLogStreams":[]}"#,
        )
        .unwrap();
        let [event]: &[Event; 1] = page.events.as_slice().try_into().unwrap();
        let mut seen = Seen::default();
        assert!(seen.is_new(event));
        seen.forget(5);
        assert!(!seen.is_new(event));
        seen.forget(6);
        assert!(seen.0.is_empty());
    }
}
