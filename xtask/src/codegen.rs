//! `cargo xtask codegen`: the resource types of `infra/resources`, from the schemas that cfn-lint carries.
//!
//! The schemas themselves are not in the repository: `infra/resources/schemas.toml` pins the version of
//! cfn-lint that they come from, and only the generated Rust is committed.

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
mod overlay;
mod reference;
mod resolve;
mod schema;
mod writer;

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};

use manifest::Manifest;
use overlay::Overlay;
use schema::{Registry, Schema};

/// Where the crate of the resource types lies in the workspace.
const CRATE: &str = "infra/resources";

/// Writes the generated files; with `check`, compares them with those in the repository instead.
///
/// `root` is the workspace and `venv` the Python environment that holds cfn-lint.
///
/// # Errors
///
/// When cfn-lint is not the pinned version, when the overlay does not fit the schemas, or, with
/// `check`, when a file differs: the error names each.
pub(crate) fn run(root: &Path, venv: &Path, check: bool) -> Result<()> {
    let files = generate(root, venv)?;
    let folder = root.join(CRATE);
    let differing = differing(&folder, &files)?;
    if check && !differing.is_empty() {
        bail!(
            "these files are not what `cargo xtask codegen` writes: {}",
            differing.join(", ")
        );
    }
    if differing.is_empty() {
        println!("{CRATE}: all {} generated files are up to date", files.len());
    }
    for name in &differing {
        let path = folder.join(name);
        match files.get(name) {
            Some(text) => fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?,
            None => fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?,
        }
        println!("wrote {CRATE}/{name}");
    }
    Ok(())
}

/// All files, by their path in the crate.
fn generate(root: &Path, venv: &Path) -> Result<BTreeMap<String, String>> {
    let folder = root.join(CRATE);
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let mut manifest = Manifest::parse(&read("schemas.toml")?)?;
    let overlay = Overlay::parse(&read("overlay.toml")?)?;
    let registry = Registry::open(venv, &manifest.cfn_lint, &manifest.region)?;
    let schemas: Vec<Schema> = manifest
        .types
        .keys()
        .map(|name| registry.schema(name))
        .collect::<Result<_>>()?;
    let services = build::services(&schemas, &overlay)?;

    manifest.schema_date = registry.date.clone();
    manifest.types = schemas
        .iter()
        .map(|schema| (schema.type_name.clone(), schema.hash.clone()))
        .collect();
    let source = format!(
        "the schemas of cfn-lint {} ({})",
        manifest.cfn_lint, manifest.schema_date
    );
    let mut files = BTreeMap::from([("schemas.toml".to_owned(), manifest.to_text())]);
    files.insert(
        "Cargo.toml".to_owned(),
        feature::manifest(&read("Cargo.toml")?, &services)?,
    );
    files.insert(
        "src/generated/mod.rs".to_owned(),
        emit::table_of_contents(&services, &source),
    );
    for service in &services {
        files.insert(
            format!("src/generated/{}.rs", service.module),
            emit::service(service, &source),
        );
    }
    Ok(files)
}

/// The files that are missing, different, or there without being generated.
fn differing(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for (name, text) in files {
        let is_same = fs::read_to_string(folder.join(name)).is_ok_and(|present| present == *text);
        names.extend((!is_same).then(|| name.clone()));
    }
    let generated = folder.join("src/generated");
    fs::create_dir_all(&generated).with_context(|| format!("cannot make {}", generated.display()))?;
    for entry in fs::read_dir(&generated)? {
        let name = format!("src/generated/{}", entry?.file_name().to_string_lossy());
        names.extend((!files.contains_key(&name)).then_some(name));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests;
