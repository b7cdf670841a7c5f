//! What counts as a change of a programme.

use jiff::Timestamp;

use super::Record;
use crate::event::canonical;
use crate::table::entity::{Malformed, Programme, Status};

/// What happened to a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is on.
    Added,
    /// It is on at another time or on another channel.
    Moved,
    /// It is not on after all.
    Cancelled,
}

impl Kind {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Added => "added",
            Kind::Moved => "moved",
            Kind::Cancelled => "cancelled",
        }
    }
}

/// A change that followers are told of.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// What happened.
    pub kind: Kind,
    /// The programme as it was on; none if it was not.
    pub before: Option<Programme>,
    /// The programme as it is on; none if it is not.
    pub after: Option<Programme>,
    /// Version of the item that says so.
    pub version: String,
}

impl Notice {
    /// Identity of the change: the same record of the stream has the same, however often it comes.
    #[must_use]
    pub fn id(&self) -> String {
        let programme = self.programme().map(|programme| &programme.program_id);
        canonical::digest(&(self.kind.name(), programme, &self.version))
    }

    /// The programme as it is, or else as it was.
    #[must_use]
    pub fn programme(&self) -> Option<&Programme> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

/// What followers are told of a record; none if they need not know.
///
/// An item that is removed is no news: programmes are cancelled by a write, and go by themselves
/// long after their end.
///
/// # Errors
///
/// When the record is of a programme that cannot be read.
pub fn notice(record: &Record<'_>, now: Timestamp) -> Result<Option<Notice>, Malformed> {
    let Some(new) = record.new.filter(|_| record.pk.starts_with("programme:")) else {
        return Ok(None);
    };
    let new = Programme::read(new)?;
    let old = record.old.map(Programme::read).transpose()?;
    let version = new.version.clone();
    let on = |programme: Programme| (programme.status == Status::Scheduled).then_some(programme);
    let (before, after) = (old.and_then(on), on(new));
    let is_over = |programme: &Programme| programme.end_time <= now;
    let kind = match (&before, &after) {
        (None, Some(after)) if after.start_time > now => Kind::Added,
        (Some(before), Some(after)) if place(before) != place(after) && !(is_over(before) && is_over(after)) => {
            Kind::Moved
        }
        (Some(before), None) if !is_over(before) => Kind::Cancelled,
        _ => return Ok(None),
    };
    Ok(Some(Notice {
        kind,
        before,
        after,
        version,
    }))
}

/// What a viewer must know to see it.
fn place(programme: &Programme) -> (Timestamp, Timestamp, &str) {
    let Programme {
        start_time,
        end_time,
        channel_id,
        ..
    } = programme;
    (*start_time, *end_time, channel_id.as_str())
}
