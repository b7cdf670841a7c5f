//! What followers are told, for people and for programs.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use super::change::{Kind, Notice};
use crate::event::id::UserId;
use crate::table::entity::Programme;
use crate::tvmaze::zone;

/// Largest message of a topic with its attributes, in bytes (256 KiB, SNS's `API_Publish`).
pub const LIMIT: usize = 262_144;

/// A message: its attributes, by which subscriptions filter, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Attribute `user`: whom it is for, by the `sub` of the user's tokens; never an address.
    pub user: String,
    /// Attribute `kind`: `added`, `moved` or `cancelled`.
    pub kind: &'static str,
    /// Attribute `dedupe_id`: the same twice is the same message twice.
    pub dedupe_id: String,
    /// The JSON that is sent.
    pub body: String,
}

#[derive(Serialize)]
struct Body<'a> {
    kind: &'static str,
    text: String,
    user: &'a str,
    dedupe_id: &'a str,
    before: Option<&'a Programme>,
    after: Option<&'a Programme>,
}

impl Message {
    /// What `user` is told of a change.
    #[must_use]
    pub fn new(notice: &Notice, user: &UserId) -> Self {
        let kind = notice.kind.name();
        let dedupe_id = format!("{}-{user}", notice.id());
        let body = Body {
            kind,
            text: text(notice),
            user: user.as_str(),
            dedupe_id: &dedupe_id,
            before: notice.before.as_ref(),
            after: notice.after.as_ref(),
        };
        // Structs of texts and numbers always serialise.
        let body = serde_json::to_string(&body).unwrap_or_default();
        Message {
            user: user.as_str().to_owned(),
            kind,
            dedupe_id,
            body,
        }
    }
}

/// One line for people, in London's time.
fn text(notice: &Notice) -> String {
    let Some(programme) = notice.programme() else {
        return String::new();
    };
    let title = &programme.title;
    match (notice.kind, &notice.before, &notice.after) {
        (Kind::Moved, Some(before), Some(after)) => {
            format!("{title} has moved from {} to {}", place(before), place(after))
        }
        (Kind::Cancelled, ..) => format!("{title} is cancelled: it was to be on {}", place(programme)),
        _ => format!("{title} is on {}", place(programme)),
    }
}

/// `BBC One on Friday 9 January, 21:00 to 22:00`.
fn place(programme: &Programme) -> String {
    let local = |instant: Timestamp| instant.to_zoned(zone());
    let start = local(programme.start_time).strftime("%A %-d %B, %H:%M");
    let end = local(programme.end_time).strftime("%H:%M");
    format!("{} on {start} to {end}", programme.channel)
}

/// The topic did not take a message.
#[derive(Debug, thiserror::Error)]
#[error("cannot publish to topic {topic}")]
pub struct Refused {
    /// The topic.
    pub topic: String,
    /// What the service, or the way to it, said.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Where messages go.
#[allow(async_fn_in_trait, reason = "a function handles one event at a time, on one thread")]
pub trait Topic {
    /// Publishes a message.
    ///
    /// # Errors
    ///
    /// When nobody knows whether it was published.
    async fn publish(&self, message: &Message) -> Result<(), Refused>;
}

/// A topic in memory, for tests.
#[derive(Debug, Default)]
pub struct Published(Mutex<Vec<Message>>);

impl Published {
    /// What was published, in its order.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Topic for Published {
    async fn publish(&self, message: &Message) -> Result<(), Refused> {
        let mut published = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        published.push(message.clone());
        Ok(())
    }
}
