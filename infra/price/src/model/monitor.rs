//! CloudWatch: alarms and logs.

use infra_core::Node;

use super::{Site, function};
use crate::line::{Line, count, of};
use crate::resource::Resource;
use crate::table::prices;

/// Below a minute, an alarm is high-resolution.
const STANDARD_SECONDS: u64 = 60;

/// Bytes of the entry that a refused record makes.
const ERROR_ENTRY: u16 = 300;

/// Logs are kept compressed, at so many hundredths of what was taken in.
const KEPT_PERCENT: u128 = 15;

/// Days of a year and its months: retention is in days, storage is billed by months.
const YEAR_DAYS: u128 = 365;
const YEAR_MONTHS: u128 = 12;

pub(super) fn alarm(site: &Site<'_>, alarm: &Resource<'_>) -> Vec<Line> {
    if alarm.kind == "AWS::CloudWatch::CompositeAlarm" {
        return vec![site.line(&prices::COMPOSITE_ALARM, [count(1_u8, "alarm")])];
    }
    // An alarm over an expression is billed for each metric in it.
    let of_expression = alarm.list("Metrics").iter();
    let metrics = of_expression.filter(|query| query.get("MetricStat").is_some()).count();
    let price = match alarm.integer("Period") {
        Some(seconds) if seconds < STANDARD_SECONDS => &prices::FAST_ALARM,
        _ => &prices::ALARM,
    };
    vec![site.line(price, [count(metrics.max(1) as u64, "alarm metric")])]
}

pub(super) fn log_group(site: &Site<'_>, group: &Resource<'_>) -> Vec<Line> {
    let load = site.load;
    let writers = site.resources.of_kind("AWS::Lambda::Function");
    let writers = writers.filter(|function| function.refers("LoggingConfig.LogGroup", group));
    let mut sources = Vec::new();
    for function in writers {
        sources.push([
            count(function::number_of_calls(site, &function), "call"),
            of(load.log_bytes_per_call, "B"),
        ]);
    }
    // The function says why it refuses a record, or Firehose where it cannot deliver.
    if load.errors() > 0 {
        sources.push([of(load.errors(), "refused events"), of(ERROR_ENTRY, "B")]);
    }
    let bytes: u128 = sources
        .iter()
        .map(|[number, each]| number.number() * each.number())
        .sum();
    let mut lines: Vec<Line> = sources
        .into_iter()
        .map(|factors| site.line(&prices::LOG_INGEST, factors))
        .collect();
    let kept = match group.at("RetentionInDays") {
        Some(Node::Int(days)) => bytes * days.unsigned_abs() as u128 * YEAR_MONTHS / YEAR_DAYS,
        _ => bytes * u128::from(load.stored_months),
    };
    lines.push(site.line(&prices::LOG_STORE, [of((kept * KEPT_PERCENT).div_ceil(100), "B kept")]));
    lines
}
