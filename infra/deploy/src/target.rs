//! An environment and the place that it is deployed to.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use infra_core::Stack;
use infra_deploy::bucket::{self, s3::S3};
use infra_deploy::choice::choose;
use infra_deploy::client::Aws;
use infra_deploy::clock::{Clock as _, System};
use infra_deploy::cloudformation::{CloudFormation as _, Mode, Standing, sdk::Sdk};
use infra_deploy::console::{Console, Screen, unless_interrupted};
use infra_deploy::deploy::Options;
use infra_deploy::diff;
use infra_deploy::engine::Engine;
use infra_deploy::golden::Revision;
use infra_deploy::outputs;
use infra_deploy::parameter;
use infra_deploy::plan::Plan;
use infra_deploy::site::Surroundings;
use infra_diff::Diff;
use infra_diff::cost::Tariff;
use infra_stacks::environment::Stage;
use infra_stacks::price::{Bill, OverBudget};
use infra_stacks::{Environment, app};

use crate::cli::{self, Apps, Deploy, PREFIX, Place};

/// The stacks of an environment, and the engine that works on them.
pub(crate) struct Target {
    environment: Environment,
    /// What all stacks of the environment cost above its budget, the others included.
    over: Option<OverBudget>,
    pub(crate) stacks: Vec<Stack>,
    pub(crate) engine: Engine<Sdk, S3, System, Screen>,
    pub(crate) asset_bucket: String,
    /// The person's values of the templates' parameters.
    parameters: Vec<(String, String)>,
    surroundings: Surroundings,
}

impl Target {
    /// Synthesises the stacks of these apps, then finds out where they go.
    pub(crate) async fn open(place: &Place, apps: &Apps, parameters: Vec<(String, String)>) -> Result<Self> {
        let environment = environment(place)?;
        let stacks = app(&environment)?;
        let over = Bill::of(&environment, &stacks).and_then(|bill| bill.over_budget());
        parameter::check(&parameters, &stacks)?;
        let stacks = choose(stacks, &beginning(place), &apps.names)?;
        let region = place.region.as_ref().unwrap_or(&environment.settings.region);
        let aws = Aws::connect(Some(region)).await?;
        let identity = aws.identity().await?;
        let engine = Engine {
            cloud: aws.cloudformation(),
            objects: aws.s3(&identity),
            clock: System,
            console: Screen::open()?,
            run: format!("infra-deploy-{}-{}", System.now().as_millis(), std::process::id()),
        };
        engine.console.say(&format!(
            "environment {} in account {}, {region}",
            place.env, identity.account
        ));
        let asset_bucket = bucket::name(&place.prefix, &identity, region);
        Ok(Self {
            environment,
            over,
            stacks,
            engine,
            asset_bucket,
            parameters,
            surroundings: aws.surroundings(&identity),
        })
    }

    /// Makes the asset bucket what it should be.
    pub(crate) async fn bootstrap(&self, place: &Place) -> Result<()> {
        let Engine { objects, console, .. } = &self.engine;
        let tags = tags(place);
        let work = bucket::bootstrap(objects, console, &self.asset_bucket, &tags);
        unless_interrupted(console, nothing_deployed, work).await
    }

    /// Makes the asset bucket where it is lacking.
    pub(crate) async fn ensure_bucket(&self, arguments: &Deploy) -> Result<()> {
        let Engine { objects, console, .. } = &self.engine;
        let tags = tags(&arguments.place);
        let work = bucket::ensure(objects, console, &self.asset_bucket, &tags);
        unless_interrupted(console, nothing_deployed, work).await.map(drop)
    }

    /// Plans a stack and deploys it; gives back its outputs.
    pub(crate) async fn deploy<H: Console>(
        &self,
        engine: &Engine<Sdk, S3, System, H>,
        stack: &Stack,
        arguments: &Deploy,
        options: &Options,
    ) -> Result<Vec<(String, String)>> {
        let bucket = &self.asset_bucket;
        let operations = &self.environment.settings.operations;
        let plan = Plan {
            protected: operations.termination_protection,
            watch_minutes: operations.rollback_minutes,
            ..engine.plan(stack, bucket, &arguments.assets).await?
        };
        let plan = plan.given(&self.parameters)?;
        let outputs = engine.deploy(&plan, bucket, options).await?.outputs;
        for site in &stack.sites {
            engine
                .upload(site, &arguments.sites, &outputs, &self.surroundings)
                .await?;
        }
        Ok(outputs)
    }

    /// What the stacks cost above their budget, unless that is allowed.
    pub(crate) fn over_budget(&self, is_allowed: bool) -> Option<OverBudget> {
        let over = self.over?;
        if is_allowed {
            self.engine.console.say(&format!("{over}, which is allowed"));
            return None;
        }
        Some(over)
    }

    /// How the changes are to be carried out.
    pub(crate) fn mode(&self, arguments: &Deploy) -> Result<Mode> {
        match (arguments.express, self.environment.stage) {
            (true, Stage::Local | Stage::Dev) => Ok(Mode::Express {
                rollback: arguments.rollback,
            }),
            (true, stage) => bail!(
                "refused: EXPRESS leaves failures standing and does not wait until things work, \
                 which is not for {stage}; leave out --express"
            ),
            (false, _) if arguments.revert_drift => Ok(Mode::RevertDrift),
            (false, _) => Ok(Mode::Standard),
        }
    }

    /// The outputs of all stacks.
    pub(crate) async fn outputs(&self) -> Result<BTreeMap<String, String>> {
        let work = async {
            let mut found = Vec::new();
            for stack in &self.stacks {
                match self.engine.cloud.stack(&stack.name).await? {
                    Some(stands) if stands.status.standing() != Standing::Absent => found.push(stands.outputs),
                    _ => bail!("stack {} does not exist; make it with `cargo xtask deploy`", stack.name),
                }
            }
            outputs::merge(found)
        };
        unless_interrupted(&self.engine.console, || "interrupted".to_owned(), work).await
    }
}

/// What deploying the stacks of an environment would change.
pub(crate) async fn diffs(arguments: &cli::Diff) -> Result<Vec<Diff>> {
    let place = &arguments.place;
    let Some(name) = &arguments.against else {
        let target = Target::open(place, &arguments.apps, Vec::new()).await?;
        let mut diffs = Vec::new();
        for stack in &target.stacks {
            diffs.push(
                target
                    .engine
                    .diff(stack, tariff(&target.environment, &stack.name).as_ref())
                    .await?,
            );
        }
        return Ok(diffs);
    };
    if place.prefix != PREFIX {
        bail!("the committed templates have names that begin with {PREFIX}; leave out --prefix");
    }
    let environment = environment(place)?;
    let revision = Revision::find(&arguments.goldens, name)?;
    let tariff = |stack: &str| tariff(&environment, stack);
    let mut diffs = diff::against(&revision, &beginning(place), &app(&environment)?, tariff)?;
    if !arguments.apps.names.is_empty() {
        let chosen = choose(app(&environment)?, &beginning(place), &arguments.apps.names)?;
        diffs.retain(|diff| chosen.iter().any(|stack| stack.name == diff.stack));
    }
    Ok(diffs)
}

fn environment(place: &Place) -> Result<Environment> {
    let environment = Environment::load_with(&place.environments, &place.env, &place.prefix, &place.settings)?;
    Ok(environment)
}

/// What the names of an environment's stacks begin with.
fn beginning(place: &Place) -> String {
    format!("{}-{}-", place.prefix, place.env)
}

/// What a stack of an environment is priced by; none where no prices are known for its region.
fn tariff(environment: &Environment, stack: &str) -> Option<Tariff> {
    Tariff::of(environment.load_of(stack), &environment.settings.region)
}

fn nothing_deployed() -> String {
    "interrupted; nothing was deployed".to_owned()
}

fn tags(place: &Place) -> Vec<(String, String)> {
    vec![
        ("Application".to_owned(), place.prefix.clone()),
        ("ManagedBy".to_owned(), "infra-deploy".to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Environment, tariff};

    #[test]
    fn every_stack_is_priced_by_its_own_load() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
        let environment = Environment::load_with(&folder, "prod", "headend", &[]).unwrap();
        let settings = &environment.settings;
        assert_ne!(settings.load, settings.tv_guide.load);
        let load = |stack: &str| tariff(&environment, stack).unwrap().load;
        assert_eq!(load("headend-prod-lake"), settings.load);
        assert_eq!(load("headend-prod-tv-guide"), settings.tv_guide.load);
    }
}
