//! What a record changes, and how that is written.

use super::Error;
use super::listing::{self, Listing};
use crate::enrich::Subject;
use crate::event::id::TitleId;
use crate::table::entity::{Channel, Programme, Title};
use crate::table::{Table, key};

/// What a record changes.
#[derive(Debug)]
pub(super) enum Update {
    Programme(Box<Programme>),
    Channel(Channel),
    Title(Listing),
    /// A title's details are due.
    Enrich(TitleId),
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// Whether the table is another one.
    pub(super) changed: bool,
    /// The title that should get its details now.
    pub(super) wants: Option<Subject>,
}

impl Update {
    /// Whose records must be dealt with in their order.
    pub(super) fn whose(&self) -> (&'static str, &str) {
        match self {
            Update::Programme(programme) => ("programme", programme.program_id.as_str()),
            Update::Channel(channel) => ("channel", channel.channel_id.as_str()),
            Update::Title(Listing { id, .. }) | Update::Enrich(id) => ("title", id.as_str()),
        }
    }

    /// Brings it into the table, unless the table knows better.
    pub(super) async fn apply(&self, table: &impl Table) -> Result<Applied, Error> {
        let write = match self {
            Update::Programme(programme) => programme.write(),
            Update::Channel(channel) => channel.write(),
            Update::Title(listing) => return listing::apply(listing, table).await,
            Update::Enrich(id) => {
                let item = table.get(&key::title(id)).await?;
                let title = item.map(|item| Title::read(&item)).transpose()?;
                let wants = title.filter(|title| title.next_try.is_some()).as_ref().map(subject);
                return Ok(Applied { changed: false, wants });
            }
        };
        Ok(Applied {
            changed: table.write(write).await?.is_done(),
            wants: None,
        })
    }
}

/// Whose details a title wants.
pub(super) fn subject(title: &Title) -> Subject {
    Subject {
        id: title.data.id.clone(),
        imdb_id: title.data.imdb_id.clone(),
        kind: title.data.kind.clone(),
    }
}
