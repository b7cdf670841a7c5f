//! Checks templates in files; for templates that Rust makes, `infra-synth` runs the same checks.

use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use infra_check::{Document, Finding, Setting, Severity, finding, judge};
use infra_core::Date;

/// Check CloudFormation templates without AWS, in milliseconds.
///
/// Exits with 1 where there is an error or a warning.
#[derive(Parser)]
#[command(
    name = "infra-check",
    after_help = "Examples:\n  infra-check template.yaml\n  infra-check --format json *.json\n  infra-check --list > docs/checks.md"
)]
struct Arguments {
    /// Templates, in JSON or in YAML
    #[arg(required_unless_present = "list", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to tell what was found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print the rules instead, as Markdown
    #[arg(long)]
    list: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line per finding
    Text,
    /// A list of objects
    Json,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nothing is wrong.
fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    if arguments.list {
        return print(&infra_check::list::markdown()).map(|()| true);
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let setting = Setting {
        today: Date::of_unix(now.context("the clock stands before 1970")?.as_secs()),
        environment: None,
    };
    let mut findings: Vec<(String, Finding)> = Vec::new();
    for path in &arguments.files {
        let name = path.display().to_string();
        let document = Document::read(path).with_context(|| format!("{name} is no template"))?;
        let open = judge(&document, &setting).open;
        findings.extend(open.into_iter().map(|finding| (name.clone(), finding)));
    }
    let text = match arguments.format {
        Format::Json => finding::to_json(findings.iter().map(|(name, finding)| (name.as_str(), finding))) + "\n",
        Format::Text => findings
            .iter()
            .map(|(name, finding)| format!("{name}: {finding}\n"))
            .collect(),
    };
    print(&text)?;
    Ok(findings.iter().all(|(_, finding)| finding.severity() == Severity::Note))
}

fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        // A pager that was left early wants no more, which is no fault.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}
