//! `demo`: a whole system on this machine, once through, and everything counted.

mod deployed;
mod lake;
mod steps;
mod tv_guide;

use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::{Context, Result};

use crate::cargo::{self, Built};
use crate::cloud::Cloud;
use crate::forward::LOCAL;
use crate::workspace::Workspace;
use crate::{child, package, progress, tools};
use deployed::Deployed;
use steps::Steps;

pub(crate) use tv_guide::{Guest, as_guest};

/// What the demo does and says.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask demo                                    the lake
  cargo xtask demo --events 100000
  cargo xtask demo --set lake.delivery=direct         the same without Firehose
  cargo xtask demo --app tv-guide --keep              the TV guide, to look at in a browser
  cargo xtask local down --name demo                  and away with what was kept")]
pub(crate) struct Args {
    /// Which system
    #[arg(long, value_enum, default_value_t = App::Lake)]
    app: App,
    /// How many events to send to the lake
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    events: u64,
    /// Say a setting of environments/local.toml anew, such as lake.delivery=direct; may be given
    /// several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// Leave the local cloud running, under the name `demo`
    #[arg(long)]
    keep: bool,
    /// One JSON object on standard output instead of the tables
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum App {
    /// Events to a stream, rows in Athena
    Lake,
    /// Schedules from upstreams, a guide, a user and what he is told
    TvGuide,
}

/// The name of the local cloud that `--keep` leaves.
const KEPT: &str = "demo";

/// Where a demo takes place.
struct Stage<'a> {
    workspace: &'a Workspace,
    built: Built,
    cloud: Cloud,
    /// Settings of the environment's file that are said anew.
    settings: &'a [String],
}

impl Stage<'_> {
    /// Deploys the stacks of these apps.
    fn deploy(&self, apps: &[&str]) -> Result<Deployed<'_>> {
        Deployed::deploy(self.workspace, &self.built, &self.cloud, apps, self.settings)
    }
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let mut steps = Steps::begin();
    let stage = set(workspace, args.keep, &args.settings, &mut steps)?;
    match args.app {
        App::Lake => lake::run(&stage, args, steps)?,
        App::TvGuide => tv_guide::run(&stage, args, steps)?,
    }
    stage.cloud.finish();
    Ok(())
}

/// Builds everything, starts a cloud and packs the functions.
fn set<'a>(workspace: &'a Workspace, keep: bool, settings: &'a [String], steps: &mut Steps) -> Result<Stage<'a>> {
    let (venv, built) = steps.time("build", || prepare(workspace))?;
    let cloud = steps.time("cloud", || {
        let step = progress::step("starting a local cloud of our own");
        let cloud = match keep {
            true => Cloud::keep(workspace, &venv, KEPT)?,
            false => Cloud::start(workspace, &venv, "demo")?,
        };
        step.done();
        anyhow::Ok(cloud)
    })?;
    steps.time("package", || package::environment(workspace, &built, LOCAL, &[]))?;
    Ok(Stage {
        workspace,
        built,
        cloud,
        settings,
    })
}

/// Installs the local cloud's Python packages while cargo builds.
///
/// Each can take minutes on a fresh machine; when one fails the other is not worth waiting for.
fn prepare(workspace: &Workspace) -> Result<(PathBuf, Built)> {
    tools::CLOUD.preflight(workspace)?;
    let first = Mutex::new(None);
    let fail = |error: anyhow::Error| {
        if let Ok(mut first) = first.lock() {
            first.get_or_insert(error);
            child::end_all();
        }
    };
    let (venv, built) = std::thread::scope(|scope| {
        let tools = scope.spawn(|| tools::CLOUD.ensure(workspace).map_err(fail).ok());
        let built = cargo::build(workspace).map_err(fail).ok();
        (tools.join().ok().flatten(), built)
    });
    if let Some(error) = first.into_inner().ok().flatten() {
        return Err(error);
    }
    Ok((
        venv.context("the Python packages are missing")?,
        built.context("the build is missing")?,
    ))
}
