//! Which of the user's arguments are ours, and which are the program's.

use std::ffi::{OsStr, OsString};

use anyhow::{Context, Result, bail};

use super::LOCAL;

/// Who reads the arguments that pass through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// `infra-synth`, which takes `--env`.
    Synth,
    /// `infra-deploy`, which takes `--env` and `--prefix`.
    Deploy,
    /// `lake-cli`, which knows outputs and no environments.
    Lake,
    /// `tv-guide-cli`, likewise.
    Guide,
}

/// The user's arguments, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// `--env`, `local` where it is missing.
    pub(super) env: String,
    /// `--name`: which local cloud.
    pub(super) name: Option<String>,
    /// `--prefix`: whose stacks.
    pub(super) prefix: Option<String>,
    /// Whether only the program's help is wanted.
    pub(super) is_help: bool,
    /// Whether `diff` compares with a git revision, which needs no cloud.
    pub(super) is_against: bool,
    /// What the program gets.
    pub(super) rest: Vec<OsString>,
}

impl Split {
    pub(super) fn new(audience: Audience, arguments: Vec<OsString>) -> Result<Split> {
        let mut split = Split {
            env: LOCAL.to_owned(),
            name: None,
            prefix: None,
            is_help: false,
            is_against: false,
            rest: Vec::new(),
        };
        let mut env_is_given = false;
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (flag, value) = halves(&argument);
            let mut value = || text(flag, value.map(OsString::from).or_else(|| arguments.next()));
            match flag {
                "--env" => {
                    split.env = value()?;
                    env_is_given = true;
                }
                "--name" => split.name = Some(value()?),
                "--prefix" => split.prefix = Some(value()?),
                "--" => {
                    split.rest.push(argument);
                    split.rest.extend(arguments);
                    break;
                }
                _ => {
                    split.is_help |= matches!(flag, "--help" | "-h");
                    split.is_against |= flag == "--against";
                    split.rest.push(argument);
                }
            }
        }
        split.give_back(audience, env_is_given);
        Ok(split)
    }

    /// The names of the template parameters that the user gives.
    pub(super) fn parameters(&self) -> Vec<&str> {
        let given = self.values("--parameter").into_iter();
        given
            .filter_map(|given| given.split_once('='))
            .map(|(name, _)| name)
            .collect()
    }

    /// The settings of the environment's file that the user says anew.
    pub(super) fn settings(&self) -> Vec<&str> {
        self.values("--set")
    }

    /// The values of a flag that may come several times.
    fn values(&self, wanted: &str) -> Vec<&str> {
        let mut values = Vec::new();
        let mut arguments = self.rest.iter();
        while let Some(argument) = arguments.next() {
            match halves(argument) {
                (flag, Some(value)) if flag == wanted => values.push(value),
                (flag, None) if flag == wanted => values.extend(arguments.next().and_then(|value| value.to_str())),
                _ => {}
            }
        }
        values
    }

    /// Puts first what both we and the program want to know.
    fn give_back(&mut self, audience: Audience, env_is_given: bool) {
        let mut first = Vec::new();
        // `infra-synth` without `--env` may have an answer of its own.
        if audience == Audience::Deploy || (audience == Audience::Synth && env_is_given) {
            first.extend(["--env".into(), OsString::from(&self.env)]);
        }
        let knows = matches!(audience, Audience::Synth | Audience::Deploy);
        if let Some(prefix) = self.prefix.as_ref().filter(|_| knows) {
            first.extend(["--prefix".into(), OsString::from(prefix)]);
        }
        self.rest.splice(0..0, first);
    }
}

/// `--flag=value` as its halves; the flag alone where there is no `=`.
fn halves(argument: &OsStr) -> (&str, Option<&str>) {
    // What is not text is no flag of ours.
    let text = argument.to_str().unwrap_or_default();
    match text.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
        _ => (text, None),
    }
}

fn text(flag: &str, value: Option<OsString>) -> Result<String> {
    let value = value.with_context(|| format!("{flag} needs a value"))?;
    match value.into_string() {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => bail!("{flag} needs a value"),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{Audience, Split};

    fn split(audience: Audience, arguments: &[&str]) -> Result<Split, String> {
        let arguments = arguments.iter().map(OsString::from).collect();
        Split::new(audience, arguments).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn check(audience: Audience, arguments: &[&str], rest: &[&str]) -> Split {
        let split = split(audience, arguments).unwrap();
        assert_eq!(split.rest, rest);
        split
    }

    #[test]
    fn the_environment_is_local_unless_said() {
        assert_eq!(check(Audience::Lake, &["SELECT 1"], &["SELECT 1"]).env, "local");
        assert_eq!(check(Audience::Deploy, &[], &["--env", "local"]).env, "local");
        check(Audience::Synth, &[], &[]);
    }

    #[test]
    fn lake_cli_knows_no_environments() {
        let split = check(
            Audience::Lake,
            &[
                "--count",
                "5",
                "--env",
                "dev",
                "--name=two",
                "--prefix",
                "mine",
                "--json",
            ],
            &["--count", "5", "--json"],
        );
        assert_eq!(split.env, "dev");
        assert_eq!(split.name.as_deref(), Some("two"));
        assert_eq!(split.prefix.as_deref(), Some("mine"));
    }

    #[test]
    fn infra_deploy_keeps_environment_and_prefix() {
        check(
            Audience::Deploy,
            &["--yes", "--env=dev", "--prefix=mine"],
            &["--env", "dev", "--prefix", "mine", "--yes"],
        );
    }

    #[test]
    fn an_equals_sign_in_sql_is_not_a_flag() {
        let sql = "SELECT '--env=prod' AS a WHERE b=c";
        assert_eq!(check(Audience::Lake, &[sql], &[sql]).env, "local");
    }

    #[test]
    fn after_two_dashes_everything_is_the_programs() {
        let split = check(Audience::Lake, &["--", "--env", "dev"], &["--", "--env", "dev"]);
        assert_eq!(split.env, "local");
    }

    #[test]
    fn parameters_that_the_user_gives_are_seen_in_either_form() {
        let arguments = ["--yes", "--parameter", "A=1=2", "--parameter=B=env:C", "--app", "D=3"];
        let split = split(Audience::Deploy, &arguments).unwrap();
        assert_eq!(split.parameters(), ["A", "B"]);
    }

    #[test]
    fn settings_that_the_user_says_anew_are_seen_and_pass_through() {
        let arguments = ["--set", "lake.delivery=direct", "--yes", "--set=lake.stream.shards=4"];
        let split = split(Audience::Synth, &arguments).unwrap();
        assert_eq!(split.settings(), ["lake.delivery=direct", "lake.stream.shards=4"]);
        assert_eq!(split.rest, arguments);
    }

    #[test]
    fn a_revision_to_compare_with_is_seen() {
        let against = |arguments: &[&str]| split(Audience::Deploy, arguments).unwrap().is_against;
        assert!(against(&["--against", "main"]) && against(&["--against=main"]));
        assert!(!against(&["--format", "json"]));
    }

    #[test]
    fn help_passes_through() {
        assert!(check(Audience::Lake, &["--help"], &["--help"]).is_help);
        assert!(check(Audience::Synth, &["-h"], &["-h"]).is_help);
    }

    #[test]
    fn a_flag_without_its_value_is_named() {
        assert_eq!(split(Audience::Lake, &["--env"]), Err("--env needs a value".to_owned()));
        assert_eq!(
            split(Audience::Lake, &["--name="]),
            Err("--name needs a value".to_owned())
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_text_passes_through() {
        use std::os::unix::ffi::OsStringExt;
        let path = OsString::from_vec(b"events-\xff.json".to_vec());
        let split = Split::new(Audience::Lake, vec!["--input".into(), path.clone()]).unwrap();
        assert_eq!(split.rest, ["--input".into(), path]);
    }
}
