//! Queues, of work and of dead letters: encrypted, reached by TLS only.

use infra_core::policy::{Document, Principal, Statement};
use infra_core::{Arn, Handle, Template, Value, Waiver, action, pseudo};
use infra_resources::sqs::{self, queue};
use infra_resources::{kms, s3};

/// A queue for what could not be done.
pub struct DeadLetters<'a> {
    /// The name.
    pub name: String,
    /// The key that encrypts it.
    pub key: &'a Handle<kms::Key>,
}

/// The longest that SQS keeps a message: 14 days.
const DEAD_LETTER_SECONDS: i64 = 1_209_600;

/// Work that nobody has taken for four days is lost, and not for dead letters; a message keeps its
/// age on the way to them, which leaves it ten days there.
const WORK_SECONDS: i64 = 345_600;

impl DeadLetters<'_> {
    /// Adds the queue and its policy.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<sqs::Queue> {
        let properties = sqs::Queue {
            message_retention_period: Some(DEAD_LETTER_SECONDS.into()),
            ..encrypted(self.name, self.key)
        };
        const WAIVER: Waiver = Waiver::new(
            &["AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"],
            "platform",
            "it is the queue of dead letters itself, whose messages have nowhere further to go",
        );
        let queue = template.add(id, properties);
        guard(template, id, &queue, None);
        template.options(&queue).waive([WAIVER]);
        queue
    }
}

/// A queue of work, whose messages go to the dead letters when they cannot be done.
pub struct Queue<'a> {
    /// The name.
    pub name: String,
    /// The key that encrypts it.
    pub key: &'a Handle<kms::Key>,
    /// Where messages go that failed too often.
    pub dead_letters: &'a Handle<sqs::Queue>,
    /// How often a message is tried, 1 to 1,000 times.
    pub attempts: u16,
    /// Seconds for which nobody else sees a message that is being worked on, at most 43,200.
    ///
    /// Lambda wants no less than the function's timeout, and advises six times as much, so that
    /// batches which it has to put back are not tried at once.
    pub hidden_seconds: u16,
}

impl Queue<'_> {
    /// Adds the queue and its policy.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<sqs::Queue> {
        self.guarded(template, id, None).0
    }

    /// The same, of a queue in which a bucket says which objects it was given, so that the key must
    /// let S3 send; gives the policy as well, which the bucket must be made after.
    #[track_caller]
    pub fn add_for(
        self,
        template: &mut Template,
        id: &str,
        bucket: Value<Arn<s3::Bucket>>,
    ) -> (Handle<sqs::Queue>, Handle<sqs::QueuePolicy>) {
        self.guarded(template, id, Some(bucket))
    }

    #[track_caller]
    fn guarded(
        self,
        template: &mut Template,
        id: &str,
        announcer: Option<Value<Arn<s3::Bucket>>>,
    ) -> (Handle<sqs::Queue>, Handle<sqs::QueuePolicy>) {
        let properties = sqs::Queue {
            message_retention_period: Some(WORK_SECONDS.into()),
            redrive_policy: Some(queue::RedrivePolicy {
                dead_letter_target_arn: Some(self.dead_letters.arn()),
                max_receive_count: Some(i64::from(self.attempts).into()),
            }),
            visibility_timeout: Some(i64::from(self.hidden_seconds).into()),
            ..encrypted(self.name, self.key)
        };
        let queue = template.add(id, properties);
        let announce = announcer.map(|bucket| {
            Statement::allow("Announce", [action!("sqs:SendMessage")])
                .to(Principal::Service("s3.amazonaws.com"))
                .on([queue.arn().into()])
                .when("ArnEquals", "aws:SourceArn", bucket)
                .when("StringEquals", "aws:SourceAccount", pseudo::account_id())
        });
        let policy = guard(template, id, &queue, announce);
        (queue, policy)
    }
}

fn encrypted(name: String, key: &Handle<kms::Key>) -> sqs::Queue {
    sqs::Queue {
        kms_master_key_id: Some(key.arn().into()),
        queue_name: Some(name.into()),
        ..sqs::Queue::new()
    }
}

/// Adds the policy of a queue.
#[track_caller]
fn guard(
    template: &mut Template,
    id: &str,
    queue: &Handle<sqs::Queue>,
    more: Option<Statement>,
) -> Handle<sqs::QueuePolicy> {
    // What is in a queue is copied from elsewhere; one without its stack helps nobody.
    template.options(queue).delete();
    let deny = Statement::deny_all("TlsOnly", "sqs")
        .to(Principal::Everybody)
        .on([queue.arn().into()])
        .when("Bool", "aws:SecureTransport", Value::from(false));
    template.add(
        &format!("{id}Policy"),
        sqs::QueuePolicy::new(Document::new(more.into_iter().chain([deny])), vec![queue.reference()]),
    )
}

#[cfg(test)]
mod tests {
    use infra_core::Template;

    use super::{DeadLetters, Queue};
    use crate::key::Key;

    #[test]
    fn what_fails_too_often_goes_to_the_dead_letters() {
        let mut template = Template::new("queues");
        let key = Key {
            description: "tests".to_owned(),
            alias: "tests".to_owned(),
            keep: false,
        };
        let key = key.add(&mut template, "Key");
        let dead_letters = DeadLetters {
            name: "dead".to_owned(),
            key: &key,
        };
        let dead_letters = dead_letters.add(&mut template, "Dead");
        let queue = Queue {
            name: "work".to_owned(),
            key: &key,
            dead_letters: &dead_letters,
            attempts: 3,
            hidden_seconds: 60,
        };
        queue.add(&mut template, "Work");
        assert_eq!(template.check(), Ok(()));
        let json = template.to_json();
        for expected in [
            r#""RedrivePolicy":{"deadLetterTargetArn":{"Fn::GetAtt":["Dead","Arn"]},"maxReceiveCount":3}"#,
            r#""VisibilityTimeout":60"#,
            r#""MessageRetentionPeriod":1209600"#,
            r#""WorkPolicy":{"Type":"AWS::SQS::QueuePolicy""#,
        ] {
            assert!(json.contains(expected), "{expected} is not in {json}");
        }
    }
}
