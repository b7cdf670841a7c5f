//! A dead-letter queue: encrypted, kept for as long as SQS can, reached by TLS only.

use infra_core::policy::{Document, Principal, Statement};
use infra_core::{Handle, Template, Value};
use infra_resources::{kms, sqs};

/// A queue for what could not be done.
pub struct DeadLetters<'a> {
    /// The name.
    pub name: String,
    /// The key that encrypts it.
    pub key: &'a Handle<kms::Key>,
}

/// The longest that SQS keeps a message: 14 days.
const RETENTION_SECONDS: i64 = 1_209_600;

impl DeadLetters<'_> {
    /// Adds the queue and its policy.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<sqs::Queue> {
        let queue = template.add(
            id,
            sqs::Queue {
                kms_master_key_id: Some(self.key.arn().into()),
                message_retention_period: Some(RETENTION_SECONDS.into()),
                queue_name: Some(self.name.into()),
                ..sqs::Queue::new()
            },
        );
        // What is in it is copied from elsewhere; a queue without its stack helps nobody.
        template.options(&queue).delete();
        let deny = Statement::deny_all("TlsOnly", "sqs")
            .to(Principal::Everybody)
            .on([queue.arn().into()])
            .when("Bool", "aws:SecureTransport", Value::from(false));
        template.add(
            &format!("{id}Policy"),
            sqs::QueuePolicy::new(Document::new([deny]), vec![queue.reference()]),
        );
        queue
    }
}
