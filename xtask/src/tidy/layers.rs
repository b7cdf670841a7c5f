//! Which crate may use which: dependencies point one way only.
//!
//! ```text
//! core < resources < check, price < diff < constructs < stacks < deploy
//! contract-kit < <app> < <app>-<part>, <app>-lambda
//! ```

use cargo_metadata::{DependencyKind, Metadata};

use super::Finding;

/// The layers of `infra/`, lowest first; a crate may use those before it.
const INFRA: [&[&str]; 7] = [
    &["infra-core"],
    &["infra-resources"],
    &["infra-check", "infra-price"],
    &["infra-diff"],
    &["infra-constructs"],
    &["infra-stacks", "infra-bench"],
    &["infra-deploy"],
];

const CONTRACT_KIT: &str = "contract-kit";
const LAMBDA_KIT: &str = "lambda-kit";
const STACKS: &str = "infra-stacks";

/// Crates that reach out of the process: a domain or a template that needs one is misplaced.
const OUTSIDE: [&str; 8] = [
    "aws-", "lambda_", "lambda-", "axum", "hyper", "reqwest", "sqlx", "tokio",
];

/// A package of the workspace.
#[derive(Debug, Clone)]
pub(super) struct Package {
    name: String,
    manifest: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone)]
struct Dependency {
    name: String,
    is_for_tests: bool,
}

/// What a package is, which decides what it may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role<'a> {
    /// A crate of `infra/` and its layer.
    Infra(usize),
    /// The words that contracts are written in.
    ContractKit,
    /// What every Lambda function starts with.
    LambdaKit,
    /// A pure domain.
    App,
    /// A pure part of an app with a heavy dependency of its own, such as `lake-parquet`.
    Part(&'a str),
    /// The Lambda functions, or the operator's program, of an app.
    Program(&'a str),
    /// The front door.
    Xtask,
    /// The tests that need the local cloud, and the guide, which is what a user's own crate would
    /// be: anything goes.
    Tests,
}

impl Package {
    /// The name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The folder in the workspace.
    pub(super) fn folder(&self) -> &str {
        self.manifest.trim_end_matches("/Cargo.toml")
    }

    /// What it uses outside of its tests.
    pub(super) fn uses_all(&self) -> impl Iterator<Item = &str> {
        let uses = self.dependencies.iter().filter(|dependency| !dependency.is_for_tests);
        uses.map(|dependency| dependency.name.as_str())
    }

    /// Whether it uses a package outside of its tests.
    pub(super) fn uses(&self, name: &str) -> bool {
        self.uses_all().any(|used| used == name)
    }

    /// A package in a folder of its name, for tests of rules about packages.
    #[cfg(test)]
    pub(super) fn of(name: &str, dependencies: &[&str]) -> Self {
        let dependency = |name: &&str| Dependency {
            name: (*name).to_owned(),
            is_for_tests: false,
        };
        Package {
            name: name.to_owned(),
            manifest: format!("{name}/Cargo.toml"),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }
}

pub(super) fn packages(metadata: &Metadata) -> Vec<Package> {
    let root = &metadata.workspace_root;
    let packages = metadata.workspace_packages().into_iter();
    packages
        .map(|package| Package {
            name: package.name.to_string(),
            manifest: package
                .manifest_path
                .strip_prefix(root)
                .unwrap_or(&package.manifest_path)
                .to_string(),
            dependencies: package
                .dependencies
                .iter()
                .map(|dependency| Dependency {
                    name: dependency.name.clone(),
                    is_for_tests: dependency.kind == DependencyKind::Development,
                })
                .collect(),
        })
        .collect()
}

/// Finds dependencies that point the wrong way.
pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let role = role(package, packages);
        // A crate that names itself does so to test with its features on.
        let others = package.dependencies.iter().filter(|it| it.name != package.name);
        for dependency in others {
            let other = packages.iter().find(|other| other.name == dependency.name);
            let cure = match other {
                Some(other) => misplaced(role, dependency, self::role(other, packages)),
                None => outside(role, dependency),
            };
            if let Some(cure) = cure {
                let what = format!("{} uses {}", package.name, dependency.name);
                findings.push(Finding::new(&package.manifest, 1, what, cure));
            }
        }
    }
    findings
}

fn role<'a>(package: &'a Package, packages: &'a [Package]) -> Role<'a> {
    let name = package.name.as_str();
    if let Some(layer) = INFRA.iter().position(|layer| layer.contains(&name)) {
        return Role::Infra(layer);
    }
    match name {
        CONTRACT_KIT => Role::ContractKit,
        LAMBDA_KIT => Role::LambdaKit,
        "xtask" => Role::Xtask,
        "localstack-tests" | "guide" => Role::Tests,
        _ => {
            let apps = packages.iter().map(|other| other.name.as_str());
            let app = apps.filter(|app| name.strip_prefix(app).is_some_and(|rest| rest.starts_with('-')));
            match app.max_by_key(|app| app.len()) {
                Some(app) if name.ends_with("-lambda") || name.ends_with("-cli") => Role::Program(app),
                Some(app) => Role::Part(app),
                None => Role::App,
            }
        }
    }
}

/// Why `role` may not use a package of the workspace; none where it may.
fn misplaced(role: Role<'_>, dependency: &Dependency, other: Role<'_>) -> Option<&'static str> {
    let name = dependency.name.as_str();
    let is_allowed = match (role, other) {
        // Tests may take a real contract for an example.
        (_, Role::App | Role::ContractKit) if dependency.is_for_tests => true,
        (Role::Tests, _) | (Role::LambdaKit | Role::App | Role::Part(_) | Role::Program(_), Role::ContractKit) => true,
        (Role::Infra(layer), Role::Infra(below)) => below < layer,
        // Constructs make columns into tables, stacks read the contracts.
        (Role::Infra(layer), Role::ContractKit) => layer >= layer_of("infra-constructs"),
        (Role::Infra(layer), Role::App) => layer == layer_of(STACKS),
        (Role::Part(app), Role::App) => name == app,
        (Role::Program(app), Role::App) => name == app,
        (Role::Program(app), Role::Part(of)) => of == app,
        (Role::Program(_), Role::LambdaKit) => true,
        _ => false,
    };
    (!is_allowed).then_some("dependencies point one way: infra up its layers, an app at contract-kit, programs at apps")
}

fn layer_of(name: &str) -> usize {
    INFRA
        .iter()
        .position(|layer| layer.contains(&name))
        .unwrap_or(INFRA.len())
}

/// Why `role` may not use a crate that others wrote; none where it may.
fn outside(role: Role<'_>, dependency: &Dependency) -> Option<&'static str> {
    let is = |prefix: &str| dependency.name.starts_with(prefix);
    match role {
        Role::App | Role::Part(_) | Role::ContractKit if !dependency.is_for_tests => OUTSIDE
            .into_iter()
            .any(is)
            .then_some("a domain is data in, data out; put this into the app's -lambda crate"),
        Role::Infra(layer) if layer <= layer_of(STACKS) && !dependency.is_for_tests => OUTSIDE
            .into_iter()
            .any(is)
            .then_some("synthesis does no IO; put this into infra-deploy"),
        Role::Xtask => is("aws-").then_some("xtask builds in seconds; put this into the program that it runs"),
        _ => None,
    }
}

/// Finds what a stack reads of an app beside its contract.
pub(super) fn contracts_only(path: &str, text: &str, packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let apps = packages.iter().filter(|package| role(package, packages) == Role::App);
    for app in apps.map(|package| package.name.replace('-', "_")) {
        // A module of the app's name hides the crate, which is then `::app`.
        let is_hidden = text.lines().any(|line| brings_module(line, &app));
        for (index, line) in text.lines().enumerate() {
            if !line.trim_start().starts_with("//") && reads_more(line, &app, is_hidden) {
                let what = format!("reads `{app}` beyond its contract");
                findings.push(Finding::new(
                    path,
                    index + 1,
                    what,
                    "move what both need into the app's contract",
                ));
            }
        }
    }
    findings
}

/// Whether the line makes `name` mean a module of the stacks' own.
fn brings_module(line: &str, name: &str) -> bool {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let mut words = line
        .split(|char| !is_word(char))
        .filter(|word| !word.is_empty() && *word != "pub");
    match words.next() {
        Some("mod") => words.next() == Some(name),
        Some("use") => matches!(words.next(), Some("crate" | "super")) && words.any(|word| word == name),
        _ => false,
    }
}

/// Whether the line names something of the crate `app` that is not in its module `contract`.
fn reads_more(line: &str, app: &str, is_hidden: bool) -> bool {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let path = format!("{app}::");
    line.match_indices(&path).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + path.len()..]);
        let is_crate = match before.strip_suffix("::") {
            // `::app::…` is the crate, `crate::app::…` is a module.
            Some(parent) => !parent.ends_with(is_word),
            None => !before.ends_with(is_word) && !is_hidden,
        };
        let is_contract = after
            .strip_prefix("contract")
            .is_some_and(|rest| !rest.starts_with(is_word));
        is_crate && !is_contract
    })
}

#[cfg(test)]
mod tests;
