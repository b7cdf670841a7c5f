//! The command line.

use clap::{Args, Parser, Subcommand};
use infra_deploy::parameter::Given;
use infra_diff::report::Format;
use infra_stacks::environment::Setting;
use std::path::PathBuf;

/// Deploy the stacks of an environment through CloudFormation change sets.
///
/// Goes wherever the AWS settings point: AWS_PROFILE or AWS_ACCESS_KEY_ID and
/// AWS_SECRET_ACCESS_KEY for the account, AWS_ENDPOINT_URL for a local cloud.
///
/// Results go to standard output, everything else to standard error.
#[derive(Debug, Parser)]
#[command(name = "infra-deploy", max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done, or there was nothing to do
  1    failed, refused, or answered with no; the last line says why
  2    wrong usage
  130  interrupted; the last line says what goes on without us";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what deploying would change
    ///
    /// Property by property, with what is replaced, which data that loses, and which permissions
    /// come and go; the worst first. The code of functions is no part of it.
    #[command(after_help = "\
Examples:
  cargo xtask diff --env dev                          against what is deployed
  cargo xtask diff --env prod --against main          against a git revision, without any cloud
  cargo xtask diff --env prod --against main --format markdown
                                                      for a pull request
  cargo xtask diff --env prod --exit-code             in a script: exit code 1 where something differs")]
    Diff(Diff),
    /// Create or update the stacks
    ///
    /// Uploads what changed, shows the changes, asks, carries them out and shows how they go. A
    /// failed update is rolled back by CloudFormation, and its root cause is printed last.
    #[command(after_help = "\
Examples:
  cargo xtask deploy --env dev                        show the changes, ask, deploy
  cargo xtask deploy --env dev --yes --json           in a script: no question, outputs as JSON
  cargo xtask deploy --env dev --app tv-guide --parameter WatchModeApiKey=env:WATCHMODE_KEY
                                                      one stack; a secret from a variable
  cargo xtask deploy --env dev --allow-replace Stream let go of the data in one resource
  cargo xtask deploy --env dev --continue-rollback --skip Queue
                                                      end a rollback that failed on one resource

Exit code 0 when deployed or unchanged, 1 when failed or refused, 130 when interrupted.")]
    Deploy(Deploy),
    /// Delete the stacks and what is in them
    ///
    /// Shows what would go, and asks. A bucket that holds objects is refused without
    /// --empty-buckets. What the template says outlives its stack is left behind and listed;
    /// --delete-retained takes the buckets among it along, with all that they hold.
    #[command(after_help = "\
Examples:
  cargo xtask destroy --env dev                       show what would go, ask, delete
  cargo xtask destroy --env dev --empty-buckets       with all objects in the stacks' buckets
  cargo xtask destroy --env local --yes --empty-buckets --delete-retained
                                                      leave nothing, ask nothing

Exit code 0 when destroyed or not there, 1 when failed or refused, 130 when interrupted.")]
    Destroy(Destroy),
    /// Print the outputs of the stacks
    #[command(after_help = "\
Examples:
  cargo xtask outputs --env dev                       all of them, as a table
  cargo xtask outputs --env dev StreamName            one value, for a shell script
  cargo xtask outputs --env dev --app lake --json     those of one stack, as one JSON object")]
    Outputs(Outputs),
    /// Find out what was changed by hand since the stacks were deployed
    ///
    /// CloudFormation compares each resource with the template and changes nothing. `deploy
    /// --revert-drift` puts back what is found.
    #[command(after_help = "\
Examples:
  cargo xtask drift --env prod                        a table of what differs
  cargo xtask drift --env prod --exit-code --json     in a script: exit code 1 where something does")]
    Drift(Drift),
    /// Make the bucket that zips and large templates are uploaded to
    ///
    /// Deploying does it too where the bucket is lacking. Run it by itself to have the bucket made
    /// by somebody with more rights, or to put its settings back in order.
    #[command(after_help = "\
Example:
  infra-deploy bootstrap --env prod")]
    Bootstrap(Place),
}

/// What all names begin with unless somebody says otherwise, as in the committed templates.
pub(crate) const PREFIX: &str = "headend";

/// Which environment, and where.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Environment: local, dev, staging or prod
    #[arg(long, default_value = "local")]
    pub(crate) env: String,
    /// What all names begin with
    #[arg(long, default_value = PREFIX)]
    pub(crate) prefix: String,
    /// Folder that holds the environment files
    #[arg(long, value_name = "DIR", default_value = "environments")]
    pub(crate) environments: PathBuf,
    /// Say a setting of the environment's file anew for this run: lake.delivery=direct; may be given
    /// several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<Setting>,
    /// Region to use instead of the one in the environment file
    #[arg(long)]
    pub(crate) region: Option<String>,
}

/// Which of the environment's stacks.
#[derive(Debug, Default, Args)]
pub(crate) struct Apps {
    /// Only the stack of this app, such as `lake`; may be given several times
    #[arg(long = "app", value_name = "NAME")]
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) apps: Apps,
    /// Compare with the committed templates of this git revision instead of what is deployed
    #[arg(long, value_name = "REVISION")]
    pub(crate) against: Option<String>,
    /// How to write the difference
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Fail where something differs
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// Folder that holds the committed templates
    #[arg(long, value_name = "DIR", default_value = "infra/stacks/golden")]
    pub(crate) goldens: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) apps: Apps,
    /// Folder that holds the zips made by `cargo xtask package`
    #[arg(long, value_name = "DIR", default_value = "target/lambda")]
    pub(crate) assets: PathBuf,
    /// Folder that the folders of the stacks' sites are in
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) sites: PathBuf,
    /// Carry out the changes without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Set a parameter of a template: NAME=VALUE, or NAME=env:VARIABLE for a secret; a secret that
    /// is not given keeps its value, every other parameter gets its default
    #[arg(long = "parameter", value_name = "NAME=VALUE")]
    pub(crate) parameters: Vec<Given>,
    /// Agree to what the stacks cost above the environment's budget; --yes alone does not
    #[arg(long)]
    pub(crate) over_budget: bool,
    /// Allow this stateful resource to be replaced or removed, and its data to be lost
    #[arg(long, value_name = "LOGICAL_ID")]
    pub(crate) allow_replace: Vec<String>,
    /// Finish the rollback of an update that failed, and deploy nothing
    #[arg(long)]
    pub(crate) continue_rollback: bool,
    /// Leave this resource as it is where it cannot be put back
    #[arg(long, value_name = "LOGICAL_ID", requires = "continue_rollback")]
    pub(crate) skip: Vec<String>,
    /// Be done as soon as settings are applied, and leave a failure standing; local and dev only
    #[arg(long)]
    pub(crate) express: bool,
    /// Roll a failure back all the same
    #[arg(long, requires = "express")]
    pub(crate) rollback: bool,
    /// Put back, too, what somebody has changed by hand
    #[arg(long, conflicts_with = "express")]
    pub(crate) revert_drift: bool,
    /// Print the outputs as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) apps: Apps,
    /// Delete without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Delete all objects, in all versions, of the buckets that go with the stacks
    #[arg(long)]
    pub(crate) empty_buckets: bool,
    /// Delete also the buckets that are meant to outlive the stacks, with all that they hold
    #[arg(long)]
    pub(crate) delete_retained: bool,
    /// Delete also stacks that are protected against deletion
    #[arg(long)]
    pub(crate) release_protection: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Outputs {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) apps: Apps,
    /// Print this output's value only
    pub(crate) name: Option<String>,
    /// Print all outputs as one JSON object
    #[arg(long, conflicts_with = "name")]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Drift {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) apps: Apps,
    /// Print one JSON array, with an object per stack
    #[arg(long)]
    pub(crate) json: bool,
    /// Fail where a resource is not as its template says
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
