//! What the stack calls its things: the outputs file that `cargo xtask` writes.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the outputs are.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The stack's outputs as one JSON object, as `infra-deploy outputs --json` prints them
    #[arg(long, global = true, value_name = "FILE", env = "HEADEND_OUTPUTS")]
    outputs: Option<PathBuf>,
}

impl Args {
    /// Reads the file, if one was named.
    pub(crate) fn load(&self) -> Result<Outputs> {
        let Some(path) = &self.outputs else {
            return Ok(Outputs::default());
        };
        let text =
            std::fs::read(path).with_context(|| format!("cannot read the stack's outputs from {}", path.display()))?;
        let values = serde_json::from_slice(&text)
            .with_context(|| format!("{} is not a JSON object of output names and strings", path.display()))?;
        Ok(Outputs { values })
    }
}

/// The outputs of one stack; empty when no file was named.
#[derive(Default)]
pub(crate) struct Outputs {
    values: BTreeMap<String, String>,
}

impl Outputs {
    /// The output of this key, if there is one.
    pub(crate) fn get(&self, key: &str) -> Option<String> {
        self.values.get(key).cloned()
    }

    /// The value given on the command line, else the output of this key.
    ///
    /// `option` is the flag that would have given it, for the error.
    pub(crate) fn or(&self, given: Option<String>, key: &str, option: &str) -> Result<String> {
        given.or_else(|| self.get(key)).with_context(|| {
            if self.values.is_empty() {
                format!(
                    "no {key}: give {option}, or --outputs FILE with the stack's outputs \
                     (`cargo xtask outputs --env ENV --json`)"
                )
            } else {
                format!("the outputs file has no {key}: deploy the stack again, or give {option}")
            }
        })
    }
}
