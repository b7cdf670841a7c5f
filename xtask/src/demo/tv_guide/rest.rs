//! Whether the guide's functions have anything left to do.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{PATIENCE, POLL, wire};
use crate::launcher::Address;
use crate::{child, progress};

/// Waits until no event source mapping of the cloud has a record before it.
///
/// What one function does may be what the next is called for: only when nothing has happened between
/// two looks, and nothing waits at either, will nothing happen any more.
pub(super) fn wait(cloud: &Address) -> Result<()> {
    let step = progress::step("waiting until no function has anything left to do");
    let (mut last, mut moved) = (Vec::new(), Instant::now());
    loop {
        let shards = shards(&wire::send("GET", &cloud.endpoint, "/_headend/mappings", "")?)?;
        let has_moved = shards != last;
        if !has_moved && shards.iter().all(|shard| shard["backlog"] == 0) {
            step.done();
            return Ok(());
        }
        if has_moved {
            (last, moved) = (shards, Instant::now());
        }
        if moved.elapsed() > PATIENCE {
            bail!("no function has got any further for {} s", PATIENCE.as_secs());
        }
        child::pause(POLL)?;
    }
}

/// What is told of every shard of every mapping.
fn shards(text: &str) -> Result<Vec<Value>> {
    let mappings: BTreeMap<String, Value> = serde_json::from_str(text).context("cannot read the state of mappings")?;
    let shards = mappings.values().filter_map(|mapping| mapping["shards"].as_object());
    Ok(shards.flat_map(|shards| shards.values().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use super::shards;

    #[test]
    fn every_shard_of_every_mapping_is_looked_at() {
        let text =
            r#"{"a": {"shards": {"0": {"backlog": 1}, "1": {"backlog": 0}}}, "b": {"shards": {"0": {"backlog": 2}}}}"#;
        let backlogs: Vec<_> = shards(text)
            .unwrap()
            .iter()
            .map(|shard| shard["backlog"].clone())
            .collect();
        assert_eq!(backlogs, [1, 0, 2]);
        assert!(shards("none").is_err());
    }
}
