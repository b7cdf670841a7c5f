//! What the API says is on, over any window: a day and a page at a time, each programme once.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};
use tv_guide::contract::api::limit::GUIDE_HOURS;

use super::api::Api;
use crate::aws::encoded;

/// A programme as far as these commands look at it, and all that the API says of it.
#[derive(Debug, Deserialize)]
pub(super) struct Programme {
    pub(super) program_id: String,
    pub(super) title: String,
    pub(super) channel: String,
    #[serde(deserialize_with = "instant")]
    pub(super) start_time: Timestamp,
    #[serde(deserialize_with = "instant")]
    pub(super) end_time: Timestamp,
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

#[derive(Debug, Deserialize)]
struct Page {
    channels: Vec<Channel>,
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Channel {
    programmes: Vec<Map<String, Value>>,
}

/// A programme, and the object that it was read from.
pub(super) type Read = (Programme, Map<String, Value>);

/// The programmes that are on at any time of a window, by start.
pub(super) async fn read(api: &Api, from: Timestamp, to: Timestamp) -> Result<Vec<Read>> {
    let mut programmes: Vec<Read> = Vec::new();
    let mut seen = BTreeSet::new();
    for (from, to) in windows(from, to)? {
        let mut cursor: Option<String> = None;
        loop {
            let page = page(api, from, to, cursor.as_deref()).await?;
            for object in page.channels.into_iter().flat_map(|channel| channel.programmes) {
                let programme = Programme::deserialize(&object).context("cannot read a programme")?;
                // One that goes over midnight is in two windows.
                if seen.insert(programme.program_id.clone()) {
                    programmes.push((programme, object));
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    programmes.sort_by(|(a, _), (b, _)| (a.start_time, &a.channel).cmp(&(b.start_time, &b.channel)));
    Ok(programmes)
}

/// The window in pieces that the API takes.
fn windows(from: Timestamp, to: Timestamp) -> Result<Vec<(Timestamp, Timestamp)>> {
    let most = SignedDuration::from_hours(GUIDE_HOURS);
    let mut windows = Vec::new();
    let mut start = from;
    while start < to {
        let end = start
            .checked_add(most)
            .context("there is no guide for that time")?
            .min(to);
        windows.push((start, end));
        start = end;
    }
    Ok(windows)
}

async fn page(api: &Api, from: Timestamp, to: Timestamp, cursor: Option<&str>) -> Result<Page> {
    let text = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut path = format!("/guide?from={}&to={}", text(from), text(to));
    if let Some(cursor) = cursor {
        path += &format!("&cursor={}", encoded(cursor));
    }
    let answer = api.ask(Method::GET, &path, None).await?;
    if !answer.status.is_success() {
        bail!("GET {path} was answered with {}", answer.status);
    }
    answer.json()
}

#[cfg(test)]
mod tests {
    use super::{Page, Programme, windows};
    use serde::Deserialize as _;

    #[test]
    fn a_window_is_asked_for_a_day_at_a_time() {
        let (from, to) = ("2026-01-09T21:30:00Z", "2026-01-11T00:00:00Z");
        let windows = windows(from.parse().unwrap(), to.parse().unwrap()).unwrap();
        let texts: Vec<_> = windows.iter().map(|(from, to)| format!("{from} {to}")).collect();
        assert_eq!(
            texts,
            [
                "2026-01-09T21:30:00Z 2026-01-10T21:30:00Z",
                "2026-01-10T21:30:00Z 2026-01-11T00:00:00Z"
            ]
        );
    }

    #[test]
    fn a_page_is_read_as_the_api_writes_it() {
        let page: Page = serde_json::from_str(
            r#"{"from":"2026-01-09T21:30:00Z","to":"2026-01-10T03:30:00Z","next":null,"channels":[
              {"id":"12","name":"BBC One","programmes":[
                {"program_id":"1","title":"Harbour Lights","channel":"BBC One","channel_id":"12","genres":[],
                 "start_time":"2026-01-09T21:00:00Z","end_time":"2026-01-09T22:00:00Z"}]}]}"#,
        )
        .unwrap();
        let programme = Programme::deserialize(&page.channels[0].programmes[0]).unwrap();
        assert_eq!((programme.title.as_str(), page.next), ("Harbour Lights", None));
    }
}
