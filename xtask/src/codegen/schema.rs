//! Reads the registry schemas that the installed cfn-lint carries.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// One resource type as the registry describes it.
pub(super) struct Schema {
    /// `AWS::Kinesis::Stream`.
    pub(super) type_name: String,
    /// cfn-lint's name for this text: the hash of its content.
    pub(super) hash: String,
    /// The schema itself.
    pub(super) root: Value,
}

/// Where the schemas of one installed cfn-lint lie.
pub(super) struct Registry {
    folder: PathBuf,
    hashes: BTreeMap<String, String>,
    /// When cfn-lint took the schemas from AWS.
    pub(super) date: String,
}

impl Registry {
    /// Opens the cfn-lint in the virtual environment `venv`, which must have the version `pinned`.
    pub(super) fn open(venv: &Path, pinned: &str, region: &str) -> Result<Self> {
        let folder = package(venv, "cfnlint", pinned, "schemas.toml")?.join("data/schemas");
        let version = read_json(&folder.join("version.json"))?;
        let hashes = read_json(&folder.join(format!("providers/{region}.json")))?;
        Ok(Self {
            date: text(&version, "schema_date")
                .context("cfn-lint's version.json has no schema_date")?
                .to_owned(),
            hashes: serde_json::from_value(hashes).with_context(|| format!("list of types of {region}"))?,
            folder,
        })
    }

    /// The schema of one type.
    pub(super) fn schema(&self, type_name: &str) -> Result<Schema> {
        let hash = self
            .hashes
            .get(type_name)
            .with_context(|| format!("the registry has no type {type_name}"))?;
        let root = read_json(&self.folder.join(format!("resources/{hash}.json")))?;
        Ok(Schema {
            type_name: type_name.to_owned(),
            hash: hash.clone(),
            root,
        })
    }
}

/// A string member of an object.
pub(super) fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Value::as_str)
}

/// The strings in a list member of an object; none when it is absent.
pub(super) fn texts(node: &Value, key: &str) -> Vec<String> {
    let items = node.get(key).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Property pointers such as `/properties/Code/S3Key`, written `Code.S3Key` and sorted.
pub(super) fn paths(node: &Value, key: &str) -> Vec<String> {
    let dotted = |pointer: String| pointer.trim_start_matches("/properties/").replace('/', ".");
    let mut paths: Vec<String> = texts(node, key).into_iter().map(dotted).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// The folder of a Python package in `venv`, which must have the version that `manifest` pins.
pub(super) fn package(venv: &Path, package: &str, pinned: &str, manifest: &str) -> Result<PathBuf> {
    let packages = site_packages(venv, package)?;
    let installed = installed_version(&packages, package)?;
    ensure!(
        installed == pinned,
        "{package} {installed} is installed in {} but {manifest} pins {pinned}; \
         install that version or change the pin and regenerate",
        venv.display()
    );
    Ok(packages.join(package))
}

/// The folder in `venv` that holds `package` beside others.
pub(super) fn site_packages(venv: &Path, package: &str) -> Result<PathBuf> {
    let lib = venv.join("lib");
    let entries = fs::read_dir(&lib).with_context(|| format!("{} is no virtual environment", venv.display()))?;
    for entry in entries {
        let packages = entry?.path().join("site-packages");
        if packages.join(package).is_dir() {
            return Ok(packages);
        }
    }
    bail!("no {package} in {}; `cargo xtask codegen` installs it", venv.display())
}

/// The version beside a package: `cfn_lint-1.58.0.dist-info`, whose name may be cut differently.
fn installed_version(packages: &Path, package: &str) -> Result<String> {
    for entry in fs::read_dir(packages)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let parts = name.strip_suffix(".dist-info").and_then(|name| name.split_once('-'));
        if let Some((distribution, version)) = parts
            && distribution.replace('_', "") == package.replace('_', "")
        {
            return Ok(version.to_owned());
        }
    }
    bail!("{package} in {} does not say its version", packages.display())
}

pub(super) fn read_json(path: &Path) -> Result<Value> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not JSON", path.display()))
}
