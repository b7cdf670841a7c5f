//! Kinesis data streams.

use super::Site;
use super::function::Source;
use crate::line::{Line, count, of};
use crate::resource::Resource;
use crate::table::prices;

/// A PUT unit: every record is rounded up to a whole number of them.
const PUT_UNIT: u128 = 25 * 1024;

/// On demand, every record is rounded up to whole KB.
const KB: u128 = 1024;

/// What is kept without extra charge.
const INCLUDED_HOURS: u64 = 24;

/// Above seven days, what is kept is billed by its size.
const EXTENDED_HOURS: u64 = 168;

/// Calls that a stream makes to KMS: one in five minutes for itself and for each reader.
const KMS_PER_HOUR: u8 = 12;

pub(super) fn lines(site: &Site<'_>, stream: &Resource<'_>) -> Vec<Line> {
    let load = site.load;
    let retention = stream.integer("RetentionPeriodHours").unwrap_or(INCLUDED_HOURS);
    let hours = || of(load.hours_per_month, "h");
    let records = || count(load.records(), "record");
    let mut lines = Vec::new();
    if stream.is("StreamModeDetails.StreamMode", "ON_DEMAND") {
        let billed = || of(load.bytes_per_record().div_ceil(KB) * KB, "B");
        lines.push(site.line(&prices::ON_DEMAND_STREAM, [hours(), count(1_u8, "stream")]));
        lines.push(site.line(&prices::ON_DEMAND_IN, [records(), billed()]));
        let readers = count(readers(site, stream), "reader");
        lines.push(site.line(&prices::ON_DEMAND_OUT, [records(), billed(), readers]));
        if retention > INCLUDED_HOURS {
            let kept = retention.min(EXTENDED_HOURS) - INCLUDED_HOURS;
            let factors = [
                of(kept, "h kept past a day"),
                of(load.events_per_hour, "events"),
                of(load.bytes_per_event, "B"),
            ];
            lines.push(site.line(&prices::ON_DEMAND_EXTENDED, factors));
        }
    } else {
        // CloudFormation makes one shard where none is said.
        let shards = stream.integer("ShardCount").unwrap_or(1);
        lines.push(site.line(&prices::KINESIS_SHARD, [hours(), count(shards, "shard")]));
        let units = load.bytes_per_record().div_ceil(PUT_UNIT);
        lines.push(site.line(&prices::KINESIS_PUT, [records(), count(units, "PUT unit")]));
        if retention > INCLUDED_HOURS {
            lines.push(site.line(&prices::KINESIS_EXTENDED, [hours(), count(shards, "shard")]));
        }
    }
    if retention > EXTENDED_HOURS {
        let factors = [
            of(retention - EXTENDED_HOURS, "h kept past a week"),
            of(load.events_per_hour, "events"),
            of(load.bytes_per_event, "B"),
        ];
        lines.push(site.line(&prices::KINESIS_LONG, factors));
    }
    if stream.is("StreamEncryption.EncryptionType", "KMS") {
        let callers = count(1 + readers(site, stream), "caller");
        lines.push(site.line(
            &prices::KMS_REQUEST,
            [hours(), of(KMS_PER_HOUR, "requests an hour"), callers],
        ));
    }
    lines
}

/// How many deliveries and functions read a stream.
fn readers(site: &Site<'_>, stream: &Resource<'_>) -> u64 {
    let deliveries = site.resources.of_kind("AWS::KinesisFirehose::DeliveryStream");
    let deliveries =
        deliveries.filter(|delivery| delivery.refers("KinesisStreamSourceConfiguration.KinesisStreamARN", stream));
    let mappings = site.resources.of_kind("AWS::Lambda::EventSourceMapping");
    let mappings = mappings.filter(|mapping| mapping.refers(Source::PROPERTY, stream));
    deliveries.count() as u64 + mappings.count() as u64
}
