//! The catalog and who reads it: Glue tables and crawlers, Athena.

use super::Site;
use crate::line::{Line, count, of};
use crate::resource::{Resource, member};
use crate::table::prices;

/// Athena bills a query for at least so much.
const LEAST_SCANNED: u128 = 10 << 20;
const MIB: u128 = 1 << 20;

/// A query reads the footer of a Parquet file, then the columns that it wants.
const GETS_PER_OBJECT: u128 = 3;

/// A crawler's run is billed for at least so long, and uses so many processing units.
const CRAWL_MINUTES: u8 = 10;
const CRAWL_UNITS: u8 = 2;

pub(super) fn workgroup(site: &Site<'_>) -> Vec<Line> {
    let load = site.load;
    let scanned = u128::from(load.scanned_mb_per_query) * MIB;
    let factors = [of(load.queries(), "queries"), of(scanned.max(LEAST_SCANNED), "B")];
    vec![site.line(&prices::ATHENA, factors)]
}

pub(super) fn crawler(site: &Site<'_>, crawler: &Resource<'_>) -> Vec<Line> {
    let schedule = crawler.text("Schedule.ScheduleExpression").unwrap_or_default();
    let runs = schedule_runs(schedule, site.load.hours_per_month).unwrap_or(0);
    let factors = [count(runs, "run"), of(CRAWL_MINUTES, "min"), of(CRAWL_UNITS, "DPU")];
    vec![site.line(&prices::CRAWLER, factors)]
}

/// A table with partition keys has a catalog object for each hour that is kept, beside itself,
/// unless Athena works them out from a projection.
pub(super) fn table(site: &Site<'_>, table: &Resource<'_>) -> Vec<Line> {
    let load = site.load;
    let is_partitioned = !table.list("TableInput.PartitionKeys").is_empty();
    let is_projected = table
        .at("TableInput.Parameters")
        .is_some_and(|parameters| member(parameters, "projection.enabled") == Some("true"));
    let partitions = if is_partitioned && !is_projected {
        u128::from(load.hours_per_month) * u128::from(load.stored_months)
    } else {
        0
    };
    vec![site.line(&prices::CATALOG_OBJECT, [count(1 + partitions, "object")])]
}

/// Reads that queries make of `objects` objects of a month, in which a row takes so many bytes.
pub(super) fn reads(site: &Site<'_>, row: u32, objects: u128) -> u128 {
    let load = site.load;
    if site.resources.of_kind("AWS::Athena::WorkGroup").next().is_none() || objects == 0 {
        return 0;
    }
    let object = (load.events() * u128::from(row)).div_ceil(objects).max(1);
    let scanned = u128::from(load.scanned_mb_per_query) * MIB;
    load.queries() * scanned.div_ceil(object) * GETS_PER_OBJECT
}

/// How often `cron(…)` or `rate(…)` runs in a month of so many hours; none where it says
/// something that is not counted here.
pub(super) fn schedule_runs(expression: &str, hours: u16) -> Option<u128> {
    let (kind, rest) = expression.split_once('(')?;
    let inside = rest.strip_suffix(')')?;
    let hours = u128::from(hours);
    match kind {
        "rate" => {
            let (number, unit) = inside.split_once(' ')?;
            let number: u128 = number.parse().ok().filter(|number| *number > 0)?;
            let minutes = match unit {
                "minute" | "minutes" => number,
                "hour" | "hours" => number * 60,
                "day" | "days" => number * 60 * 24,
                _ => return None,
            };
            Some((hours * 60) / minutes)
        }
        "cron" => {
            let mut fields = inside.split(' ');
            let (minutes, of_day) = (values(fields.next()?, 60)?, values(fields.next()?, 24)?);
            // Days of the month, months, weekdays and years: every one, or it is not counted.
            let is_daily = fields.all(|field| matches!(field, "*" | "?"));
            is_daily.then(|| (hours * minutes * of_day).div_ceil(24))
        }
        _ => None,
    }
}

/// How many values a field of a cron expression names, of so many.
fn values(field: &str, all: u128) -> Option<u128> {
    let mut values = 0;
    for part in field.split(',') {
        values += match part.split_once('/') {
            Some((start, step)) => {
                let start: u128 = if start == "*" { 0 } else { start.parse().ok()? };
                let step: u128 = step.parse().ok().filter(|step| *step > 0)?;
                all.checked_sub(start)?.div_ceil(step)
            }
            None if part == "*" => all,
            None => match part.split_once('-') {
                Some((first, last)) => last.parse::<u128>().ok()?.checked_sub(first.parse().ok()?)? + 1,
                None => part.parse::<u128>().ok().map(|_| 1)?,
            },
        };
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::schedule_runs;

    #[test]
    fn schedules_are_counted() {
        for (expression, runs) in [
            ("cron(10 * * * ? *)", Some(730)),
            ("cron(10 0 * * ? *)", Some(31)),
            ("cron(10 0/6 * * ? *)", Some(122)),
            ("cron(0,30 8-17 * * ? *)", Some(609)),
            ("rate(5 minutes)", Some(8_760)),
            ("rate(1 hour)", Some(730)),
            ("cron(0 8 ? * MON-FRI *)", None),
            ("at(2026-11-20T00:00:00)", None),
            ("rate(0 minutes)", None),
            ("", None),
        ] {
            assert_eq!(schedule_runs(expression, 730), runs, "{expression}");
        }
    }
}
