//! Builds: always the whole workspace, one profile, the same features.
//!
//! Cargo unifies features over the packages that it is asked for, so `-p a` and `-p b` may each
//! build their own copy of a crate that both use. One selection for the demo, for the operator
//! commands and for the tests means that nothing is built twice.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use cargo_metadata::{Artifact, CrateType, Message, MetadataCommand, TargetKind};

use crate::child;
use crate::workspace::Workspace;

/// The end of the name of each package whose programs are Lambda functions.
const LAMBDA: &str = "-lambda";

/// What a build made.
#[derive(Debug, Default)]
pub(crate) struct Built {
    programs: BTreeMap<String, PathBuf>,
    functions: BTreeMap<String, PathBuf>,
}

impl Built {
    /// The program called `name`.
    pub(crate) fn program(&self, name: &str) -> Result<&Path> {
        self.programs
            .get(name)
            .map(PathBuf::as_path)
            .with_context(|| format!("the workspace has no program {name}"))
    }

    /// The Lambda functions by name.
    pub(crate) fn functions(&self) -> &BTreeMap<String, PathBuf> {
        &self.functions
    }
}

/// Builds every program of the workspace.
pub(crate) fn build(workspace: &Workspace) -> Result<Built> {
    let mut command = command(workspace);
    command.args(["build", "--workspace", "--bins"]);
    artifacts(&mut command)
}

/// Runs a building `cargo` command and reads from it what it made; its progress passes through.
pub(crate) fn artifacts(command: &mut Command) -> Result<Built> {
    command.arg("--message-format=json-render-diagnostics");
    let messages = child::output(command)?;
    let mut built = Built::default();
    for message in Message::parse_stream(Cursor::new(messages)) {
        let message = message.context("cannot read what cargo prints")?;
        if let Message::CompilerArtifact(artifact) = message {
            built.add(artifact);
        }
    }
    Ok(built)
}

impl Built {
    fn add(&mut self, artifact: Artifact) {
        let is_program =
            artifact.target.kind.contains(&TargetKind::Bin) && artifact.target.crate_types.contains(&CrateType::Bin);
        let Some(path) = artifact.executable.filter(|_| is_program) else {
            return;
        };
        let path = path.into_std_path_buf();
        let package = artifact.manifest_path.parent().and_then(|dir| dir.file_name());
        let name = artifact.target.name;
        if package.is_some_and(|package| package.ends_with(LAMBDA)) {
            self.functions.insert(name.clone(), path.clone());
        }
        self.programs.insert(name, path);
    }
}

/// The packages whose programs are Lambda functions.
pub(crate) fn function_packages(workspace: &Workspace) -> Result<Vec<String>> {
    let packages = metadata(workspace)?;
    let names = packages.workspace_packages().into_iter();
    Ok(names
        .map(|package| package.name.to_string())
        .filter(|name| name.ends_with(LAMBDA))
        .collect())
}

/// What cargo knows of the workspace, without the crates that others wrote.
pub(crate) fn metadata(workspace: &Workspace) -> Result<cargo_metadata::Metadata> {
    MetadataCommand::new()
        .cargo_path(workspace.cargo())
        .manifest_path(workspace.root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cannot read the workspace's manifests")
}

/// What `cargo run` tells the program that it runs, xtask in our case.
///
/// Build scripts may ask cargo to run them again when these change, and `ring` does: without
/// this, each turn from `cargo build` to `cargo xtask` and back would build all of TLS anew.
const OURS: [&str; 16] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_AUTHORS",
    "CARGO_PKG_DESCRIPTION",
    "CARGO_PKG_HOMEPAGE",
    "CARGO_PKG_LICENSE",
    "CARGO_PKG_LICENSE_FILE",
    "CARGO_PKG_NAME",
    "CARGO_PKG_README",
    "CARGO_PKG_REPOSITORY",
    "CARGO_PKG_RUST_VERSION",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

/// `cargo` in the workspace, whatever folder the user is in.
pub(crate) fn command(workspace: &Workspace) -> Command {
    let mut command = Command::new(workspace.cargo());
    command.current_dir(workspace.root());
    for name in OURS {
        command.env_remove(name);
    }
    command
}

/// Whether cargo has the subcommand `name`, for example `nextest`.
pub(crate) fn has(workspace: &Workspace, name: impl AsRef<OsStr>) -> Result<bool> {
    let (status, _) = child::silent(command(workspace).arg(name).arg("--help"))?;
    Ok(status.success())
}
