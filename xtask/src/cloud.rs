//! A local cloud that belongs to this process: the demo's, or the tests'.
//!
//! The launcher holds the other end of a pipe and stops when that ends, so that not even
//! `kill -9` of xtask leaves a cloud behind. Dropping a `Cloud` stops it and waits for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, test_kill_process};

use crate::child::{self, Running};
use crate::launcher::{self, Address};
use crate::local;
use crate::workspace::Workspace;

/// A running local cloud of our own.
pub(crate) struct Cloud {
    launcher: Option<Running>,
    address: Address,
    state: PathBuf,
    kept: bool,
    finished: bool,
}

impl Cloud {
    /// Starts a cloud called `<purpose>-<our process id>` on a free port.
    pub(crate) fn start(workspace: &Workspace, venv: &Path, purpose: &str) -> Result<Cloud> {
        sweep(&workspace.clouds(), purpose)?;
        let name = format!("{purpose}-{}", std::process::id());
        let state = local::state(workspace, &name)?;
        let mut command = launcher::command(workspace, venv, &state, &[], "stdin")?;
        command.stdout(Stdio::null()).stderr(launcher::complaints(&state)?);
        let mut launcher = child::start_owned(&mut command, launcher::STOP)?;
        let address = match launcher::wait(&state, || launcher.ended()) {
            Ok(address) => address,
            Err(error) => {
                drop(launcher);
                if error.is::<child::Interrupted>() {
                    // Its log is of no use to anybody; what stays is swept by the next start.
                    let _ = fs::remove_dir_all(&state);
                }
                return Err(error);
            }
        };
        Ok(Cloud {
            launcher: Some(launcher),
            address,
            state,
            kept: false,
            finished: false,
        })
    }

    /// Starts a cloud that outlives us once it is finished.
    pub(crate) fn keep(workspace: &Workspace, venv: &Path, name: &str) -> Result<Cloud> {
        let state = local::state(workspace, name)?;
        if Address::live(&state)?.is_some() {
            bail!("the local cloud `{name}` runs already; stop it with `cargo xtask local down --name {name}`");
        }
        let (launcher, address) = local::start(workspace, venv, &state, 0)?;
        Ok(Cloud {
            launcher: Some(launcher),
            address,
            state,
            kept: true,
            finished: false,
        })
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// Says that the cloud has served its purpose: it is kept, or its log goes with it.
    pub(crate) fn finish(mut self) {
        self.finished = true;
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let Some(launcher) = self.launcher.take() else {
            return;
        };
        if self.finished && self.kept {
            launcher.release();
            return;
        }
        drop(launcher);
        if self.finished || child::check().is_err() {
            // What cannot be removed now is swept by the next start.
            let _ = fs::remove_dir_all(&self.state);
        } else {
            eprintln!("the local cloud's log is {}", launcher::log(&self.state).display());
        }
    }
}

/// Removes the folders `<purpose>-<process id>` of processes that have gone.
pub(crate) fn sweep(parent: &Path, purpose: &str) -> Result<()> {
    for name in local::names(parent)? {
        if owner(&name, purpose).is_some_and(|pid| test_kill_process(pid).is_err()) {
            let folder = parent.join(name);
            fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
    }
    Ok(())
}

/// The process in a name such as `demo-4711`.
fn owner(name: &str, purpose: &str) -> Option<Pid> {
    let number = name.strip_prefix(purpose)?.strip_prefix('-')?;
    Pid::from_raw(number.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{owner, sweep};

    #[test]
    fn only_names_of_the_purpose_have_an_owner() {
        assert!(owner("demo-12", "demo").is_some());
        assert_eq!(owner("demo-x", "demo"), None);
        assert_eq!(owner("default", "demo"), None);
        assert_eq!(owner("test-12", "demo"), None);
    }

    #[test]
    fn only_what_nobody_owns_is_swept() {
        let clouds = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = format!("demo-{}", child.id());
        child.wait().unwrap();
        let own = format!("demo-{}", std::process::id());
        for name in [gone.as_str(), own.as_str(), "default"] {
            fs::create_dir(clouds.path().join(name)).unwrap();
        }
        sweep(clouds.path(), "demo").unwrap();
        let left = crate::local::names(clouds.path()).unwrap();
        assert_eq!(left, ["default".to_owned(), own]);
    }
}
