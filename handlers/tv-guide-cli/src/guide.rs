//! `guide`: the TV guide as its users have it.

mod api;
mod call;
mod notifications;
mod now;
mod password;
mod programmes;
mod quarantine;
mod queue;
mod schedule;
mod user;

use anyhow::Result;
use clap::Subcommand;

use crate::End;
use crate::outputs::Outputs;

/// What can be done with the guide.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The people who may sign in
    #[command(subcommand)]
    User(user::Command),
    Call(call::Args),
    Now(now::Args),
    Programmes(programmes::Args),
    Notifications(notifications::Args),
    Quarantine(quarantine::Args),
}

pub(crate) async fn run(command: &Command, outputs: &Outputs) -> Result<End> {
    match command {
        Command::User(command) => user::run(command, outputs).await,
        Command::Call(args) => call::run(args, outputs).await,
        Command::Now(args) => now::run(args, outputs).await,
        Command::Programmes(args) => programmes::run(args, outputs).await,
        Command::Notifications(args) => notifications::run(args, outputs).await,
        Command::Quarantine(args) => quarantine::run(args, outputs).await,
    }
}
