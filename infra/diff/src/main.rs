//! `infra-diff`: what one template file changes about another.

use std::fs;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;
use infra_diff::report::{self, Format};
use infra_diff::text::Ink;
use infra_diff::{Diff, Move, Template};

/// Say what one CloudFormation template changes about another, worst first.
///
/// Reads JSON and YAML with short forms; talks to nobody.
#[derive(Debug, Parser)]
#[command(name = "infra-diff", after_help = EXIT_CODES)]
struct Arguments {
    /// The template that stands
    before: PathBuf,
    /// The template that is to stand
    after: PathBuf,
    /// What the stack is called; the second file's name unless said otherwise
    #[arg(long)]
    stack: Option<String>,
    /// How to write the difference
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// A resource that keeps its physical self under another logical id
    #[arg(long, value_name = "OLD=NEW", value_parser = a_move)]
    moved: Vec<Move>,
    /// Exit with 1 when there is a difference
    #[arg(long)]
    exit_code: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  compared
  1  there is a difference, with --exit-code
  2  wrong usage, or a file is no template";

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (before, after) = (read(&arguments.before)?, read(&arguments.after)?);
    let stack = match &arguments.stack {
        Some(name) => name.into(),
        None => arguments.after.file_stem().unwrap_or_default().to_string_lossy(),
    };
    let diff = Diff::between(&stack, &before, &after, &arguments.moved);
    let differs = !diff.is_empty();
    let ink = Ink::choose(io::stdout().is_terminal(), std::env::var_os("NO_COLOR").as_deref());
    let text = report::write(&[diff], arguments.format, ink);
    match io::stdout().write_all(text.as_bytes()) {
        // A pager that was left early wants no more, which is no fault.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write to standard output"),
        _ if differs && arguments.exit_code => Ok(ExitCode::FAILURE),
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn read(path: &Path) -> Result<Template> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Template::parse(&text).with_context(|| format!("{} cannot be compared", path.display()))
}

fn a_move(text: &str) -> Result<Move, String> {
    match text.split_once('=') {
        Some((from, to)) if !from.is_empty() && !to.is_empty() => Ok(Move {
            from: from.to_owned(),
            to: to.to_owned(),
        }),
        _ => Err("a move is written OLD=NEW".to_owned()),
    }
}
