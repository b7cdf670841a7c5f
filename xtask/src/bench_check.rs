//! `bench-check`: how much of what cfn-lint and checkov find `infra-check` finds, too.
//!
//! The work is an example of `infra-check`; here its oracles are installed.

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{cargo, child, tools};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Environments whose goldens are broken
    #[arg(long, default_value = "prod")]
    environments: String,
    /// At most so many faults per entry of a template; 60 take three minutes
    #[arg(long, default_value_t = 60)]
    most: usize,
}

/// Where the result is committed.
const RESULT: &str = "docs/benchmarks/check.md";

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let lint = tools::LINT.ensure(workspace)?;
    let checkov = tools::CHECKOV.ensure(workspace)?;
    let mut cargo = cargo::command(workspace);
    cargo.args([
        "run",
        "--quiet",
        "--package",
        "infra-check",
        "--example",
        "recall",
        "--",
    ]);
    cargo.arg("--lint").arg(tools::python(&lint));
    cargo.arg("--checkov").arg(tools::python(&checkov));
    cargo.arg("--scratch").arg(workspace.scratch("recall"));
    cargo.args(["--environments", &args.environments, "--most", &args.most.to_string()]);
    cargo.arg("--out").arg(workspace.root().join(RESULT));
    child::run(&mut cargo)
}
