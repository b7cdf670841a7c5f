//! Who has been told of what.
//!
//! Before a message is sent its entry is claimed, and afterwards the entry is complete.
//! A function that dies in between leaves a claim: the next delivery of the same record takes it over
//! at once, since a mapping never delivers one record to two functions at a time; anybody else waits
//! until the claim ends.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::attribute;
use crate::contract::table::limit;
use crate::event::id::UserId;
use crate::instant;
use crate::table::{Condition, Error, Item, Outcome, Table, Write, key};

/// How long a claim lasts: longer than the function that makes it.
const CLAIM: SignedDuration = SignedDuration::from_secs(limit::NOTIFY_SECONDS as i64 + 30);
/// How long an entry is kept: longer than the stream keeps the record, which is a day.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The entries of one change.
#[derive(Debug)]
pub struct Ledger<'a, T> {
    table: &'a T,
    change: &'a str,
    owner: &'a str,
}

/// An entry, as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    state: State,
    /// Which record of the stream is being dealt with.
    owner: String,
    /// When the claim ends.
    #[serde(with = "instant")]
    until: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    InProgress,
    Complete,
}

/// Whose an entry is.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// The caller's: it may send.
    Ours(Entry),
    /// Nobody's: it has been sent.
    Complete,
    /// Another's, until then.
    Theirs(Timestamp),
}

impl<'a, T: Table> Ledger<'a, T> {
    /// The entries of the change `change`, for the record `owner` of the stream.
    pub fn new(table: &'a T, change: &'a str, owner: &'a str) -> Self {
        Ledger { table, change, owner }
    }

    /// Claims a user's entry.
    ///
    /// # Errors
    ///
    /// When the table gives no answer; then the entry may be claimed all the same.
    pub async fn claim(&self, user: &UserId, now: Timestamp) -> Result<Claim, Error> {
        let ours = Entry {
            state: State::InProgress,
            owner: self.owner.to_owned(),
            until: now.checked_add(CLAIM).unwrap_or(Timestamp::MAX),
        };
        let standing = match self.put(user, &ours, now, Condition::Absent).await? {
            Outcome::Done(_) => return Ok(Claim::Ours(ours)),
            Outcome::Refused(standing) => standing,
        };
        // An entry that cannot be read is as good as none.
        let entry = standing.as_ref().and_then(read);
        if let Some(entry) = entry {
            if entry.state == State::Complete {
                return Ok(Claim::Complete);
            }
            if entry.owner != ours.owner && entry.until > now {
                return Ok(Claim::Theirs(entry.until));
            }
        }
        let until = standing.and_then(|mut item| item.remove(UNTIL));
        let condition = Condition::Equals {
            attribute: UNTIL.to_owned(),
            value: until,
        };
        match self.put(user, &ours, now, condition).await? {
            Outcome::Done(_) => Ok(Claim::Ours(ours)),
            Outcome::Refused(standing) => Ok(match standing.as_ref().and_then(read) {
                Some(entry) if entry.state == State::Complete => Claim::Complete,
                Some(entry) => Claim::Theirs(entry.until),
                None => Claim::Theirs(ours.until),
            }),
        }
    }

    /// Writes down that a claimed message has been sent.
    ///
    /// # Errors
    ///
    /// When the table gives no answer; the message will be sent again.
    pub async fn complete(&self, user: &UserId, claim: &Entry, now: Timestamp) -> Result<(), Error> {
        let done = Entry {
            state: State::Complete,
            ..claim.clone()
        };
        // Whoever has taken the claim over since sends as well, and completes it as well.
        self.put(user, &done, now, Condition::Always).await.map(drop)
    }

    async fn put(&self, user: &UserId, entry: &Entry, now: Timestamp, condition: Condition) -> Result<Outcome, Error> {
        let mut item = match serde_json::to_value(entry) {
            Ok(Value::Object(item)) => item,
            // A struct of texts always is an object.
            _ => Item::new(),
        };
        let ttl = now.as_second().saturating_add(KEPT.as_secs());
        item.insert(attribute::TTL.to_owned(), ttl.into());
        let key = key::notification(user, self.change);
        self.table.write(Write::put(key, item).when(condition)).await
    }
}

const UNTIL: &str = "until";

fn read(item: &Item) -> Option<Entry> {
    serde_json::from_value(Value::Object(item.clone())).ok()
}
