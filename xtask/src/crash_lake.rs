//! `crash-lake`: kills the direct writer or the compaction a few hundred times, and counts what is left.
//!
//! The work is a program of the local cloud's tests; here it gets a cloud of its own.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::cloud::Cloud;
use crate::workspace::Workspace;
use crate::{cargo, child, test, tools};

pub(crate) fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<()> {
    let venv = tools::CLOUD.ensure(workspace)?;
    let built = cargo::build(workspace)?;
    let cloud = Cloud::start(workspace, &venv, "crash")?;
    let mut command = Command::new(built.program("lake-crash")?);
    command.args(arguments).envs(test::variables(&cloud, &built, &venv)?);
    child::run(&mut command)?;
    cloud.finish();
    Ok(())
}
