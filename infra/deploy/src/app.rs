//! The program of a crate that has stacks of its own: `deploy`, `destroy`, `outputs` and `synth`.
//!
//! `infra-deploy` reads environment files and knows the stacks of this workspace; this module
//! needs neither, so that any crate becomes such a program with one line.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, Subcommand};
use infra_check::{Document, Setting, Severity, judge};
use infra_core::{Date, Stack};

use crate::bucket::{self, s3::S3};
use crate::client::Aws;
use crate::clock::{Clock as _, System};
use crate::cloudformation::{CloudFormation as _, Standing, sdk::Sdk};
use crate::console::{Interrupted, Screen, unless_interrupted};
use crate::engine::Engine;
use crate::parameter::{self, Given};
use crate::site::Surroundings;
use crate::{deploy, destroy, fleet, outputs};

/// Deploy these stacks through CloudFormation change sets.
///
/// Goes wherever the AWS settings point: AWS_PROFILE or AWS_ACCESS_KEY_ID and
/// AWS_SECRET_ACCESS_KEY for the account, AWS_ENDPOINT_URL for a local cloud.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// What all names begin with
    #[arg(long, global = true, default_value = "headend")]
    prefix: String,
    /// Region to deploy to
    #[arg(long, global = true, env = "AWS_REGION", default_value = "eu-west-2")]
    region: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the templates as YAML
    Synth,
    /// Create or update the stacks, after showing the changes
    Deploy {
        /// Folder with a zip per function, named after its program
        #[arg(long, value_name = "DIR", default_value = "target/lambda")]
        assets: PathBuf,
        /// Folder that the folders of the stacks' sites are in
        #[arg(long, value_name = "DIR", default_value = ".")]
        sites: PathBuf,
        /// Carry out the changes without asking
        #[arg(long)]
        yes: bool,
        /// Set a parameter of a template: NAME=VALUE, or NAME=env:VARIABLE for a secret
        #[arg(long = "parameter", value_name = "NAME=VALUE")]
        parameters: Vec<Given>,
        /// Allow this stateful resource to be replaced or removed, and its data to be lost
        #[arg(long, value_name = "LOGICAL_ID")]
        allow_replace: Vec<String>,
    },
    /// Delete the stacks, after showing what would go
    Destroy {
        /// Delete without asking
        #[arg(long)]
        yes: bool,
        /// Delete all objects of the buckets that go with the stacks
        #[arg(long)]
        empty_buckets: bool,
    },
    /// Print the outputs of the stacks as one JSON object
    Outputs,
}

/// Parses the command line and does what it says with the stacks of its prefix, in their order.
///
/// ```no_run
/// use infra_core::{Stack, Template};
///
/// fn stacks(prefix: &str) -> Vec<Stack> {
///     vec![Stack::new(format!("{prefix}-orders"), Template::new("Orders"))]
/// }
///
/// fn main() -> std::process::ExitCode {
///     infra_deploy::app::run(stacks)
/// }
/// ```
pub fn run(stacks: impl FnOnce(&str) -> Vec<Stack>) -> ExitCode {
    let arguments = Arguments::parse();
    let stacks = stacks(&arguments.prefix);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(obey(&arguments, &stacks));
    // A question that nobody has answered must not hold up the end.
    runtime.shutdown_background();
    match result {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(if error.is::<Interrupted>() { 130 } else { 1 })
        }
    }
}

/// Does what was asked for; gives what goes to standard output.
async fn obey(arguments: &Arguments, stacks: &[Stack]) -> Result<String> {
    check(stacks)?;
    if let Command::Synth = arguments.command {
        let documents: Vec<String> = stacks.iter().map(|stack| stack.template.to_yaml()).collect();
        return Ok(documents.join("---\n").trim_end().to_owned());
    }
    let place = Place::open(arguments).await?;
    match &arguments.command {
        Command::Synth => {}
        Command::Deploy {
            assets,
            sites,
            yes,
            parameters,
            allow_replace,
        } => {
            let given = parameter::values(parameters, |name| std::env::var(name).ok())?;
            parameter::check(&given, stacks)?;
            let options = deploy::Options {
                yes: *yes,
                allow_replace: allow_replace.clone(),
                ..deploy::Options::default()
            };
            place.ensure_bucket().await?;
            // Questions are asked one at a time.
            let limit = if *yes { fleet::AT_ONCE } else { 1 };
            let bucket = &place.bucket;
            place
                .engine
                .each(stacks, limit, async |engine, stack| {
                    let plan = engine.plan(stack, bucket, assets).await?.given(&given)?;
                    let outputs = engine.deploy(&plan, bucket, &options).await?.outputs;
                    for site in &stack.sites {
                        engine.upload(site, sites, &outputs, &place.surroundings).await?;
                    }
                    Ok(())
                })
                .await?;
        }
        Command::Destroy { yes, empty_buckets } => {
            let options = destroy::Options {
                yes: *yes,
                empty_buckets: *empty_buckets,
                ..destroy::Options::default()
            };
            for stack in stacks.iter().rev() {
                place.engine.destroy(&stack.name, &options).await?;
            }
            return Ok(String::new());
        }
        Command::Outputs => {}
    }
    place.outputs(stacks).await
}

/// Refuses templates that are not well formed or would fail, each fault with its line of Rust;
/// says what somebody will regret.
fn check(stacks: &[Stack]) -> Result<()> {
    let setting = Setting {
        today: Date::of_unix(System.now().as_secs()),
        environment: None,
    };
    for stack in stacks {
        if let Err(faults) = stack.template.check() {
            let faults: String = faults.iter().map(|fault| format!("\n  {fault}")).collect();
            bail!("stack {} is not well formed:{faults}", stack.name);
        }
        let open = judge(&Document::of(&stack.template), &setting).open;
        for finding in &open {
            eprintln!("{}: {finding}", stack.name);
        }
        let errors = open.iter().filter(|finding| finding.severity() == Severity::Error);
        match errors.count() {
            0 => {}
            errors => bail!(
                "stack {} has {errors} faults; mend them, or waive them with a reason",
                stack.name
            ),
        }
    }
    Ok(())
}

/// An account and region, and the engine that works there.
struct Place {
    engine: Engine<Sdk, S3, System, Screen>,
    bucket: String,
    tags: Vec<(String, String)>,
    surroundings: Surroundings,
}

impl Place {
    async fn open(arguments: &Arguments) -> Result<Self> {
        let aws = Aws::connect(Some(&arguments.region)).await?;
        let identity = aws.identity().await?;
        Ok(Place {
            bucket: bucket::name(&arguments.prefix, &identity, &arguments.region),
            engine: Engine {
                cloud: aws.cloudformation(),
                objects: aws.s3(&identity),
                clock: System,
                console: Screen::open()?,
                run: format!("infra-deploy-{}-{}", System.now().as_millis(), std::process::id()),
            },
            surroundings: aws.surroundings(&identity),
            tags: vec![
                ("Application".to_owned(), arguments.prefix.clone()),
                ("ManagedBy".to_owned(), "infra-deploy".to_owned()),
            ],
        })
    }

    /// Makes the asset bucket where it is lacking.
    async fn ensure_bucket(&self) -> Result<()> {
        let Engine { objects, console, .. } = &self.engine;
        let work = bucket::ensure(objects, console, &self.bucket, &self.tags);
        let meaning = || "interrupted; nothing was deployed".to_owned();
        unless_interrupted(console, meaning, work).await.map(drop)
    }

    /// The outputs of all stacks, as JSON.
    async fn outputs(&self, stacks: &[Stack]) -> Result<String> {
        let mut found = Vec::new();
        for stack in stacks {
            let stands = self.engine.cloud.stack(&stack.name).await?;
            let stands = stands.filter(|stack| stack.status.standing() != Standing::Absent);
            let stands = stands.with_context(|| format!("stack {} does not exist; deploy it first", stack.name))?;
            found.push(stands.outputs);
        }
        outputs::json(&outputs::merge(found)?)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use infra_core::{Stack, Template};

    use super::{Arguments, check};

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    fn stack(template: Template) -> Stack {
        Stack::new("orders", template)
    }

    #[test]
    fn a_template_that_is_not_well_formed_is_refused_with_the_line() {
        let mut template = Template::new("Orders");
        template.output::<String>("not-a-name", "An output", "text");
        let said = check(&[stack(template)]).unwrap_err().to_string();
        assert!(said.starts_with("stack orders is not well formed:"), "{said}");
        assert!(said.contains("app.rs:"), "{said}");
    }

    #[test]
    fn a_template_that_would_fail_is_refused() {
        let too_long = Template::new("x".repeat(1_025));
        let said = check(&[stack(too_long)]).unwrap_err().to_string();
        assert!(said.starts_with("stack orders has "), "{said}");
    }
}
