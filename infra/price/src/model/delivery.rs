//! Firehose delivery streams.

use infra_core::Node;

use super::{HOUR, Site};
use crate::line::{Line, count, of};
use crate::resource::{Resource, member};
use crate::table::prices;

/// Every record is rounded up to whole steps, for taking in and for converting.
const STEP: u128 = 5 * 1024;

/// A row with its partition keys in hundredths of the record's size: what the transform adds.
const ROW_PERCENT: u128 = 134;

/// Objects in hundredths of the flushes: an hour that ends and late events open a second partition.
const PARTITIONED_PERCENT: u128 = 120;

/// Where a delivery to S3 is described.
const TARGET: &str = "ExtendedS3DestinationConfiguration";

/// What Firehose waits for where nothing is said.
const DEFAULT_MIB: u64 = 5;
const DEFAULT_SECONDS: u64 = 300;

/// What Firehose calls MB.
const MIB: u128 = 1 << 20;

pub(super) fn lines(site: &Site<'_>, delivery: &Resource<'_>) -> Vec<Line> {
    let load = site.load;
    let records = || count(load.records(), "record");
    let billed = || of(load.bytes_per_record().div_ceil(STEP) * STEP, "B");
    let mut lines = vec![site.line(&prices::FIREHOSE_INGEST, [records(), billed()])];
    if delivery.holds(&format!("{TARGET}.DataFormatConversionConfiguration.Enabled")) {
        lines.push(site.line(&prices::FIREHOSE_CONVERT, [records(), billed()]));
    }
    if is_partitioned(delivery) {
        let row = (u128::from(load.bytes_per_event) * ROW_PERCENT).div_ceil(100);
        lines.push(site.line(
            &prices::FIREHOSE_PARTITION,
            [count(load.events(), "event"), of(row, "B")],
        ));
        lines.push(site.line(&prices::FIREHOSE_OBJECT, [count(objects(site, delivery), "object")]));
    }
    lines
}

/// Objects that a delivery writes in a month: one for each full buffer, or one each time that its
/// wait is over, whichever are more.
pub(super) fn objects(site: &Site<'_>, delivery: &Resource<'_>) -> u128 {
    let load = site.load;
    let hint = |name: &str| delivery.integer(&format!("{TARGET}.BufferingHints.{name}"));
    let seconds = u128::from(hint("IntervalInSeconds").unwrap_or(DEFAULT_SECONDS)).max(1);
    let bytes = u128::from(hint("SizeInMBs").unwrap_or(DEFAULT_MIB)).max(1) * MIB;
    let percent = if is_partitioned(delivery) {
        PARTITIONED_PERCENT
    } else {
        100
    };
    let waits = (u128::from(load.hours_per_month) * HOUR * percent).div_ceil(seconds * 100);
    waits.max(load.bytes().div_ceil(bytes)).min(load.events())
}

fn is_partitioned(delivery: &Resource<'_>) -> bool {
    delivery.holds(&format!("{TARGET}.DynamicPartitioningConfiguration.Enabled"))
}

/// Whether a delivery converts to a columnar format.
pub(super) fn is_converted(delivery: &Resource<'_>) -> bool {
    delivery.holds(&format!("{TARGET}.DataFormatConversionConfiguration.Enabled"))
}

/// Whether a delivery writes to a bucket.
pub(super) fn is_into(delivery: &Resource<'_>, bucket: &Resource<'_>) -> bool {
    delivery.refers(&format!("{TARGET}.BucketARN"), bucket)
}

/// The prefix of what is delivered, or of what is refused, before its first expression.
pub(super) fn prefix<'a>(delivery: &Resource<'a>, property: &str) -> &'a str {
    let prefix = delivery.text(&format!("{TARGET}.{property}")).unwrap_or_default();
    prefix.split("!{").next().unwrap_or_default()
}

/// How a delivery calls a function that transforms its records.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Batches {
    /// Calls in a month.
    pub(super) calls: u128,
    /// Raw bytes of a call.
    pub(super) bytes: u128,
}

/// The calls that a delivery makes to `function`; none where another one, or none, transforms.
pub(super) fn batches(site: &Site<'_>, delivery: &Resource<'_>, function: &Resource<'_>) -> Option<Batches> {
    let processors = delivery.list(&format!("{TARGET}.ProcessingConfiguration.Processors"));
    let processor = processors
        .iter()
        .find(|processor| crate::resource::refers(processor, function.id))?;
    let parameter = |name: &str| match processor.get("Parameters") {
        Some(Node::List(parameters)) => parameters
            .iter()
            .find(|parameter| member(parameter, "ParameterName") == Some(name))
            .and_then(|parameter| member(parameter, "ParameterValue")),
        _ => None,
    };
    let load = site.load;
    let buffer = parameter("BufferSizeInMBs").and_then(mebibytes).unwrap_or(MIB).max(1);
    let seconds = parameter("BufferIntervalInSeconds").and_then(|text| text.parse().ok());
    let waits = match seconds.unwrap_or(60_u128) {
        0 => 0,
        seconds => (u128::from(load.hours_per_month) * HOUR).div_ceil(seconds),
    };
    let calls = load.bytes().div_ceil(buffer).max(waits).min(load.records());
    Some(Batches {
        calls,
        bytes: load.bytes().div_ceil(calls.max(1)),
    })
}

/// Bytes of megabytes (2^20) written with at most six decimals: `"0.5"`.
fn mebibytes(text: &str) -> Option<u128> {
    const MILLIONTHS: u128 = 1_000_000;
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = format!("{decimals:0<6}");
    let fraction: u128 = decimals.get(..6)?.parse().ok()?;
    Some((whole.parse::<u128>().ok()? * MILLIONTHS + fraction) * MIB / MILLIONTHS)
}

#[cfg(test)]
mod tests {
    use super::mebibytes;

    #[test]
    fn megabytes_are_read_without_a_float() {
        for (text, bytes) in [
            ("1", Some(1_048_576)),
            ("0.5", Some(524_288)),
            ("2.75", Some(2_883_584)),
            ("x", None),
        ] {
            assert_eq!(mebibytes(text), bytes, "{text}");
        }
    }
}
