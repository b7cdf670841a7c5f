//! `tidy`: what the compiler and clippy do not check.
//!
//! Each rule is a function from text to findings, so that its tests need no files.

mod calls;
mod layers;
mod manifest;
mod source;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{cargo, child};

/// One place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    what: String,
    cure: &'static str,
}

impl Finding {
    /// A finding at a line, counted from 1.
    fn new(path: &str, line: usize, what: impl Into<String>, cure: &'static str) -> Finding {
        Finding {
            path: path.to_owned(),
            line,
            what: what.into(),
            cure,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {} – {}", self.path, self.line, self.what, self.cure)
    }
}

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut findings = BTreeSet::new();
    let metadata = cargo::metadata(workspace)?;
    let packages = layers::packages(&metadata);
    findings.extend(layers::check(&packages));
    let mut sources = BTreeMap::new();
    for path in files(workspace.root())? {
        let Some(text) = read(&workspace.root().join(&path))? else {
            continue;
        };
        findings.extend(text::check(&path, &text));
        if path.ends_with(".rs") || path.ends_with(".py") {
            findings.extend(source::check(&path, &text));
        }
        if path.ends_with("Cargo.toml") {
            findings.extend(manifest::check(&path, &text));
        }
        if path.starts_with("infra/stacks/") && path.ends_with(".rs") {
            findings.extend(layers::contracts_only(&path, &text, &packages));
        }
        if path.ends_with(".rs") {
            sources.insert(path, text);
        }
    }
    findings.extend(calls::check(&packages, &sources));
    if findings.is_empty() {
        return Ok(());
    }
    for finding in &findings {
        println!("{finding}");
    }
    bail!("{} of these must be mended", findings.len())
}

/// The files that are, or would be, committed.
fn files(root: &Path) -> Result<Vec<String>> {
    let mut command = Command::new("git");
    command
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = child::output(&mut command).context("tidy asks git which files are ours")?;
    Ok(list.split_terminator('\0').map(str::to_owned).collect())
}

/// The text of a file; none for one that is deleted but not yet committed, or is not text.
fn read(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8(bytes).ok()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::{Finding, calls, files, layers, read};
    use crate::{cargo, workspace::Workspace};

    #[test]
    fn a_finding_can_be_clicked_and_says_what_to_do() {
        let finding = Finding::new("infra/core/src/value.rs", 7, "too long", "split it");
        assert_eq!(finding.to_string(), "infra/core/src/value.rs:7: too long – split it");
    }

    /// The rule about calls on this checkout, so that plain `cargo test` guards the roles, too.
    #[test]
    fn every_function_calls_what_it_declares_and_nothing_else() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let workspace = Workspace::new(root.to_owned(), env!("CARGO").into());
        let packages = layers::packages(&cargo::metadata(&workspace).unwrap());
        let paths = files(root).unwrap().into_iter().filter(|path| path.ends_with(".rs"));
        let sources = paths.filter_map(|path| {
            let text = read(&root.join(&path)).unwrap()?;
            Some((path, text))
        });
        let sources: BTreeMap<String, String> = sources.collect();
        assert_eq!(calls::check(&packages, &sources), []);
    }
}
