//! What an environment calls its things: the outputs of its stacks and the names of its functions.

use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the names come from; `cargo xtask` says both.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The stacks' outputs as one JSON object, as `infra-deploy outputs --json` prints them
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "HEADEND_OUTPUTS",
        hide_env_values = true
    )]
    outputs: Option<PathBuf>,
    /// What the names of the environment's functions begin with, such as `headend-dev-`
    #[arg(
        long,
        global = true,
        value_name = "TEXT",
        env = "HEADEND_BEGINNING",
        default_value = ""
    )]
    beginning: String,
}

/// The names of an environment.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    values: BTreeMap<String, String>,
    beginning: String,
}

impl Args {
    /// Reads the file, if one was named.
    pub(crate) fn load(&self) -> Result<Outputs> {
        let values = match &self.outputs {
            None => BTreeMap::new(),
            Some(path) => {
                let text = std::fs::read(path)
                    .with_context(|| format!("cannot read the stacks' outputs from {}", path.display()))?;
                serde_json::from_slice(&text)
                    .with_context(|| format!("{} is not a JSON object of output names and texts", path.display()))?
            }
        };
        Ok(Outputs {
            values,
            beginning: self.beginning.clone(),
        })
    }
}

impl Outputs {
    /// The output of this name.
    pub(crate) fn get(&self, name: &str) -> Result<&str> {
        let value = self.values.get(name).map(String::as_str);
        value.with_context(|| {
            if self.values.is_empty() {
                format!("no {name}: pass --outputs FILE with what `cargo xtask outputs --json` prints")
            } else {
                format!("the outputs have no {name}: deploy the TV guide again")
            }
        })
    }

    /// The name that a program's function has in this environment.
    pub(crate) fn function(&self, program: &str) -> String {
        match program.starts_with(&self.beginning) {
            true => program.to_owned(),
            false => format!("{}{program}", self.beginning),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outputs;

    #[test]
    fn a_function_is_named_by_its_program_or_in_full() {
        let outputs = Outputs {
            beginning: "headend-dev-".to_owned(),
            ..Outputs::default()
        };
        assert_eq!(outputs.function("lake-transform"), "headend-dev-lake-transform");
        assert_eq!(
            outputs.function("headend-dev-lake-transform"),
            "headend-dev-lake-transform"
        );
        assert_eq!(Outputs::default().function("mine"), "mine");
    }

    #[test]
    fn a_missing_output_says_where_it_would_come_from() {
        let none = Outputs::default().get("ApiUrl").unwrap_err().to_string();
        assert!(none.contains("--outputs FILE"), "{none}");
        let others = Outputs {
            values: [("StreamName".to_owned(), "events".to_owned())].into(),
            ..Outputs::default()
        };
        let old = others.get("ApiUrl").unwrap_err().to_string();
        assert_eq!(old, "the outputs have no ApiUrl: deploy the TV guide again");
    }
}
