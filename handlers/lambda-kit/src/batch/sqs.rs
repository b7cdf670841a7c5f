//! Batches of a queue.

use serde::Deserialize;

/// A batch: messages in no order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<Message>,
}

/// One message, of what Lambda says of it what is used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// What the answer names it by.
    pub message_id: String,
    /// What was sent.
    pub body: String,
}
