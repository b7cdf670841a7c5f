//! Topics: that alarms go to, and that functions publish to; encrypted, published to by TLS only.

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

/// A topic for messages; who publishes has a role of this account that says so.
pub struct Messages<'a> {
    /// The name.
    pub name: String,
    /// The key that encrypts it.
    pub key: &'a Handle<kms::Key>,
}

impl Messages<'_> {
    /// Adds the topic and its policy.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<sns::Topic> {
        guarded(template, id, self.name, self.key, None)
    }
}

impl Alarms<'_> {
    /// Adds the topic, its policy and a subscription per address.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<sns::Topic> {
        let publish = Statement::allow("Alarms", [action!("sns:Publish")])
            .to(Principal::Service("cloudwatch.amazonaws.com"))
            .when("StringEquals", "aws:SourceAccount", pseudo::account_id());
        let topic = guarded(template, id, self.name, self.key, Some(publish));
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

/// Adds a topic, and a policy of who may publish to it beside the account's own roles.
#[track_caller]
fn guarded(
    template: &mut Template,
    id: &str,
    name: String,
    key: &Handle<kms::Key>,
    publish: Option<Statement>,
) -> Handle<sns::Topic> {
    let topic = template.add(
        id,
        sns::Topic {
            kms_master_key_id: Some(key.arn().into()),
            topic_name: Some(name.into()),
            ..sns::Topic::new()
        },
    );
    let tls = Statement::deny("TlsOnly", [action!("sns:Publish")])
        .to(Principal::Everybody)
        .when("Bool", "aws:SecureTransport", Value::from(false));
    let statements = publish.into_iter().chain([tls]);
    let policy = Document::new(statements.map(|statement| statement.on([topic.reference().into()])));
    template.add(
        &format!("{id}Policy"),
        sns::TopicPolicy::new(policy, vec![topic.reference()]),
    );
    topic
}
