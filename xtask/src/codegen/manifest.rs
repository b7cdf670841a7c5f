//! `infra/resources/schemas.toml`: which types are generated, and from what.

use std::{collections::BTreeMap, fmt::Write};

use anyhow::{Context, Result};
use serde::Deserialize;

const HEAD: &str = "\
# The resource types of this crate, and the schemas that they are generated from.
# To add a type, add its name with an empty hash, describe it in overlay.toml, and run
# `cargo xtask codegen`, which fills in the date and the hashes.
";

/// The types to generate, and the pinned source of their schemas.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// The version of cfn-lint that must be installed.
    pub(super) cfn_lint: String,
    /// The region whose registry is read.
    pub(super) region: String,
    /// When cfn-lint took the schemas from AWS.
    pub(super) schema_date: String,
    /// Type to hash of its schema.
    pub(super) types: BTreeMap<String, String>,
}

impl Manifest {
    pub(super) fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context("schemas.toml does not have the expected form")
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = format!(
            "{HEAD}\ncfn_lint = \"{}\"\nregion = \"{}\"\nschema_date = \"{}\"\n\n[types]\n",
            self.cfn_lint, self.region, self.schema_date
        );
        for (name, hash) in &self.types {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\"{name}\" = \"{hash}\"");
        }
        text
    }
}
