//! What costs the same whatever the load is: by the month, or by the hour that it stands.

use super::Site;
use crate::estimate::Standing;
use crate::line::{Line, count, of};
use crate::resource::Resource;
use crate::table::prices;

pub(super) fn key(site: &Site<'_>) -> Vec<Line> {
    vec![site.line(&prices::KMS_KEY, [count(1_u8, "key")])]
}

pub(super) fn secret(site: &Site<'_>) -> Vec<Line> {
    vec![site.line(&prices::SECRET, [count(1_u8, "secret")])]
}

/// A parameter is free in the standard tier.
pub(super) fn parameter(parameter: &Resource<'_>) -> Standing {
    match parameter.text("Tier") {
        None | Some("Standard") => Standing::Free,
        Some(tier) => Standing::NotPriced(format!("no price is known for a parameter of the tier {tier}")),
    }
}

pub(super) fn dashboard(site: &Site<'_>) -> Vec<Line> {
    vec![site.line(&prices::DASHBOARD, [count(1_u8, "dashboard")])]
}

/// The metric that a filter of a log writes.
pub(super) fn metric(site: &Site<'_>) -> Vec<Line> {
    vec![site.line(&prices::METRIC, [count(1_u8, "metric")])]
}

pub(super) fn address(site: &Site<'_>) -> Vec<Line> {
    vec![site.line(
        &prices::ADDRESS_HOUR,
        [of(site.load.hours_per_month, "h"), count(1_u8, "address")],
    )]
}

/// The hours alone; what passes through is not counted.
pub(super) fn load_balancer(site: &Site<'_>) -> Vec<Line> {
    vec![site.line(
        &prices::BALANCER_HOUR,
        [of(site.load.hours_per_month, "h"), count(1_u8, "load balancer")],
    )]
}

/// The hours alone; what passes through is not counted.
pub(super) fn nat_gateway(site: &Site<'_>) -> Vec<Line> {
    vec![site.line(
        &prices::NAT_HOUR,
        [of(site.load.hours_per_month, "h"), count(1_u8, "gateway")],
    )]
}

/// A gateway endpoint is free; an interface is billed in each subnet that it stands in.
pub(super) fn endpoint(site: &Site<'_>, endpoint: &Resource<'_>) -> Vec<Line> {
    if !endpoint.is("VpcEndpointType", "Interface") {
        return Vec::new();
    }
    let subnets = endpoint.list("SubnetIds").len() as u64;
    vec![site.line(
        &prices::ENDPOINT_HOUR,
        [of(site.load.hours_per_month, "h"), count(subnets, "subnet")],
    )]
}

pub(super) fn web_acl(site: &Site<'_>, acl: &Resource<'_>) -> Vec<Line> {
    let rules = acl.list("Rules").len() as u64;
    vec![
        site.line(&prices::WEB_ACL, [count(1_u8, "ACL")]),
        site.line(&prices::WEB_ACL_RULE, [count(rules, "rule")]),
    ]
}
