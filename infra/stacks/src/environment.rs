//! Environments: what differs between local, dev, staging and prod, as typed data.
//!
//! A file may hold nothing that is not known here, so that a misspelt key is an error and not a
//! default.

mod error;
mod range;
#[cfg(test)]
mod tests;
mod tv_guide;

use std::fmt;
use std::path::Path;

use infra_core::{Value, concat_values, pseudo};
use infra_price::Load;
use infra_resources::lambda::function;
use serde::Deserialize;

pub use error::Error;
pub use tv_guide::TvGuide;

/// One environment: a name, and all that its file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Which environment this is.
    pub stage: Stage,
    /// What all names begin with; two lakes of one account differ in it.
    pub prefix: String,
    /// What the file says.
    pub settings: Settings,
}

/// The environments that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// One machine, against the local cloud.
    Local,
    /// Where a change is tried first.
    Dev,
    /// Shaped like production.
    Staging,
    /// Production.
    Prod,
}

impl Stage {
    /// All environments, in the order in which a change passes through them.
    pub const ALL: [Stage; 4] = [Stage::Local, Stage::Dev, Stage::Staging, Stage::Prod];

    /// The name, which is also the name of the file.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Local => "local",
            Stage::Dev => "dev",
            Stage::Staging => "staging",
            Stage::Prod => "prod",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An environment's file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The AWS region, such as `eu-west-2`.
    pub region: String,
    /// What all stacks together may cost in a month, in US dollars; `deploy` asks above it.
    pub budget_usd_per_month: Option<u32>,
    /// The event lake.
    pub lake: Lake,
    /// How it is looked after.
    pub operations: Operations,
    /// What the lake is asked to do, for the price; nothing that is deployed depends on it.
    pub load: Load,
    /// The TV guide.
    pub tv_guide: TvGuide,
}

/// The event lake's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lake {
    /// The Kinesis stream.
    pub stream: Stream,
    /// The transform function and the batches it is given.
    pub transform: Transform,
    /// How Firehose collects events into objects.
    pub delivery: Delivery,
    /// The data bucket.
    pub data: Data,
}

/// The Kinesis stream's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Who decides on the number of shards.
    pub capacity: Capacity,
    /// Number of shards; only with provisioned capacity. One takes 1,000 records or 1 MB a second.
    pub shards: Option<u16>,
    /// How long a record can be read again, 24 to 8,760 hours; above 24 costs extra.
    pub retention_hours: u16,
}

/// Who decides on the number of shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capacity {
    /// AWS, from the load.
    OnDemand,
    /// This file.
    Provisioned,
}

/// The transform function's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transform {
    /// Memory, 128 to 10,240 MiB; processor share grows with it.
    pub memory_mib: u16,
    /// Longest run, 1 to 300 seconds: Firehose waits five minutes at most.
    pub timeout_seconds: u16,
    /// The processor that it is built for.
    pub architecture: Architecture,
    /// Raw megabytes per call, 0.2 to 3; small events above 2 MB overflow the 6 MB response.
    pub buffer_mb: f64,
    /// Longest wait for a full batch, 0 to 900 seconds.
    pub buffer_seconds: u16,
}

/// The processors that Lambda offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Architecture {
    /// AWS Graviton.
    #[serde(rename = "arm64")]
    Arm64,
    /// Intel and AMD.
    #[serde(rename = "x86_64")]
    X86,
}

impl From<Architecture> for function::Architecture {
    fn from(architecture: Architecture) -> Self {
        match architecture {
            Architecture::Arm64 => function::Architecture::Arm64,
            Architecture::X86 => function::Architecture::X86_64,
        }
    }
}

/// How Firehose collects events into objects.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Size of an object's input, 64 to 128 MiB: Firehose refuses less with Parquet conversion.
    pub buffer_mib: u16,
    /// Longest wait for a full buffer, 60 to 900 seconds.
    pub buffer_seconds: u16,
}

/// The data bucket's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// What happens to data when the stack is deleted.
    pub on_delete: OnDelete,
    /// Hours between two runs of the crawler that finds new partitions, 1 to 24; a run costs money.
    pub crawl_hours: u8,
    /// Days after which records that could not be delivered are removed.
    pub errors_expire_days: u16,
    /// Days after which query results are removed.
    pub results_expire_days: u16,
}

/// What happens to data when its stack is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnDelete {
    /// It stays, in a bucket and a stream without a stack.
    Keep,
    /// It goes too; `destroy` still asks before it empties a bucket.
    Delete,
}

/// How the systems are looked after.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// Days that logs are kept; one of the numbers that CloudWatch Logs offers.
    pub log_days: u16,
    /// Who is told about alarms; each address must confirm its subscription.
    pub alarm_emails: Vec<String>,
    /// Whether AWS refuses to delete the stacks until that is taken back.
    pub termination_protection: bool,
    /// How long alarms are watched after an update, to roll it back when one goes off; 0 to 180
    /// minutes, 0 for not at all.
    pub rollback_minutes: u16,
}

impl Environment {
    /// Reads `<directory>/<name>.toml`.
    ///
    /// # Errors
    ///
    /// When no such environment is known, or its file is not as it should be; the sentence names
    /// the file, the key and the cure.
    pub fn load(directory: &Path, name: &str, prefix: &str) -> Result<Self, Error> {
        let stage = stage(name)?;
        let path = directory.join(format!("{stage}.toml"));
        let text = std::fs::read_to_string(&path).map_err(|source| Error::Unreadable {
            path: path.clone(),
            source,
        })?;
        Self::parse(stage, prefix, &path, &text)
    }

    /// Takes an environment from the text of its file; `path` is for messages.
    ///
    /// # Errors
    ///
    /// See [`Environment::load`].
    pub fn parse(stage: Stage, prefix: &str, path: &Path, text: &str) -> Result<Self, Error> {
        error::check_prefix(prefix)?;
        let settings = toml::from_str(text).map_err(|error| Error::from_toml(path, text, &error))?;
        let environment = Environment {
            stage,
            prefix: prefix.to_owned(),
            settings,
        };
        range::check(path, &environment.settings)?;
        Ok(environment)
    }

    /// `{prefix}-{stage}-{what}`: how everything with a name of its own is called.
    pub fn name(&self, what: &str) -> String {
        format!("{}-{}-{what}", self.prefix, self.stage)
    }

    /// What the stack of this name is asked to do, for its price.
    pub fn load_of(&self, stack: &str) -> &Load {
        match stack == self.name(crate::tv_guide::SYSTEM) {
            true => &self.settings.tv_guide.load,
            false => &self.settings.load,
        }
    }

    /// The name of a bucket: these are shared by all of AWS, hence account and region.
    pub fn bucket_name(&self, what: &str) -> Value<String> {
        concat_values![self.name(what), "-", pseudo::account_id(), "-", pseudo::region()]
    }
}

fn stage(name: &str) -> Result<Stage, Error> {
    let known = Stage::ALL.iter().find(|stage| stage.name() == name);
    known.copied().ok_or_else(|| {
        let nearest = error::nearest(name, Stage::ALL.iter().map(|stage| stage.name()));
        Error::UnknownStage {
            name: name.to_owned(),
            nearest: nearest.to_owned(),
        }
    })
}
