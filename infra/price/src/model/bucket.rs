//! S3 buckets: what is written to them, what is read, and what stays.

use super::catalog;
use super::{Site, delivery, rows};
use crate::line::{Factor, Line, count, of};
use crate::resource::{Resource, member};
use crate::table::prices;

/// Bytes that an access log holds for each request.
const LOG_ENTRY: u128 = 500;

/// Athena writes a result and what describes it.
const RESULT_PUTS: u8 = 2;

/// With a bucket key, S3 asks KMS once for so many requests; AWS says "up to 99 percent less".
const REQUESTS_PER_BUCKET_KEY: u128 = 100;

/// What Firehose keeps of a record that it cannot deliver is base64 with an envelope, in
/// hundredths of the record.
const ERROR_PERCENT: u128 = 150;

/// Days of a year, which the lifecycle counts in, and its months, which storage is billed by.
const YEAR_DAYS: u128 = 365;
const YEAR_MONTHS: u128 = 12;

/// Requests of a month.
struct Requests {
    puts: Vec<Factor>,
    gets: Vec<Factor>,
}

pub(super) fn lines(site: &Site<'_>, bucket: &Resource<'_>) -> Vec<Line> {
    let load = site.load;
    let logged: Vec<Resource<'_>> = logged_to(site, bucket).collect();
    if !logged.is_empty() {
        // Writing access logs is free, keeping them is not.
        let requests = logged.iter().map(|from| requests(site, from).number()).sum::<u128>();
        let days = expiry_days(bucket, "").unwrap_or(u128::from(load.stored_months) * YEAR_DAYS / YEAR_MONTHS);
        let kept = (requests * LOG_ENTRY * days * YEAR_MONTHS).div_ceil(YEAR_DAYS);
        return vec![site.line(&prices::S3_STORAGE, [of(kept, "B of access logs kept")])];
    }
    let requests = requests(site, bucket);
    let total = requests.number();
    let mut lines: Vec<Line> = requests
        .puts
        .into_iter()
        .map(|factor| site.line(&prices::S3_PUT, [factor]))
        .chain(
            requests
                .gets
                .into_iter()
                .map(|factor| site.line(&prices::S3_GET, [factor])),
        )
        .collect();
    for _ in rows::writers(site, bucket) {
        lines.push(stored(site, load.stored_bytes_per_event, None));
    }
    for _ in rows::closers(site, bucket) {
        lines.push(stored(site, load.stored_bytes_per_event, None));
    }
    for delivery in deliveries(site, bucket) {
        let days = expiry_days(bucket, delivery::prefix(&delivery, "Prefix"));
        lines.push(stored(site, row(site, &delivery), days));
        if load.errors() > 0 {
            let bytes = (u128::from(load.bytes_per_event) * ERROR_PERCENT).div_ceil(100);
            let days = expiry_days(bucket, delivery::prefix(&delivery, "ErrorOutputPrefix"));
            let days = days.unwrap_or(u128::from(load.stored_months) * YEAR_DAYS / YEAR_MONTHS);
            let errors = (load.errors() * days * YEAR_MONTHS).div_ceil(YEAR_DAYS);
            lines.push(site.line(&prices::S3_STORAGE, [of(errors, "refused events kept"), of(bytes, "B")]));
        }
    }
    if let Some(asks) = key_requests(bucket, total) {
        lines.push(site.line(&prices::KMS_REQUEST, [count(asks, "request")]));
    }
    lines
}

/// Bytes of a row in what a delivery writes.
fn row(site: &Site<'_>, delivery: &Resource<'_>) -> u32 {
    match delivery::is_converted(delivery) {
        true => site.load.stored_bytes_per_event,
        false => site.load.bytes_per_event,
    }
}

/// What rows of so many bytes cost to keep, for so many days where something removes them.
fn stored(site: &Site<'_>, row: u32, days: Option<u128>) -> Line {
    let load = site.load;
    let factors = match days {
        // A month's events, and the part of a month, or months, that they are kept.
        Some(days) if days * YEAR_MONTHS < u128::from(load.stored_months) * YEAR_DAYS => {
            let events = (load.events() * days * YEAR_MONTHS).div_ceil(YEAR_DAYS);
            vec![count(events, "event"), of(row, "B")]
        }
        _ => vec![
            count(load.events(), "event"),
            of(row, "B"),
            count(load.stored_months, "month"),
        ],
    };
    site.line(&prices::S3_STORAGE, factors)
}

impl Requests {
    fn number(&self) -> u128 {
        self.puts.iter().chain(&self.gets).map(Factor::number).sum()
    }
}

fn requests(site: &Site<'_>, bucket: &Resource<'_>) -> Requests {
    let load = site.load;
    let read = |gets: &mut Vec<Factor>, reads: u128| {
        if reads > 0 {
            gets.push(of(reads, "reads by queries"));
        }
    };
    let mut puts: Vec<Factor> = Vec::new();
    let mut gets: Vec<Factor> = Vec::new();
    for delivery in deliveries(site, bucket) {
        let objects = delivery::objects(site, &delivery);
        puts.push(of(objects, "objects delivered"));
        if load.errors() > 0 {
            puts.push(of(load.errors().min(objects), "objects of refused events"));
        }
        if rows::closers(site, bucket).next().is_none() {
            read(&mut gets, catalog::reads(site, row(site, &delivery), objects));
        }
    }
    let written = rows::written(site, bucket);
    if written > 0 {
        puts.push(of(written, "objects written"));
    }
    for closer in rows::closers(site, bucket) {
        let hours = super::function::number_of_calls(site, &closer);
        puts.push(of(hours, "objects of closed hours"));
        gets.push(of(rows::objects(site, bucket), "objects read to close hours"));
        read(&mut gets, catalog::reads(site, load.stored_bytes_per_event, hours));
    }
    let writes_results =
        |group: &Resource<'_>| group.refers("WorkGroupConfiguration.ResultConfiguration.OutputLocation", bucket);
    if site
        .resources
        .of_kind("AWS::Athena::WorkGroup")
        .any(|group| writes_results(&group))
    {
        puts.push(of(load.queries() * u128::from(RESULT_PUTS), "objects of results"));
    }
    for (per_hour, factors) in [(load.puts_per_hour, &mut puts), (load.gets_per_hour, &mut gets)] {
        if per_hour > 0 {
            factors.push(of(load.monthly(per_hour), "stated requests"));
        }
    }
    Requests { puts, gets }
}

fn deliveries<'a>(site: &Site<'a>, bucket: &Resource<'_>) -> impl Iterator<Item = Resource<'a>> {
    let deliveries = site.resources.of_kind("AWS::KinesisFirehose::DeliveryStream");
    deliveries.filter(move |delivery| delivery::is_into(delivery, bucket))
}

/// The buckets whose access log goes to `bucket`.
fn logged_to<'a>(site: &Site<'a>, bucket: &Resource<'_>) -> impl Iterator<Item = Resource<'a>> {
    let buckets = site.resources.of_kind("AWS::S3::Bucket");
    buckets.filter(move |from| from.refers("LoggingConfiguration.DestinationBucketName", bucket))
}

/// Days after which the lifecycle removes what is under `prefix`.
fn expiry_days(bucket: &Resource<'_>, prefix: &str) -> Option<u128> {
    let rules = bucket.list("LifecycleConfiguration.Rules").iter();
    let rules = rules.filter(|rule| {
        member(rule, "Status") == Some("Enabled") && prefix.starts_with(member(rule, "Prefix").unwrap_or_default())
    });
    let days = rules.filter_map(|rule| match rule.get("ExpirationInDays") {
        Some(infra_core::Node::Int(days)) => u128::try_from(*days).ok(),
        _ => None,
    });
    days.min()
}

/// What the bucket asks of KMS for so many requests; none where S3 has the key.
fn key_requests(bucket: &Resource<'_>, requests: u128) -> Option<u128> {
    let rule = bucket
        .list("BucketEncryption.ServerSideEncryptionConfiguration")
        .first()?;
    let default = rule.get("ServerSideEncryptionByDefault")?;
    if !matches!(member(default, "SSEAlgorithm"), Some("aws:kms" | "aws:kms:dsse")) {
        return None;
    }
    let has_bucket_key = rule.get("BucketKeyEnabled") == Some(&infra_core::Node::Bool(true));
    Some(if has_bucket_key {
        requests.div_ceil(REQUESTS_PER_BUCKET_KEY)
    } else {
        requests
    })
}
