//! The channels of the schedule, and their places in the guide.

use std::collections::BTreeMap;

use crate::event::id::ChannelId;
use crate::event::{Channel, Event, Programme};
use crate::table::key::fold;

/// The first places, as British guides have them; the others follow by name.
const FIRST: [&str; 24] = [
    "BBC One",
    "BBC Two",
    "ITV1",
    "Channel 4",
    "Channel 5",
    "ITV2",
    "ITV3",
    "ITV4",
    "BBC Three",
    "BBC Four",
    "E4",
    "More4",
    "Film4",
    "Sky Atlantic",
    "Sky Max",
    "Sky Showcase",
    "Sky Comedy",
    "Sky Arts",
    "Dave",
    "U&Dave",
    "Alibi",
    "Gold",
    "BBC News",
    "Sky News",
];
/// The place of all others.
const LAST: u32 = 1_000;

/// Channels as they were last published, by their ids.
pub type Channels = BTreeMap<String, Channel>;

/// What must be published for the channels of these programmes; `after` gets them, too.
///
/// A channel without programmes stays: there is no answer that says that it is gone.
pub fn changes<'p>(after: &mut Channels, programmes: impl IntoIterator<Item = &'p Programme>) -> Vec<Event> {
    let seen: BTreeMap<&ChannelId, &str> = programmes
        .into_iter()
        .map(|programme| (&programme.channel_id, programme.channel.as_str()))
        .collect();
    let mut events = Vec::new();
    for (id, name) in seen {
        let channel = Channel {
            id: id.clone(),
            name: name.to_owned(),
            order: order(name),
        };
        if after.get(id.as_str()) != Some(&channel) {
            after.insert(id.as_str().to_owned(), channel.clone());
            events.push(Event::ChannelSeen(channel));
        }
    }
    events
}

fn order(name: &str) -> u32 {
    let folded = match fold(name).as_str() {
        // Names that have changed, and are still in use.
        "itv" => "itv1".to_owned(),
        "5" => "channel 5".to_owned(),
        other => other.to_owned(),
    };
    let places = (1..).zip(FIRST);
    let place = places.into_iter().find(|(_, first)| fold(first) == folded);
    place.map_or(LAST, |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::{LAST, order};

    #[test]
    fn the_known_channels_stand_first() {
        assert_eq!(["BBC One", "bbc two", "ITV", "5", "Film4"].map(order), [1, 2, 3, 5, 13]);
        assert_eq!(order("Harbour TV"), LAST);
    }
}
