//! `test`: every test of the project, in suites that share one build.

mod tally;
mod ui;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};
use tally::Tally;

use crate::cargo::{self, Built};
use crate::cloud::Cloud;
use crate::forward::LOCAL;
use crate::progress::{count, seconds};
use crate::workspace::Workspace;
use crate::{child, package, progress, tools};

/// The package of tests that need the local cloud.
const CLOUD_TESTS: &str = "localstack-tests";

/// Which tests to run.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    #[arg(value_enum, default_value_t = Scope::All)]
    scope: Scope,
    /// Take a Chromium that is missing for a failure
    #[arg(long, env = "CI")]
    strict: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scope {
    /// Rust tests and documentation examples that need no local cloud
    Unit,
    /// The launcher's own tests, and those that need a local cloud
    It,
    /// The guide's page in Chromium, against a guide deployed to a local cloud
    Ui,
    /// All of them; the page's where there is a Chromium
    All,
}

impl Args {
    /// Every test.
    pub(crate) fn all() -> Args {
        Args {
            scope: Scope::All,
            strict: true,
        }
    }
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let start = Instant::now();
    let runner = Runner {
        workspace,
        has_nextest: cargo::has(workspace, "nextest")?,
    };
    if args.scope != Scope::Unit {
        tools::CLOUD.preflight(workspace)?;
    }
    let has_ui = match args.scope {
        Scope::Ui | Scope::All => ui::is_possible(args.strict || args.scope == Scope::Ui)?,
        Scope::Unit | Scope::It => false,
    };
    let mut tally = Tally::default();
    if matches!(args.scope, Scope::Unit | Scope::All) {
        tally.add("unit tests", runner.unit()?);
        tally.add("documentation examples", runner.examples()?);
    }
    if matches!(args.scope, Scope::It | Scope::All) {
        let venv = tools::CLOUD.ensure(workspace)?;
        tally.add("launcher", runner.launcher()?);
        tally.add("local cloud", runner.cloud(&venv)?);
    }
    if has_ui {
        tally.add("guide's page", ui::run(workspace)?);
    }
    let failed = tally.failed_suites();
    eprintln!(
        "\n{} passed, {} failed ({})",
        count(tally.passed()),
        count(tally.failed()),
        seconds(start.elapsed())
    );
    if !failed.is_empty() {
        bail!("these tests failed: {}", failed.join(", "));
    }
    Ok(())
}

/// Runs suites; with nextest where it is installed, else with cargo's own runner.
struct Runner<'a> {
    workspace: &'a Workspace,
    has_nextest: bool,
}

/// How a suite ended: whether it succeeded as a whole, and what it printed.
type Outcome = (bool, String);

impl Runner<'_> {
    fn unit(&self) -> Result<Outcome> {
        let mut command = cargo::command(self.workspace);
        if self.has_nextest {
            command.args(["nextest", "run", "--workspace"]);
        } else {
            command.args(["test", "--workspace", "--exclude", CLOUD_TESTS, "--no-fail-fast"]);
            command.args(["--lib", "--bins", "--tests"]);
        }
        tee(&mut command)
    }

    /// Documentation examples, which nextest leaves to cargo.
    fn examples(&self) -> Result<Outcome> {
        let mut command = cargo::command(self.workspace);
        tee(command.args(["test", "--workspace", "--doc", "--no-fail-fast"]))
    }

    fn launcher(&self) -> Result<Outcome> {
        let venv = tools::CLOUD_TESTS.ensure(self.workspace)?;
        let mut command = Command::new(tools::python(&venv));
        command.current_dir(self.workspace.root());
        tee(command.args([
            "-m",
            "unittest",
            "discover",
            "-s",
            "localstack/tests",
            "-t",
            "localstack",
        ]))
    }

    fn cloud(&self, venv: &Path) -> Result<Outcome> {
        let built = cargo::build(self.workspace)?;
        package::environment(self.workspace, &built, LOCAL, &[])?;
        let step = progress::step("starting a local cloud of our own");
        let cloud = Cloud::start(self.workspace, venv, "test")?;
        step.done();
        let mut command = cargo::command(self.workspace);
        if self.has_nextest {
            command.args(["nextest", "run", "--workspace", "--profile", "it"]);
        } else {
            command.args(["test", "--package", CLOUD_TESTS, "--no-fail-fast"]);
        }
        let outcome = tee(command.envs(variables(&cloud, &built, venv)?))?;
        if outcome.0 {
            cloud.finish();
        }
        Ok(outcome)
    }
}

/// What the tests are told, besides the address of the cloud.
///
/// - `HEADEND_PROGRAMS`: the folder of `infra-deploy`, `lake-cli` and the others.
/// - `HEADEND_PYTHON`: the Python that can run the launcher, for tests with clouds of their own.
pub(crate) fn variables(cloud: &Cloud, built: &Built, venv: &Path) -> Result<Vec<(&'static str, String)>> {
    let mut variables = cloud.address().variables();
    let programs = built.program("infra-deploy")?.parent().unwrap_or(Path::new(""));
    variables.push(("HEADEND_PROGRAMS", programs.display().to_string()));
    variables.push(("HEADEND_PYTHON", tools::python(venv).display().to_string()));
    Ok(variables)
}

fn tee(command: &mut Command) -> Result<Outcome> {
    let (status, said) = child::tee(command)?;
    Ok((status.success(), said))
}
