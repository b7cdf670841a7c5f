//! Writes the templates of an environment; what `cargo xtask synth` runs.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use infra_core::{Node, Stack, json};
use infra_stacks::{Environment, app};

/// Turn an environment file into CloudFormation templates.
///
/// The same input gives the same bytes, in any directory and on any machine.
#[derive(Parser)]
#[command(
    name = "synth",
    after_help = "Examples:\n  cargo xtask synth --env dev                  YAML on standard output\n  cargo xtask synth --env prod --out target/synth/prod"
)]
struct Arguments {
    /// Environment: local, dev, staging or prod
    #[arg(long, default_value = "local")]
    env: String,
    /// Folder for one YAML and one JSON file per stack, and assets.json
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Folder that holds the environment files
    #[arg(long, value_name = "DIR", default_value = "environments")]
    environments: PathBuf,
    /// What all names begin with
    #[arg(long, default_value = "headend")]
    prefix: String,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let environment = Environment::load(&arguments.environments, &arguments.env, &arguments.prefix)?;
    let stacks = app(&environment)?;
    let raw: usize = stacks.iter().map(|stack| stack.template.raw_values()).sum();
    if raw > 0 {
        eprintln!("note: {raw} values went in past the type system (Value::raw)");
    }
    match &arguments.out {
        Some(folder) => write(&stacks, folder),
        None => print(&stacks),
    }
}

fn print(stacks: &[Stack]) -> anyhow::Result<()> {
    let documents: Vec<String> = stacks.iter().map(|stack| stack.template.to_yaml()).collect();
    match io::stdout().write_all(documents.join("---\n").as_bytes()) {
        // A pager that was left early wants no more, which is no fault.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}

fn write(stacks: &[Stack], folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("wrote {} ({} bytes)", path.display(), text.len());
        anyhow::Ok(())
    };
    for stack in stacks {
        write(&format!("{}.yaml", stack.name), &stack.template.to_yaml())?;
        write(&format!("{}.json", stack.name), &stack.template.to_json())?;
    }
    write("assets.json", &format!("{}\n", json::to_string(&assets(stacks))))
}

/// What `package` must build for these stacks: stack, binary, and the parameter for its key.
fn assets(stacks: &[Stack]) -> Node {
    let text = |text: &str| Node::Text(text.to_owned().into());
    let entries = stacks.iter().flat_map(|stack| {
        stack.assets.iter().map(move |asset| {
            Node::Map(vec![
                ("stack".into(), text(&stack.name)),
                ("bin".into(), text(asset.bin)),
                ("parameter".into(), text(&asset.parameter)),
            ])
        })
    });
    Node::List(entries.collect())
}
