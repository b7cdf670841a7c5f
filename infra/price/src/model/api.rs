//! What people reach: HTTP APIs, websites, sign-in.

use super::Site;
use crate::estimate::Standing;
use crate::line::{Line, count, of};
use crate::resource::Resource;
use crate::table::prices;

/// A request to an HTTP API is billed once for each so many bytes of it.
const HTTP_STEP: u128 = 512 * 1024;

pub(super) fn lines(site: &Site<'_>, api: &Resource<'_>) -> Vec<Line> {
    let load = site.load;
    let requests = count(load.monthly(load.requests_per_hour), "request");
    if api.kind == "AWS::ApiGateway::RestApi" {
        return vec![site.line(&prices::REST_API, [requests])];
    }
    let steps = u128::from(load.bytes_per_answer).div_ceil(HTTP_STEP).max(1);
    vec![site.line(&prices::HTTP_API, [requests, count(steps, "step")])]
}

/// A stage is free but for its cache.
pub(super) fn stage(stage: &Resource<'_>) -> Standing {
    if stage.holds("CacheClusterEnabled") {
        return Standing::NotPriced("no price is known for the cache of a stage".to_owned());
    }
    Standing::Free
}

pub(super) fn site(site: &Site<'_>) -> Vec<Line> {
    let load = site.load;
    let requests = || count(load.monthly(load.requests_per_hour), "request");
    vec![
        site.line(&prices::SITE_REQUEST, [requests()]),
        site.line(&prices::SITE_BYTES, [requests(), of(load.bytes_per_answer, "B")]),
    ]
}

pub(super) fn users(site: &Site<'_>, pool: &Resource<'_>) -> Vec<Line> {
    let price = match pool.text("UserPoolTier") {
        Some("LITE") => &prices::COGNITO_LITE,
        Some("PLUS") => &prices::COGNITO_PLUS,
        _ => &prices::COGNITO_ESSENTIALS,
    };
    vec![site.line(price, [count(site.load.users_per_month, "user")])]
}
