//! demo
use crate::workspace::Workspace;
use anyhow::Result;
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {}
pub(crate) fn run(_workspace: &Workspace, _args: &Args) -> Result<()> {
    Ok(())
}
