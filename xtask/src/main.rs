//! The front door: parses and dispatches; no AWS SDK in it.
//!
//! Light work is done here (Python environments, the local cloud's process, zips, checks over
//! the sources); what talks to AWS is another program, built on demand and then run in our place.
//!
//! Reading order: `workspace`, `child` (which explains Ctrl-C), `tools`, `cargo`, `launcher`,
//! then the commands, each a module of its name.

mod bench_check;
mod bench_start;
mod cargo;
mod child;
mod ci;
mod cloud;
mod codegen;
mod crash_lake;
mod demo;
mod forward;
mod golden;
mod launcher;
mod local;
mod package;
mod progress;
mod test;
mod tidy;
mod tools;
mod watch;
mod workspace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Parser, Subcommand};

use forward::{Ambient, Verb};
use workspace::Workspace;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Green.on_default())
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Examples:
  cargo xtask demo                                    the whole lake on this machine, once through
  cargo xtask local up                                a local cloud that stays
  cargo xtask deploy --env local --yes                the lake on it
  cargo xtask produce --input events.json             your own events into it
  cargo xtask query \"SELECT event_type, count(*) FROM events GROUP BY 1\"
  cargo xtask quarantine                              what was not taken, and why
  cargo xtask local down                              and away with it
  cargo xtask synth --env prod --out target/synth     the templates, as YAML and JSON
  cargo xtask deploy --env dev                        to AWS, with your own credentials

Each command has its own --help; --env is local unless you say otherwise.";

/// The front door of Headend: build, run, test and deploy the lake.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", styles = STYLES, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a local cloud, deploy the lake to it, send events, query them, stop the cloud
    Demo(demo::Args),
    /// A local cloud that stays: up, down, status, logs
    #[command(subcommand)]
    Local(local::Command),
    /// Write the CloudFormation templates of an environment
    #[command(disable_help_flag = true)]
    Synth(Forwarded),
    /// Check the templates of an environment: schema, references, IAM, good practice
    #[command(disable_help_flag = true)]
    Check(Forwarded),
    /// Say what an environment costs in a month, and how that comes about
    #[command(disable_help_flag = true)]
    Price(Forwarded),
    /// Show what deploying would change, against what is deployed or a git revision
    #[command(disable_help_flag = true)]
    Diff(Forwarded),
    /// Build, package and deploy an environment through a change set
    #[command(disable_help_flag = true)]
    Deploy(Forwarded),
    /// Deploy again each time a handler's source is saved
    Watch(watch::Args),
    /// Remove a deployed environment
    #[command(disable_help_flag = true)]
    Destroy(Forwarded),
    /// Print the outputs of a deployed environment
    #[command(disable_help_flag = true)]
    Outputs(Forwarded),
    /// Find out what was changed by hand since the last deployment
    #[command(disable_help_flag = true)]
    Drift(Forwarded),
    /// Make the bucket that deployments upload to; deploy does it, too
    #[command(disable_help_flag = true)]
    Bootstrap(Forwarded),
    /// Zip the Lambda functions into target/lambda/
    Package(package::Args),
    /// Send events, generated or from a file, to the stream
    #[command(disable_help_flag = true)]
    Produce(Forwarded),
    /// Ask Athena, in SQL or by the name of a query
    #[command(disable_help_flag = true)]
    Query(Forwarded),
    /// List the events that were not taken, with the reason of each
    #[command(disable_help_flag = true)]
    Quarantine(Forwarded),
    /// Send again what was not taken, or was given up, where the cause is gone
    #[command(disable_help_flag = true)]
    Redrive(Forwarded),
    /// Fill the table from the stream's past, or from files
    #[command(disable_help_flag = true)]
    Backfill(Forwarded),
    /// Run a function once and print its answer
    #[command(disable_help_flag = true)]
    Invoke(Forwarded),
    /// Print what a function has logged
    #[command(disable_help_flag = true)]
    Logs(Forwarded),
    /// The TV guide as its users have it: user, call, now, notifications
    #[command(disable_help_flag = true)]
    Guide(Forwarded),
    /// Measure what `check` finds of what cfn-lint and checkov find, on broken templates
    BenchCheck(bench_check::Args),
    /// Measure how soon the lake's functions start, with how much memory, from how large a zip
    BenchStart(bench_start::Args),
    /// Kill the direct writer or the compaction again and again, and count what is left
    #[command(disable_help_flag = true)]
    CrashLake(Forwarded),
    /// Run the tests: unit, it (those that need the local cloud), or all
    Test(test::Args),
    /// Generate the resource types and the API calls from the tables of AWS
    Codegen {
        /// Change nothing; fail where the committed files differ
        #[arg(long)]
        check: bool,
    },
    /// Write the committed templates of every environment again
    Golden {
        /// Change nothing; show what differs, and fail where something does
        #[arg(long)]
        check: bool,
    },
    /// Check what the compiler does not: layers, sizes, names, habits
    Tidy,
    /// Run every check of the continuous integration
    Ci(ci::Args),
}

/// Arguments that another program parses.
#[derive(Debug, clap::Args)]
struct Forwarded {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    arguments: Vec<OsString>,
}

/// The exit code of a command that Ctrl-C ended, as shells have it.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<child::Interrupted>() => {
            eprintln!("interrupted");
            ExitCode::from(INTERRUPTED)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    child::watch_signals()?;
    let workspace = workspace()?;
    let forward = |verb, forwarded: Forwarded| forward::run(&workspace, &ambient(), verb, forwarded.arguments);
    match command {
        Command::Demo(args) => demo::run(&workspace, &args),
        Command::Local(command) => local::run(&workspace, command),
        Command::Synth(rest) => forward(Verb::Synth, rest),
        Command::Check(rest) => forward(Verb::Check, rest),
        Command::Price(rest) => forward(Verb::Price, rest),
        Command::Diff(rest) => forward(Verb::Diff, rest),
        Command::Deploy(rest) => forward(Verb::Deploy, rest),
        Command::Watch(args) => watch::run(&workspace, &args),
        Command::Destroy(rest) => forward(Verb::Destroy, rest),
        Command::Outputs(rest) => forward(Verb::Outputs, rest),
        Command::Drift(rest) => forward(Verb::Drift, rest),
        Command::Bootstrap(rest) => forward(Verb::Bootstrap, rest),
        Command::Package(args) => package::run(&workspace, &args),
        Command::Produce(rest) => forward(Verb::Produce, rest),
        Command::Query(rest) => forward(Verb::Query, rest),
        Command::Quarantine(rest) => forward(Verb::Quarantine, rest),
        Command::Redrive(rest) => forward(Verb::Redrive, rest),
        Command::Backfill(rest) => forward(Verb::Backfill, rest),
        Command::Invoke(rest) => forward(Verb::Invoke, rest),
        Command::Logs(rest) => forward(Verb::Logs, rest),
        Command::Guide(rest) => forward(Verb::Guide, rest),
        Command::BenchCheck(args) => bench_check::run(&workspace, &args),
        Command::BenchStart(args) => bench_start::run(&workspace, &args),
        Command::CrashLake(rest) => crash_lake::run(&workspace, rest.arguments),
        Command::Test(args) => test::run(&workspace, &args),
        Command::Codegen { check } => codegen::run(workspace.root(), &tools::tables(&workspace)?, check),
        Command::Golden { check } => golden::run(&workspace, check),
        Command::Tidy => tidy::run(&workspace),
        Command::Ci(args) => ci::run(&workspace, &args),
    }
}

/// The checkout that we were built from: cargo says where when it runs us, and where we were
/// built holds for whoever starts the program itself.
fn workspace() -> Result<Workspace> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let manifest = PathBuf::from(manifest);
    let root = manifest.parent().context("the checkout has no folder")?.to_owned();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Ok(Workspace::new(root, cargo.into()))
}

/// What the caller's environment says about a cloud.
fn ambient() -> Ambient {
    let has = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    Ambient {
        endpoint: std::env::var("AWS_ENDPOINT_URL")
            .ok()
            .filter(|endpoint| !endpoint.is_empty()),
        has_credentials: has("AWS_ACCESS_KEY_ID") || has("AWS_PROFILE"),
        has_region: has("AWS_REGION") || has("AWS_DEFAULT_REGION"),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Command};

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn arguments_of_other_programs_arrive_untouched() {
        let line = ["xtask", "query", "--format", "json", "--env=dev", "SELECT 1", "--help"];
        let Command::Query(forwarded) = Cli::parse_from(line).command else {
            panic!("query is not query");
        };
        assert_eq!(
            forwarded.arguments,
            ["--format", "json", "--env=dev", "SELECT 1", "--help"]
        );
    }
}
