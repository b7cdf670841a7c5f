//! What can be wrong with an environment, each with the place and the cure.

use std::path::{Path, PathBuf};

use super::Setting;

/// Why there is no such environment.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name is none of the four.
    #[error("there is no environment `{name}`: did you mean `{nearest}`? (local, dev, staging or prod)")]
    UnknownStage {
        /// What was asked for.
        name: String,
        /// The nearest name that exists.
        nearest: String,
    },
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file has a key that means nothing.
    #[error("{}:{line}: unknown key `{key}`: did you mean `{nearest}`?", path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// The nearest key that means something there.
        nearest: String,
    },
    /// The file is not TOML, lacks a key, or has a value of another kind.
    #[error("{}:{line}: {what}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// What is said anew does not fit.
    #[error("`--set {setting}`: {what}")]
    Setting {
        /// The setting.
        setting: Setting,
        /// What is wrong.
        what: String,
    },
    /// A number is outside of what the service allows.
    #[error("{}: `{key}` is {value}, but must be from {least} to {most}", path.display())]
    OutOfRange {
        /// The file.
        path: PathBuf,
        /// The key, dotted.
        key: String,
        /// What it is.
        value: f64,
        /// The least that is allowed.
        least: f64,
        /// The most that is allowed.
        most: f64,
    },
    /// CloudWatch Logs offers certain numbers of days only.
    #[error("{}: `operations.log_days` is {value}, but CloudWatch Logs keeps logs for {nearest} days or another of its steps", path.display())]
    LogDays {
        /// The file.
        path: PathBuf,
        /// What it is.
        value: u16,
        /// The nearest number that is offered.
        nearest: u16,
    },
    /// Provisioned capacity without a number of shards.
    #[error("{}: `{section}.shards` is missing: provisioned capacity needs the number of shards", path.display())]
    ShardsMissing {
        /// The file.
        path: PathBuf,
        /// The stream's section.
        section: &'static str,
    },
    /// On-demand capacity with a number of shards.
    #[error("{}: `{section}.shards` is set: with on-demand capacity AWS decides, so take it out", path.display())]
    ShardsOnDemand {
        /// The file.
        path: PathBuf,
        /// The stream's section.
        section: &'static str,
    },
    /// The prefix cannot begin the name of a bucket.
    #[error("the prefix `{prefix}` must be 2 to 20 lower-case letters, digits and hyphens, starting with a letter")]
    Prefix {
        /// What was asked for.
        prefix: String,
    },
}

impl Error {
    pub(super) fn from_toml(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
        let path = path.to_owned();
        let message = error.message();
        match unknown(message) {
            Some((key, nearest)) => Error::UnknownKey {
                path,
                line,
                key,
                nearest,
            },
            None => Error::Malformed {
                path,
                line,
                what: message.to_owned(),
            },
        }
    }

    pub(super) fn from_setting(setting: &Setting, error: &toml::de::Error) -> Self {
        let message = error.message();
        let what = match unknown(message) {
            Some((key, nearest)) => format!("unknown key `{key}`: did you mean `{nearest}`?"),
            None => message.to_owned(),
        };
        Error::Setting {
            setting: setting.clone(),
            what,
        }
    }
}

/// The key that serde does not know, and the nearest one that it does.
fn unknown(message: &str) -> Option<(String, String)> {
    // serde's sentence for a key that `deny_unknown_fields` refuses names it first and then those
    // it knows, each in backticks.
    let mut quoted = message.split('`').skip(1).step_by(2);
    let key = quoted.next().filter(|_| message.starts_with("unknown field"))?;
    Some((key.to_owned(), nearest(key, quoted).to_owned()))
}

/// The candidate that is most like `word`.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> &'a str {
    let likeness = |candidate: &&str| (strsim::jaro_winkler(word, candidate) * 1e6) as u32;
    candidates.max_by_key(likeness).unwrap_or_default()
}

/// Bucket names are at most 63 characters and begin with the prefix; 20 leaves room for the rest.
pub(super) fn check_prefix(prefix: &str) -> Result<(), Error> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let well_formed = (2..=20).contains(&prefix.len())
        && prefix.starts_with(|letter: char| letter.is_ascii_lowercase())
        && !prefix.ends_with('-')
        && prefix.bytes().all(allowed);
    if well_formed {
        Ok(())
    } else {
        Err(Error::Prefix {
            prefix: prefix.to_owned(),
        })
    }
}

/// The retentions that CloudWatch Logs offers, in days (`PutRetentionPolicy`).
const LOG_DAYS: [u16; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

pub(super) fn check_log_days(path: &Path, value: u16) -> Result<(), Error> {
    let nearest = LOG_DAYS
        .into_iter()
        .min_by_key(|days| days.abs_diff(value))
        .unwrap_or(1);
    if nearest == value {
        Ok(())
    } else {
        Err(Error::LogDays {
            path: path.to_owned(),
            value,
            nearest,
        })
    }
}
