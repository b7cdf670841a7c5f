//! A slot of the schedule as the stream's programme.

use jiff::{SignedDuration, Timestamp};

use super::answer::{Episode, Network, Show};
use super::plain;
use crate::event::Programme;
use crate::event::id::ChannelId;

/// What is taken for the length where nobody says it, in minutes.
const LENGTH: u32 = 30;
/// No programme is longer, in minutes.
const LONGEST: u32 = 24 * 60;
/// Most genres that are kept.
const GENRES: usize = 20;

/// The programme of a slot; none where the slot has no channel, no name or no beginning.
#[must_use]
pub fn programme(episode: &Episode) -> Option<Programme> {
    let show = episode.show()?;
    let (channel_id, channel) = channel(show)?;
    let title = show.name.clone().or_else(|| episode.name.clone())?;
    let start: Timestamp = episode.airstamp.as_deref()?.parse().ok()?;
    let end = start
        .checked_add(SignedDuration::from_mins(i64::from(length(episode, show))))
        .ok()?;
    let html = episode.summary.as_deref().or(show.summary.as_deref());
    let image = |image: &Option<super::answer::Image>| image.as_ref().and_then(|it| it.url().map(ToOwned::to_owned));
    Some(Programme {
        program_id: episode.id.clone(),
        episode: episode.name.clone().filter(|name| *name != title),
        title,
        channel,
        start_time: start,
        end_time: end,
        description: html.and_then(plain).unwrap_or_default(),
        channel_id,
        show_id: Some(show.id.clone()),
        imdb_id: show.externals.as_ref().and_then(|externals| externals.imdb.clone()),
        season: episode.season,
        number: episode.number,
        genres: show.genres.iter().take(GENRES).cloned().collect(),
        image: image(&episode.image).or_else(|| image(&show.image)),
        url: episode.url.clone().or_else(|| show.url.clone()),
    })
}

fn channel(show: &Show) -> Option<(ChannelId, String)> {
    let named = |network: &Option<Network>| {
        let network = network.as_ref()?;
        Some((network.id, network.name.clone()?))
    };
    if let Some((id, name)) = named(&show.network) {
        return Some((id.into(), name));
    }
    let (id, name) = named(&show.web_channel)?;
    // Digits behind a prefix are an id.
    Some((ChannelId::new(format!("web-{id}")).ok()?, name))
}

fn length(episode: &Episode, show: &Show) -> u32 {
    let lengths = [episode.runtime, show.runtime, show.average_runtime];
    let sane = lengths
        .into_iter()
        .flatten()
        .find(|minutes| (1..=LONGEST).contains(minutes));
    sane.unwrap_or(LENGTH)
}
