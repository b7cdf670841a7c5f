//! The topic that alarms go to.

use infra_core::policy::{Document, Principal, Statement};
use infra_core::{Handle, Template, Value, action, pseudo};
use infra_resources::{kms, sns};

/// A topic for alarms.
pub struct Alarms<'a> {
    /// The name.
    pub name: String,
    /// The key that encrypts it.
    pub key: &'a Handle<kms::Key>,
    /// Who is told; each address must confirm its subscription.
    pub emails: &'a [String],
}

impl Alarms<'_> {
    /// Adds the topic, its policy and a subscription per address.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<sns::Topic> {
        let topic = template.add(
            id,
            sns::Topic {
                kms_master_key_id: Some(self.key.arn().into()),
                topic_name: Some(self.name.into()),
                ..sns::Topic::new()
            },
        );
        let publish = Statement::allow("Alarms", [action!("sns:Publish")])
            .to(Principal::Service("cloudwatch.amazonaws.com"))
            .on([topic.reference().into()])
            .when("StringEquals", "aws:SourceAccount", pseudo::account_id());
        let tls = Statement::deny("TlsOnly", [action!("sns:Publish")])
            .to(Principal::Everybody)
            .on([topic.reference().into()])
            .when("Bool", "aws:SecureTransport", Value::from(false));
        let policy = Document::new([publish, tls]);
        template.add(
            &format!("{id}Policy"),
            sns::TopicPolicy::new(policy, vec![topic.reference()]),
        );
        for (number, email) in self.emails.iter().enumerate() {
            template.add(
                &format!("{id}Subscription{}", number + 1),
                sns::Subscription {
                    endpoint: Some(email.into()),
                    ..sns::Subscription::new("email", topic.reference())
                },
            );
        }
        topic
    }
}
