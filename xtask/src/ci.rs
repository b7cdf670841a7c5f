//! `ci`: every check, each timed, and a table at the end.
//!
//! A failed check does not stop the others: one run tells all that is wrong.

pub(crate) mod templates;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::progress::seconds;
use crate::workspace::Workspace;
use crate::{cargo, child, codegen, golden, test, tidy, tools};

/// Which checks to run; all of them unless told otherwise.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Run only these
    #[arg(long, value_enum, value_delimiter = ',', conflicts_with = "skip")]
    only: Vec<Check>,
    /// Leave these out
    #[arg(long, value_enum, value_delimiter = ',')]
    skip: Vec<Check>,
}

/// A check; in the order in which they run, the quick ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Check {
    /// The sources are formatted
    Fmt,
    /// Layers, sizes, names, habits
    Tidy,
    /// The resource types and API calls are what codegen writes
    Codegen,
    /// The templates of every environment are the same bytes in two directories
    Synth,
    /// The committed templates are what the sources give
    Golden,
    /// cfn-lint has nothing to say about any template
    CfnLint,
    /// checkov has no failed check that is not waived
    Checkov,
    /// No warnings
    Clippy,
    /// The documentation builds without warnings
    Doc,
    /// Every test
    Test,
}

struct Outcome {
    name: String,
    took: Duration,
    failure: Option<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let mut outcomes = Vec::new();
    for check in args.checks() {
        let name = check.name();
        eprintln!("\n== {name}");
        let start = Instant::now();
        let failure = match check.run(workspace) {
            Ok(()) => None,
            Err(error) if error.is::<child::Interrupted>() => return Err(error),
            Err(error) => {
                let text = format!("{error:#}");
                eprintln!("error: {text}");
                Some(text)
            }
        };
        outcomes.push(Outcome {
            name,
            took: start.elapsed(),
            failure,
        });
    }
    println!("\n{}", table(&outcomes));
    let failed: Vec<_> = outcomes
        .iter()
        .filter(|outcome| outcome.failure.is_some())
        .map(|outcome| outcome.name.as_str())
        .collect();
    if !failed.is_empty() {
        bail!(
            "{} of {} checks failed: {}",
            failed.len(),
            outcomes.len(),
            failed.join(", ")
        );
    }
    Ok(())
}

impl Args {
    fn checks(&self) -> Vec<Check> {
        let wanted = |check: &Check| match self.only.is_empty() {
            true => !self.skip.contains(check),
            false => self.only.contains(check),
        };
        Check::value_variants().iter().copied().filter(wanted).collect()
    }
}

impl Check {
    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self, workspace: &Workspace) -> Result<()> {
        let mut cargo = cargo::command(workspace);
        match self {
            Check::Fmt => child::run(cargo.args(["fmt", "--all", "--check"])),
            Check::Tidy => tidy::run(workspace),
            Check::Codegen => codegen::run(workspace.root(), &tools::tables(workspace)?, true),
            Check::Synth => templates::synth(workspace),
            Check::Golden => golden::run(workspace, true),
            Check::CfnLint => templates::cfn_lint(workspace),
            Check::Checkov => templates::checkov(workspace),
            Check::Clippy => child::run(cargo.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
            Check::Doc => child::run(
                cargo
                    .args(["doc", "--workspace", "--no-deps"])
                    .env("RUSTDOCFLAGS", "-Dwarnings"),
            ),
            Check::Test => test::run(workspace, &test::Args::all()),
        }
    }
}

/// One line per check: its name, its time, and what went wrong, cut to one line.
fn table(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for Outcome { name, took, failure } in outcomes {
        let result = match failure {
            None => "ok",
            Some(failure) => failure.lines().next().unwrap_or("failed"),
        };
        text.push_str(&format!("{name:<10} {:>12}  {result}\n", seconds(*took)));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Args, Check, Outcome, table};

    #[test]
    fn all_checks_run_unless_told_otherwise() {
        let args = |only: &[Check], skip: &[Check]| Args {
            only: only.to_vec(),
            skip: skip.to_vec(),
        };
        assert_eq!(args(&[], &[]).checks().len(), 10);
        assert_eq!(args(&[Check::Doc, Check::Fmt], &[]).checks(), [Check::Fmt, Check::Doc]);
        let rest = args(&[], &[Check::Test]).checks();
        assert_eq!((rest.len(), rest.contains(&Check::Test)), (9, false));
    }

    #[test]
    fn the_table_has_a_line_per_check() {
        let outcome = |name: &str, failure: Option<&str>| Outcome {
            name: name.to_owned(),
            took: Duration::from_secs(3),
            failure: failure.map(str::to_owned),
        };
        let text = table(&[outcome("fmt", None), outcome("tidy", Some("2 of these\nsecond line"))]);
        assert_eq!(
            text,
            "fmt               3.0 s  ok\ntidy              3.0 s  2 of these\n"
        );
    }
}
