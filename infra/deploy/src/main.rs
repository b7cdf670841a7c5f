//! `infra-deploy`: see [`infra_deploy`] for the engine and `--help` for the use.

mod cli;
mod target;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Parser as _;
use infra_deploy::console::{Console as _, Interrupted};
use infra_deploy::error::Error;
use infra_deploy::{deploy, destroy, drift, fleet, outputs, parameter};
use infra_diff::report;
use infra_diff::text::Ink;

use cli::{Apps, Arguments, Command};
use target::Target;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(run(&arguments.command));
    // A question that nobody has answered must not hold up the end.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Interrupted>() => {
            // The terminal has left its ^C on the line.
            eprintln!("\n{error}");
            ExitCode::from(130)
        }
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

/// The error, then what caused it, the root cause last.
fn report(error: &anyhow::Error) {
    eprintln!("error: {error}");
    let mut cause = error.chain().peekable();
    while let Some(link) = cause.next() {
        // Between our sentence and the operating system's, a lost connection has four more layers.
        if let Some(Error::Unreachable { .. }) = link.downcast_ref()
            && let Some(deepest) = cause.by_ref().last()
        {
            eprintln!("  caused by: {deepest}");
        } else if let Some(next) = cause.peek() {
            eprintln!("  caused by: {next}");
        }
    }
}

async fn run(command: &Command) -> Result<()> {
    match command {
        Command::Diff(arguments) => {
            let diffs = target::diffs(arguments).await?;
            let ink = Ink::choose(io::stdout().is_terminal(), std::env::var_os("NO_COLOR").as_deref());
            write(report::write(&diffs, arguments.format, ink).trim_end())?;
            let differs = diffs.iter().any(|diff| !diff.is_empty());
            anyhow::ensure!(!(arguments.exit_code && differs), "there is a difference");
            Ok(())
        }
        Command::Deploy(arguments) => {
            let parameters = parameter::values(&arguments.parameters, |name| std::env::var(name).ok())?;
            let target = Target::open(&arguments.place, &arguments.apps, parameters).await?;
            if arguments.continue_rollback {
                for stack in &target.stacks {
                    target.engine.recover(&stack.name, &arguments.skip).await?;
                }
                return Ok(());
            }
            let options = deploy::Options {
                yes: arguments.yes,
                allow_replace: arguments.allow_replace.clone(),
                over_budget: target.over_budget(arguments.over_budget),
                mode: target.mode(arguments)?,
            };
            target.ensure_bucket(arguments).await?;
            // Questions are asked one at a time.
            let limit = if arguments.yes { fleet::AT_ONCE } else { 1 };
            let deployed = target
                .engine
                .each(&target.stacks, limit, async |engine, stack| {
                    target.deploy(engine, stack, arguments, &options).await
                })
                .await?;
            print(&outputs::merge(deployed)?, arguments.json)
        }
        Command::Destroy(arguments) => {
            let target = Target::open(&arguments.place, &arguments.apps, Vec::new()).await?;
            let options = destroy::Options {
                yes: arguments.yes,
                empty_buckets: arguments.empty_buckets,
                delete_retained: arguments.delete_retained,
                release_protection: arguments.release_protection,
            };
            for stack in target.stacks.iter().rev() {
                target.engine.destroy(&stack.name, &options).await?;
            }
            Ok(())
        }
        Command::Outputs(arguments) => {
            let outputs = Target::open(&arguments.place, &arguments.apps, Vec::new())
                .await?
                .outputs()
                .await?;
            match &arguments.name {
                Some(name) => write(outputs::one(&outputs, name)?),
                None => print(&outputs, arguments.json),
            }
        }
        Command::Drift(arguments) => {
            let target = Target::open(&arguments.place, &arguments.apps, Vec::new()).await?;
            let mut reports = Vec::new();
            for stack in &target.stacks {
                reports.push(target.engine.drift(&stack.name).await?);
            }
            if arguments.json {
                write(&serde_json::to_string(&reports).context("cannot write the report as JSON")?)?;
            } else {
                let width = target.engine.console.width();
                let lines = reports.iter().flat_map(|report| drift::describe(report, width));
                write(&lines.collect::<Vec<_>>().join("\n"))?;
            }
            let drifted = reports.iter().filter(|report| !report.drifted.is_empty());
            match drifted.count() {
                0 => Ok(()),
                _ if !arguments.exit_code => Ok(()),
                _ => bail!("resources have drifted; put them back with `deploy --revert-drift`"),
            }
        }
        Command::Bootstrap(place) => {
            Target::open(place, &Apps::default(), Vec::new())
                .await?
                .bootstrap(place)
                .await
        }
    }
}

fn print(outputs: &BTreeMap<String, String>, as_json: bool) -> Result<()> {
    if as_json {
        write(&outputs::json(outputs)?)
    } else {
        write(&outputs::table(outputs).join("\n"))
    }
}

fn write(text: &str) -> Result<()> {
    match writeln!(io::stdout(), "{text}") {
        // A reader that has seen enough is no fault.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}
