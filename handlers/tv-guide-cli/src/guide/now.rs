//! `guide now`: what is on, and what comes next.

use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};

use tv_guide::tvmaze::zone;

use super::api::{Api, Who};
use super::schedule::{self, Programme};
use crate::End;
use crate::outputs::Outputs;
use crate::table;

/// Print what is on and what comes next, channel by channel, in London's time
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Another moment: 2026-01-09T21:00:00Z
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// At most so many channels
    #[arg(long, value_name = "NUMBER")]
    channels: Option<usize>,
    #[command(flatten)]
    who: Who,
}

/// How far ahead the next programme of a channel is looked for.
const AHEAD: SignedDuration = SignedDuration::from_hours(6);

pub(crate) async fn run(args: &Args, outputs: &Outputs) -> Result<End> {
    let now = args.at.unwrap_or_else(Timestamp::now);
    let api = Api::open(&args.who, outputs).await?;
    let to = now.checked_add(AHEAD).context("there is no guide for that time")?;
    let mut channels: BTreeMap<String, Vec<Programme>> = BTreeMap::new();
    for (programme, _) in schedule::read(&api, now, to).await? {
        channels.entry(programme.channel.clone()).or_default().push(programme);
    }
    let rows = channels.iter().take(args.channels.unwrap_or(usize::MAX));
    let rows: Vec<[String; 3]> = rows
        .map(|(channel, programmes)| row(channel, programmes, now))
        .collect();
    if rows.is_empty() {
        bail!("the guide is empty; fill it with `cargo xtask invoke tv-guide-ingest`");
    }
    let text = table::render(["CHANNEL", "NOW", "NEXT"], &rows);
    std::io::stdout()
        .write_all(text.as_bytes())
        .context("cannot write to standard output")?;
    Ok(End::Done)
}

/// A channel's programmes, by start, as a row of the table.
fn row(channel: &str, programmes: &[Programme], now: Timestamp) -> [String; 3] {
    let mut on = programmes.iter().filter(|it| it.start_time <= now && now < it.end_time);
    let mut later = programmes.iter().filter(|it| it.start_time > now);
    let said = |programme: Option<&Programme>| match programme {
        Some(programme) => format!(
            "{} {}",
            programme.start_time.to_zoned(zone()).strftime("%H:%M"),
            programme.title
        ),
        None => "-".to_owned(),
    };
    [channel.to_owned(), said(on.next()), said(later.next())]
}

#[cfg(test)]
mod tests {
    use super::row;
    use crate::guide::schedule::Programme;

    fn programme(title: &str, start: &str, end: &str) -> Programme {
        Programme {
            program_id: title.to_owned(),
            title: title.to_owned(),
            channel: "BBC One".to_owned(),
            start_time: start.parse().unwrap(),
            end_time: end.parse().unwrap(),
        }
    }

    #[track_caller]
    fn check(at: &str, now: &str, next: &str) {
        let programmes = [
            programme("Harbour Lights", "2026-01-09T21:00:00Z", "2026-01-09T22:00:00Z"),
            programme("News", "2026-01-09T22:00:00Z", "2026-01-09T22:30:00Z"),
        ];
        let found = row("BBC One", &programmes, at.parse().unwrap());
        assert_eq!(found, ["BBC One", now, next].map(str::to_owned), "{at}");
    }

    #[test]
    fn a_programme_is_on_from_its_start_until_before_its_end() {
        check("2026-01-09T21:00:00Z", "21:00 Harbour Lights", "22:00 News");
        check("2026-01-09T21:59:59Z", "21:00 Harbour Lights", "22:00 News");
        check("2026-01-09T22:00:00Z", "22:00 News", "-");
        check("2026-01-09T22:30:00Z", "-", "-");
    }
}
