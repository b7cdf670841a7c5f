//! Measures what `infra-check` finds of what cfn-lint and checkov find, on templates with faults.
//!
//! Every committed golden is broken in thousands of ways; the faults of one template lie in
//! different entries, so that each finding of an oracle has one fault to answer for. A fault is
//! counted where the oracle finds something; recall is the part of those that we find, too.
//!
//! Needs the pinned oracles; `cargo xtask bench-check` installs them and starts this.

mod mutant;
mod oracle;
mod report;
mod security;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use clap::Parser;
use infra_check::tree::Tree;
use infra_check::{Document, Finding};
use infra_core::Date;

use mutant::Mutant;
use oracle::{Found, Oracle};

/// Break the committed templates, and compare what infra-check, cfn-lint and checkov find.
#[derive(Parser)]
struct Arguments {
    /// The Python interpreter that has cfn-lint
    #[arg(long, value_name = "FILE")]
    lint: PathBuf,
    /// The Python interpreter that has checkov
    #[arg(long, value_name = "FILE")]
    checkov: PathBuf,
    /// A folder for the broken templates
    #[arg(long, value_name = "DIR")]
    scratch: PathBuf,
    /// The environments whose goldens are broken
    #[arg(long, value_delimiter = ',', default_value = "prod")]
    environments: Vec<String>,
    /// At most so many faults per entry of a template
    #[arg(long, default_value_t = 150)]
    most: usize,
    /// Where the table goes; standard output without it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    fs::create_dir_all(&arguments.scratch).context("cannot make the scratch folder")?;
    let lint = Oracle::cfn_lint(&arguments.lint);
    let checkov = Oracle::checkov(&arguments.checkov);
    let (mut schema, mut policy) = (Comparison::default(), Comparison::default());
    for environment in &arguments.environments {
        let golden = golden(environment)?;
        let faults = mutant::all(&golden, arguments.most);
        compare(
            &golden,
            faults,
            &lint,
            &arguments.scratch.join(environment),
            &mut schema,
        )?;
        let faults = security::all(&golden);
        let folder = arguments.scratch.join(format!("{environment}-policy"));
        compare(&golden, faults, &checkov, &folder, &mut policy)?;
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let text = report::markdown(
        Date::of_unix(now.as_secs()),
        &arguments.environments,
        &[(lint.version()?, &schema), (checkov.version()?, &policy)],
    );
    match &arguments.out {
        Some(path) => fs::write(path, text).with_context(|| format!("cannot write {}", path.display())),
        None => {
            print!("{text}");
            Ok(())
        }
    }
}

/// The committed template of an environment.
fn golden(environment: &str) -> Result<Tree> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stacks/golden");
    let path = folder.join(format!("headend-{environment}-lake.yaml"));
    Ok(Document::read(&path)?.root().clone())
}

/// The faults that an oracle was asked about, and what it took.
#[derive(Default)]
struct Comparison {
    outcomes: Vec<(Mutant, Found)>,
    templates: usize,
    theirs: Duration,
    ours: Duration,
}

/// Writes the faults into templates, one per entry and template, and asks both sides.
fn compare(golden: &Tree, faults: Vec<Mutant>, oracle: &Oracle, folder: &Path, into: &mut Comparison) -> Result<()> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    let batches = mutant::batches(faults);
    let mut files = Vec::new();
    for (at, batch) in batches.iter().enumerate() {
        let mut tree = golden.clone();
        batch.iter().for_each(|mutant| mutant.apply(&mut tree));
        let path = folder.join(format!("{at:04}.json"));
        fs::write(&path, mutant::json(&tree))?;
        files.push(path);
    }
    let start = Instant::now();
    let theirs = oracle.ask(&files)?;
    into.theirs += start.elapsed();
    into.templates += files.len();
    // What is found in the golden, and waived there, is no answer to a fault.
    let waived = infra_check::check(&Document::from(golden.clone()));
    for ((batch, path), theirs) in batches.into_iter().zip(&files).zip(theirs) {
        let start = Instant::now();
        let mut findings = infra_check::check(&Document::read(path)?);
        into.ours += start.elapsed();
        findings.retain(|finding| {
            let is_old = |old: &Finding| (old.rule, &old.path) == (finding.rule, &finding.path);
            !waived.iter().any(is_old)
        });
        for mutant in batch {
            let entry = mutant.entry();
            let below = format!("{entry}.");
            let ours = findings
                .iter()
                .filter(|it| it.path == entry || it.path.starts_with(&below));
            let theirs = theirs.iter().filter(|(place, _)| *place == entry);
            let found = Found {
                ours: ours.count(),
                theirs: theirs.map(|(_, rule)| rule.clone()).collect(),
            };
            into.outcomes.push((mutant, found));
        }
    }
    Ok(())
}
