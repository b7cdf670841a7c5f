//! The lake as its operator sees it: through `infra-deploy` and `lake-cli`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::report::Account;
use crate::cargo::Built;
use crate::child;
use crate::cloud::Cloud;
use crate::forward::{self, LOCAL, OUTPUTS, Verb};
use crate::workspace::Workspace;

/// The demo's last question; what it asks of the table is what a user would.
const BY_TYPE: &str = "\
    SELECT event_type, count(*) AS events, count(DISTINCT event_subtype) AS subtypes \
    FROM events GROUP BY event_type ORDER BY events DESC, event_type LIMIT 10";

const COUNT: &str = "SELECT count(*) AS events FROM events";

/// A deployed lake.
pub(super) struct Lake<'a> {
    workspace: &'a Workspace,
    built: &'a Built,
    variables: Vec<(&'static str, String)>,
    outputs: PathBuf,
}

/// What `lake-cli produce --json` says at its end.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    sent: u64,
    /// How many events the stream took.
    pub(super) acknowledged: u64,
    failed: u64,
}

/// What `lake-cli quarantine --summary --json` says.
#[derive(Debug, Deserialize)]
struct Quarantine {
    records: u64,
}

impl<'a> Lake<'a> {
    /// Deploys the lake to a cloud.
    pub(super) fn deploy(workspace: &'a Workspace, built: &'a Built, cloud: &Cloud) -> Result<Lake<'a>> {
        let mut lake = Lake {
            workspace,
            built,
            variables: cloud.address().variables(),
            outputs: cloud.state().join("outputs"),
        };
        let mut deploy = lake.command(Verb::Deploy)?;
        child::run(deploy.args(["--env", LOCAL, "--yes"]).stdout(Stdio::null()))?;
        let mut outputs = lake.command(Verb::Outputs)?;
        outputs.args(["--env", LOCAL, "--json"]);
        lake.outputs = forward::write_outputs(&lake.outputs, &mut outputs)?;
        Ok(lake)
    }

    /// Sends generated events.
    pub(super) fn produce(&self, events: u64) -> Result<Sent> {
        let mut command = self.command(Verb::Produce)?;
        let text = child::output(command.args(["--count", &events.to_string(), "--json"]))?;
        let sent: Sent =
            serde_json::from_str(&text).with_context(|| format!("cannot read what produce prints: {text}"))?;
        if sent.failed > 0 || sent.sent != events {
            bail!(
                "{} of {events} events were not taken by the stream",
                events - sent.acknowledged
            );
        }
        Ok(sent)
    }

    /// Counts what has arrived, on either side.
    pub(super) fn count(&self, sent: &Sent) -> Result<Account> {
        let mut query = self.command(Verb::Query)?;
        let table = child::quiet_output(query.args(["--format", "csv", COUNT])).context("cannot count the rows")?;
        let mut quarantine = self.command(Verb::Quarantine)?;
        let text =
            child::quiet_output(quarantine.args(["--summary", "--json"])).context("cannot count the quarantine")?;
        let quarantine: Quarantine =
            serde_json::from_str(&text).with_context(|| format!("cannot read what quarantine prints: {text}"))?;
        Ok(Account {
            events: sent.acknowledged,
            queryable: single(&table)?,
            quarantined: quarantine.records,
        })
    }

    /// The commonest types of events, as a table for people.
    pub(super) fn events_by_type(&self) -> Result<String> {
        child::output(self.command(Verb::Query)?.arg(BY_TYPE))
    }

    fn command(&self, verb: Verb) -> Result<Command> {
        let mut command = forward::command(self.workspace, self.built, verb)?;
        command.envs(self.variables.iter().cloned()).env(OUTPUTS, &self.outputs);
        Ok(command)
    }
}

/// The number in a CSV of one column and one row.
fn single(table: &str) -> Result<u64> {
    let mut lines = table.lines().skip(1);
    let number = lines.next().map(|line| line.trim_matches('"').parse());
    match (number, lines.next()) {
        (Some(Ok(number)), None) => Ok(number),
        _ => bail!("a count is one number, not {table}"),
    }
}

#[cfg(test)]
mod tests {
    use super::single;

    #[test]
    fn a_count_is_the_only_number() {
        assert_eq!(single("events\n1000\n").unwrap(), 1000);
        assert_eq!(single("\"events\"\n\"7\"\n").unwrap(), 7);
    }

    #[test]
    fn anything_else_is_no_count() {
        for table in ["", "events\n", "events\n1\n2\n", "events\nmany\n"] {
            assert!(single(table).is_err(), "{table:?}");
        }
    }
}
