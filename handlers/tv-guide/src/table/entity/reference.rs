use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Malformed, attributes, enter, read};
use crate::event::id::{ChannelId, GenreId, SourceId};
use crate::table::key;
use crate::table::{Condition, Index, Item, Write};

/// A source, with everything that upstream says of it and the regions for which it was listed.
#[must_use]
pub fn source(id: &SourceId, name: &str, data: Item, regions: &[String]) -> Write {
    let mut item = Item::from_iter([
        ("data".to_owned(), Value::Object(data)),
        ("regions".to_owned(), regions.into()),
    ]);
    enter(&mut item, Index::Gsi1, key::SOURCES.to_owned(), key::by_name(name, id));
    Write::put(key::source(id, name), item)
}

/// A genre, with everything that upstream says of it.
#[must_use]
pub fn genre(id: &GenreId, name: &str, data: Item) -> Write {
    let mut item = Item::from_iter([("data".to_owned(), Value::Object(data))]);
    enter(&mut item, Index::Gsi1, key::GENRES.to_owned(), key::by_name(name, id));
    Write::put(key::genre(id, name), item)
}

/// A channel of the schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Identity.
    pub channel_id: ChannelId,
    /// Name.
    pub name: String,
    /// Place in the guide, lowest first; those that share a place are ordered by name.
    pub order: u32,
    /// Version; the newest wins.
    pub version: String,
}

impl Channel {
    /// The channel that an item is.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn read(item: &Item) -> Result<Self, Malformed> {
        read("channel", item)
    }

    /// The write that stores it, unless what stands there is as new.
    #[must_use]
    pub fn write(&self) -> Write {
        let mut item = attributes(self);
        let sort = key::by_name(&self.name, &self.channel_id);
        enter(&mut item, Index::Gsi1, key::CHANNELS.to_owned(), sort);
        Write::put(key::channel(&self.channel_id), item).when(Condition::Newer(self.version.clone()))
    }
}
