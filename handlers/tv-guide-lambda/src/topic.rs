//! The topic in SNS.

use aws_config::SdkConfig;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::BuildError;
use aws_sdk_sns::types::MessageAttributeValue;
use tv_guide::notify::message::{Message, Refused, Topic};

/// A topic in SNS.
#[derive(Debug, Clone)]
pub struct Sns {
    client: Client,
    arn: String,
}

impl Sns {
    /// The topic of an ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Sns {
            client: Client::new(config),
            arn: arn.into(),
        }
    }

    fn refused(&self, source: impl std::error::Error + Send + Sync + 'static) -> Refused {
        Refused {
            topic: self.arn.clone(),
            source: Box::new(source),
        }
    }
}

impl Topic for Sns {
    async fn publish(&self, message: &Message) -> Result<(), Refused> {
        let mut call = self.client.publish().topic_arn(&self.arn).message(&message.body);
        let attributes = [
            ("user", message.user.as_str()),
            ("kind", message.kind),
            ("dedupe_id", message.dedupe_id.as_str()),
        ];
        for (name, value) in attributes {
            let value = text(value).map_err(|error| self.refused(error))?;
            call = call.message_attributes(name, value);
        }
        call.send().await.map(drop).map_err(|error| self.refused(error))
    }
}

fn text(value: &str) -> Result<MessageAttributeValue, BuildError> {
    let text = MessageAttributeValue::builder().data_type("String");
    text.string_value(value).build()
}
