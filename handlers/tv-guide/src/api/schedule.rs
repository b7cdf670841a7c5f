//! `GET /guide`: what is on.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::parameter::Arguments;
use super::problem::Problem;
use super::shape::{ChannelProgrammes, Guide, Programme};
use super::{Context, Success, Users, cursor};
use crate::contract::api::limit;
use crate::event::id::ChannelId;
use crate::guide::{self, Channels, Slice, Window};
use crate::instant;
use crate::table::{Table, key};

/// Length of a window whose end is not given.
const UNLESS_GIVEN: SignedDuration = SignedDuration::from_hours(3);

impl<S: Table, U: Users> Context<'_, S, U> {
    pub(super) async fn guide(&self, arguments: &Arguments) -> Result<Success, Problem> {
        let channel = arguments.id("channel", ChannelId::new);
        let limit = arguments.count("limit").unwrap_or(limit::GUIDE_PAGE);
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
        let channels = channel.as_ref().map_or(Channels::All, Channels::One);
        let slice = guide::read(self.shared, channels, window, after.as_deref(), limit, self.now).await?;
        let Slice {
            programmes,
            next,
            malformed,
            ..
        } = slice;
        self.malformed.borrow_mut().extend(malformed);

        let mut by_name: BTreeMap<(String, ChannelId), ChannelProgrammes> = BTreeMap::new();
        for programme in programmes {
            let (id, name) = (&programme.channel_id, &programme.channel);
            let channel = by_name
                .entry((key::fold(name), id.clone()))
                .or_insert_with(|| ChannelProgrammes {
                    id: id.clone(),
                    name: name.clone(),
                    programmes: Vec::new(),
                });
            channel.programmes.push(Programme::from(programme));
        }
        Success::json(&Guide {
            from: window.from,
            to: window.to,
            channels: by_name.into_values().collect(),
            next: next.map(|next| cursor::encode(&request, &next)),
        })
    }
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
