//! `watch`: each time a handler's source is saved, deploys what came of it.
//!
//! A deployment of one changed function is a change set with one parameter, so it is quick, and
//! leaves nothing behind that CloudFormation does not know (ADR 7).

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};

use crate::child;
use crate::progress::seconds;
use crate::workspace::Workspace;

/// Which environment follows the sources.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask watch                    the lake of the local cloud follows the sources
  cargo xtask watch --env dev          that of dev; what others rely on is deployed on purpose")]
pub(crate) struct Args {
    /// Environment
    #[arg(long, default_value = "local", value_parser = ["local", "dev"])]
    env: String,
    /// Which local cloud
    #[arg(long)]
    name: Option<String>,
    /// What all names begin with
    #[arg(long)]
    prefix: Option<String>,
}

/// How often the sources are looked at; a few hundred files take a millisecond.
const POLL: Duration = Duration::from_millis(200);

/// What a function is made from.
const SOURCES: [&str; 3] = ["rs", "sql", "toml"];

/// When each source was last written, and how long it was.
type Sources = BTreeMap<PathBuf, (SystemTime, u64)>;

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let handlers = workspace.root().join("handlers");
    let mut seen = read(&handlers)?;
    deploy(args)?;
    loop {
        eprintln!("watching {}; Ctrl-C ends", handlers.display());
        let saved = wait(&handlers, &seen)?;
        for path in changed(&seen, &saved) {
            eprintln!(
                "saved {}",
                path.strip_prefix(workspace.root()).unwrap_or(path).display()
            );
        }
        // What is saved while the build runs is seen by the next look.
        seen = saved;
        let start = Instant::now();
        match deploy(args) {
            Ok(()) => eprintln!("up to date after {}", seconds(start.elapsed())),
            Err(error) if error.is::<child::Interrupted>() => return Err(error),
            // The compiler, or the deployment, has said why; the next save may be the cure.
            Err(_) => eprintln!("nothing was changed; save again"),
        }
    }
}

/// Deploys as the user would, by a process of its own: it builds, and replaces itself.
fn deploy(args: &Args) -> Result<()> {
    let program = std::env::current_exe().context("cannot find the program that is running")?;
    let mut command = Command::new(program);
    command.args(["deploy", "--yes", "--env", &args.env]);
    for (flag, value) in [("--name", &args.name), ("--prefix", &args.prefix)] {
        if let Some(value) = value {
            command.args([flag, value]);
        }
    }
    child::run(&mut command)
}

/// Waits until the sources differ from `seen` and have been left alone for one look.
fn wait(folder: &Path, seen: &Sources) -> Result<Sources> {
    let mut last = read(folder)?;
    loop {
        child::pause(POLL)?;
        let now = read(folder)?;
        if now == last && now != *seen {
            return Ok(now);
        }
        last = now;
    }
}

fn read(folder: &Path) -> Result<Sources> {
    let mut sources = Sources::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .and_then(OsStr::to_str)
                .is_some_and(|end| SOURCES.contains(&end))
            {
                // An editor may have replaced the file since it was listed; the next look sees it.
                if let Ok(about) = fs::metadata(&path) {
                    sources.insert(path, (about.modified()?, about.len()));
                }
            }
        }
    }
    Ok(sources)
}

/// What was written, made or removed between two looks.
fn changed<'a>(before: &'a Sources, after: &'a Sources) -> Vec<&'a Path> {
    let written = after.iter().filter(|(path, about)| before.get(*path) != Some(about));
    let removed = before.iter().filter(|(path, _)| !after.contains_key(*path));
    written.chain(removed).map(|(path, _)| path.as_path()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{changed, read};

    #[test]
    fn what_is_written_made_or_removed_has_changed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("src")).unwrap();
        for (name, text) in [
            ("src/kept.rs", "a"),
            ("src/edited.rs", "a"),
            ("gone.sql", "a"),
            ("notes.md", "a"),
        ] {
            fs::write(path(name), text).unwrap();
        }
        let before = read(folder.path()).unwrap();
        assert_eq!(changed(&before, &before), Vec::<&std::path::Path>::new());

        fs::write(path("src/edited.rs"), "ab").unwrap();
        fs::write(path("new.toml"), "").unwrap();
        fs::write(path("notes.md"), "not a source").unwrap();
        fs::remove_file(path("gone.sql")).unwrap();
        let after = read(folder.path()).unwrap();
        assert_eq!(
            changed(&before, &after),
            [path("new.toml"), path("src/edited.rs"), path("gone.sql")]
        );
    }
}
