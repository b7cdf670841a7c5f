//! `package`: each Lambda function becomes `target/lambda/<name>.zip`.
//!
//! For the local cloud these are the programs that are built anyway. For AWS they are release
//! builds for `provided.al2023`, and refused when they would not start there.

mod archive;
mod elf;
mod processor;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{self, Built};
use crate::progress::size;
use crate::workspace::Workspace;
use crate::{child, forward};
pub(crate) use archive::{Packing, bootstrap};
use elf::Arch;

/// The glibc of `provided.al2023`, which is Amazon Linux 2023.
const GLIBC: elf::Version = elf::Version(2, 34);

/// What to package, and for whom.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// The environment: `local` takes the programs as built for the demo, others release builds
    #[arg(long, default_value = "dev")]
    env: String,
    /// The processor to build for [default: what the environment's templates say]
    #[arg(long, value_enum)]
    arch: Option<Arch>,
    /// One JSON object on standard output instead of lines
    #[arg(long)]
    json: bool,
}

/// The zips of packaged functions by name.
pub(crate) type Packages = BTreeMap<String, PathBuf>;

/// One packaged function, as it is reported.
#[derive(Debug, serde::Serialize)]
struct Package {
    file: PathBuf,
    bytes: u64,
    sha256: String,
}

impl Package {
    fn read(file: PathBuf) -> Result<Package> {
        let zip = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Package {
            bytes: zip.len() as u64,
            sha256: crate::tools::sha256(&zip),
            file,
        })
    }
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let packages = match args.arch {
        Some(arch) if args.env != forward::LOCAL => write(workspace, &for_aws(workspace, arch)?, Packing::Deflated)?,
        _ => environment(workspace, &cargo::build(workspace)?, &args.env, &[])?,
    };
    let packages = packages
        .into_iter()
        .map(|(name, file)| Ok((name, Package::read(file)?)));
    let packages: BTreeMap<String, Package> = packages.collect::<Result<_>>()?;
    if args.json {
        println!("{}", serde_json::to_string(&packages)?);
    }
    for (name, package) in packages.iter().filter(|_| !args.json) {
        let short = package.sha256.get(..12).unwrap_or_default();
        println!(
            "{name:<24} {:>9}  {short}  {}",
            size(package.bytes),
            package.file.display()
        );
    }
    Ok(())
}

/// Packages what an environment runs, with these settings of its file said anew.
pub(crate) fn environment(workspace: &Workspace, built: &Built, env: &str, settings: &[&str]) -> Result<Packages> {
    if env == forward::LOCAL {
        // The local cloud is on the same disk, where packing would take longer than copying.
        return write(workspace, built.functions(), Packing::Stored);
    }
    let wanted = processor::of_functions(workspace, built, env, settings)?;
    let mut functions = BTreeMap::new();
    for arch in wanted.values().copied().collect::<BTreeSet<_>>() {
        let built = for_aws(workspace, arch)?;
        functions.extend(built.into_iter().filter(|(name, _)| wanted.get(name) == Some(&arch)));
    }
    if let Some(name) = wanted.keys().find(|name| !functions.contains_key(*name)) {
        bail!("the templates of {env} want a program {name}, which the workspace does not have");
    }
    write(workspace, &functions, Packing::Deflated)
}

fn write(workspace: &Workspace, functions: &BTreeMap<String, PathBuf>, packing: Packing) -> Result<Packages> {
    let folder = workspace.zips();
    fs::create_dir_all(&folder).with_context(|| format!("cannot write {}; make it writable", folder.display()))?;
    let mut packages = BTreeMap::new();
    for (name, program) in functions {
        let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
        let zip = bootstrap(&bytes, packing)?;
        let file = folder.join(format!("{name}.zip"));
        replace(&file, &zip)?;
        packages.insert(name.clone(), file);
    }
    Ok(packages)
}

/// Writes a file in one step: whoever reads it sees the old one or the new one.
fn replace(file: &Path, bytes: &[u8]) -> Result<()> {
    let draft = file.with_extension(format!("{}.tmp", std::process::id()));
    fs::write(&draft, bytes)
        .and_then(|()| fs::rename(&draft, file))
        .with_context(|| format!("cannot write {}; make it writable", file.display()))
}

/// Release builds of all functions, known to start on `provided.al2023`.
fn for_aws(workspace: &Workspace, arch: Arch) -> Result<BTreeMap<String, PathBuf>> {
    let packages = cargo::function_packages(workspace)?;
    let functions = match builder(workspace, arch)? {
        Builder::Zig => {
            let mut command = cargo::command(workspace);
            let target = format!("{}.{GLIBC}", arch.triple());
            command.args(["zigbuild", "--release", "--bins", "--target", &target]);
            release(&mut command, &packages)?
        }
        Builder::CargoLambda => cargo_lambda(workspace, arch, &packages)?,
        Builder::Plain => {
            let mut command = cargo::command(workspace);
            command.args(["build", "--release", "--bins"]);
            release(&mut command, &packages)?
        }
    };
    for (name, program) in &functions {
        let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
        elf::check(&bytes, arch, GLIBC).with_context(|| format!("{name} would not start on AWS"))?;
    }
    Ok(functions)
}

/// What links a program against the right glibc.
#[derive(Debug, PartialEq, Eq)]
enum Builder {
    /// cargo-zigbuild: any processor, and exactly the glibc that is asked for.
    Zig,
    /// cargo-lambda, which uses zig, too.
    CargoLambda,
    /// The host's own linker and glibc; `elf::check` decides whether that will do.
    Plain,
}

fn builder(workspace: &Workspace, arch: Arch) -> Result<Builder> {
    if cargo::has(workspace, "zigbuild")? {
        return Ok(Builder::Zig);
    }
    if cargo::has(workspace, "lambda")? {
        return Ok(Builder::CargoLambda);
    }
    plain(arch, std::env::consts::OS, std::env::consts::ARCH)
}

fn plain(arch: Arch, os: &str, host: &str) -> Result<Builder> {
    if os == "linux" && arch.rust() == host {
        return Ok(Builder::Plain);
    }
    bail!(
        "building for {arch} on this {host} {os} needs zig; run `cargo install cargo-zigbuild && pip install ziglang` \
         and `rustup target add {}`{}",
        arch.triple(),
        if os == "linux" {
            ", or choose the other processor, by `--arch` or in the environment's file"
        } else {
            ""
        }
    );
}

fn release(command: &mut Command, packages: &[String]) -> Result<BTreeMap<String, PathBuf>> {
    for package in packages {
        command.args(["--package", package]);
    }
    Ok(cargo::artifacts(command)?.functions().clone())
}

/// cargo-lambda writes `<folder>/<name>/bootstrap`.
fn cargo_lambda(workspace: &Workspace, arch: Arch, packages: &[String]) -> Result<BTreeMap<String, PathBuf>> {
    let folder = workspace.scratch("cargo-lambda");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let mut command = cargo::command(workspace);
    command
        .args(["lambda", "build", "--release", "--bins", "--lambda-dir"])
        .arg(&folder);
    command.args(["--target", &format!("{}.{GLIBC}", arch.triple())]);
    for package in packages {
        command.args(["--package", package]);
    }
    child::run(&mut command)?;
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut functions = BTreeMap::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        functions.insert(name, entry.path().join("bootstrap"));
    }
    Ok(functions)
}

#[cfg(test)]
mod tests {
    use super::{Arch, Builder, plain};

    #[test]
    fn the_host_builds_for_itself_without_zig() {
        assert_eq!(plain(Arch::X86_64, "linux", "x86_64").unwrap(), Builder::Plain);
    }

    #[test]
    fn another_processor_needs_zig_or_the_other_flag() {
        let error = plain(Arch::Arm64, "linux", "x86_64").unwrap_err().to_string();
        assert!(error.contains("cargo install cargo-zigbuild"), "{error}");
        assert!(error.contains("rustup target add aarch64-unknown-linux-gnu"), "{error}");
        assert!(error.contains("or choose the other processor"), "{error}");
    }

    #[test]
    fn a_mac_needs_zig_for_either() {
        assert!(plain(Arch::Arm64, "macos", "aarch64").is_err());
    }
}
