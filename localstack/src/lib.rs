//! Systems on the local cloud, for tests: deployed under a prefix of their own by the real programs.
//!
//! `cargo xtask test it` starts the cloud, builds the programs and says where both are; nothing
//! here knows that the cloud is not AWS.

pub mod crash;
pub mod events;
pub mod hours;
pub mod http;
pub mod mapping;
pub mod objects;
pub mod repair;
pub mod tv_guide;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

/// How long something may take to arrive before a test gives up: far longer than it takes on a
/// machine with nothing else to do, since a test that waits ends as soon as it has come.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// A deployed lake; destroyed when dropped.
pub struct Lake {
    prefix: String,
    folder: TempDir,
    /// Settings of the environment's file that are said anew.
    settings: Vec<String>,
}

impl Lake {
    /// Deploys a lake under a random prefix, with the functions that the build made.
    ///
    /// # Errors
    ///
    /// When there is no cloud, or it refuses.
    pub fn deploy() -> Result<Self> {
        Self::deploy_with(&[])
    }

    /// The same, with settings of `environments/local.toml` said anew: `lake.delivery=direct`.
    ///
    /// # Errors
    ///
    /// When there is no cloud, or it refuses.
    pub fn deploy_with(settings: &[&str]) -> Result<Self> {
        let mut lake = Self::undeployed()?;
        lake.settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        lake.redeploy(&root().join("target/lambda"))?;
        let outputs = checked(lake.infra("outputs").arg("--json"))?;
        fs::write(lake.folder.path().join("outputs.json"), outputs.stdout)?;
        Ok(lake)
    }

    /// A prefix and a folder, and nothing deployed yet.
    ///
    /// # Errors
    ///
    /// When no folder can be made.
    pub fn undeployed() -> Result<Self> {
        let prefix = format!("t{:08x}", fastrand::u32(..));
        Ok(Lake {
            prefix,
            folder: TempDir::new()?,
            settings: Vec::new(),
        })
    }

    /// Deploys again, with the zips of a folder; gives what was said on the way.
    ///
    /// # Errors
    ///
    /// When the deployment fails.
    pub fn redeploy(&self, assets: &Path) -> Result<String> {
        let output = checked(self.infra("deploy").arg("--yes").arg("--assets").arg(assets))?;
        Ok(String::from_utf8(output.stderr)? + &String::from_utf8(output.stdout)?)
    }

    /// Destroys the lake with all its data; gives what was said on the way.
    ///
    /// # Errors
    ///
    /// When it cannot be destroyed.
    pub fn destroy(&self) -> Result<String> {
        let output = checked(self.infra("destroy").args(["--yes", "--empty-buckets"]))?;
        Ok(String::from_utf8(output.stderr)?)
    }

    /// What all names begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A folder that goes with the lake.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// One output of the stack.
    ///
    /// # Errors
    ///
    /// When the stack has no such output.
    pub fn output(&self, name: &str) -> Result<String> {
        let outputs: Value = serde_json::from_slice(&fs::read(self.folder.path().join("outputs.json"))?)?;
        let output = outputs[name]
            .as_str()
            .with_context(|| format!("no output {name} in {outputs}"))?;
        Ok(output.to_owned())
    }

    /// Sends a file of events; gives the summary.
    ///
    /// # Errors
    ///
    /// When an event is not acknowledged.
    pub fn produce(&self, input: &Path) -> Result<Value> {
        self.produce_with(input, &[])
    }

    /// The same, with more options.
    ///
    /// # Errors
    ///
    /// When an event is not acknowledged.
    pub fn produce_with(&self, input: &Path, options: &[&str]) -> Result<Value> {
        let mut command = self.cli("produce");
        command.arg("--input").arg(input).arg("--json").args(options);
        let output = checked(&mut command)?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Asks Athena; gives one object per row.
    ///
    /// # Errors
    ///
    /// When the query fails.
    pub fn query(&self, sql: &str) -> Result<Vec<Value>> {
        let output = checked(self.cli("query").args(["--format", "json", sql]))?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Invokes one of the stack's functions, by the output that names it; gives what it answers.
    ///
    /// # Errors
    ///
    /// When it fails.
    pub fn invoke(&self, output: &str, event: &Value) -> Result<Value> {
        let name = self.output(output)?;
        let url = format!("{}/2015-03-31/functions/{name}/invocations", endpoint()?);
        let answer = http::send("POST", &url, &[], &event.to_string())?;
        let failed = answer.head.to_ascii_lowercase().contains("x-amz-function-error");
        ensure!(answer.status == 200 && !failed, "{name}: {}", answer.body);
        answer.json()
    }

    /// What was refused, with the reasons; one object per record.
    ///
    /// # Errors
    ///
    /// When the error prefix cannot be read.
    pub fn quarantine(&self) -> Result<Vec<Value>> {
        let output = checked(self.cli("quarantine").args(["--format", "json"]))?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Waits until as many events as were sent are in the table or in quarantine, and not one more.
    ///
    /// # Errors
    ///
    /// When more arrive, or fewer for too long.
    pub fn settle(&self, sent: usize) -> Result<(usize, Vec<Value>)> {
        eventually(|| {
            let rows = self.query("SELECT count(*) AS rows FROM events")?;
            let rows = rows[0]["rows"].as_u64().context("a count")? as usize;
            let quarantined = self.quarantine()?;
            let arrived = rows + quarantined.len();
            ensure!(arrived <= sent, "{arrived} events arrived of {sent} that were sent");
            Ok((arrived == sent).then_some((rows, quarantined)))
        })
    }

    fn infra(&self, verb: &str) -> Command {
        let mut command = Command::new(program("infra-deploy"));
        command
            .current_dir(root())
            .args([verb, "--env", "local", "--app", "lake", "--prefix", &self.prefix])
            .args(self.settings.iter().flat_map(|setting| ["--set", setting]));
        command
    }

    /// An operator's command.
    pub fn cli(&self, verb: &str) -> Command {
        let mut command = Command::new(program("lake-cli"));
        command
            .current_dir(self.folder.path())
            .env("HEADEND_OUTPUTS", self.folder.path().join("outputs.json"))
            .arg(verb);
        command
    }
}

impl Drop for Lake {
    fn drop(&mut self) {
        // The cloud goes with the test run, so what is left behind hurts nobody.
        let _ = self.destroy();
    }
}

/// Asks again until there is an answer.
///
/// # Errors
///
/// The question's own error, or that the answer did not come in time.
pub fn eventually<T>(mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if start.elapsed() > PATIENCE {
            bail!("nothing for {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}

/// The endpoint of the local cloud.
///
/// # Errors
///
/// When nobody says where it is.
pub fn endpoint() -> Result<String> {
    std::env::var("AWS_ENDPOINT_URL").context("run these tests with `cargo xtask test it`")
}

/// The repository's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A program of the workspace, as the build made it.
///
/// # Panics
///
/// When nobody says where the programs are.
pub fn program(name: &str) -> PathBuf {
    let folder = std::env::var_os("HEADEND_PROGRAMS").expect("run these tests with `cargo xtask test it`");
    Path::new(&folder).join(name)
}

/// Runs a command to its end.
///
/// # Errors
///
/// When it cannot be run, or fails; with what it said.
pub fn checked(command: &mut Command) -> Result<Output> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output)
}
