//! What a program needs of the machine that starts it, read from its ELF headers.
//!
//! A program linked on a newer Linux asks for newer versions of glibc's symbols, and the loader
//! of Lambda's runtime then refuses it with "version `GLIBC_2.38' not found", at the first
//! invocation. Here it is refused before the upload.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context, Result, bail};
use object::elf::{FileHeader64, SHT_DYNSYM, VER_FLG_WEAK, VersionIndex};
use object::read::elf::{ElfFile64, FileHeader, SectionTable, Sym};
use object::{Architecture, Endianness, Object};

/// A processor that Lambda offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Arch {
    /// Graviton
    #[value(name = "arm64")]
    Arm64,
    /// Intel and AMD
    #[value(name = "x86_64")]
    X86_64,
}

impl Arch {
    /// Rust's name for it.
    pub(super) fn rust(self) -> &'static str {
        match self {
            Arch::Arm64 => "aarch64",
            Arch::X86_64 => "x86_64",
        }
    }

    /// Rust's target.
    pub(super) fn triple(self) -> &'static str {
        match self {
            Arch::Arm64 => "aarch64-unknown-linux-gnu",
            Arch::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }

    fn elf(self) -> Architecture {
        match self {
            Arch::Arm64 => Architecture::Aarch64,
            Arch::X86_64 => Architecture::X86_64,
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Arch::Arm64 => "arm64",
            Arch::X86_64 => "x86_64",
        })
    }
}

/// A version of glibc: major, minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32, pub(super) u32);

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.0, self.1)
    }
}

impl Version {
    /// The version in `GLIBC_2.38` or `GLIBC_2.2.5`; none for anything else.
    fn parse(name: &str) -> Option<Version> {
        let mut parts = name.strip_prefix("GLIBC_")?.split('.');
        Some(Version(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }
}

/// Refuses a program for another processor, or one that needs a newer glibc than `newest`.
pub(super) fn check(program: &[u8], arch: Arch, newest: Version) -> Result<()> {
    let file: ElfFile64<'_, Endianness> = ElfFile64::parse(program).context("it is not a 64-bit ELF program")?;
    if file.architecture() != arch.elf() {
        bail!("it is built for {:?}, not for {arch}", file.architecture());
    }
    let needed = needed(&file).context("its symbol versions cannot be read")?;
    let found = needed.keys().next_back().copied();
    let symbols: Vec<_> = needed
        .into_iter()
        .filter(|(version, _)| *version > newest)
        .flat_map(|(version, names)| names.into_iter().map(move |name| format!("{name} ({version})")))
        .collect();
    if let Some(found) = found.filter(|_| !symbols.is_empty()) {
        bail!(
            "it needs glibc {found} for {}, and provided.al2023 has {newest}; \
             run `cargo install cargo-zigbuild && pip install ziglang`, or build on an older Linux",
            symbols.join(", ")
        );
    }
    Ok(())
}

/// The symbols that the program takes from glibc, by the version that they need.
fn needed(file: &ElfFile64<'_, Endianness>) -> object::Result<BTreeMap<Version, Vec<String>>> {
    let mut needed: BTreeMap<Version, Vec<String>> = BTreeMap::new();
    let (endian, data) = (file.endian(), file.data());
    let sections = file.elf_header().sections(endian, data)?;
    let symbols = sections.symbols(endian, data, SHT_DYNSYM)?;
    let Some(versions) = sections.versions(endian, data)? else {
        // A static program needs nothing of the machine's glibc.
        return Ok(needed);
    };
    let optional = optional(&sections, endian, data)?;
    for (index, symbol) in symbols.enumerate() {
        let version = versions.version_index(endian, index);
        if !symbol.is_undefined(endian) || optional.contains(&version.index()) {
            continue;
        }
        let Some(version) = versions.version(version.index())? else {
            continue;
        };
        if let Some(version) = Version::parse(&String::from_utf8_lossy(version.name())) {
            let name = symbol.name(endian, symbols.strings())?;
            let names = needed.entry(version).or_default();
            names.push(String::from_utf8_lossy(name).into_owned());
        }
    }
    Ok(needed)
}

/// The numbers of the versions that the loader may miss: those that only weak symbols need, by
/// which the standard library tries what newer systems offer.
fn optional(
    sections: &SectionTable<'_, FileHeader64<Endianness>>,
    endian: Endianness,
    data: &[u8],
) -> object::Result<BTreeSet<VersionIndex>> {
    let mut optional = BTreeSet::new();
    let Some((mut libraries, _)) = sections.gnu_verneed(endian, data)? else {
        return Ok(optional);
    };
    while let Some((_, mut versions)) = libraries.next()? {
        while let Some(version) = versions.next()? {
            if version.vna_flags.get(endian).contains(VER_FLG_WEAK) {
                optional.insert(version.vna_other.get(endian));
            }
        }
    }
    Ok(optional)
}

#[cfg(test)]
mod tests;
