use object::read::elf::ElfFile64;

use super::{Arch, Version, check, needed};

/// This test itself: a program linked on this machine.
fn own() -> Vec<u8> {
    std::fs::read("/proc/self/exe").unwrap()
}

fn own_arch() -> (Arch, Arch) {
    match std::env::consts::ARCH {
        "aarch64" => (Arch::Arm64, Arch::X86_64),
        _ => (Arch::X86_64, Arch::Arm64),
    }
}

#[test]
fn versions_compare_as_numbers() {
    let parse = |name| Version::parse(name);
    assert_eq!(parse("GLIBC_2.34"), Some(Version(2, 34)));
    assert_eq!(parse("GLIBC_2.2.5"), Some(Version(2, 2)));
    assert!(parse("GLIBC_2.9") < parse("GLIBC_2.10"));
    assert_eq!(parse("GLIBC_PRIVATE"), None);
    assert_eq!(parse("GCC_3.0"), None);
}

#[test]
fn a_program_is_accepted_at_the_version_that_it_needs_and_refused_below() {
    let program = own();
    let file = ElfFile64::parse(&*program).unwrap();
    let needed = needed(&file).unwrap();
    let newest = *needed.keys().next_back().unwrap();
    let symbol = &needed[&newest][0];
    assert!(
        newest >= Version(2, 17),
        "Rust's own oldest glibc is 2.17, found {newest}"
    );

    check(&program, own_arch().0, newest).unwrap();
    let error = check(&program, own_arch().0, Version(2, newest.1 - 1))
        .unwrap_err()
        .to_string();
    assert!(error.starts_with(&format!("it needs glibc {newest} for ")), "{error}");
    assert!(error.contains(&format!("{symbol} ({newest})")), "{error}");
    assert!(error.contains("cargo install cargo-zigbuild"), "{error}");
}

#[test]
fn a_program_for_the_other_processor_is_refused() {
    let error = check(&own(), own_arch().1, Version(9, 0)).unwrap_err().to_string();
    assert!(error.contains("not for "), "{error}");
}

#[test]
fn a_script_is_not_a_program() {
    let error = check(b"#!/bin/sh", Arch::Arm64, Version(2, 34))
        .unwrap_err()
        .to_string();
    assert_eq!(error, "it is not a 64-bit ELF program");
}
