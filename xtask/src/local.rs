//! `local up|down|status|logs`: a local cloud that runs until it is told to stop.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::child::Running;
use crate::launcher::{self, Address};
use crate::workspace::Workspace;
use crate::{child, progress, tools};

/// The cloud that commands use when `--name` does not say otherwise.
pub(crate) const DEFAULT: &str = "default";

/// How often `logs -f` looks for new lines.
const FOLLOW: Duration = Duration::from_millis(200);

/// Starts a session of its own, so that closing the terminal does not reach the cloud, and
/// becomes the launcher.
const DETACH: &str = "import os, sys; os.setsid(); \
                      os.execv(sys.executable, [sys.executable, *sys.argv[1:]])";

/// The local cloud.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Start it, and wait until it answers; does nothing where it runs already
    Up {
        /// Which local cloud; several can run at once
        #[arg(long, default_value = DEFAULT)]
        name: String,
        /// The port on 127.0.0.1; 0 takes any free one
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Stop it, and wait until it has stopped; what it held is gone
    Down {
        /// Which local cloud
        #[arg(long, default_value = DEFAULT)]
        name: String,
    },
    /// List the local clouds
    Status {
        /// One JSON array instead of lines
        #[arg(long)]
        json: bool,
    },
    /// Print the log
    Logs {
        /// Which local cloud
        #[arg(long, default_value = DEFAULT)]
        name: String,
        /// Keep printing what is added, until Ctrl-C
        #[arg(short, long)]
        follow: bool,
    },
}

pub(crate) fn run(workspace: &Workspace, command: Command) -> Result<()> {
    match command {
        Command::Up { name, port } => up(workspace, &name, port),
        Command::Down { name } => down(workspace, &name),
        Command::Status { json } => status(workspace, json),
        Command::Logs { name, follow } => logs(&state(workspace, &name)?, follow),
    }
}

/// The state folder of the cloud called `name`.
pub(crate) fn state(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        bail!("`{name}` cannot name a local cloud; use letters, digits, `-` and `_`");
    }
    Ok(workspace.clouds().join(name))
}

/// The running cloud called `name`.
pub(crate) fn find(workspace: &Workspace, name: &str) -> Result<Address> {
    let address = Address::live(&state(workspace, name)?)?;
    address.with_context(|| {
        let flag = flag(name);
        format!("no local cloud is running; start it with `cargo xtask local up{flag}`")
    })
}

/// ` --name NAME`, where the name must be said.
fn flag(name: &str) -> String {
    match name {
        DEFAULT => String::new(),
        other => format!(" --name {other}"),
    }
}

fn up(workspace: &Workspace, name: &str, port: u16) -> Result<()> {
    let state = state(workspace, name)?;
    let venv = tools::CLOUD.ensure(workspace)?;
    let address = match Address::live(&state)? {
        Some(address) => {
            eprintln!("the local cloud `{name}` is running already");
            address
        }
        None => {
            let step = progress::step("starting the local cloud");
            let (running, address) = start(workspace, &venv, &state, port)?;
            running.release();
            step.done();
            address
        }
    };
    let flag = flag(name);
    println!("endpoint  {}", address.endpoint);
    println!("deploy    cargo xtask deploy --env local{flag}");
    println!("by hand   {}", exports(&address));
    println!("stop      cargo xtask local down{flag}");
    Ok(())
}

/// The line that makes other programs of the user's shell use this cloud.
fn exports(address: &Address) -> String {
    let variables = address.variables().into_iter();
    let pairs: Vec<_> = variables.map(|(name, value)| format!("{name}={value}")).collect();
    format!("export {}", pairs.join(" "))
}

/// Starts a cloud in a session of its own; it lives until it is released or dropped.
pub(crate) fn start(workspace: &Workspace, venv: &Path, state: &Path, port: u16) -> Result<(Running, Address)> {
    // A launcher that runs but does not answer would fight the new one for the folder.
    if let Some(old) = Address::read(state)?.filter(|old| old.runs(state)) {
        launcher::stop(&old, state)?;
    }
    let mut command = launcher::command(workspace, venv, state, &["-c", DETACH], "none")?;
    command.args(["--port", &port.to_string()]);
    command.stdout(Stdio::null()).stderr(launcher::complaints(state)?);
    let mut running = child::start_session(&mut command, launcher::STOP)?;
    let address = launcher::wait(state, || running.ended())?;
    Ok((running, address))
}

fn down(workspace: &Workspace, name: &str) -> Result<()> {
    let state = state(workspace, name)?;
    match Address::read(&state)?.filter(|address| address.runs(&state)) {
        Some(address) => {
            launcher::stop(&address, &state)?;
            eprintln!("the local cloud `{name}` has stopped");
        }
        None => {
            launcher::forget(&state)?;
            eprintln!("no local cloud `{name}` is running");
        }
    }
    Ok(())
}

/// A running cloud, for scripts.
#[derive(Debug, serde::Serialize)]
struct Entry {
    name: String,
    #[serde(flatten)]
    address: Address,
}

fn status(workspace: &Workspace, json: bool) -> Result<()> {
    let mut found = Vec::new();
    for name in names(&workspace.clouds())? {
        if let Some(address) = Address::live(&workspace.clouds().join(&name))? {
            found.push((name, address));
        }
    }
    if json {
        let list: Vec<_> = found
            .into_iter()
            .map(|(name, address)| Entry { name, address })
            .collect();
        println!("{}", serde_json::to_string(&list)?);
        return Ok(());
    }
    if found.is_empty() {
        println!("no local cloud is running; start one with `cargo xtask local up`");
    }
    for (name, address) in found {
        println!("{name:<16} {}  pid {}", address.endpoint, address.pid);
    }
    Ok(())
}

/// The names of all state folders, in order; none where there has never been a cloud.
pub(crate) fn names(clouds: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(clouds) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", clouds.display()));
        }
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", clouds.display()))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn logs(state: &Path, follow: bool) -> Result<()> {
    let path = launcher::log(state);
    let mut log = File::open(&path)
        .with_context(|| format!("there is no log {}; `cargo xtask local up` starts one", path.display()))?;
    let mut out = std::io::stdout().lock();
    loop {
        let mut text = Vec::new();
        log.read_to_end(&mut text)
            .with_context(|| format!("cannot read {}", path.display()))?;
        if out.write_all(&text).and_then(|()| out.flush()).is_err() || !follow {
            // Whoever read us (`| head`) has seen enough.
            return Ok(());
        }
        child::pause(FOLLOW)?;
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{exports, find, flag, names, state};
    use crate::launcher::Address;
    use crate::workspace::Workspace;

    fn workspace() -> Workspace {
        Workspace::new(PathBuf::from("/nowhere"), PathBuf::from("cargo"))
    }

    #[test]
    fn a_name_is_not_a_path() {
        for name in ["", "..", "a/b", "a b"] {
            let error = state(&workspace(), name).unwrap_err().to_string();
            assert!(error.contains("cannot name a local cloud"), "{error}");
        }
    }

    #[test]
    fn a_cloud_that_does_not_run_says_how_to_start_it() {
        let error = find(&workspace(), "two").unwrap_err().to_string();
        assert!(error.ends_with("`cargo xtask local up --name two`"), "{error}");
    }

    #[test]
    fn the_default_cloud_needs_no_flag() {
        assert_eq!(flag("default"), "");
    }

    #[test]
    fn the_export_line_can_be_pasted() {
        assert_eq!(
            exports(&Address::sample(1)),
            "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \
             AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=eu-west-2"
        );
    }

    #[test]
    fn without_a_folder_there_are_no_clouds() {
        assert!(names(&PathBuf::from("/nowhere/local")).unwrap().is_empty());
    }
}
