//! The queue in which the event source mapping leaves what it gave up: where the records are, and
//! not what is in them.

use anyhow::{Context as _, Result};
use lake::write::Sequence;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::signed::Signed;

/// How long a message is nobody else's, in seconds: long enough for its records to be written.
const VISIBILITY: u32 = 300;

/// Messages, until they are removed.
pub(crate) trait Queue {
    /// Some messages, which nobody else gets for a while; none when the queue has no more.
    async fn receive(&self) -> Result<Vec<Message>>;
    /// Removes a message.
    async fn remove(&self, message: &Message) -> Result<()>;
    /// Lets others have a message again.
    async fn give_back(&self, message: &Message) -> Result<()>;
}

/// A message.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Message {
    /// The same however often it is received.
    pub(crate) message_id: String,
    /// What it is removed by.
    pub(crate) receipt_handle: String,
    /// What it says.
    pub(crate) body: String,
}

/// Records of a shard that the event source mapping gave up.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GivenUp {
    /// The stream.
    pub(crate) stream_arn: String,
    /// The shard.
    pub(crate) shard_id: String,
    /// The first record's place in it.
    #[serde(rename = "startSequenceNumber", deserialize_with = "sequence")]
    pub(crate) first: Sequence,
    /// The last record's.
    #[serde(rename = "endSequenceNumber", deserialize_with = "sequence")]
    pub(crate) last: Sequence,
    /// How many there are from the first to the last.
    pub(crate) batch_size: u64,
}

impl GivenUp {
    /// What a message says; none when it is of something else than a shard's records.
    pub(crate) fn read(body: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Document {
            #[serde(rename = "KinesisBatchInfo")]
            batch: GivenUp,
        }
        serde_json::from_str(body).ok().map(|Document { batch }| batch)
    }
}

fn sequence<'de, D: Deserializer<'de>>(text: D) -> Result<Sequence, D::Error> {
    let text = String::deserialize(text)?;
    text.parse().map_err(serde::de::Error::custom)
}

/// A queue of SQS.
pub(crate) struct Sqs<'a> {
    /// How it is called.
    pub(crate) aws: &'a Signed,
    /// Its URL.
    pub(crate) url: String,
}

impl Queue for Sqs<'_> {
    async fn receive(&self) -> Result<Vec<Message>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Received {
            #[serde(default)]
            messages: Vec<Message>,
        }
        // A long poll asks all of SQS' servers, a short one some of them.
        let body = json!({
            "QueueUrl": self.url, "MaxNumberOfMessages": 10, "VisibilityTimeout": VISIBILITY, "WaitTimeSeconds": 2,
        });
        let answer = self.aws.sqs("AmazonSQS.ReceiveMessage", &body).await?;
        let received: Received = serde_json::from_value(answer).context("cannot read the messages")?;
        Ok(received.messages)
    }

    async fn remove(&self, message: &Message) -> Result<()> {
        let body = json!({ "QueueUrl": self.url, "ReceiptHandle": message.receipt_handle });
        self.aws.sqs("AmazonSQS.DeleteMessage", &body).await?;
        Ok(())
    }

    async fn give_back(&self, message: &Message) -> Result<()> {
        let body = json!({
            "QueueUrl": self.url, "ReceiptHandle": message.receipt_handle, "VisibilityTimeout": 0,
        });
        let target = "AmazonSQS.ChangeMessageVisibility";
        self.aws.sqs(target, &body).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::GivenUp;

    #[test]
    fn a_message_says_where_the_records_are() {
        let body = r#"{"requestContext": {"condition": "RetryAttemptsExhausted"}, "version": "1.0",
            "KinesisBatchInfo": {"shardId": "shardId-000000000001", "startSequenceNumber": "49", "endSequenceNumber": "170",
            "approximateArrivalOfFirstRecord": "2026-01-31T23:00:00.000Z", "batchSize": 3,
            "streamArn": "arn:aws:kinesis:eu-west-2:123456789012:stream/events"}}"#;
        let given_up = GivenUp::read(body).expect("records");
        assert_eq!(
            (given_up.shard_id.as_str(), given_up.batch_size),
            ("shardId-000000000001", 3)
        );
        assert!(given_up.first < given_up.last);
        for other in [
            "",
            "{}",
            r#"{"DDBStreamBatchInfo": {}}"#,
            &body.replace("\"49\"", "\"x\""),
        ] {
            assert_eq!(GivenUp::read(other), None, "{other}");
        }
    }
}
