//! Functions that write rows: one that a stream feeds, and one that closes hours.
//!
//! A template does not say what a function does. One that knows a bucket with a table of the catalog
//! in it writes rows there: those of its batches where a stream feeds it, those of the last hour
//! once more where a schedule calls it.

use super::function::{self, Source};
use super::{Site, delivery, message};
use crate::resource::Resource;

/// Objects in hundredths of the batches: late events open a second partition.
const PARTITIONED_PERCENT: u128 = 110;

/// Writes to a writer's table for a batch: it takes the lease, says what it is about to put, and
/// moves the fence.
const FENCE_WRITES: u128 = 3;

/// Writes to the ledger for an hour that is closed, and for an object that is announced.
const CLOSING_WRITES: u128 = 6;
const ANNOUNCED_WRITES: u128 = 1;

/// Rows that are read, sorted and written again in a millisecond.
const CLOSED_PER_MS: u128 = 400;

/// The functions that write the rows of their batches to a bucket.
pub(super) fn writers<'a>(site: &Site<'a>, bucket: &Resource<'_>) -> impl Iterator<Item = Resource<'a>> + use<'a> {
    let site = *site;
    knowing(&site, bucket).filter(move |function| {
        let mut streams = site.resources.of_kind("AWS::Kinesis::Stream");
        streams.any(|stream| feeds(&site, &stream, function))
    })
}

/// The functions that write the rows of a bucket once more, hour by hour.
pub(super) fn closers<'a>(site: &Site<'a>, bucket: &Resource<'_>) -> impl Iterator<Item = Resource<'a>> + use<'a> {
    let site = *site;
    knowing(&site, bucket).filter(move |function| {
        let mut others = site.resources.all();
        others.any(|other| message::calls(&other, function))
    })
}

/// Objects of rows that a bucket is given in a month, before any is written once more.
pub(super) fn objects(site: &Site<'_>, bucket: &Resource<'_>) -> u128 {
    let deliveries = site.resources.of_kind("AWS::KinesisFirehose::DeliveryStream");
    let deliveries = deliveries.filter(|delivery| delivery::is_into(delivery, bucket));
    let delivered: u128 = deliveries.map(|delivery| delivery::objects(site, &delivery)).sum();
    delivered + written(site, bucket)
}

/// Those of them that functions write.
pub(super) fn written(site: &Site<'_>, bucket: &Resource<'_>) -> u128 {
    let calls: u128 = writers(site, bucket)
        .map(|writer| function::number_of_calls(site, &writer))
        .sum();
    (calls * PARTITIONED_PERCENT).div_ceil(100).min(site.load.events())
}

/// Messages in which buckets say to a queue what they were given.
pub(super) fn announced(site: &Site<'_>, queue: &Resource<'_>) -> u128 {
    let buckets = site.resources.of_kind("AWS::S3::Bucket");
    let buckets = buckets.filter(|bucket| bucket.refers("NotificationConfiguration", queue));
    buckets.map(|bucket| objects(site, &bucket)).sum()
}

/// Milliseconds that a scheduled function takes beyond any other, because it closes an hour.
pub(super) fn closing_ms(site: &Site<'_>, function: &Resource<'_>) -> u128 {
    let mut buckets = site.resources.of_kind("AWS::S3::Bucket");
    let closes = buckets.any(|bucket| closers(site, &bucket).any(|closer| closer.id == function.id));
    match closes {
        true => u128::from(site.load.events_per_hour).div_ceil(CLOSED_PER_MS),
        false => 0,
    }
}

/// Writes to a table by functions that keep there what they have done.
pub(super) fn ledger_writes(site: &Site<'_>, table: &Resource<'_>) -> u128 {
    let buckets = || site.resources.of_kind("AWS::S3::Bucket");
    let keeps = |function: &Resource<'_>| function.refers(VARIABLES, table);
    let fences: u128 = buckets()
        .flat_map(|bucket| writers(site, &bucket))
        .filter(keeps)
        .map(|writer| function::number_of_calls(site, &writer) * FENCE_WRITES)
        .sum();
    let closings: u128 = buckets()
        .flat_map(|bucket| closers(site, &bucket))
        .filter(keeps)
        .map(|closer| function::number_of_calls(site, &closer) * CLOSING_WRITES)
        .sum();
    let queues = site.resources.of_kind("AWS::SQS::Queue");
    let announced: u128 = queues
        .filter(|queue| {
            let mut functions = site.resources.of_kind("AWS::Lambda::Function");
            functions.any(|function| keeps(&function) && feeds(site, queue, &function))
        })
        .map(|queue| announced(site, &queue) * ANNOUNCED_WRITES)
        .sum();
    fences + closings + announced
}

/// Where a function is told what it works with.
const VARIABLES: &str = "Environment.Variables";

fn knowing<'a>(site: &Site<'a>, bucket: &Resource<'_>) -> impl Iterator<Item = Resource<'a>> + use<'a> {
    let mut tables = site.resources.of_kind("AWS::Glue::Table");
    let has_table = tables.any(|table| table.refers("TableInput.StorageDescriptor.Location", bucket));
    let bucket = bucket.id.to_owned();
    let functions = site.resources.of_kind("AWS::Lambda::Function");
    functions.filter(move |function| {
        let variables = function.at(VARIABLES);
        has_table && variables.is_some_and(|variables| crate::resource::refers(variables, &bucket))
    })
}

fn feeds(site: &Site<'_>, source: &Resource<'_>, function: &Resource<'_>) -> bool {
    let mut mappings = site.resources.of_kind("AWS::Lambda::EventSourceMapping");
    mappings.any(|mapping| mapping.refers(Source::PROPERTY, source) && mapping.refers(Source::FUNCTION, function))
}
