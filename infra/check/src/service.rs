//! What the schemas do not say: rules between properties, and between resources, of one service.

mod lambda;
mod naming;
mod queue;
mod storage;
mod table;

use crate::check::{Check, Resource};
use crate::rule::Rule;

/// The rules of all services.
pub(crate) static RULES: [&[&Rule]; 5] = [lambda::RULES, naming::RULES, queue::RULES, storage::RULES, table::RULES];

/// Checks one resource.
pub(crate) fn check<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    match resource.kind {
        "AWS::Lambda::Function" => lambda::function(cx, resource),
        "AWS::Lambda::EventSourceMapping" => lambda::mapping(cx, resource),
        "AWS::Lambda::Permission" => lambda::permission(cx, resource),
        "AWS::SQS::Queue" => queue::queue(cx, resource),
        "AWS::SNS::Subscription" => queue::subscription(cx, resource),
        "AWS::CloudWatch::Alarm" => queue::alarm(cx, resource),
        "AWS::DynamoDB::Table" => table::table(cx, resource),
        "AWS::Kinesis::Stream" => table::stream(cx, resource),
        "AWS::S3::Bucket" => storage::bucket(cx, resource),
        "AWS::KinesisFirehose::DeliveryStream" => storage::delivery(cx, resource),
        _ => {}
    }
    naming::tags(cx, resource);
    naming::arns(cx, resource);
}

/// Checks what holds between all resources.
pub(crate) fn check_all(cx: &mut Check<'_>) {
    naming::identifiers(cx);
}
