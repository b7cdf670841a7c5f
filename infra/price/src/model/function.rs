//! Lambda functions: who calls them, how often, and how long a call takes.

use infra_core::Node;

use super::{HOUR, Site, delivery, message, rows};
use crate::line::{Line, count, of};
use crate::resource::{Resource, refers};
use crate::table::prices;

/// What Lambda gives a function that does not say.
const DEFAULT_MIB: u64 = 128;

/// A transform's call: a fixed part, and so much for each megabyte (10^6) of raw records.
const TRANSFORM_MS: u128 = 10;
const TRANSFORM_MS_PER_MB: u128 = 4;
const MB: u128 = 1_000_000;

/// A call with a batch of a stream or queue: one write to AWS, and the events at this speed.
const BATCH_MS: u128 = 60;
const EVENTS_PER_MS: u128 = 125;

/// A call that answers an HTTP request, and one that a schedule makes.
const REQUEST_MS: u128 = 20;
const SCHEDULED_MS: u128 = 1_000;

/// What Lambda takes in one call, and what it puts around each record of a stream.
const PAYLOAD: u128 = 6_000_000;
const ENVELOPE: u128 = 520;

/// X-Ray records the first call of each second and one of twenty others.
const TRACED_PER_HOUR: u128 = HOUR;
const TRACED_ONE_OF: u128 = 20;

/// Where a mapping says what it reads, and which function it calls.
pub(super) struct Source;

impl Source {
    pub(super) const PROPERTY: &'static str = "EventSourceArn";
    pub(super) const FUNCTION: &'static str = "FunctionName";
}

/// Calls of one kind in a month.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calls {
    number: u128,
    milliseconds: u128,
}

pub(super) fn lines(site: &Site<'_>, function: &Resource<'_>) -> Vec<Line> {
    let memory = function.integer("MemorySize").unwrap_or(DEFAULT_MIB);
    let duration = match function.list("Architectures") {
        [Node::Text(architecture)] if architecture == "arm64" => &prices::LAMBDA_ARM,
        _ => &prices::LAMBDA_X86,
    };
    let mut lines = Vec::new();
    let kinds = calls(site, function);
    for calls in &kinds {
        let number = || count(calls.number, "call");
        lines.push(site.line(&prices::LAMBDA_REQUEST, [number()]));
        lines.push(site.line(duration, [number(), of(calls.milliseconds, "ms"), of(memory, "MiB")]));
    }
    if function.is("TracingConfig.Mode", "Active") {
        lines.push(site.line(&prices::XRAY_TRACE, [count(traces(site, &kinds), "trace")]));
    }
    if site.load.metrics_per_function > 0 {
        lines.push(site.line(&prices::METRIC, [count(site.load.metrics_per_function, "metric")]));
    }
    lines
}

/// Calls of a function in a month, of all kinds.
pub(super) fn number_of_calls(site: &Site<'_>, function: &Resource<'_>) -> u128 {
    calls(site, function).iter().map(|calls| calls.number).sum()
}

/// Who calls a function, as far as the template says.
fn calls(site: &Site<'_>, function: &Resource<'_>) -> Vec<Calls> {
    let resources = site.resources;
    let transforms = resources.of_kind("AWS::KinesisFirehose::DeliveryStream");
    let transforms = transforms
        .filter_map(|delivery| delivery::batches(site, &delivery, function))
        .map(|batches| Calls {
            number: batches.calls,
            milliseconds: TRANSFORM_MS + (TRANSFORM_MS_PER_MB * batches.bytes).div_ceil(MB),
        });
    let mappings = resources.of_kind("AWS::Lambda::EventSourceMapping");
    let mappings = mappings
        .filter(|mapping| mapping.refers(Source::FUNCTION, function))
        .map(|mapping| batch_calls(site, &mapping));
    let schedules = resources
        .all()
        .filter(|resource| message::calls(resource, function))
        .filter_map(|resource| message::runs(site, &resource))
        .map(|number| Calls {
            number,
            milliseconds: SCHEDULED_MS + rows::closing_ms(site, function),
        });
    let requests = resources
        .all()
        .filter(|resource| {
            let uri = match resource.kind {
                "AWS::ApiGatewayV2::Integration" => "IntegrationUri",
                "AWS::ApiGateway::Method" => "Integration.Uri",
                _ => return false,
            };
            resource.at(uri).is_some_and(|node| refers(node, function.id))
        })
        .take(1)
        .map(|_| Calls {
            number: site.load.monthly(site.load.requests_per_hour),
            milliseconds: REQUEST_MS,
        });
    transforms.chain(mappings).chain(schedules).chain(requests).collect()
}

/// The calls of a mapping: batches as large as the mapping and Lambda's payload allow.
fn batch_calls(site: &Site<'_>, mapping: &Resource<'_>) -> Calls {
    let load = site.load;
    let read = |kind: &str| {
        let mut sources = site.resources.of_kind(kind);
        sources.find(|source| mapping.refers(Source::PROPERTY, source))
    };
    // Records, events in one of them, and bytes of one in the payload.
    let (records, events, bytes, default_batch) = if let Some(queue) = read("AWS::SQS::Queue") {
        (message::sent(site, &queue), 1, ENVELOPE, 10)
    } else if read("AWS::DynamoDB::Table").is_some() {
        let item = u128::from(load.bytes_per_item) + ENVELOPE;
        (load.monthly(load.item_writes_per_hour), 1, item, 100)
    } else {
        // A stream's records come in base64.
        let record = (load.bytes_per_record() * 4).div_ceil(3) + ENVELOPE;
        (load.records(), load.events_per_record.max(1).into(), record, 100)
    };
    let batch = mapping.integer("BatchSize").unwrap_or(default_batch).into();
    let batch = (PAYLOAD / bytes).clamp(1, batch);
    // A shard's batch is closed when its wait is over, full or not.
    let waits = match mapping.integer("MaximumBatchingWindowInSeconds") {
        Some(seconds) if seconds > 0 => {
            let shards = read("AWS::Kinesis::Stream").and_then(|stream| stream.integer("ShardCount"));
            load.monthly(3_600) * u128::from(shards.unwrap_or(1)) / u128::from(seconds)
        }
        _ => 0,
    };
    let number = records.div_ceil(batch).max(waits.min(records));
    let batch = records.div_ceil(number.max(1));
    Calls {
        number,
        milliseconds: BATCH_MS + (batch * events).div_ceil(EVENTS_PER_MS),
    }
}

fn traces(site: &Site<'_>, kinds: &[Calls]) -> u128 {
    let calls: u128 = kinds.iter().map(|calls| calls.number).sum();
    let always = calls.min(TRACED_PER_HOUR * u128::from(site.load.hours_per_month));
    always + (calls - always).div_ceil(TRACED_ONE_OF)
}
