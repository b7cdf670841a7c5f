//! `golden`: the templates of every environment as they were reviewed, committed as plain files.
//!
//! They are what `diff --against` compares with: a revision is asked for its files, nothing of it
//! is checked out or built. So they must be what the sources give, and `--check` shows where they
//! are not as a difference of templates, not of lines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{self, Built};
use crate::child;
use crate::ci::templates::{contents, environments};
use crate::workspace::Workspace;

/// A file that is no template: what there is before the first one.
const NOTHING: &str = "/dev/null";

/// Where the goldens of a checkout are.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join("infra/stacks/golden")
}

/// Writes the goldens again; with `check`, only says what differs.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let built = cargo::build(workspace)?;
    let (golden, fresh) = (folder(workspace), workspace.scratch("golden"));
    let goldens = match golden.is_dir() {
        true => contents(&golden)?,
        false => BTreeMap::new(),
    };
    let templates = synth(workspace, &built, &fresh)?;
    let names: BTreeSet<&String> = goldens.keys().chain(templates.keys()).collect();
    let changed: Vec<&String> = names
        .into_iter()
        .filter(|name| goldens.get(*name) != templates.get(*name))
        .collect();
    if check {
        return report(&built, &golden, &fresh, &changed);
    }
    fs::create_dir_all(&golden).with_context(|| format!("cannot write {}", golden.display()))?;
    for name in changed {
        let path = golden.join(name);
        match templates.get(name) {
            Some(text) => fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?,
            None => fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?,
        }
        eprintln!("changed {}", path.display());
    }
    Ok(())
}

/// The templates of all environments by file name, written to a folder.
fn synth(workspace: &Workspace, built: &Built, folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    for environment in environments(workspace)? {
        let mut command = Command::new(built.program("infra-synth")?);
        command.args(["--env", &environment, "--out"]).arg(folder);
        command.arg("--environments").arg(workspace.root().join("environments"));
        let (status, said) = child::silent(&mut command)?;
        if !status.success() {
            bail!("infra-synth --env {environment} failed: {}", said.trim());
        }
    }
    let mut templates = contents(folder)?;
    templates.retain(|name, _| name.ends_with(".yaml"));
    Ok(templates)
}

/// Shows what the sources change about the goldens.
fn report(built: &Built, golden: &Path, fresh: &Path, changed: &[&String]) -> Result<()> {
    for name in changed {
        let [before, after] = [golden, fresh].map(|folder| match folder.join(name) {
            path if path.exists() => path,
            _ => NOTHING.into(),
        });
        let mut command = Command::new(built.program("infra-diff")?);
        let stack = name.trim_end_matches(".yaml");
        command.args(["--format", "markdown", "--stack", stack]);
        child::run(command.arg(before).arg(after))?;
    }
    if !changed.is_empty() {
        bail!(
            "{} of the templates in {} are not what the sources give; if the difference above is meant, \
             run `cargo xtask golden` and commit them",
            changed.len(),
            golden.display()
        );
    }
    Ok(())
}
