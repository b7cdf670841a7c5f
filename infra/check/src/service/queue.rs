//! SQS, SNS and CloudWatch: queues, subscriptions, alarms.

use crate::check::{Check, Resource};
use crate::rule::rules;
use crate::tree::Tree;

rules! {
    FIFO_NAME = error("queue-fifo-name", "the name of a FIFO queue ends in .fifo, that of another does not", "rename the queue", ["E3501"]);
    FIFO_ONLY = error("queue-fifo-only", "what is for FIFO queues is set on them only", "remove it, or set FifoQueue", ["E3501"]);
    FIFO_PAIR = error("queue-fifo-dead-letters", "a queue and its dead-letter queue are both FIFO or both not", "make them alike", ["E3502"]);
    REDRIVE = error("queue-redrive", "a redrive policy has deadLetterTargetArn and maxReceiveCount", "set both", []);
    ENDPOINT = warning("subscription-endpoint", "an endpoint goes with its protocol", "give the ARN, address or URL that the protocol takes", ["W3694"]);
    PERIOD = error("alarm-period", "a period is 10, 20, 30 or a multiple of 60 seconds", "choose such a period", ["E3615"]);
    METRIC = error("alarm-metric", "an alarm on one metric has Namespace, Period and a statistic", "set them, or use Metrics", []);
}

pub(super) fn queue<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let is_fifo = resource.at("FifoQueue").and_then(Tree::truth) == Some(true);
    if let Some(name) = resource.at("QueueName").and_then(Tree::text)
        && name.ends_with(".fifo") != is_fifo
    {
        cx.report_at("QueueName", &FIFO_NAME, format!("`{name}`"));
    }
    let only = ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];
    for name in only.into_iter().filter(|name| !is_fifo && resource.at(name).is_some()) {
        cx.report_at(name, &FIFO_ONLY, format!("{name} is for FIFO queues"));
    }
    let Some(redrive) = resource.at("RedrivePolicy").filter(|policy| policy.call().is_none()) else {
        return;
    };
    for name in ["deadLetterTargetArn", "maxReceiveCount"] {
        if matches!(redrive, Tree::Map(_)) && redrive.get(name).is_none() {
            cx.report_at("RedrivePolicy", &REDRIVE, format!("{name} is required"));
        }
    }
    let letters = redrive
        .get("deadLetterTargetArn")
        .and_then(|arn| cx.target(arn).copied());
    if let Some(letters) = letters.filter(|it| it.kind == resource.kind)
        && (letters.at("FifoQueue").and_then(Tree::truth) == Some(true)) != is_fifo
    {
        cx.report_at(
            "RedrivePolicy",
            &FIFO_PAIR,
            format!("{} is of the other kind", letters.id),
        );
    }
}

pub(super) fn subscription<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let (Some(protocol), Some(endpoint)) = (resource.at("Protocol").and_then(Tree::text), resource.at("Endpoint"))
    else {
        return;
    };
    let is_right = match (
        crate::function::resolve(endpoint),
        cx.target(endpoint).map(|target| target.kind),
    ) {
        (Some(text), _) => match protocol {
            "email" | "email-json" => text.contains('@'),
            "http" => text.starts_with("http://"),
            "https" => text.starts_with("https://"),
            "sqs" | "lambda" | "firehose" | "application" => text.starts_with("arn:"),
            "sms" => text.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit()),
            _ => true,
        },
        (None, Some(kind)) => match protocol {
            "sqs" => kind == "AWS::SQS::Queue",
            "lambda" => matches!(
                kind,
                "AWS::Lambda::Function" | "AWS::Lambda::Alias" | "AWS::Lambda::Version"
            ),
            "firehose" => kind == "AWS::KinesisFirehose::DeliveryStream",
            "email" | "email-json" | "sms" => false,
            _ => true,
        },
        (None, None) => true,
    };
    if !is_right {
        cx.report_at("Endpoint", &ENDPOINT, format!("this is no endpoint for {protocol}"));
    }
}

pub(super) fn alarm<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    if let Some(period) = resource.at("Period").and_then(Tree::number)
        && ![10.0, 20.0, 30.0].contains(&period)
        && (period <= 0.0 || period % 60.0 != 0.0)
    {
        cx.report_at("Period", &PERIOD, format!("{period} seconds"));
    }
    let has = |name: &str| resource.at(name).is_some();
    if has("MetricName") && !has("Metrics") {
        for name in ["Namespace", "Period"].into_iter().filter(|name| !has(name)) {
            cx.report(&METRIC, format!("{name} is required beside MetricName"));
        }
        if !has("Statistic") && !has("ExtendedStatistic") {
            cx.report(&METRIC, "Statistic or ExtendedStatistic is required beside MetricName");
        }
    }
}
