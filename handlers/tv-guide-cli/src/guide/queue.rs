//! A queue that hears what a topic says, for as long as a command runs.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::{Aws, Service};

/// A queue of our own and its subscription.
#[derive(Debug)]
pub(super) struct Queue {
    url: String,
    subscription: Option<String>,
}

/// What a queue holds.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Received {
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    body: String,
    receipt_handle: String,
}

/// Seconds that SQS waits for a message, its most.
const WAIT: u32 = 20;

/// Seconds that SQS keeps a message that nobody fetches, its least: if we are killed, little stays.
const RETENTION: &str = "60";

impl Queue {
    /// Makes a queue of this name and has the topic tell it everything.
    pub(super) async fn subscribed(aws: &Aws, name: &str, topic: &str) -> Result<Self> {
        let made = aws
            .json(Service::Sqs, "AmazonSQS.CreateQueue", &wanted(name, topic))
            .await?;
        let made: Value = made.json()?;
        let url = made.get("QueueUrl").and_then(Value::as_str);
        let mut queue = Queue {
            url: url.context("CreateQueue answered without QueueUrl")?.to_owned(),
            subscription: None,
        };
        match queue.subscribe(aws, topic).await {
            Ok(subscription) => {
                queue.subscription = Some(subscription);
                Ok(queue)
            }
            Err(error) => {
                queue.remove(aws).await?;
                Err(error)
            }
        }
    }

    async fn subscribe(&self, aws: &Aws, topic: &str) -> Result<String> {
        let question = json!({ "QueueUrl": self.url, "AttributeNames": ["QueueArn"] });
        let answer = aws
            .json(Service::Sqs, "AmazonSQS.GetQueueAttributes", &question)
            .await?;
        let answer: Value = answer.json()?;
        let arn = answer.pointer("/Attributes/QueueArn").and_then(Value::as_str);
        let parameters = [
            ("TopicArn", topic),
            ("Protocol", "sqs"),
            ("Endpoint", arn.context("GetQueueAttributes answered without QueueArn")?),
            ("Attributes.entry.1.key", "RawMessageDelivery"),
            ("Attributes.entry.1.value", "true"),
            ("ReturnSubscriptionArn", "true"),
        ];
        aws.sns("Subscribe", &parameters).await?.element("SubscriptionArn")
    }

    /// The next messages, in whatever order they come; none after a while without.
    pub(super) async fn receive(&self, aws: &Aws) -> Result<Vec<String>> {
        let question = json!({ "QueueUrl": self.url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": WAIT });
        let answer = aws.json(Service::Sqs, "AmazonSQS.ReceiveMessage", &question).await?;
        let received: Received = answer.json()?;
        let mut bodies = Vec::with_capacity(received.messages.len());
        for message in received.messages {
            let done = json!({ "QueueUrl": self.url, "ReceiptHandle": message.receipt_handle });
            aws.json(Service::Sqs, "AmazonSQS.DeleteMessage", &done).await?;
            bodies.push(message.body);
        }
        Ok(bodies)
    }

    /// Ends the subscription and deletes the queue.
    pub(super) async fn remove(self, aws: &Aws) -> Result<()> {
        let ended = match &self.subscription {
            Some(subscription) => aws
                .sns("Unsubscribe", &[("SubscriptionArn", subscription)])
                .await
                .map(drop),
            None => Ok(()),
        };
        // The queue goes even where its subscription does not: AWS then ends that by itself.
        let queue = json!({ "QueueUrl": self.url });
        aws.json(Service::Sqs, "AmazonSQS.DeleteQueue", &queue).await?;
        ended
    }
}

/// The queue: the topic may send to it, and nobody else.
fn wanted(name: &str, topic: &str) -> Value {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": "*",
            "Condition": { "ArnEquals": { "aws:SourceArn": topic } },
        }],
    });
    json!({
        "QueueName": name,
        "Attributes": {
            "Policy": policy.to_string(),
            "MessageRetentionPeriod": RETENTION,
            "SqsManagedSseEnabled": "true",
        },
    })
}

#[cfg(test)]
mod tests {
    use super::{Received, wanted};

    #[test]
    fn only_the_topic_may_send() {
        let wanted = wanted("mine", "arn:aws:sns:eu-west-2:123456789012:changes");
        let policy: serde_json::Value = serde_json::from_str(wanted["Attributes"]["Policy"].as_str().unwrap()).unwrap();
        assert_eq!(
            policy["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"],
            "arn:aws:sns:eu-west-2:123456789012:changes"
        );
    }

    #[test]
    fn an_empty_queue_answers_without_messages() {
        let received: Received = serde_json::from_str("{}").unwrap();
        assert!(received.messages.is_empty());
    }
}
