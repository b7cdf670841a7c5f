//! `GET /guide`: what is on.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize as _;

use super::parameter::Arguments;
use super::problem::Problem;
use super::shape::{ChannelProgrammes, Guide, Programme};
use super::{Context, Success, Users, cursor, malformed};
use crate::contract::api::limit;
use crate::event::id::ChannelId;
use crate::guide::{self, Channels, Slice, Window};
use crate::instant;
use crate::table::entity::Malformed;
use crate::table::{Item, Table, key};

/// Length of a window whose end is not given.
const UNLESS_GIVEN: SignedDuration = SignedDuration::from_hours(3);

impl<S: Table, U: Users> Context<'_, S, U> {
    pub(super) async fn guide(&self, arguments: &Arguments) -> Result<Success, Problem> {
        let channel = arguments.id("channel", ChannelId::new);
        let limit = arguments.count("limit").unwrap_or(limit::GUIDE_PAGE_DEFAULT);
        let cursor = arguments.text("cursor");
        let window = window(arguments, channel.is_some(), self.now)?;
        let request = [
            self.route.operation,
            &instant::text(window.from),
            &instant::text(window.to),
            channel.as_ref().map_or("", ChannelId::as_str),
        ]
        .join(" ");
        let after: Option<String> = cursor.map(|cursor| cursor::decode(&request, cursor)).transpose()?;
        let on = channel.as_ref().map_or(Channels::All, Channels::One);
        let slice = guide::read(self.shared, on, window, after.as_deref(), limit, self.now).await?;
        let Slice { items, next, .. } = slice;

        let mut by_channel: BTreeMap<&str, ChannelProgrammes<'_>> = BTreeMap::new();
        for programme in items.iter().filter_map(|item| self.keep(programme(item))) {
            let channel = by_channel
                .entry(programme.channel_id)
                .or_insert_with(|| ChannelProgrammes {
                    id: programme.channel_id,
                    name: programme.channel,
                    programmes: Vec::new(),
                });
            channel.programmes.push(programme);
        }
        let mut channels: Vec<_> = by_channel.into_values().collect();
        channels.sort_by_cached_key(|channel| (key::fold(channel.name), channel.id));
        Success::json(&Guide {
            from: window.from,
            to: window.to,
            channels,
            next: next.map(|next| cursor::encode(&request, &next)),
        })
    }
}

/// What an item shows of its programme.
pub(super) fn programme(item: &Item) -> Result<Programme<'_>, Malformed> {
    Programme::deserialize(item).map_err(|source| malformed("programme", item, source))
}

fn window(arguments: &Arguments, is_one_channel: bool, now: Timestamp) -> Result<Window, Problem> {
    let later = |time: Timestamp| time.checked_add(UNLESS_GIVEN).unwrap_or(Timestamp::MAX);
    // A cursor belongs to its window, so that a window that follows the clock moves by the minute.
    let minute = Timestamp::from_second(now.as_second().div_euclid(60) * 60).unwrap_or(now);
    let from = arguments.time("from").unwrap_or(minute);
    let to = arguments.time("to").unwrap_or_else(|| later(from));
    if to <= from {
        return Err(Problem::parameter("to", "not after the start of the window"));
    }
    let hours = if is_one_channel {
        limit::CHANNEL_HOURS
    } else {
        limit::GUIDE_HOURS
    };
    if to.duration_since(from) > SignedDuration::from_hours(hours) {
        return Err(Problem::parameter(
            "to",
            format!("a window has up to {hours} hours here: send an earlier end"),
        ));
    }
    Ok(Window { from, to })
}
