//! The checks on synthesised templates: the same bytes everywhere, and two outside oracles.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo;
use crate::child;
use crate::tools;
use crate::workspace::Workspace;

/// Where the environments are deployed; cfn-lint checks what that region has.
const REGION: &str = "eu-west-2";

/// Synthesises every environment twice, in two directories, and compares the bytes.
pub(super) fn synth(workspace: &Workspace) -> Result<()> {
    let program = cargo::build(workspace)?.program("infra-synth")?.to_owned();
    let folders = ["synth", "synth-again"].map(|name| workspace.scratch(name));
    for folder in &folders {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        fs::create_dir_all(folder).with_context(|| format!("cannot write {}", folder.display()))?;
    }
    for environment in environments(workspace)? {
        for folder in &folders {
            let mut command = Command::new(&program);
            // The folder that it runs in is part of what must not matter.
            command
                .current_dir(folder)
                .args(["--env", &environment, "--out", &environment]);
            command.arg("--environments").arg(workspace.root().join("environments"));
            child::run(&mut command)?;
        }
        let [first, second] = folders.each_ref().map(|folder| contents(&folder.join(&environment)));
        let differing = differing(&first?, &second?);
        if !differing.is_empty() {
            bail!(
                "synth --env {environment} gives different bytes: {}",
                differing.join(", ")
            );
        }
    }
    Ok(())
}

/// The environments, by their files.
pub(crate) fn environments(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.root().join("environments");
    let files = contents(&folder)?.into_keys();
    let names: Vec<_> = files
        .filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned()))
        .collect();
    if names.is_empty() {
        bail!("{} has no environments", folder.display());
    }
    Ok(names)
}

/// The files of a folder by name.
pub(crate) fn contents(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry
            .with_context(|| format!("cannot read {}", folder.display()))?
            .path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(
            name,
            fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?,
        );
    }
    Ok(files)
}

/// The names of files that only one side has, or that the two have with different bytes.
fn differing(first: &BTreeMap<String, Vec<u8>>, second: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut names: Vec<_> = first.keys().chain(second.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| first.get(*name) != second.get(*name))
        .cloned()
        .collect()
}

/// The templates that `synth` left, of the kind with this ending.
fn templates(workspace: &Workspace, ending: &str) -> Result<Vec<PathBuf>> {
    let folder = workspace.scratch("synth");
    let mut templates = Vec::new();
    for environment in environments(workspace)? {
        let folder = folder.join(environment);
        let names = contents(&folder)?.into_keys();
        // `assets.json` is the list of what to upload, no template.
        templates.extend(
            names
                .filter(|name| name.ends_with(ending) && name != "assets.json")
                .map(|name| folder.join(name)),
        );
    }
    Ok(templates)
}

/// cfn-lint must print nothing, neither on what people read nor on what is sent.
pub(super) fn cfn_lint(workspace: &Workspace) -> Result<()> {
    let venv = tools::LINT.ensure(workspace)?;
    synth(workspace)?;
    for ending in [".yaml", ".json"] {
        let mut command = Command::new(tools::python(&venv));
        command
            .arg(venv.join("bin/cfn-lint"))
            .args(["--regions", REGION, "--include-checks", "I", "W", "E"]);
        command.arg("--template").args(templates(workspace, ending)?);
        let (status, said) = child::silent(&mut command)?;
        if !status.success() || !said.trim().is_empty() {
            eprintln!("{said}");
            bail!("cfn-lint has something to say about the {ending} templates");
        }
    }
    Ok(())
}

/// checkov must have no failed check; what is waived is so with a reason, in the template.
pub(super) fn checkov(workspace: &Workspace) -> Result<()> {
    let venv = tools::CHECKOV.ensure(workspace)?;
    synth(workspace)?;
    let mut command = Command::new(tools::python(&venv));
    command.args(["-m", "checkov.main", "--framework", "cloudformation"]);
    command.args(["--compact", "--quiet", "--skip-download"]);
    // checkov looks for secrets in the path that it puts beside each value, too: 40 letters and
    // slashes in a row are a secret key to it, and a checkout may well be that deep.
    command.current_dir(workspace.root());
    let templates = templates(workspace, ".json")?;
    let relative = templates
        .iter()
        .map(|path| path.strip_prefix(workspace.root()).unwrap_or(path));
    command.arg("--file").args(relative);
    let (status, said) = child::silent(&mut command)?;
    if !status.success() || said.contains("FAILED") {
        eprintln!("{said}");
        bail!("checkov has failed checks");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::differing;

    fn files(pairs: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        pairs
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn equal_folders_do_not_differ() {
        let one = files(&[("a.yaml", "x"), ("a.json", "y")]);
        assert!(differing(&one, &one).is_empty());
    }

    #[test]
    fn changed_and_missing_files_are_named_once() {
        let one = files(&[("a", "x"), ("b", "x"), ("c", "x")]);
        let two = files(&[("a", "x"), ("b", "y"), ("d", "x")]);
        assert_eq!(differing(&one, &two), ["b", "c", "d"]);
    }
}
