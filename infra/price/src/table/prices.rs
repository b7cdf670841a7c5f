//! The price table: unit, page, Northern Virginia, London.
//!
//! `read` was found in a copy of the price list, `memory` must be checked before it is relied on.
//! Whoever reads a price at its page puts the day beside it with `on`.

use super::{Mark, Price, Quote, Unit};
use crate::money::Rate;

/// The day on which this table was put down.
const DATE: &str = "2026-11-20";

const fn quote(usd: &str, mark: Mark) -> Quote {
    Quote {
        rate: Rate::usd(usd),
        above: &[],
        date: DATE,
        mark,
    }
}

const fn read(usd: &str) -> Quote {
    quote(usd, Mark::ReadInCopy)
}

const fn memory(usd: &str) -> Quote {
    quote(usd, Mark::Memory)
}

impl Quote {
    const fn then(self, above: &'static [(u64, Rate)]) -> Self {
        Quote { above, ..self }
    }
}

const fn unit(name: &'static str, size: u64, per: u64) -> Unit {
    Unit { name, size, per }
}

/// One of something.
const fn each(name: &'static str) -> Unit {
    unit(name, 1, 1)
}

/// Something that is priced by the thousand, the million and so on.
const fn by(per: u64, name: &'static str) -> Unit {
    unit(name, 1, per)
}

const THOUSAND: u64 = 1_000;
const MILLION: u64 = 1_000_000;

/// What AWS calls GB is 2^30 bytes.
const GB: Unit = unit("GB", 1 << 30, 1);
/// A GB that is kept for a month.
const GB_MONTH: Unit = unit("GB-months", 1 << 30, 1);
const TB: Unit = unit("TB", 1 << 40, 1);
/// The model counts MiB times milliseconds.
const GB_SECOND: Unit = unit("GB-s", 1024 * 1000, 1);
/// The model counts minutes.
const DPU_HOUR: Unit = unit("DPU-h", 60, 1);

const FIREHOSE_US: &[(u64, Rate)] = &[(512_000, Rate::usd("0.025")), (2_084_864, Rate::usd("0.020"))];
const FIREHOSE_UK: &[(u64, Rate)] = &[(512_000, Rate::usd("0.028")), (2_084_864, Rate::usd("0.023"))];
const S3_US: &[(u64, Rate)] = &[(51_200, Rate::usd("0.022")), (512_000, Rate::usd("0.021"))];
const S3_UK: &[(u64, Rate)] = &[(51_200, Rate::usd("0.023")), (512_000, Rate::usd("0.022"))];

macro_rules! prices {
    ($($id:ident $name:literal, $unit:expr, $page:literal: $us:expr, $uk:expr;)+) => {
        $(
            #[doc = concat!("The price of one ", $name, ".")]
            pub static $id: Price = Price {
                name: $name,
                unit: $unit,
                page: concat!("https://aws.amazon.com/", $page, "/pricing/"),
                us_east_1: $us,
                eu_west_2: $uk,
            };
        )+
        /// All prices, in the order of the table.
        pub static ALL: &[&Price] = &[$(&$id),+];
    };
}

prices! {
    KINESIS_SHARD "shard-hour", each("shard-h"), "kinesis/data-streams": read("0.015"), memory("0.0177");
    KINESIS_PUT "PUT payload unit", by(MILLION, "PUT units"), "kinesis/data-streams": read("0.014"), memory("0.0165");
    KINESIS_EXTENDED "shard-hour kept to seven days", each("shard-h"), "kinesis/data-streams": read("0.020"), memory("0.0236");
    KINESIS_LONG "GB-month kept past seven days", GB_MONTH, "kinesis/data-streams": memory("0.023"), memory("0.025");
    ON_DEMAND_STREAM "on-demand stream-hour", each("stream-h"), "kinesis/data-streams": memory("0.04"), memory("0.0472");
    ON_DEMAND_IN "GB written on demand", GB, "kinesis/data-streams": memory("0.08"), memory("0.0944");
    ON_DEMAND_OUT "GB read on demand", GB, "kinesis/data-streams": memory("0.04"), memory("0.0472");
    ON_DEMAND_EXTENDED "on-demand GB-month kept to seven days", GB_MONTH, "kinesis/data-streams": memory("0.10"), memory("0.118");

    FIREHOSE_INGEST "GB taken in", GB, "firehose": memory("0.029").then(FIREHOSE_US), memory("0.033").then(FIREHOSE_UK);
    FIREHOSE_CONVERT "GB converted", GB, "firehose": memory("0.018"), memory("0.020");
    FIREHOSE_PARTITION "GB partitioned", GB, "firehose": memory("0.02"), memory("0.0227");
    FIREHOSE_OBJECT "partitioned object", by(THOUSAND, "objects"), "firehose": memory("0.005"), memory("0.0057");

    LAMBDA_REQUEST "function call", by(MILLION, "calls"), "lambda": read("0.20"), memory("0.20");
    LAMBDA_ARM "GB-second on arm64", GB_SECOND, "lambda": read("0.0000133334"), memory("0.0000133334");
    LAMBDA_X86 "GB-second on x86", GB_SECOND, "lambda": read("0.0000166667"), memory("0.0000166667");
    XRAY_TRACE "trace recorded", by(MILLION, "traces"), "xray": memory("5.00"), memory("5.00");

    S3_PUT "PUT", by(THOUSAND, "PUTs"), "s3": read("0.005"), memory("0.0053");
    S3_GET "GET", by(THOUSAND, "GETs"), "s3": read("0.0004"), memory("0.00042");
    S3_STORAGE "GB-month stored", GB_MONTH, "s3": memory("0.023").then(S3_US), memory("0.024").then(S3_UK);
    KMS_KEY "key and month", each("keys"), "kms": memory("1.00"), memory("1.00");
    KMS_REQUEST "request to KMS", by(10_000, "KMS requests"), "kms": memory("0.03"), memory("0.03");
    SECRET "secret and month", each("secrets"), "secrets-manager": memory("0.40"), memory("0.40");

    ALARM "alarm metric and month", each("alarm metrics"), "cloudwatch": memory("0.10"), memory("0.10");
    FAST_ALARM "high-resolution alarm metric and month", each("alarm metrics"), "cloudwatch": memory("0.30"), memory("0.30");
    COMPOSITE_ALARM "composite alarm and month", each("alarms"), "cloudwatch": memory("0.50"), memory("0.50");
    METRIC "metric of one's own and month", each("metrics"), "cloudwatch": memory("0.30"), memory("0.30");
    DASHBOARD "dashboard and month", each("dashboards"), "cloudwatch": memory("3.00"), memory("3.00");
    LOG_INGEST "GB of log", GB, "cloudwatch": memory("0.50"), memory("0.5985");
    LOG_STORE "GB-month of log", GB_MONTH, "cloudwatch": memory("0.03"), memory("0.0315");

    SQS "request to a queue", by(MILLION, "requests"), "sqs": memory("0.40"), memory("0.40");
    SQS_FIFO "request to a FIFO queue", by(MILLION, "requests"), "sqs": memory("0.50"), memory("0.50");
    SNS "message published", by(MILLION, "messages"), "sns": memory("0.50"), memory("0.50");
    EVENT "event published", by(MILLION, "events"), "eventbridge": memory("1.00"), memory("1.00");
    SCHEDULE "scheduled call", by(MILLION, "calls"), "eventbridge": memory("1.00"), memory("1.00");
    TRANSITION "state transition", by(THOUSAND, "transitions"), "step-functions": memory("0.025"), memory("0.025");
    EXPRESS_RUN "express run", by(MILLION, "runs"), "step-functions": memory("1.00"), memory("1.00");

    CRAWLER "DPU-hour of a crawler", DPU_HOUR, "glue": read("0.44"), memory("0.44");
    CATALOG_OBJECT "catalog object and month", by(100_000, "objects"), "glue": memory("1.00"), memory("1.00");
    ATHENA "TB scanned", TB, "athena": memory("5.00"), memory("5.00");

    DYNAMODB_WRITE "write unit", by(MILLION, "write units"), "dynamodb/on-demand": memory("0.625"), memory("0.7423");
    DYNAMODB_READ "read unit", by(MILLION, "read units"), "dynamodb/on-demand": memory("0.125"), memory("0.1485");
    DYNAMODB_WRITE_HOUR "write capacity-hour", each("unit-h"), "dynamodb/provisioned": memory("0.00065"), memory("0.000772");
    DYNAMODB_READ_HOUR "read capacity-hour", each("unit-h"), "dynamodb/provisioned": memory("0.00013"), memory("0.000154");
    DYNAMODB_STORAGE "GB-month of items", GB_MONTH, "dynamodb/on-demand": memory("0.25"), memory("0.297");
    DYNAMODB_BACKUP "GB-month of point-in-time recovery", GB_MONTH, "dynamodb/on-demand": memory("0.20"), memory("0.238");

    HTTP_API "HTTP API request", by(MILLION, "requests"), "api-gateway": memory("1.00"), memory("1.16");
    REST_API "REST API request", by(MILLION, "requests"), "api-gateway": memory("3.50"), memory("3.50");
    SITE_REQUEST "CloudFront request", by(10_000, "requests"), "cloudfront": memory("0.0100"), memory("0.0120");
    SITE_BYTES "GB sent by CloudFront", GB, "cloudfront": memory("0.085"), memory("0.085");
    COGNITO_LITE "user and month, LITE", each("users"), "cognito": memory("0.0055"), memory("0.0055");
    COGNITO_ESSENTIALS "user and month, ESSENTIALS", each("users"), "cognito": memory("0.015"), memory("0.015");
    COGNITO_PLUS "user and month, PLUS", each("users"), "cognito": memory("0.02"), memory("0.02");

    RDS_T4G_MICRO "db.t4g.micro hour", each("instance-h"), "rds/postgresql": memory("0.016"), memory("0.018");
    RDS_T4G_SMALL "db.t4g.small hour", each("instance-h"), "rds/postgresql": memory("0.032"), memory("0.036");
    RDS_T4G_MEDIUM "db.t4g.medium hour", each("instance-h"), "rds/postgresql": memory("0.065"), memory("0.073");
    RDS_STORAGE "GB-month of database", GB_MONTH, "rds/postgresql": memory("0.115"), memory("0.133");
    NAT_HOUR "NAT gateway hour", each("gateway-h"), "vpc": memory("0.045"), memory("0.050");
    ADDRESS_HOUR "public IPv4 address hour", each("address-h"), "vpc": memory("0.005"), memory("0.005");
    BALANCER_HOUR "load balancer hour", each("balancer-h"), "elasticloadbalancing": memory("0.0225"), memory("0.02646");
    ENDPOINT_HOUR "interface endpoint hour", each("endpoint-h"), "privatelink": memory("0.01"), memory("0.011");
    WEB_ACL "web ACL and month", each("ACLs"), "waf": memory("5.00"), memory("5.00");
    WEB_ACL_RULE "web ACL rule and month", each("rules"), "waf": memory("1.00"), memory("1.00");
}
