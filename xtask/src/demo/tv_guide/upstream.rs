//! The local TVmaze, as somebody has it who makes its schedules.

use anyhow::{Context, Result};
use serde_json::json;

use super::wire;
use crate::launcher::Address;

/// Moves a programme by so many minutes.
pub(super) fn postpone(cloud: &Address, programme: &str, minutes: i64) -> Result<()> {
    let id: u64 = programme
        .parse()
        .with_context(|| format!("{programme} is no number, as TVmaze's ids are"))?;
    let edits = json!([{ "edit": "move_programme", "id": id, "later": minutes }]);
    wire::send("POST", &cloud.tvmaze, "/_data", &edits.to_string())
        .map(drop)
        .context("cannot change the local TVmaze's schedule")
}
