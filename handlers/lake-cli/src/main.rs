//! Operator commands of the event lake: `produce` puts events on the stream, `query` asks
//! Athena about them, `quarantine` says why some of them are not in the table, `redrive` sends
//! those again, `backfill` fills the table from the stream's past or from files.
//!
//! The commands know names from the stack's outputs and the cloud from the standard `AWS_*`
//! variables, so the same code serves AWS and the local cloud.
//! Results go to standard output, everything else to standard error.
//!
//! Reading order: `outputs`, `client`, then the commands, each a module of this name with
//! its parts in the folder of this name; `repair` is what the last two have in common.

#![cfg_attr(
    not(test),
    warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod backfill;
mod client;
mod csv;
mod destination;
mod exit;
mod json;
mod outputs;
mod produce;
mod quantity;
mod quarantine;
mod query;
mod redrive;
mod repair;
mod table;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Operator commands of the event lake.
#[derive(Parser)]
// People call it through the front door, so that is what usage shows.
#[command(name = "lake-cli", bin_name = "cargo xtask", version, max_term_width = 100, after_help = exit::HELP)]
struct Cli {
    #[command(flatten)]
    outputs: outputs::Args,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Produce(produce::Args),
    Query(query::Args),
    Quarantine(quarantine::Args),
    Redrive(redrive::Args),
    Backfill(backfill::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One thread is enough: requests wait on the network, and the source reads on its own thread.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::failure(&anyhow::Error::new(error)),
    };
    let outcome = runtime.block_on(async {
        let outputs = cli.outputs.load()?;
        match cli.command {
            Command::Produce(args) => produce::run(args, &outputs).await,
            Command::Query(args) => query::run(args, &outputs).await,
            Command::Quarantine(args) => quarantine::run(args, &outputs).await,
            Command::Redrive(args) => redrive::run(args, &outputs).await,
            Command::Backfill(args) => backfill::run(args, &outputs).await,
        }
    });
    outcome.unwrap_or_else(|error| exit::failure(&error))
}
