//! The TV guide's settings.

use infra_price::Load;
use serde::Deserialize;

use super::{Architecture, OnDelete, Stream};

/// The TV guide's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TvGuide {
    /// The stream of programmes.
    pub stream: Stream,
    /// The functions.
    pub functions: Functions,
    /// The table, the buckets and the people.
    pub data: Data,
    /// Whom the guide asks.
    pub upstream: Upstream,
    /// The HTTP API.
    pub api: Api,
    /// The page.
    #[serde(default)]
    pub site: Site,
    /// What the guide is asked to do, for the price; nothing that is deployed depends on it.
    pub load: Load,
}

/// The functions' settings; the one that lands programmes in the lake has those of the lake's own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Functions {
    /// The processor that they are built for.
    pub architecture: Architecture,
    /// Memory of `tv-guide-reference`, 128 to 10,240 MiB, as for the others.
    pub reference_mib: u16,
    /// Memory of `tv-guide-ingest`, which holds whole datasets.
    pub ingest_mib: u16,
    /// Runs of `tv-guide-ingest` at a time, reserved from the account's pool; AWS refuses it where
    /// fewer than 100 would be left for others, as in a new account.
    pub ingest_concurrency: Option<u16>,
    /// Memory of `tv-guide-consume`.
    pub consume_mib: u16,
    /// Memory of `tv-guide-notify`.
    pub notify_mib: u16,
    /// Memory of `tv-guide-api`; processor share grows with it, and answers get faster.
    pub api_mib: u16,
}

/// The settings of what is kept.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// What happens to it when the stack is deleted.
    pub on_delete: OnDelete,
    /// Days after which records that could not be used are removed.
    pub quarantine_expire_days: u16,
    /// Hours between two runs of the crawler that finds new partitions of programmes in the lake, 1
    /// to 24; a run costs money.
    pub crawl_hours: u8,
}

/// The settings of whom the guide asks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Requests to Watchmode that its plan allows in a month; the guide stops at nine tenths.
    pub monthly_budget: u32,
}

/// The HTTP API's settings: calls that it takes, of all callers together.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Calls a second, over time, 1 to 10,000.
    pub rate: u32,
    /// Calls at once, 1 to 5,000.
    pub burst: u32,
    /// The same for each route that writes; no more than for all.
    pub write_rate: u32,
    /// The same for each route that writes.
    pub write_burst: u32,
}

/// The page's settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Origins that the page may send requests to beside the API and Cognito, as its
    /// `Content-Security-Policy` names them: where a local cloud has these at other addresses.
    pub connect: Vec<String>,
}
