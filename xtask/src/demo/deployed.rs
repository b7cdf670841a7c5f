//! Stacks on a cloud of the demo, as their operators see them: through the programs that deploy
//! and ask.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo::Built;
use crate::child;
use crate::cloud::Cloud;
use crate::forward::{self, BEGINNING, LOCAL, OUTPUTS, PREFIX, Verb};
use crate::workspace::Workspace;

/// Deployed stacks.
pub(super) struct Deployed<'a> {
    workspace: &'a Workspace,
    built: &'a Built,
    variables: Vec<(&'static str, String)>,
    outputs: PathBuf,
    values: BTreeMap<String, String>,
}

impl<'a> Deployed<'a> {
    /// Deploys the stacks of these apps, with these settings of the environment's file said anew.
    pub(super) fn deploy(
        workspace: &'a Workspace,
        built: &'a Built,
        cloud: &Cloud,
        apps: &[&str],
        settings: &[String],
    ) -> Result<Self> {
        let mut deployed = Deployed {
            workspace,
            built,
            variables: cloud.address().variables(),
            outputs: cloud.state().join("outputs"),
            values: BTreeMap::new(),
        };
        let apps: Vec<&str> = apps.iter().flat_map(|app| ["--app", app]).collect();
        let mut deploy = deployed.command(Verb::Deploy)?;
        deploy.args(["--env", LOCAL, "--yes"]).args(&apps);
        deploy.args(settings.iter().flat_map(|setting| ["--set", setting]));
        forward::parameters(&mut deploy, cloud.address(), &[]);
        child::run(deploy.stdout(Stdio::null()))?;
        let mut outputs = deployed.command(Verb::Outputs)?;
        outputs.args(["--env", LOCAL, "--json"]).args(&apps);
        deployed.outputs = forward::write_outputs(&deployed.outputs, &mut outputs)?;
        let text = fs::read(&deployed.outputs).context("cannot read the stacks' outputs")?;
        deployed.values = serde_json::from_slice(&text).context("cannot read the stacks' outputs")?;
        Ok(deployed)
    }

    /// An output of the stacks.
    pub(super) fn output(&self, name: &str) -> Result<&str> {
        let value = self.values.get(name).map(String::as_str);
        value.with_context(|| format!("the stacks have no output {name}"))
    }

    /// The program for `verb`, which finds the stacks by itself.
    pub(super) fn command(&self, verb: Verb) -> Result<Command> {
        let mut command = forward::command(self.workspace, self.built, verb)?;
        command
            .envs(self.variables.iter().cloned())
            .env(OUTPUTS, &self.outputs)
            .env(BEGINNING, format!("{PREFIX}-{LOCAL}-"));
        Ok(command)
    }

    /// The one number that a query of one row and one column gives.
    pub(super) fn number(&self, sql: &str) -> Result<u64> {
        let mut query = self.command(Verb::Query)?;
        single(&child::quiet_output(query.args(["--format", "csv", sql]))?)
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
