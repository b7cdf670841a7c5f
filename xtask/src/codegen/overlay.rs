//! What the schemas do not say: `infra/resources/overlay.toml`.
//!
//! Every entry must match something; one that matches nothing is an error, so that the file cannot
//! outlive what it describes.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The overlay, and which of its entries have been used.
pub(super) struct Overlay {
    types: BTreeMap<String, Entry>,
    used: RefCell<BTreeSet<String>>,
}

/// What is added to one resource type.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// What it is, one short sentence without the full stop.
    about: String,
    /// What `Ref` gives, as far as the type's page settles it.
    #[serde(rename = "ref", default)]
    reference: Reference,
    /// Whether replacing or deleting it loses data.
    #[serde(default)]
    stateful: bool,
    /// Property path (`Property` or `Definition.Property`) to Rust type.
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// Attributes beyond or other than those that the schema types: name to Rust type.
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// Names for definitions and enumerations whose own would mislead: schema name to Rust name.
    #[serde(default)]
    names: BTreeMap<String, String>,
}

/// What `Ref` gives for a resource type.
#[derive(Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Reference {
    Arn,
    Name,
    Id,
    Url,
    /// Not settled, or nothing that a template could use.
    #[default]
    None,
}

impl Overlay {
    /// Reads the overlay.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let types = toml::from_str(text).context("overlay.toml does not have the expected form")?;
        Ok(Self {
            types,
            used: RefCell::default(),
        })
    }

    /// What the type is, in our own words.
    pub(super) fn about(&self, type_name: &str) -> Result<&str> {
        let entry = self
            .entry(type_name)
            .with_context(|| format!("overlay.toml says nothing about {type_name}"))?;
        Ok(&entry.about)
    }

    /// What `Ref` gives.
    pub(super) fn reference(&self, type_name: &str) -> Reference {
        self.entry(type_name).map_or(Reference::None, |entry| entry.reference)
    }

    /// Whether the type holds data.
    pub(super) fn is_stateful(&self, type_name: &str) -> bool {
        self.entry(type_name).is_some_and(|entry| entry.stateful)
    }

    /// The Rust type of the property at `path`.
    pub(super) fn field(&self, type_name: &str, path: &str) -> Option<&str> {
        self.look_up(type_name, "fields", path, |entry| &entry.fields)
    }

    /// The Rust type of an attribute that the schema has.
    pub(super) fn attribute(&self, type_name: &str, name: &str) -> Option<&str> {
        self.look_up(type_name, "attributes", name, |entry| &entry.attributes)
    }

    /// The attributes that the schema lacks.
    pub(super) fn further_attributes<'a>(&'a self, type_name: &str, known: &[String]) -> Vec<(&'a str, &'a str)> {
        let attributes = self.entry(type_name).into_iter().flat_map(|entry| &entry.attributes);
        let further: Vec<_> = attributes.filter(|(name, _)| !known.contains(name)).collect();
        for (name, _) in &further {
            self.mark(type_name, "attributes", name);
        }
        further
            .into_iter()
            .map(|(name, rust)| (name.as_str(), rust.as_str()))
            .collect()
    }

    /// The name to use instead of a definition's or an enumeration's own.
    pub(super) fn name(&self, type_name: &str, name: &str) -> Option<&str> {
        self.look_up(type_name, "names", name, |entry| &entry.names)
    }

    /// Fails when an entry has matched nothing; `types` are those that were generated.
    pub(super) fn check_all_used(&self, types: &BTreeSet<String>) -> Result<()> {
        let used = self.used.borrow();
        let mut unused = Vec::new();
        for (type_name, entry) in &self.types {
            if !types.contains(type_name) {
                unused.push(type_name.clone());
                continue;
            }
            let tables = [
                ("fields", &entry.fields),
                ("attributes", &entry.attributes),
                ("names", &entry.names),
            ];
            for (table, entries) in tables {
                let keys = entries.keys().map(|name| key(type_name, table, name));
                unused.extend(keys.filter(|key| !used.contains(key)));
            }
        }
        if !unused.is_empty() {
            bail!(
                "overlay.toml has entries that match nothing in the schemas: {}",
                unused.join(", ")
            );
        }
        Ok(())
    }

    fn entry(&self, type_name: &str) -> Option<&Entry> {
        self.types.get(type_name)
    }

    fn look_up<'a>(
        &'a self,
        type_name: &str,
        table: &str,
        name: &str,
        entries: impl Fn(&Entry) -> &BTreeMap<String, String>,
    ) -> Option<&'a str> {
        let found = entries(self.entry(type_name)?).get(name)?;
        self.mark(type_name, table, name);
        Some(found)
    }

    fn mark(&self, type_name: &str, table: &str, name: &str) {
        self.used.borrow_mut().insert(key(type_name, table, name));
    }
}

fn key(type_name: &str, table: &str, name: &str) -> String {
    format!("{type_name} {table}.\"{name}\"")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Overlay, Reference};

    const TEXT: &str = r#"
        ["AWS::Unit::Thing"]
        about = "A thing"
        ref = "name"
        fields = { "Role" = "Arn<iam::Role>" }
        attributes = { "ThingName" = "String" }
    "#;

    fn types(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_entry_that_matches_nothing_is_an_error() {
        let overlay = Overlay::parse(TEXT).unwrap();
        let error = overlay
            .check_all_used(&types(&["AWS::Unit::Thing"]))
            .unwrap_err()
            .to_string();
        assert!(error.contains(r#"AWS::Unit::Thing fields."Role""#), "{error}");
        assert!(error.contains(r#"AWS::Unit::Thing attributes."ThingName""#), "{error}");

        let error = overlay.check_all_used(&types(&[])).unwrap_err().to_string();
        assert!(error.contains("AWS::Unit::Thing"), "{error}");
    }

    #[test]
    fn what_was_looked_up_counts_as_used() {
        let overlay = Overlay::parse(TEXT).unwrap();
        assert_eq!(overlay.reference("AWS::Unit::Thing"), Reference::Name);
        assert_eq!(overlay.field("AWS::Unit::Thing", "Role"), Some("Arn<iam::Role>"));
        assert_eq!(overlay.field("AWS::Unit::Thing", "Absent"), None);
        assert_eq!(
            overlay.further_attributes("AWS::Unit::Thing", &[]),
            [("ThingName", "String")]
        );
        overlay.check_all_used(&types(&["AWS::Unit::Thing"])).unwrap();
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(Overlay::parse("[\"AWS::Unit::Thing\"]\nabout = \"A thing\"\nreff = \"name\"").is_err());
    }
}
