//! Within which bounds each number of an environment's file must be.

use std::path::Path;

use infra_price::Load;

use super::error::{self, Error};
use super::{Capacity, Lake, Settings};

pub(super) fn check(path: &Path, settings: &Settings) -> Result<(), Error> {
    lake(path, &settings.lake)?;
    load(path, &settings.load)?;
    let operations = &settings.operations;
    let minutes = operations.rollback_minutes.into();
    range(path, "operations.rollback_minutes", minutes, 0.0, MOST_WATCHED_MINUTES)?;
    error::check_log_days(path, operations.log_days)
}

/// Longest time that CloudFormation watches alarms after an update.
const MOST_WATCHED_MINUTES: f64 = 180.0;

fn lake(path: &Path, settings: &Lake) -> Result<(), Error> {
    let Lake {
        stream,
        transform,
        delivery,
        data,
    } = settings;
    match (stream.capacity, stream.shards) {
        (Capacity::Provisioned, None) => return Err(Error::ShardsMissing { path: path.to_owned() }),
        (Capacity::OnDemand, Some(_)) => return Err(Error::ShardsOnDemand { path: path.to_owned() }),
        (_, shards) => range(path, "lake.stream.shards", shards.unwrap_or(1).into(), 1.0, 500.0)?,
    }
    let (least_mb, most_mb) = lake::contract::limit::TRANSFORM_BUFFER_MB;
    for (key, value, least, most) in [
        (
            "lake.stream.retention_hours",
            stream.retention_hours.into(),
            24.0,
            8760.0,
        ),
        ("lake.transform.memory_mib", transform.memory_mib.into(), 128.0, 10240.0),
        (
            "lake.transform.timeout_seconds",
            transform.timeout_seconds.into(),
            1.0,
            300.0,
        ),
        ("lake.transform.buffer_mb", transform.buffer_mb, least_mb, most_mb),
        (
            "lake.transform.buffer_seconds",
            transform.buffer_seconds.into(),
            0.0,
            900.0,
        ),
        ("lake.delivery.buffer_mib", delivery.buffer_mib.into(), 64.0, 128.0),
        (
            "lake.delivery.buffer_seconds",
            delivery.buffer_seconds.into(),
            60.0,
            900.0,
        ),
        ("lake.data.crawl_hours", data.crawl_hours.into(), 1.0, 24.0),
        (
            "lake.data.errors_expire_days",
            data.errors_expire_days.into(),
            1.0,
            3650.0,
        ),
        (
            "lake.data.results_expire_days",
            data.results_expire_days.into(),
            1.0,
            3650.0,
        ),
    ] {
        range(path, key, value, least, most)?;
    }
    Ok(())
}

/// The longest month, in hours.
const MONTH_HOURS: f64 = 744.0;

/// Far above what an account is given, and far below what a sum could not hold.
const MOST_PER_HOUR: f64 = 1e10;

/// Largest record of Kinesis before its size is raised, and of what is stored for it.
const RECORD: f64 = 1_048_576.0;

/// Events that Firehose takes out of one record.
const DEAGGREGATED: f64 = 500.0;

/// Largest item of DynamoDB.
const ITEM: f64 = 409_600.0;

/// Steps that a standard workflow may take.
const TRANSITIONS: f64 = 25_000.0;

fn load(path: &Path, load: &Load) -> Result<(), Error> {
    for (key, value, least, most) in [
        ("load.hours_per_month", load.hours_per_month.into(), 1.0, MONTH_HOURS),
        ("load.bytes_per_event", load.bytes_per_event.into(), 1.0, RECORD),
        (
            "load.events_per_record",
            load.events_per_record.into(),
            1.0,
            DEAGGREGATED,
        ),
        ("load.errors_per_million", load.errors_per_million.into(), 0.0, 1e6),
        (
            "load.stored_bytes_per_event",
            load.stored_bytes_per_event.into(),
            0.0,
            RECORD,
        ),
        ("load.stored_months", load.stored_months.into(), 0.0, 1_200.0),
        ("load.queries_per_day", load.queries_per_day.into(), 0.0, 1e6),
        ("load.scanned_mb_per_query", load.scanned_mb_per_query.into(), 0.0, 1e8),
        ("load.log_bytes_per_call", load.log_bytes_per_call.into(), 0.0, 1e6),
        (
            "load.metrics_per_function",
            load.metrics_per_function.into(),
            0.0,
            1_000.0,
        ),
        ("load.bytes_per_answer", load.bytes_per_answer.into(), 0.0, 1e9),
        ("load.bytes_per_item", load.bytes_per_item.into(), 0.0, ITEM),
        ("load.users_per_month", load.users_per_month.into(), 0.0, 1e9),
        (
            "load.transitions_per_run",
            load.transitions_per_run.into(),
            0.0,
            TRANSITIONS,
        ),
    ] {
        range(path, key, value, least, most)?;
    }
    for (key, value) in [
        ("load.events_per_hour", load.events_per_hour),
        ("load.puts_per_hour", load.puts_per_hour),
        ("load.gets_per_hour", load.gets_per_hour),
        ("load.requests_per_hour", load.requests_per_hour),
        ("load.item_writes_per_hour", load.item_writes_per_hour),
        ("load.item_reads_per_hour", load.item_reads_per_hour),
        ("load.stored_items", load.stored_items),
        ("load.messages_per_hour", load.messages_per_hour),
        ("load.workflow_runs_per_hour", load.workflow_runs_per_hour),
    ] {
        range(path, key, value as f64, 0.0, MOST_PER_HOUR)?;
    }
    Ok(())
}

fn range(path: &Path, key: &'static str, value: f64, least: f64, most: f64) -> Result<(), Error> {
    match (least..=most).contains(&value) {
        true => Ok(()),
        false => Err(Error::OutOfRange {
            path: path.to_owned(),
            key,
            value,
            least,
            most,
        }),
    }
}
