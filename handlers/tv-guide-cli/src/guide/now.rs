//! `guide now`: what is on, and what comes next.

use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde::{Deserialize, Deserializer, de};

use super::api::{Api, Who};
use crate::End;
use crate::outputs::Outputs;
use crate::table;

/// Print what is on and what comes next, channel by channel
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

#[derive(Debug, Deserialize)]
struct Guide {
    channels: Vec<Channel>,
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Channel {
    name: String,
    programmes: Vec<Programme>,
}

#[derive(Debug, Deserialize)]
struct Programme {
    title: String,
    #[serde(deserialize_with = "instant")]
    start_time: Timestamp,
    #[serde(deserialize_with = "instant")]
    end_time: Timestamp,
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

pub(crate) async fn run(args: &Args, outputs: &Outputs) -> Result<End> {
    let now = args.at.unwrap_or_else(Timestamp::now);
    let api = Api::open(&args.who, outputs).await?;
    let mut channels: Vec<Channel> = Vec::new();
    let mut cursor = None;
    loop {
        let guide = page(&api, now, cursor.as_deref()).await?;
        for channel in guide.channels {
            // A page may end in the middle of a channel.
            match channels.last_mut() {
                Some(last) if last.name == channel.name => last.programmes.extend(channel.programmes),
                _ => channels.push(channel),
            }
        }
        cursor = guide.next;
        if cursor.is_none() {
            break;
        }
    }
    channels.truncate(args.channels.unwrap_or(usize::MAX));
    let rows: Vec<[String; 3]> = channels.iter().map(|channel| row(channel, now)).collect();
    if rows.is_empty() {
        bail!("the guide is empty; fill it with `cargo xtask invoke tv-guide-ingest`");
    }
    let text = table::render(["CHANNEL", "NOW (UTC)", "NEXT (UTC)"], &rows);
    std::io::stdout()
        .write_all(text.as_bytes())
        .context("cannot write to standard output")?;
    Ok(End::Done)
}

async fn page(api: &Api, now: Timestamp, cursor: Option<&str>) -> Result<Guide> {
    let end = now.checked_add(AHEAD).context("there is no guide for that time")?;
    let instant = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut path = format!("/guide?from={}&to={}", instant(now), instant(end));
    if let Some(cursor) = cursor {
        path += &format!("&cursor={}", crate::aws::encoded(cursor));
    }
    let answer = api.ask(Method::GET, &path, None).await?;
    if !answer.status.is_success() {
        bail!("GET {path} was answered with {}", answer.status);
    }
    answer.json()
}

fn row(channel: &Channel, now: Timestamp) -> [String; 3] {
    let programmes = &channel.programmes;
    let on = programmes
        .iter()
        .find(|programme| programme.start_time <= now && now < programme.end_time);
    let next = programmes.iter().find(|programme| programme.start_time > now);
    let said = |programme: Option<&Programme>| match programme {
        Some(programme) => format!("{} {}", programme.start_time.strftime("%H:%M"), programme.title),
        None => "-".to_owned(),
    };
    [channel.name.clone(), said(on), said(next)]
}

#[cfg(test)]
mod tests {
    use super::{Channel, Guide, row};

    fn channel() -> Channel {
        let guide: Guide = serde_json::from_str(
            r#"{"from":"2026-01-09T21:30:00Z","to":"2026-01-10T03:30:00Z","next":null,"channels":[
              {"id":"12","name":"BBC One","programmes":[
                {"program_id":"1","title":"Harbour Lights","genres":[],
                 "start_time":"2026-01-09T21:00:00Z","end_time":"2026-01-09T22:00:00Z"},
                {"program_id":"2","title":"News","genres":[],
                 "start_time":"2026-01-09T22:00:00Z","end_time":"2026-01-09T22:30:00Z"}]}]}"#,
        )
        .unwrap();
        guide.channels.into_iter().next().unwrap()
    }

    #[track_caller]
    fn check(at: &str, now: &str, next: &str) {
        let found = row(&channel(), at.parse().unwrap());
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
