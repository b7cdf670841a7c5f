//! Commands that other programs do: build them, say which cloud, and become them.
//!
//! `synth`, `check` and `price` are `infra-synth`; `diff`, `deploy`, `destroy`, `outputs`, `drift` and
//! `bootstrap` are `infra-deploy`; `produce`, `query`, `quarantine`, `redrive` and `backfill` are
//! `lake-cli`; `invoke`, `logs` and `guide` are `tv-guide-cli`. Arguments, `--help` among them, pass
//! through untouched but for `--name`, which only says which local cloud is meant.

mod split;

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{self, Built};
use crate::launcher::{self, Address};
use crate::workspace::Workspace;
use crate::{child, cloud, golden, local, package};
use split::{Audience, Split};

/// The environment that runs on the local cloud.
pub(crate) const LOCAL: &str = "local";

/// Where the operators' programs look for the file with the stacks' outputs.
pub(crate) const OUTPUTS: &str = "HEADEND_OUTPUTS";

/// Where `tv-guide-cli` looks for what the names of functions begin with.
pub(crate) const BEGINNING: &str = "HEADEND_BEGINNING";

/// What all names begin with unless somebody says otherwise, as `infra-deploy` has it.
pub(crate) const PREFIX: &str = "headend";

/// The app of the lake's stack.
pub(crate) const LAKE: &str = "lake";

/// The app of the TV guide's stack.
pub(crate) const TV_GUIDE: &str = "tv-guide";

/// The variable that takes the key of the local Watchmode to `infra-deploy`.
const WATCHMODE_KEY: &str = "HEADEND_WATCHMODE_KEY";

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
    Redrive,
    Backfill,
    Invoke,
    Logs,
    Guide,
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
            Verb::Redrive => "redrive",
            Verb::Backfill => "backfill",
            Verb::Invoke => "invoke",
            Verb::Logs => "logs",
            Verb::Guide => "guide",
        }
    }

    fn audience(self) -> Audience {
        match self {
            Verb::Synth | Verb::Check | Verb::Price => Audience::Synth,
            Verb::Diff | Verb::Deploy | Verb::Destroy | Verb::Outputs | Verb::Drift | Verb::Bootstrap => {
                Audience::Deploy
            }
            Verb::Produce | Verb::Query | Verb::Quarantine | Verb::Redrive | Verb::Backfill => Audience::Lake,
            Verb::Invoke | Verb::Logs | Verb::Guide => Audience::Guide,
        }
    }

    /// The app whose outputs its program reads.
    fn reads(self) -> Option<&'static str> {
        match self {
            Verb::Produce | Verb::Query | Verb::Quarantine | Verb::Redrive | Verb::Backfill => Some(LAKE),
            Verb::Guide => Some(TV_GUIDE),
            _ => None,
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
    let target = match verb {
        // Neither help nor templates nor their price need a cloud.
        _ if split.is_help => Target::default(),
        Verb::Synth | Verb::Check | Verb::Price => Target::default(),
        // A revision is asked of git alone.
        Verb::Diff if split.is_against => Target::default(),
        _ => target(workspace, ambient, &split)?,
    };
    let built = cargo::build(workspace)?;
    if verb == Verb::Deploy && !split.is_help {
        package::environment(workspace, &built, &split.env, &split.settings())?;
    }
    let mut command = command(workspace, &built, verb)?;
    command.envs(target.variables.iter().cloned());
    if let Some(app) = verb.reads().filter(|_| !split.is_help) {
        command.env(OUTPUTS, outputs(workspace, &built, &split, &target.variables, app)?);
    }
    if verb.audience() == Audience::Guide {
        let prefix = split.prefix.as_deref().unwrap_or(PREFIX);
        command.env(BEGINNING, format!("{prefix}-{}-", split.env));
    }
    if let (Verb::Deploy, Some(address)) = (verb, &target.cloud) {
        parameters(&mut command, address, &split.parameters());
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
        Audience::Guide => "tv-guide-cli",
    };
    let mut command = Command::new(built.program(program)?);
    command.args(match verb {
        Verb::Synth => None,
        Verb::Check => Some("--check"),
        Verb::Price => Some("--price"),
        _ => Some(verb.name()),
    });
    if matches!(verb.audience(), Audience::Synth | Audience::Deploy) {
        command.arg("--environments").arg(workspace.root().join("environments"));
    }
    if verb == Verb::Diff {
        command.arg("--goldens").arg(golden::folder(workspace));
    }
    if verb == Verb::Deploy {
        command.arg("--assets").arg(workspace.zips());
        command.arg("--sites").arg(workspace.root());
    }
    Ok(command)
}

/// Tells `infra-deploy` where a local cloud has what the TV guide needs from outside of AWS, but
/// for what the user says himself.
pub(crate) fn parameters(command: &mut Command, cloud: &Address, given: &[&str]) {
    let secret = format!("env:{WATCHMODE_KEY}");
    for (name, value) in [
        ("WatchmodeUrl", &cloud.watchmode),
        ("WatchModeApiKey", &secret),
        ("TvmazeUrl", &cloud.tvmaze),
        ("SiteOrigin", &cloud.site),
    ] {
        if !given.contains(&name) {
            command.arg("--parameter").arg(format!("{name}={value}"));
        }
    }
    command.env(WATCHMODE_KEY, &cloud.watchmode_key);
}

/// Where a program is to go.
#[derive(Debug, Default)]
struct Target {
    /// The variables that point it at the environment's cloud; none where that is AWS itself.
    variables: Vec<(&'static str, String)>,
    /// The local cloud, where it is one of ours.
    cloud: Option<Address>,
}

fn target(workspace: &Workspace, ambient: &Ambient, split: &Split) -> Result<Target> {
    if split.env != LOCAL {
        if split.name.is_some() {
            bail!("--name picks a local cloud; with --env {} leave it out", split.env);
        }
        return Ok(Target::default());
    }
    if split.name.is_none() && ambient.endpoint.is_some() {
        return Ok(Target {
            variables: missing(ambient),
            cloud: None,
        });
    }
    let cloud = local::find(workspace, split.name.as_deref().unwrap_or(local::DEFAULT))?;
    Ok(Target {
        variables: cloud.variables(),
        cloud: Some(cloud),
    })
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

/// Writes the outputs of an app's stack to a file, as its operators' program reads them.
fn outputs(
    workspace: &Workspace,
    built: &Built,
    split: &Split,
    variables: &[(&'static str, String)],
    app: &str,
) -> Result<PathBuf> {
    let mut command = command(workspace, built, Verb::Outputs)?;
    command
        .args(["--env", &split.env, "--app", app, "--json"])
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
    use std::process::Command;

    use super::{Ambient, Split, parameters, target};
    use crate::forward::split::Audience;
    use crate::launcher::Address;
    use crate::workspace::Workspace;

    fn variables(ambient: &Ambient, arguments: &[&str]) -> Result<Vec<(&'static str, String)>, String> {
        let workspace = Workspace::new(PathBuf::from("/nowhere"), PathBuf::from("cargo"));
        let arguments = arguments.iter().map(Into::into).collect();
        let split = Split::new(Audience::Lake, arguments).unwrap();
        let target = target(&workspace, ambient, &split);
        target.map(|target| target.variables).map_err(|error| error.to_string())
    }

    #[test]
    fn a_local_cloud_says_where_the_upstreams_are_and_keeps_its_key_out_of_sight() {
        let mut command = Command::new("infra-deploy");
        let cloud: Address = serde_json::from_str(
            r#"{"endpoint":"http://127.0.0.1:1","port":1,"pid":1,"region":"eu-west-2","account":"0",
                "watchmode":"http://127.0.0.1:2/v1","watchmode_key":"secret",
                "tvmaze":"http://127.0.0.1:3","site":"http://127.0.0.1:4"}"#,
        )
        .unwrap();
        parameters(&mut command, &cloud, &["TvmazeUrl"]);
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        assert_eq!(
            arguments.join(" "),
            "--parameter WatchmodeUrl=http://127.0.0.1:2/v1 --parameter WatchModeApiKey=env:HEADEND_WATCHMODE_KEY \
             --parameter SiteOrigin=http://127.0.0.1:4"
        );
        assert!(command.get_envs().any(|(_, value)| value == Some("secret".as_ref())));
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
