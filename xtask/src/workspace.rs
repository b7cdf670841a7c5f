//! Where things are: the checkout, and what xtask keeps under its `target/`.

use std::path::{Path, PathBuf};

/// The checkout that the commands work on, and the cargo that builds it.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    cargo: PathBuf,
}

impl Workspace {
    /// The workspace at `root`, built by the program `cargo`.
    pub(crate) fn new(root: PathBuf, cargo: PathBuf) -> Workspace {
        Workspace { root, cargo }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn cargo(&self) -> &Path {
        &self.cargo
    }

    /// The folder of a Python environment, `venv`, `lint`, …: see `tools`.
    ///
    /// This and the two below stay under the checkout even where `CARGO_TARGET_DIR` moves the
    /// builds, because the launcher and the tests look for them there.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.target().join("tools").join(name)
    }

    /// The state of every local cloud, one folder each.
    pub(crate) fn clouds(&self) -> PathBuf {
        self.target().join("local")
    }

    /// The zips of the Lambda functions.
    pub(crate) fn zips(&self) -> PathBuf {
        self.target().join("lambda")
    }

    /// The folder `name` for what a command writes and nobody else reads.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.target().join("xtask").join(name)
    }

    fn target(&self) -> PathBuf {
        self.root.join("target")
    }
}
