//! The local cloud's launcher: how it is started, and the address it leaves behind.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process};
use serde::{Deserialize, Serialize};

use crate::child;
use crate::tools;
use crate::workspace::Workspace;

/// How long a cloud may take to answer; it needs 2 s, more on a machine that is busy building.
const START: Duration = Duration::from_secs(120);

/// How long a cloud may take to stop: it flushes what Firehose has buffered, and gives up on that
/// by itself after 60 s.
pub(crate) const STOP: Duration = Duration::from_secs(70);

const POLL: Duration = Duration::from_millis(50);

/// `cloud.json`: where a running cloud answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    /// The one endpoint of all services.
    pub(crate) endpoint: String,
    /// The endpoint's port on 127.0.0.1.
    pub(crate) port: u16,
    /// The launcher's process.
    pub(crate) pid: i32,
    pub(crate) region: String,
    pub(crate) account: String,
    /// The base URL of the fake Watchmode, with its `/v1`.
    pub(crate) watchmode: String,
    /// The one key that it takes; every start has another.
    pub(crate) watchmode_key: String,
    /// The base URL of the fake TVmaze.
    pub(crate) tvmaze: String,
    /// Where CloudFront serves: the sole distribution, or the one whose domain is the `Host`.
    pub(crate) site: String,
}

impl Address {
    /// The address in a state folder; none where no cloud has written one.
    pub(crate) fn read(state: &Path) -> Result<Option<Address>> {
        let path = file(state);
        let text = match fs::read(&path) {
            Ok(text) => text,
            // Where the folder cannot be, starting a cloud says so.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        let address = serde_json::from_slice(&text)
            .with_context(|| format!("{} is not a cloud's address; remove it", path.display()))?;
        Ok(Some(address))
    }

    /// The address in a state folder, if the cloud that wrote it is still there.
    pub(crate) fn live(state: &Path) -> Result<Option<Address>> {
        Ok(Address::read(state)?.filter(|address| address.runs(state) && address.answers()))
    }

    /// Whether the process is the launcher of this state folder.
    ///
    /// A number alone does not say so: after a crash it may belong to anybody.
    pub(crate) fn runs(&self, state: &Path) -> bool {
        self.process().is_some_and(|pid| {
            test_kill_process(pid).is_ok()
                && arguments(pid).is_some_and(|arguments| arguments.contains(&*state.to_string_lossy()))
        })
    }

    fn answers(&self) -> bool {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok()
    }

    fn process(&self) -> Option<Pid> {
        Pid::from_raw(self.pid)
    }

    /// What a program needs to talk to this cloud, and to no other.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = credentials();
        variables.push(("AWS_ENDPOINT_URL", self.endpoint.clone()));
        variables.push(("AWS_REGION", self.region.clone()));
        variables
    }
}

#[cfg(test)]
impl Address {
    /// What a cloud with this process would write, for tests.
    pub(crate) fn sample(pid: i32) -> Address {
        Address {
            endpoint: "http://127.0.0.1:4566".to_owned(),
            port: 4566,
            pid,
            region: "eu-west-2".to_owned(),
            account: "000000000000".to_owned(),
            watchmode: "http://127.0.0.1:4567/v1".to_owned(),
            watchmode_key: "key".to_owned(),
            tvmaze: "http://127.0.0.1:4568".to_owned(),
            site: "http://127.0.0.1:4569".to_owned(),
        }
    }
}

/// The key and secret that every local cloud takes.
pub(crate) fn credentials() -> Vec<(&'static str, String)> {
    let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    names.map(|name| (name, "test".to_owned())).into()
}

fn file(state: &Path) -> PathBuf {
    state.join("cloud.json")
}

/// The log of the cloud with this state folder.
pub(crate) fn log(state: &Path) -> PathBuf {
    state.join("ministack.log")
}

/// The command line of a process, from `/proc` where there is one, else from `ps`.
fn arguments(pid: Pid) -> Option<String> {
    let number = pid.as_raw_nonzero().to_string();
    if let Ok(bytes) = fs::read(Path::new("/proc").join(&number).join("cmdline")) {
        return Some(String::from_utf8_lossy(&bytes).into_owned());
    }
    let mut command = Command::new("ps");
    command.args(["-ww", "-o", "args=", "-p", &number]);
    child::output(&mut command).ok()
}

/// The command that starts a cloud; `before` stands between Python and the launcher.
pub(crate) fn command(
    workspace: &Workspace,
    venv: &Path,
    state: &Path,
    before: &[&str],
    owner: &str,
) -> Result<Command> {
    fs::create_dir_all(state).with_context(|| format!("cannot write {}; make it writable", state.display()))?;
    // Whoever wrote this address is gone, or its owner would not start another.
    let stale = file(state);
    if stale.exists() {
        fs::remove_file(&stale).with_context(|| format!("cannot remove {}", stale.display()))?;
    }
    let mut command = Command::new(tools::python(venv));
    command
        .current_dir(workspace.root())
        .args(before)
        .arg(workspace.root().join("localstack/ministack.py"))
        .arg("--state")
        .arg(state)
        .args(["--owner", owner]);
    Ok(command)
}

/// Waits until the cloud has written its address; `ended` tells when it no longer can.
pub(crate) fn wait(
    state: &Path,
    mut ended: impl FnMut() -> Result<Option<std::process::ExitStatus>>,
) -> Result<Address> {
    let deadline = Instant::now() + START;
    loop {
        if let Some(address) = Address::live(state)? {
            return Ok(address);
        }
        if let Some(status) = ended()? {
            child::check()?;
            bail!("the local cloud did not start: {}", reason(state, status));
        }
        if Instant::now() > deadline {
            bail!(
                "the local cloud does not answer after {} s; its log is {}",
                START.as_secs(),
                log(state).display()
            );
        }
        child::pause(POLL)?;
    }
}

/// The file that takes the launcher's standard error, made empty.
pub(crate) fn complaints(state: &Path) -> Result<File> {
    let path = complaints_path(state);
    File::create(&path).with_context(|| format!("cannot write {}; make it writable", path.display()))
}

fn complaints_path(state: &Path) -> PathBuf {
    state.join("launcher.err")
}

fn reason(state: &Path, status: std::process::ExitStatus) -> String {
    let said = fs::read_to_string(complaints_path(state)).unwrap_or_default();
    match said.trim_end().lines().next_back() {
        Some(line) => line.to_owned(),
        None => format!("{status}; its log is {}", log(state).display()),
    }
}

/// Asks the launcher to stop, waits until it has, and kills it if it does not.
pub(crate) fn stop(address: &Address, state: &Path) -> Result<()> {
    let Some(pid) = address.process() else {
        return Ok(());
    };
    // A process that has just ended is what we want, here and below.
    let _ = kill_process(pid, Signal::TERM);
    let deadline = Instant::now() + STOP;
    while address.runs(state) {
        if Instant::now() > deadline {
            let _ = kill_process_group(pid, Signal::KILL);
            let _ = kill_process(pid, Signal::KILL);
            break;
        }
        child::pause(POLL)?;
    }
    forget(state)
}

/// Removes the address that a launcher could not remove itself.
pub(crate) fn forget(state: &Path) -> Result<()> {
    let path = file(state);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Address, file};

    #[test]
    fn the_address_is_read_as_the_launcher_writes_it() {
        let state = tempfile::tempdir().unwrap();
        let text = r#"{"endpoint":"http://127.0.0.1:4566","port":4566,"pid":7,
                       "region":"eu-west-2","account":"000000000000",
                       "watchmode":"http://127.0.0.1:4567/v1","watchmode_key":"key",
                       "tvmaze":"http://127.0.0.1:4568","site":"http://127.0.0.1:4569"}"#;
        fs::write(file(state.path()), text).unwrap();
        assert_eq!(Address::read(state.path()).unwrap(), Some(Address::sample(7)));
    }

    #[test]
    fn no_address_is_no_cloud() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(Address::read(state.path()).unwrap(), None);
    }

    #[test]
    fn a_broken_address_says_what_to_remove() {
        let state = tempfile::tempdir().unwrap();
        fs::write(file(state.path()), "{").unwrap();
        let error = Address::read(state.path()).unwrap_err().to_string();
        assert!(
            error.ends_with("cloud.json is not a cloud's address; remove it"),
            "{error}"
        );
    }

    #[test]
    fn a_number_that_another_process_has_by_now_is_not_ours() {
        let state = tempfile::tempdir().unwrap();
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(!Address::sample(own).runs(state.path()));
    }

    #[test]
    fn programs_get_the_four_standard_variables() {
        let names: Vec<_> = Address::sample(1).variables().into_iter().map(|pair| pair.0).collect();
        let wanted = [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ENDPOINT_URL",
            "AWS_REGION",
        ];
        assert_eq!(names, wanted);
    }
}
