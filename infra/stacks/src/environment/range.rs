//! Within which bounds each number of an environment's file must be.

use std::path::Path;

use infra_price::Load;

use super::error::{self, Error};
use super::{Capacity, Lake, Settings, Stream, TvGuide};

pub(super) fn check(path: &Path, settings: &Settings) -> Result<(), Error> {
    lake(path, &settings.lake)?;
    load(path, "load", &settings.load)?;
    tv_guide(path, &settings.tv_guide)?;
    let operations = &settings.operations;
    let minutes = operations.rollback_minutes.into();
    range(path, "operations.rollback_minutes", minutes, 0.0, MOST_WATCHED_MINUTES)?;
    error::check_log_days(path, operations.log_days)
}

/// Longest time that CloudFormation watches alarms after an update.
const MOST_WATCHED_MINUTES: f64 = 180.0;

/// Memory of a function, in MiB.
const MEMORY: (f64, f64) = (128.0, 10_240.0);

fn stream(path: &Path, section: &'static str, stream: &Stream) -> Result<(), Error> {
    let path_owned = || path.to_owned();
    match (stream.capacity, stream.shards) {
        (Capacity::Provisioned, None) => {
            return Err(Error::ShardsMissing {
                path: path_owned(),
                section,
            });
        }
        (Capacity::OnDemand, Some(_)) => {
            return Err(Error::ShardsOnDemand {
                path: path_owned(),
                section,
            });
        }
        (_, shards) => range(
            path,
            &format!("{section}.shards"),
            shards.unwrap_or(1).into(),
            1.0,
            500.0,
        )?,
    }
    let hours = stream.retention_hours.into();
    range(path, &format!("{section}.retention_hours"), hours, 24.0, 8760.0)
}

fn lake(path: &Path, settings: &Lake) -> Result<(), Error> {
    let Lake {
        delivery: _,
        stream: events,
        transform,
        firehose,
        direct,
        compact,
        data,
    } = settings;
    stream(path, "lake.stream", events)?;
    let (least_mb, most_mb) = lake::contract::limit::TRANSFORM_BUFFER_MB;
    for (key, value, least, most) in [
        (
            "lake.transform.memory_mib",
            transform.memory_mib.into(),
            MEMORY.0,
            MEMORY.1,
        ),
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
        ("lake.firehose.buffer_mib", firehose.buffer_mib.into(), 64.0, 128.0),
        (
            "lake.firehose.buffer_seconds",
            firehose.buffer_seconds.into(),
            60.0,
            900.0,
        ),
        ("lake.direct.memory_mib", direct.memory_mib.into(), MEMORY.0, MEMORY.1),
        (
            "lake.direct.timeout_seconds",
            direct.timeout_seconds.into(),
            10.0,
            300.0,
        ),
        ("lake.direct.batch", direct.batch.into(), 1.0, 10_000.0),
        ("lake.direct.window_seconds", direct.window_seconds.into(), 0.0, 300.0),
        ("lake.compact.memory_mib", compact.memory_mib.into(), 512.0, MEMORY.1),
        (
            "lake.compact.timeout_seconds",
            compact.timeout_seconds.into(),
            60.0,
            900.0,
        ),
        (
            "lake.compact.close_after_minutes",
            compact.close_after_minutes.into(),
            1.0,
            1_440.0,
        ),
        (
            "lake.compact.grace_minutes",
            compact.grace_minutes.into(),
            lake::contract::LEAST_GRACE_MINUTES as f64,
            10_080.0,
        ),
        ("lake.compact.most_mb", compact.most_mb.into(), 1.0, 4_000.0),
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

/// What API Gateway takes of an account: calls a second and at once.
const MOST_CALLS: (f64, f64) = (10_000.0, 5_000.0);

fn tv_guide(path: &Path, settings: &TvGuide) -> Result<(), Error> {
    stream(path, "tv_guide.stream", &settings.stream)?;
    let functions = &settings.functions;
    for (name, memory) in [
        ("reference", functions.reference_mib),
        ("ingest", functions.ingest_mib),
        ("consume", functions.consume_mib),
        ("notify", functions.notify_mib),
        ("api", functions.api_mib),
    ] {
        let key = format!("tv_guide.functions.{name}_mib");
        range(path, &key, memory.into(), MEMORY.0, MEMORY.1)?;
    }
    let api = &settings.api;
    for (key, value, least, most) in [
        (
            "functions.ingest_concurrency",
            functions.ingest_concurrency.unwrap_or(1).into(),
            1.0,
            1_000.0,
        ),
        (
            "data.quarantine_expire_days",
            settings.data.quarantine_expire_days.into(),
            1.0,
            3650.0,
        ),
        ("data.crawl_hours", settings.data.crawl_hours.into(), 1.0, 24.0),
        (
            "upstream.monthly_budget",
            settings.upstream.monthly_budget.into(),
            1.0,
            1e9,
        ),
        ("api.rate", api.rate.into(), 1.0, MOST_CALLS.0),
        ("api.burst", api.burst.into(), 1.0, MOST_CALLS.1),
        ("api.write_rate", api.write_rate.into(), 1.0, api.rate.into()),
        ("api.write_burst", api.write_burst.into(), 1.0, api.burst.into()),
    ] {
        range(path, &format!("tv_guide.{key}"), value, least, most)?;
    }
    load(path, "tv_guide.load", &settings.load)
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

fn load(path: &Path, section: &str, load: &Load) -> Result<(), Error> {
    for (key, value, least, most) in [
        ("hours_per_month", load.hours_per_month.into(), 1.0, MONTH_HOURS),
        ("bytes_per_event", load.bytes_per_event.into(), 1.0, RECORD),
        ("events_per_record", load.events_per_record.into(), 1.0, DEAGGREGATED),
        ("errors_per_million", load.errors_per_million.into(), 0.0, 1e6),
        (
            "stored_bytes_per_event",
            load.stored_bytes_per_event.into(),
            0.0,
            RECORD,
        ),
        ("stored_months", load.stored_months.into(), 0.0, 1_200.0),
        ("queries_per_day", load.queries_per_day.into(), 0.0, 1e6),
        ("scanned_mb_per_query", load.scanned_mb_per_query.into(), 0.0, 1e8),
        ("log_bytes_per_call", load.log_bytes_per_call.into(), 0.0, 1e6),
        ("metrics_per_function", load.metrics_per_function.into(), 0.0, 1_000.0),
        ("bytes_per_answer", load.bytes_per_answer.into(), 0.0, 1e9),
        ("bytes_per_item", load.bytes_per_item.into(), 0.0, ITEM),
        ("users_per_month", load.users_per_month.into(), 0.0, 1e9),
        ("transitions_per_run", load.transitions_per_run.into(), 0.0, TRANSITIONS),
    ] {
        range(path, &format!("{section}.{key}"), value, least, most)?;
    }
    for (key, value) in [
        ("events_per_hour", load.events_per_hour),
        ("puts_per_hour", load.puts_per_hour),
        ("gets_per_hour", load.gets_per_hour),
        ("requests_per_hour", load.requests_per_hour),
        ("item_writes_per_hour", load.item_writes_per_hour),
        ("item_reads_per_hour", load.item_reads_per_hour),
        ("stored_items", load.stored_items),
        ("messages_per_hour", load.messages_per_hour),
        ("workflow_runs_per_hour", load.workflow_runs_per_hour),
    ] {
        range(path, &format!("{section}.{key}"), value as f64, 0.0, MOST_PER_HOUR)?;
    }
    Ok(())
}

fn range(path: &Path, key: &str, value: f64, least: f64, most: f64) -> Result<(), Error> {
    match (least..=most).contains(&value) {
        true => Ok(()),
        false => Err(Error::OutOfRange {
            path: path.to_owned(),
            key: key.to_owned(),
            value,
            least,
            most,
        }),
    }
}
