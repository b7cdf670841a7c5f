//! Writes the templates of an environment, checks them, or says what they cost; what
//! `cargo xtask synth`, `cargo xtask check` and `cargo xtask price` run.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use infra_check::{Document, Setting, Severity, judge};
use infra_constructs::deploy_role;
use infra_core::{Date, Node, Stack, ToNode as _, json};
use infra_price::report::{self, Detail};
use infra_stacks::price::Bill;
use infra_stacks::{Environment, app};

/// Turn an environment file into CloudFormation templates.
///
/// The same input gives the same bytes, in any directory and on any machine. What the stacks cost
/// in a month is said on standard error; `cargo xtask price` says how it comes about.
#[derive(Parser)]
#[command(name = "synth", after_help = EXAMPLES)]
struct Arguments {
    /// Environment: local, dev, staging or prod
    #[arg(long, default_value = "local")]
    env: String,
    /// Folder for one YAML and one JSON file per stack, and assets.json
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Say what the stacks cost in a month under the environment's load, instead of writing them
    #[arg(long, conflicts_with = "out")]
    price: bool,
    /// With --price: each line with its formula, and where its price comes from
    #[arg(long, requires = "price")]
    explain: bool,
    /// With --price: how it is written
    #[arg(long, requires = "price", default_value = "table")]
    format: Format,
    /// Print the policies of the role that CloudFormation needs to deploy the stacks, as a JSON list,
    /// instead of the templates; each fits a managed policy
    #[arg(long, conflicts_with_all = ["out", "price"])]
    deploy_role: bool,
    /// Only check the templates: schema, references, IAM, good practice; warnings fail, too
    #[arg(long, conflicts_with_all = ["out", "price", "deploy_role"])]
    check: bool,
    /// Write the templates whatever is wrong with them
    #[arg(long, conflicts_with = "check")]
    no_check: bool,
    /// Folder that holds the environment files
    #[arg(long, value_name = "DIR", default_value = "environments")]
    environments: PathBuf,
    /// What all names begin with
    #[arg(long, default_value = "headend")]
    prefix: String,
    /// Say a setting of the environment's file anew for this run; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<infra_stacks::environment::Setting>,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask synth --env dev                  YAML on standard output
  cargo xtask synth --env prod --out target/synth/prod
  cargo xtask synth --env prod --deploy-role   what CloudFormation must be allowed, as policies
  cargo xtask check --env prod                 whether anything is wrong with them
  cargo xtask price --env prod                 what each resource costs in a month
  cargo xtask price --env prod --explain       every line with its formula and source
  cargo xtask price --env prod --set lake.delivery=direct
                                               what it would cost otherwise
  cargo xtask price --env prod --format json   for a program; always with the formulas";

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Aligned columns
    Table,
    /// One JSON object
    Json,
    /// Tables for a pull request
    Markdown,
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
    let Arguments {
        environments,
        env,
        prefix,
        ..
    } = arguments;
    let environment = Environment::load_with(environments, env, prefix, &arguments.settings)?;
    let stacks = app(&environment)?;
    let raw: usize = stacks.iter().map(|stack| stack.template.raw_values()).sum();
    if raw > 0 {
        eprintln!("note: {raw} values went in past the type system (Value::raw)");
    }
    if !arguments.no_check {
        checked(&environment, &stacks, arguments.check)?;
    }
    if arguments.check {
        return Ok(());
    }
    let bill = Bill::of(&environment, &stacks);
    if arguments.price {
        let region = &environment.settings.region;
        let bill = bill.with_context(|| format!("no prices are known for {region}; {}", known_regions()))?;
        return print(&priced(&bill, arguments));
    }
    if arguments.deploy_role {
        return print(&deploy_role(&stacks));
    }
    match &arguments.out {
        Some(folder) => write(&stacks, folder)?,
        None => {
            let documents: Vec<String> = stacks.iter().map(|stack| stack.template.to_yaml()).collect();
            print(&documents.join("---\n"))?;
        }
    }
    match bill {
        Some(bill) => {
            for estimate in &bill.estimates {
                eprintln!("{}", report::summary(estimate));
            }
            if let Some(over) = bill.over_budget() {
                eprintln!("note: {over}");
            }
        }
        None => eprintln!("note: not priced, {}", known_regions()),
    }
    Ok(())
}

/// Says what is wrong with the templates; fails where something is, on warnings only if `strict`.
fn checked(environment: &Environment, stacks: &[Stack], strict: bool) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let today = Date::of_unix(now.context("the clock stands before 1970")?.as_secs());
    let setting = Setting {
        today,
        environment: Some(environment.stage.name()),
    };
    let (mut faults, mut waived) = (0, 0);
    for stack in stacks {
        let verdict = judge(&Document::of(&stack.template), &setting);
        waived += verdict.waived.len();
        // A note asks for nothing; who wants to know all says `--check`.
        let open = verdict.open.iter();
        for finding in open.filter(|finding| strict || finding.severity() != Severity::Note) {
            eprintln!("{}: {finding}", stack.name);
            faults += usize::from(match finding.severity() {
                Severity::Error => true,
                Severity::Warning => strict,
                Severity::Note => false,
            });
        }
    }
    if faults > 0 {
        anyhow::bail!("{faults} findings; mend them, waive them with a reason, or pass --no-check to synth");
    }
    if strict {
        eprintln!(
            "nothing is wrong with {}; {waived} findings are waived",
            environment.stage
        );
    }
    Ok(())
}

fn priced(bill: &Bill, arguments: &Arguments) -> String {
    let detail = if arguments.explain {
        Detail::Formulas
    } else {
        Detail::Resources
    };
    let mut lines = match arguments.format {
        Format::Json => vec![report::json(&bill.estimates)],
        Format::Table => report::table(&bill.estimates, detail),
        Format::Markdown => report::markdown(&bill.estimates, detail),
    };
    if let Some(over) = bill.over_budget() {
        match arguments.format {
            // Standard output is one object.
            Format::Json => eprintln!("note: {over}"),
            Format::Table => lines.push(over.to_string()),
            Format::Markdown => lines.extend([String::new(), over.to_string()]),
        }
    }
    lines.join("\n") + "\n"
}

/// The policies as JSON, one to a line.
fn deploy_role(stacks: &[Stack]) -> String {
    let role = deploy_role::of(stacks.iter().map(|stack| &stack.template));
    for kind in &role.silent {
        eprintln!("note: the schema of {kind} does not say what it calls; add that by hand");
    }
    let policies = role
        .policies
        .into_iter()
        .map(|policy| json::to_string(&policy.to_node()));
    format!("[{}]\n", policies.collect::<Vec<_>>().join(",\n"))
}

fn known_regions() -> String {
    let names = infra_price::Region::ALL.map(infra_price::Region::name);
    format!("prices are known for {}", names.join(" and "))
}

fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
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
