//! Environments: what differs between local, dev, staging and prod, as typed data.
//!
//! A file may hold nothing that is not known here, so that a misspelt key is an error and not a
//! default.

mod error;
mod lake;
mod range;
mod setting;
#[cfg(test)]
mod tests;
mod tv_guide;

use std::fmt;
use std::path::Path;

use infra_core::{Value, concat_values, pseudo};
use infra_price::Load;
use serde::Deserialize;

pub use error::Error;
pub use lake::{Architecture, Capacity, Compact, Data, Delivery, Direct, Firehose, Lake, OnDelete, Stream, Transform};
pub use setting::{NotASetting, Setting};
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
        Self::load_with(directory, name, prefix, &[])
    }

    /// The same, with some of the file's settings said anew, the last one of a key counting.
    ///
    /// # Errors
    ///
    /// As for [`Environment::load`], and when a setting does not fit.
    pub fn load_with(directory: &Path, name: &str, prefix: &str, settings: &[Setting]) -> Result<Self, Error> {
        let stage = stage(name)?;
        let path = directory.join(format!("{stage}.toml"));
        let text = std::fs::read_to_string(&path).map_err(|source| Error::Unreadable {
            path: path.clone(),
            source,
        })?;
        Self::parse(stage, prefix, &path, &text, settings)
    }

    /// Takes an environment from the text of its file and what is said anew; `path` is for messages.
    ///
    /// # Errors
    ///
    /// See [`Environment::load_with`].
    pub fn parse(stage: Stage, prefix: &str, path: &Path, text: &str, anew: &[Setting]) -> Result<Self, Error> {
        error::check_prefix(prefix)?;
        let from_file = |error| Error::from_toml(path, text, &error);
        let mut settings = toml::from_str(text).map_err(from_file)?;
        if !anew.is_empty() {
            let mut table = toml::from_str(text).map_err(from_file)?;
            for setting in anew {
                setting.apply(&mut table);
                // One at a time, so that the one that does not fit is named.
                settings =
                    Settings::deserialize(table.clone()).map_err(|error| Error::from_setting(setting, &error))?;
            }
        }
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
