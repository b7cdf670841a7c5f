//! `demo`: the whole lake on this machine, once through, and every event counted.

mod lake;
mod report;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::cargo::{self, Built};
use crate::cloud::Cloud;
use crate::forward::LOCAL;
use crate::progress::count;
use crate::workspace::Workspace;
use crate::{child, package, progress, tools};
use lake::{Lake, Sent};
use report::{Account, Report};

/// What the demo does and says.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// How many events to send
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    events: u64,
    /// Leave the local cloud running, under the name `demo`
    #[arg(long)]
    keep: bool,
    /// One JSON object on standard output instead of the tables
    #[arg(long)]
    json: bool,
}

/// The name of the local cloud that `--keep` leaves.
const KEPT: &str = "demo";

/// How long no new event may arrive before the demo gives up: Firehose's buffer of a minute is
/// 3 s in the local cloud, and a busy machine takes its time for the rest.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long to wait before asking again; an Athena query takes about as long.
const POLL: Duration = Duration::from_millis(500);

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let start = Instant::now();
    let mut report = Report::new(args.keep);
    let (venv, built) = report.time("build", || prepare(workspace))?;
    let cloud = report.time("cloud", || {
        let step = progress::step("starting a local cloud of our own");
        let cloud = match args.keep {
            true => Cloud::keep(workspace, &venv, KEPT)?,
            false => Cloud::start(workspace, &venv, "demo")?,
        };
        step.done();
        anyhow::Ok(cloud)
    })?;
    report.time("package", || package::environment(workspace, &built, LOCAL))?;
    let lake = report.time("deploy", || Lake::deploy(workspace, &built, &cloud))?;
    let sent = report.time("produce", || lake.produce(args.events))?;
    let account = report.time("deliver", || settle(&lake, &sent))?;
    let table = report.time("query", || lake.events_by_type())?;
    report.finish(account, start.elapsed());
    report.print(args.json, &table)?;
    cloud.finish();
    Ok(())
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

/// Waits until every event that the stream took is either in the table or in quarantine.
fn settle(lake: &Lake<'_>, sent: &Sent) -> Result<Account> {
    let step = progress::step("waiting until every event has arrived");
    let mut last = Account::default();
    let mut moved = Instant::now();
    loop {
        let account = lake.count(sent)?;
        let arrived = account.queryable + account.quarantined;
        if arrived == sent.acknowledged {
            step.done();
            return Ok(account);
        }
        if arrived > sent.acknowledged {
            bail!(
                "{} events arrived of {} that were sent",
                count(arrived),
                count(sent.acknowledged)
            );
        }
        if account != last {
            (last, moved) = (account, Instant::now());
        }
        if moved.elapsed() > PATIENCE {
            bail!(
                "{} of {} events are missing, and none has arrived for {} s",
                count(sent.acknowledged - arrived),
                count(sent.acknowledged),
                PATIENCE.as_secs()
            );
        }
        step.detail(format!("{} of {}", count(arrived), count(sent.acknowledged)));
        child::pause(POLL)?;
    }
}
