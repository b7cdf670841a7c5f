//! Operator commands of the TV guide, and those that every function has.
//!
//! - `invoke` and `logs` work on any function of an environment, by the name of its program. They
//!   stand here because nothing else calls AWS without an SDK.
//! - `guide` is what an operator, or the demo, does as a user of the guide: `user` signs up, `call`
//!   asks the API, `now` and `programmes` look what is on, `notifications` hears of changes;
//!   `quarantine` says what could not be used.
//!
//! The commands know names from the stack's outputs and the cloud from the standard `AWS_*`
//! variables, so the same code serves AWS and the local cloud.
//! Results go to standard output, everything else to standard error.
//!
//! Reading order: `outputs`, `aws` (calls signed by hand), then the commands, each a module of
//! its name.

#![cfg_attr(
    not(test),
    warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod aws;
mod guide;
mod invoke;
mod logs;
mod outputs;
mod signal;
mod table;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Operator commands of the TV guide, and those that every function has.
#[derive(Debug, Parser)]
// People call it through the front door, so that is what usage shows.
#[command(name = "tv-guide-cli", bin_name = "cargo xtask", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    outputs: outputs::Args,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes:
  0    done
  1    failed; the reason is on standard error
  2    wrong usage
  130  interrupted with Ctrl-C";

#[derive(Debug, Subcommand)]
enum Command {
    Invoke(invoke::Args),
    Logs(logs::Args),
    /// The TV guide as its users have it
    #[command(subcommand)]
    Guide(guide::Command),
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It has done what it was asked to.
    Done,
    /// Ctrl-C, or a request to terminate, ended it.
    Interrupted,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure(&anyhow::Error::new(error)),
    };
    match runtime.block_on(run(cli)) {
        Ok(End::Done) => ExitCode::SUCCESS,
        Ok(End::Interrupted) => ExitCode::from(130),
        Err(error) => failure(&error),
    }
}

async fn run(cli: Cli) -> Result<End> {
    let outputs = cli.outputs.load()?;
    match cli.command {
        Command::Invoke(args) => invoke::run(&args, &outputs).await,
        Command::Logs(args) => logs::run(&args, &outputs).await,
        Command::Guide(command) => guide::run(&command, &outputs).await,
    }
}

/// Prints the error with its causes as one line; a reader of standard output that has had enough
/// is no error.
fn failure(error: &anyhow::Error) -> ExitCode {
    let broken_pipe = |cause: &std::io::Error| cause.kind() == std::io::ErrorKind::BrokenPipe;
    if error.root_cause().downcast_ref().is_some_and(broken_pipe) {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
