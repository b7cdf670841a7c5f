//! Measures what `infra-check` finds of what cfn-lint and checkov find, on templates with faults.
//!
//! Every committed golden is broken in thousands of ways; the faults of one template lie in
//! different entries, so that each finding of an oracle has one fault to answer for. A fault is
//! counted where the oracle finds something; recall is the part of those that we find, too.
//!
//! Needs the pinned oracles, so `cargo xtask bench-check` starts it.

mod mutant;
mod oracle;
mod report;
mod security;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use infra_check::Document;
use infra_check::tree::Tree;

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
    /// Print each fault that an oracle finds and we do not
    #[arg(long)]
    missed: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    fs::create_dir_all(&arguments.scratch).context("cannot make the scratch folder")?;
    let lint = Oracle::cfn_lint(&arguments.lint);
    let checkov = Oracle::checkov(&arguments.checkov);
    let (mut schema, mut policy) = (Vec::new(), Vec::new());
    for environment in &arguments.environments {
        let golden = golden(environment)?;
        let faults = mutant::all(&golden, arguments.most);
        schema.extend(compare(&golden, faults, &lint, &arguments.scratch.join(environment))?);
        let faults = security::all(&golden);
        policy.extend(compare(
            &golden,
            faults,
            &checkov,
            &arguments.scratch.join(format!("{environment}-policy")),
        )?);
    }
    if arguments.missed {
        for (mutant, found) in schema.iter().chain(&policy) {
            if !found.theirs.is_empty() && found.ours.is_empty() {
                eprintln!("missed {}: {} {:?}", mutant.class, mutant.place(), found.theirs);
            }
        }
    }
    let text = report::markdown(&schema, &policy, &[lint.version()?, checkov.version()?]);
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

/// Writes the faults into templates, one per entry and template, and asks both sides.
fn compare(golden: &Tree, faults: Vec<Mutant>, oracle: &Oracle, folder: &Path) -> Result<Vec<(Mutant, Found)>> {
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
    let theirs = oracle.ask(&files)?;
    // What is found in the golden, and waived there, is no answer to a fault.
    let path = folder.join("golden.json");
    fs::write(&path, mutant::json(golden))?;
    let waived = infra_check::check(&Document::read(&path)?);
    let mut outcomes = Vec::new();
    for ((batch, path), theirs) in batches.into_iter().zip(&files).zip(theirs) {
        let mut findings = infra_check::check(&Document::read(path)?);
        findings.retain(|finding| {
            !waived
                .iter()
                .any(|old| (old.rule, &old.path) == (finding.rule, &finding.path))
        });
        for mutant in batch {
            let entry = mutant.entry();
            let ours = findings
                .iter()
                .filter(|finding| finding.path.starts_with(&format!("{entry}.")) || finding.path == entry);
            let found = Found {
                ours: ours.map(|finding| finding.rule.id.to_owned()).collect(),
                theirs: theirs
                    .iter()
                    .filter(|(place, _)| *place == entry)
                    .map(|(_, rule)| rule.clone())
                    .collect(),
            };
            outcomes.push((mutant, found));
        }
    }
    Ok(outcomes)
}
