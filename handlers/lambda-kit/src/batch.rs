//! Batches of a stream or of a queue: what Lambda hands over, and what it wants to hear of them.
//!
//! A mapping with `ReportBatchItemFailures` reads the answer: of a stream it delivers again from the
//! first sequence number that is named, of a queue the messages that are named, and of either
//! everything where the call itself fails.

pub mod dynamodb;
pub mod kinesis;
pub mod sqs;

use serde::Serialize;

/// The answer to a batch.
///
/// ```
/// use lambda_kit::batch::Response;
///
/// let text = |response| serde_json::to_string(&response);
/// assert_eq!(text(Response::done())?, r#"{"batchItemFailures":[]}"#);
/// assert_eq!(
///     text(Response::again_from("4959"))?,
///     r#"{"batchItemFailures":[{"itemIdentifier":"4959"}]}"#,
/// );
/// assert_eq!(
///     text(Response::again(["a".to_owned(), "b".to_owned()]))?,
///     r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl Response {
    /// Every record was dealt with.
    #[must_use]
    pub fn done() -> Self {
        Response {
            batch_item_failures: Vec::new(),
        }
    }

    /// These messages of a queue, and no others, are to be delivered again.
    #[must_use]
    pub fn again(message_ids: impl IntoIterator<Item = String>) -> Self {
        let failure = |item_identifier| Failure { item_identifier };
        Response {
            batch_item_failures: message_ids.into_iter().map(failure).collect(),
        }
    }

    /// This record and all after it are to be delivered again.
    #[must_use]
    pub fn again_from(sequence_number: impl Into<String>) -> Self {
        Response {
            batch_item_failures: vec![Failure {
                item_identifier: sequence_number.into(),
            }],
        }
    }
}

#[cfg(test)]
mod tests;
