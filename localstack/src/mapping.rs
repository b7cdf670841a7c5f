//! Event source mappings of the local cloud: how far each has read.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::{endpoint, eventually, http};

/// Waits until nothing is left to do for the functions whose names begin so.
///
/// What one function does may be what the next is called for: only when nothing has happened between
/// two looks, and nothing waits at either, will nothing happen any more.
///
/// # Errors
///
/// When there is no such function, or it does not come to rest in time.
pub fn at_rest(beginning: &str) -> Result<()> {
    let mut last = None;
    eventually(|| {
        let shards = shards(beginning)?;
        ensure!(!shards.is_empty(), "no mapping calls {beginning}*");
        let is_idle = shards.iter().all(|shard| shard["backlog"] == 0);
        let was = last.replace(shards);
        Ok((is_idle && was == last).then_some(()))
    })
}

/// What is told of each shard; of what has never been read from, too.
fn shards(beginning: &str) -> Result<Vec<Value>> {
    let answer = http::send("GET", &format!("{}/_headend/mappings", endpoint()?), &[], "")?;
    ensure!(answer.status == 200, "the mappings: {}", answer.body);
    let mappings: BTreeMap<String, Value> = serde_json::from_str(&answer.body).context("the mappings")?;
    let is_ours = |mapping: &&Value| {
        mapping["function"]
            .as_str()
            .is_some_and(|name| name.starts_with(beginning))
    };
    let shards = mappings.values().filter(is_ours).map(|mapping| &mapping["shards"]);
    Ok(shards
        .filter_map(Value::as_object)
        .flat_map(|shards| shards.values().cloned())
        .collect())
}

/// Lets the mapping of this function call it, or keeps it from that.
///
/// # Errors
///
/// When the function has no mapping, or not one, or the cloud refuses.
pub fn enable(function: &str, is_enabled: bool) -> Result<()> {
    let url = format!("{}/2015-03-31/event-source-mappings/", endpoint()?);
    let found = http::send("GET", &format!("{url}?FunctionName={function}"), &[], "")?.json()?;
    let [mapping] = found["EventSourceMappings"].as_array().map_or(&[][..], Vec::as_slice) else {
        bail!("{function} has not one mapping: {found}")
    };
    let id = mapping["UUID"].as_str().context("a mapping's id")?;
    let body = json!({ "Enabled": is_enabled }).to_string();
    let answer = http::send("PUT", &format!("{url}{id}"), &[], &body)?;
    ensure!(answer.status < 300, "{function}: {}", answer.body);
    Ok(())
}
