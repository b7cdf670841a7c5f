//! Commands that other programs do: build them, say which cloud, and become them.
//!
//! `synth`, `check` and `price` are `infra-synth`; `diff`, `deploy`, `destroy`, `outputs`, `drift` and
//! `bootstrap` are `infra-deploy`; `produce`, `query` and `quarantine` are `lake-cli`. Arguments,
//! `--help` among them, pass through untouched but for `--name`, which only says which local
//! cloud is meant.

mod split;

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{self, Built};
use crate::launcher;
use crate::workspace::Workspace;
use crate::{child, cloud, golden, local, package};
use split::{Audience, Split};

/// The environment that runs on the local cloud.
pub(crate) const LOCAL: &str = "local";

/// Where `lake-cli` looks for the file with the stack's outputs.
pub(crate) const OUTPUTS: &str = "HEADEND_OUTPUTS";

/// The region of a local cloud that is not ours.
const REGION: &str = "eu-west-2";

/// A command that another program does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Synth,
    Check,
    Price,
    Diff,
    Deploy,
    Destroy,
    Outputs,
    Drift,
    Bootstrap,
    Produce,
    Query,
    Quarantine,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Verb::Synth => "synth",
            Verb::Check => "check",
            Verb::Price => "price",
            Verb::Diff => "diff",
            Verb::Deploy => "deploy",
            Verb::Destroy => "destroy",
            Verb::Outputs => "outputs",
            Verb::Drift => "drift",
            Verb::Bootstrap => "bootstrap",
            Verb::Produce => "produce",
            Verb::Query => "query",
            Verb::Quarantine => "quarantine",
        }
    }

    fn audience(self) -> Audience {
        match self {
            Verb::Synth | Verb::Check | Verb::Price => Audience::Synth,
            Verb::Diff | Verb::Deploy | Verb::Destroy | Verb::Outputs | Verb::Drift | Verb::Bootstrap => {
                Audience::Deploy
            }
            Verb::Produce | Verb::Query | Verb::Quarantine => Audience::Lake,
        }
    }
}

/// What the caller's environment already says about a cloud.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ambient {
    /// `AWS_ENDPOINT_URL`: LocalStack in Docker, for example.
    pub(crate) endpoint: Option<String>,
    /// Whether there are credentials, whatever they are.
    pub(crate) has_credentials: bool,
    /// Whether there is a region.
    pub(crate) has_region: bool,
}

/// Replaces this process by the program that does `verb`.
pub(crate) fn run(workspace: &Workspace, ambient: &Ambient, verb: Verb, arguments: Vec<OsString>) -> Result<()> {
    let split = Split::new(verb.audience(), arguments)?;
    let variables = match verb {
        // Neither help nor templates nor their price need a cloud.
        _ if split.is_help => Vec::new(),
        Verb::Synth | Verb::Check | Verb::Price => Vec::new(),
        // A revision is asked of git alone.
        Verb::Diff if split.is_against => Vec::new(),
        _ => target(workspace, ambient, &split)?,
    };
    let built = cargo::build(workspace)?;
    if verb == Verb::Deploy && !split.is_help {
        package::environment(workspace, &built, &split.env)?;
    }
    let mut command = command(workspace, &built, verb)?;
    command.envs(variables.iter().cloned());
    if verb.audience() == Audience::Lake && !split.is_help {
        command.env(OUTPUTS, outputs(workspace, &built, &split, &variables)?);
    }
    command.args(&split.rest);
    child::check()?;
    Err(command.exec()).with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))
}

/// The program for `verb`, with the words that come before the user's.
pub(crate) fn command(workspace: &Workspace, built: &Built, verb: Verb) -> Result<Command> {
    let program = match verb.audience() {
        Audience::Synth => "infra-synth",
        Audience::Deploy => "infra-deploy",
        Audience::Lake => "lake-cli",
    };
    let mut command = Command::new(built.program(program)?);
    command.args(match verb {
        Verb::Synth => None,
        Verb::Check => Some("--check"),
        Verb::Price => Some("--price"),
        _ => Some(verb.name()),
    });
    if verb.audience() != Audience::Lake {
        command.arg("--environments").arg(workspace.root().join("environments"));
    }
    if verb == Verb::Diff {
        command.arg("--goldens").arg(golden::folder(workspace));
    }
    if verb == Verb::Deploy {
        command.arg("--assets").arg(workspace.zips());
    }
    Ok(command)
}

/// The variables that point a program at the environment's cloud; none where that is AWS itself.
fn target(workspace: &Workspace, ambient: &Ambient, split: &Split) -> Result<Vec<(&'static str, String)>> {
    if split.env != LOCAL {
        if split.name.is_some() {
            bail!("--name picks a local cloud; with --env {} leave it out", split.env);
        }
        return Ok(Vec::new());
    }
    if split.name.is_none() && ambient.endpoint.is_some() {
        return Ok(missing(ambient));
    }
    let name = split.name.as_deref().unwrap_or(local::DEFAULT);
    Ok(local::find(workspace, name)?.variables())
}

/// What an endpoint of the user's own still lacks.
fn missing(ambient: &Ambient) -> Vec<(&'static str, String)> {
    let mut variables = Vec::new();
    if !ambient.has_credentials {
        variables.extend(launcher::credentials());
    }
    if !ambient.has_region {
        variables.push(("AWS_REGION", REGION.to_owned()));
    }
    variables
}

/// Writes the deployed stack's outputs to a file, as `lake-cli` reads them.
fn outputs(
    workspace: &Workspace,
    built: &Built,
    split: &Split,
    variables: &[(&'static str, String)],
) -> Result<PathBuf> {
    let mut command = command(workspace, built, Verb::Outputs)?;
    command
        .args(["--env", &split.env, "--json"])
        .envs(variables.iter().cloned());
    if let Some(prefix) = &split.prefix {
        command.args(["--prefix", prefix]);
    }
    // The program that reads the file has our process id, and nobody to tidy up after it.
    let folder = workspace.scratch("outputs");
    cloud::sweep(&folder, &split.env)?;
    write_outputs(
        &folder.join(format!("{}-{}", split.env, std::process::id())),
        &mut command,
    )
}

/// Runs an `outputs` command and keeps what it says in a file of this folder.
pub(crate) fn write_outputs(folder: &Path, command: &mut Command) -> Result<PathBuf> {
    let text = child::quiet_output(command).context("cannot read the stack's outputs")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot write {}; make it writable", folder.display()))?;
    let file = folder.join("outputs.json");
    fs::write(&file, text).with_context(|| format!("cannot write {}; make it writable", file.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Ambient, Split, target};
    use crate::forward::split::Audience;
    use crate::workspace::Workspace;

    fn variables(ambient: &Ambient, arguments: &[&str]) -> Result<Vec<(&'static str, String)>, String> {
        let workspace = Workspace::new(PathBuf::from("/nowhere"), PathBuf::from("cargo"));
        let arguments = arguments.iter().map(Into::into).collect();
        let split = Split::new(Audience::Lake, arguments).unwrap();
        target(&workspace, ambient, &split).map_err(|error| error.to_string())
    }

    #[test]
    fn aws_gets_the_callers_own_environment() {
        assert_eq!(variables(&Ambient::default(), &["--env", "dev"]), Ok(Vec::new()));
    }

    #[test]
    fn a_local_cloud_that_does_not_run_says_how_to_start_it() {
        let error = variables(&Ambient::default(), &[]).unwrap_err();
        assert!(error.contains("cargo xtask local up"), "{error}");
    }

    #[test]
    fn the_callers_endpoint_serves_where_no_cloud_is_named() {
        let ambient = Ambient {
            endpoint: Some("http://localhost:4566".to_owned()),
            ..Ambient::default()
        };
        let names: Vec<_> = variables(&ambient, &[])
            .unwrap()
            .into_iter()
            .map(|pair| pair.0)
            .collect();
        assert_eq!(names, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]);
        assert!(variables(&ambient, &["--name", "two"]).is_err());
    }

    #[test]
    fn a_named_local_cloud_and_aws_do_not_go_together() {
        let error = variables(&Ambient::default(), &["--env=prod", "--name=two"]).unwrap_err();
        assert_eq!(error, "--name picks a local cloud; with --env prod leave it out");
    }
}
