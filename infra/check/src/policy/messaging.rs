//! Kinesis, Firehose, SQS, SNS, logs and alarms.

use super::{Demand, Policy, ensure};
use crate::check::{Check, Resource};
use crate::rule::Rule;
use crate::tree::Tree;

pub(super) static POLICIES: &[Policy] = &[
    Policy::new(
        Rule::error(
            "stream-encrypted",
            "a stream encrypts its records",
            "set StreamEncryption",
            &["CKV_AWS_43", "KINESIS_STREAM_ENCRYPTION_RULE", "AwsSolutions-KDS1"],
        ),
        &["AWS::Kinesis::Stream"],
        Demand::Is("StreamEncryption.EncryptionType", &["KMS"]),
    ),
    Policy::new(
        Rule::error(
            "delivery-encrypted",
            "a delivery stream that is written to directly encrypts its records",
            "set DeliveryStreamEncryptionConfigurationInput",
            &["KINESIS_FIREHOSE_DELIVERY_STREAM_ENCRYPTION_RULE", "AwsSolutions-KDF1"],
        ),
        &["AWS::KinesisFirehose::DeliveryStream"],
        Demand::Holds(|_, delivery| {
            let is_direct = delivery
                .at("DeliveryStreamType")
                .and_then(Tree::text)
                .is_none_or(|kind| kind == "DirectPut");
            ensure(
                !is_direct || delivery.at("DeliveryStreamEncryptionConfigurationInput").is_some(),
                "records are not encrypted",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "delivery-objects-encrypted",
            "objects are delivered encrypted with a key of ours",
            "set EncryptionConfiguration.KMSEncryptionConfig",
            &[],
        ),
        &["AWS::KinesisFirehose::DeliveryStream"],
        Demand::Holds(|_, delivery| {
            of_destination(
                delivery,
                "EncryptionConfiguration.KMSEncryptionConfig",
                "objects are not encrypted with a key",
            )
        }),
    ),
    Policy::new(
        Rule::warning(
            "delivery-log",
            "a delivery stream logs what it could not deliver",
            "set CloudWatchLoggingOptions",
            &[],
        ),
        &["AWS::KinesisFirehose::DeliveryStream"],
        Demand::Holds(|_, delivery| of_destination(delivery, "CloudWatchLoggingOptions", "errors are not logged")),
    ),
    Policy::new(
        Rule::error(
            "queue-encrypted",
            "a queue encrypts its messages",
            "set KmsMasterKeyId or SqsManagedSseEnabled",
            &["CKV_AWS_27", "SQS_QUEUE_KMS_MASTER_KEY_ID_RULE", "AwsSolutions-SQS2"],
        ),
        &["AWS::SQS::Queue"],
        Demand::Holds(|_, queue| {
            let is_managed = queue.at("SqsManagedSseEnabled").and_then(Tree::truth) == Some(true);
            ensure(
                is_managed || queue.at("KmsMasterKeyId").is_some(),
                "messages are not encrypted",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "queue-tls-only",
            "a queue is reached over TLS only",
            "deny requests where aws:SecureTransport is false, in its policy",
            &["AwsSolutions-SQS4"],
        ),
        &["AWS::SQS::Queue"],
        Demand::Holds(|cx, queue| super::statement::is_tls_only(cx, queue, "AWS::SQS::QueuePolicy", "Queues")),
    ),
    Policy::new(
        Rule::error(
            "queue-dead-letters",
            "a queue puts aside what nobody can process",
            "set RedrivePolicy",
            &["AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"],
        ),
        &["AWS::SQS::Queue"],
        Demand::Holds(has_dead_letters),
    ),
    Policy::new(
        Rule::error(
            "topic-encrypted",
            "a topic encrypts its messages",
            "set KmsMasterKeyId",
            &["CKV_AWS_26", "SNS_ENCRYPTED_KMS", "AwsSolutions-SNS2"],
        ),
        &["AWS::SNS::Topic"],
        Demand::Set("KmsMasterKeyId"),
    ),
    Policy::new(
        Rule::error(
            "topic-tls-only",
            "a topic is published to over TLS only",
            "deny requests where aws:SecureTransport is false, in its policy",
            &["AwsSolutions-SNS3"],
        ),
        &["AWS::SNS::Topic"],
        Demand::Holds(|cx, topic| super::statement::is_tls_only(cx, topic, "AWS::SNS::TopicPolicy", "Topics")),
    ),
    Policy::new(
        Rule::warning(
            "subscription-dead-letters",
            "a subscription of a machine puts aside what could not be delivered",
            "set RedrivePolicy",
            &["Serverless-SNSRedrivePolicy"],
        ),
        &["AWS::SNS::Subscription"],
        Demand::Holds(|_, subscription| {
            let protocol = subscription.at("Protocol").and_then(Tree::text);
            let is_machine = matches!(protocol, Some("sqs" | "lambda" | "http" | "https" | "firehose"));
            ensure(
                !is_machine || subscription.at("RedrivePolicy").is_some(),
                "RedrivePolicy is not set",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "log-retention",
            "a log says how long it is kept",
            "set RetentionInDays",
            &[
                "CKV_AWS_66",
                "CW_LOGGROUP_RETENTION_PERIOD_CHECK",
                "Serverless-CloudWatchLogGroupRetentionPeriod",
                "I3013",
            ],
        ),
        &["AWS::Logs::LogGroup"],
        Demand::Set("RetentionInDays"),
    ),
    Policy::new(
        Rule::error(
            "log-encrypted",
            "a log is encrypted with a key of ours",
            "set KmsKeyId",
            &["CKV_AWS_158", "CLOUDWATCH_LOG_GROUP_ENCRYPTED"],
        ),
        &["AWS::Logs::LogGroup"],
        Demand::Set("KmsKeyId"),
    ),
    Policy::new(
        Rule::error(
            "alarm-action",
            "an alarm tells someone",
            "set AlarmActions",
            &["CLOUDWATCH_ALARM_ACTION_CHECK"],
        ),
        &["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"],
        Demand::Set("AlarmActions"),
    ),
    Policy::new(
        Rule::error(
            "alarm-enabled",
            "the actions of an alarm are not switched off",
            "remove ActionsEnabled, or set it to true",
            &["CKV_AWS_319"],
        ),
        &["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"],
        Demand::Holds(|_, alarm| {
            ensure(
                alarm.at("ActionsEnabled").and_then(Tree::truth) != Some(false),
                "ActionsEnabled is false",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "bus-dead-letters",
            "what a rule could not deliver is put aside",
            "set DeadLetterConfig of each target",
            &["Serverless-EventBusDLQ"],
        ),
        &["AWS::Events::Rule"],
        Demand::Holds(|_, rule| {
            let targets = rule.at("Targets").map_or(&[][..], Tree::items);
            ensure(
                targets.iter().all(|target| target.get("DeadLetterConfig").is_some()),
                "a target has no DeadLetterConfig",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "schedule-dead-letters",
            "what a schedule could not start is put aside",
            "set Target.DeadLetterConfig",
            &[],
        ),
        &["AWS::Scheduler::Schedule"],
        Demand::Set("Target.DeadLetterConfig"),
    ),
    Policy::new(
        Rule::warning(
            "schedule-encrypted",
            "what a schedule says is encrypted with a key of ours",
            "set KmsKeyArn",
            &["CKV_AWS_297"],
        ),
        &["AWS::Scheduler::Schedule"],
        Demand::Set("KmsKeyArn"),
    ),
];

/// Whether the S3 destination of a delivery stream, where it has one, has something set.
fn of_destination(delivery: &Resource<'_>, path: &str, otherwise: &str) -> Result<(), String> {
    let destinations = ["ExtendedS3DestinationConfiguration", "S3DestinationConfiguration"];
    let destination = destinations.iter().find_map(|name| delivery.at(name));
    ensure(
        destination.is_none_or(|destination| destination.at(path).is_some()),
        otherwise,
    )
}

/// A queue has dead letters, or is where others put theirs.
fn has_dead_letters(cx: &Check<'_>, queue: &Resource<'_>) -> Result<(), String> {
    if queue.at("RedrivePolicy").is_some() || queue.at("RedriveAllowPolicy").is_some() {
        return Ok(());
    }
    let places = [
        "RedrivePolicy.deadLetterTargetArn",
        "DeadLetterConfig.TargetArn",
        "DestinationConfig.OnFailure.Destination",
        "Target.DeadLetterConfig.Arn",
    ];
    let is_target = |tree: Option<&Tree>| tree.and_then(Tree::target) == Some(queue.id);
    let is_last = cx.resources.iter().any(|other| {
        let targets = other.at("Targets").map_or(&[][..], Tree::items);
        places.iter().any(|path| is_target(other.at(path)))
            || targets
                .iter()
                .any(|target| is_target(target.at("DeadLetterConfig.Arn")))
    });
    ensure(is_last, "RedrivePolicy is not set")
}
