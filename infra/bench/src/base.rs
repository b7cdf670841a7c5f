//! What both halves of the stack lean on: a key, a topic, a queue, buckets, functions, alarms.

use infra_core::policy::{Document, Principal, Statement};
use infra_core::{Handle, Template, Value, action, concat_values, pseudo};
use infra_resources::cloudwatch::{self, alarm};
use infra_resources::iam::{self, role};
use infra_resources::lambda::{self, function};
use infra_resources::logs;
use infra_resources::s3::{self, bucket};
use infra_resources::{kms, sns, sqs};

/// Days that logs are kept.
const LOG_DAYS: i64 = 14;

/// A key, a topic and a queue.
pub(crate) struct Base {
    pub(crate) key: Handle<kms::Key>,
    pub(crate) topic: Handle<sns::Topic>,
    pub(crate) dead_letters: Handle<sqs::Queue>,
}

impl Base {
    pub(crate) fn add(t: &mut Template) -> Self {
        let account = concat_values!["arn:", pseudo::partition(), ":iam::", pseudo::account_id(), ":root"];
        let administer = Statement::administer("Account", "kms")
            .to(Principal::Account(account))
            .everywhere("a key's policy speaks of the key that it belongs to");
        let key = t.add(
            "Key",
            kms::Key {
                enable_key_rotation: Some(true.into()),
                key_policy: Some(Document::new([administer])),
                ..kms::Key::new()
            },
        );
        t.add("KeyAlias", kms::Alias::new("alias/bench", key.reference()));
        let topic = t.add(
            "Topic",
            sns::Topic {
                kms_master_key_id: Some(key.arn().into()),
                topic_name: Some("bench-alarms".into()),
                ..sns::Topic::new()
            },
        );
        let dead_letters = t.add(
            "DeadLetters",
            sqs::Queue {
                kms_master_key_id: Some(key.arn().into()),
                message_retention_period: Some(1_209_600.into()),
                queue_name: Some("bench-dead-letters".into()),
                ..sqs::Queue::new()
            },
        );
        Base {
            key,
            topic,
            dead_letters,
        }
    }

    /// A private bucket with a policy: two resources.
    pub(crate) fn bucket(&self, t: &mut Template, id: &str, name: &str) -> Handle<s3::Bucket> {
        let encryption = bucket::ServerSideEncryptionByDefault {
            kms_master_key_id: Some(self.key.arn().into()),
            ..bucket::ServerSideEncryptionByDefault::new(bucket::SseAlgorithm::AwsKms)
        };
        let rule = bucket::ServerSideEncryptionRule {
            server_side_encryption_by_default: Some(encryption),
            bucket_key_enabled: Some(true.into()),
            ..bucket::ServerSideEncryptionRule::new()
        };
        let bucket = t.add(
            id,
            s3::Bucket {
                bucket_name: Some(concat_values!["bench-", name, "-", pseudo::account_id()]),
                bucket_encryption: Some(bucket::BucketEncryption::new(vec![rule])),
                public_access_block_configuration: Some(bucket::PublicAccessBlockConfiguration {
                    block_public_acls: Some(true.into()),
                    block_public_policy: Some(true.into()),
                    ignore_public_acls: Some(true.into()),
                    restrict_public_buckets: Some(true.into()),
                }),
                versioning_configuration: Some(bucket::VersioningConfiguration::new(bucket::VersioningStatus::Enabled)),
                ..s3::Bucket::new()
            },
        );
        let tls = Statement::deny_all("TlsOnly", "s3")
            .to(Principal::Everybody)
            .on([bucket.arn().into(), bucket.arn().path("/*")])
            .when("Bool", "aws:SecureTransport", Value::from(false));
        t.add(
            &format!("{id}Policy"),
            s3::BucketPolicy::new(bucket.reference(), Document::new([tls])),
        );
        bucket
    }

    /// A log group.
    pub(crate) fn log(&self, t: &mut Template, id: &str, name: &str) -> Handle<logs::LogGroup> {
        t.add(
            id,
            logs::LogGroup {
                kms_key_id: Some(self.key.arn()),
                log_group_name: Some(name.into()),
                retention_in_days: Some(LOG_DAYS.into()),
                ..logs::LogGroup::new()
            },
        )
    }

    /// A function with its role and its log: three resources.
    pub(crate) fn function(
        &self,
        t: &mut Template,
        id: &str,
        name: &str,
        statements: Vec<Statement>,
    ) -> Handle<lambda::Function> {
        let log_name = format!("/aws/lambda/bench-{name}");
        let log = self.log(t, &format!("{id}Log"), &log_name);
        let write = [action!("logs:CreateLogStream"), action!("logs:PutLogEvents")];
        let own = [
            Statement::allow("Log", write).on([log.arn().into()]),
            Statement::allow("DeadLetters", [action!("sqs:SendMessage")]).on([self.dead_letters.arn().into()]),
        ];
        let statements = own.into_iter().chain(statements).collect();
        let role = role(t, &format!("{id}Role"), "lambda.amazonaws.com", statements);
        let code = function::Code {
            s3_bucket: Some(infra_core::Name::new("bench-code").into()),
            s3_key: Some(format!("{name}.zip").into()),
            ..function::Code::new()
        };
        t.add(
            id,
            lambda::Function {
                architectures: Some(vec![function::Architecture::Arm64.into()]),
                dead_letter_config: Some(function::DeadLetterConfig {
                    target_arn: Some(self.dead_letters.arn().into()),
                }),
                environment: Some(function::Environment {
                    variables: Some(vec![("NAME".to_owned(), name.into())]),
                }),
                function_name: Some(format!("bench-{name}").into()),
                handler: Some("bootstrap".into()),
                kms_key_arn: Some(self.key.arn()),
                logging_config: Some(function::LoggingConfig {
                    log_group: Some(log.reference()),
                    ..function::LoggingConfig::new()
                }),
                memory_size: Some(256.into()),
                runtime: Some(function::Runtime::ProvidedAl2023.into()),
                timeout: Some(30.into()),
                tracing_config: Some(function::TracingConfig {
                    mode: Some(function::TracingMode::Active.into()),
                }),
                ..lambda::Function::new(code, role.arn())
            },
        )
    }

    /// An alarm on the sum or maximum of a metric.
    pub(crate) fn alarm(&self, t: &mut Template, id: &str, watch: Watch) {
        let (dimension, value) = watch.of;
        t.add(
            id,
            cloudwatch::Alarm {
                alarm_actions: Some(vec![self.topic.reference().into()]),
                alarm_description: Some(watch.meaning.into()),
                dimensions: Some(vec![alarm::Dimension::new(dimension, value)]),
                evaluation_periods: Some(1.into()),
                metric_name: Some(watch.metric.into()),
                namespace: Some(watch.namespace.into()),
                period: Some(60.into()),
                statistic: Some(watch.statistic.into()),
                threshold: Some(watch.above.into()),
                treat_missing_data: Some(alarm::TreatMissingData::NotBreaching.into()),
                comparison_operator: Some(alarm::ComparisonOperator::GreaterThanThreshold.into()),
                ..cloudwatch::Alarm::new()
            },
        );
    }
}

/// What an alarm watches.
pub(crate) struct Watch {
    pub(crate) meaning: &'static str,
    pub(crate) namespace: &'static str,
    pub(crate) metric: &'static str,
    pub(crate) of: (&'static str, Value<String>),
    pub(crate) statistic: alarm::Statistic,
    pub(crate) above: f64,
}

/// A role of a service.
pub(crate) fn role(t: &mut Template, id: &str, service: &'static str, statements: Vec<Statement>) -> Handle<iam::Role> {
    let assume = Statement::allow("Assume", [action!("sts:AssumeRole")]).to(Principal::Service(service));
    t.add(
        id,
        iam::Role {
            policies: Some(vec![role::Policy::new(Document::new(statements), "permissions")]),
            ..iam::Role::new(Document::new([assume]))
        },
    )
}
