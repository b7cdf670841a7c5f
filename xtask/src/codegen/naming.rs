//! Gives every struct and enumeration of a resource type a name that no other has.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};

use super::{
    build::split,
    emit,
    model::{Enum, Origin, Structs},
    name,
    overlay::Overlay,
    schema::Schema,
};

/// Endings of a struct's name that say nothing in front of an enumeration's.
const EMPTY_ENDINGS: [&str; 2] = ["Configuration", "Config"];

/// A struct is called like its definition or property, with its owner's name before it where that is taken.
pub(super) fn structs(schema: &Schema, overlay: &Overlay, structs: &mut Structs) -> Result<()> {
    let (_, resource) = split(&schema.type_name)?;
    let own = name::camel(resource);
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for key in structs.keys() {
        let (owner, short) = key.rsplit_once(['#', '.']).unwrap_or(("", resource));
        let (owner, short) = (name::camel(owner), name::camel(short));
        let is_taken = !key.is_empty() && (is_reserved(&short) || short == own || names.contains_key(&short));
        let name = match overlay.name(&schema.type_name, plain_key(key)) {
            Some(name) => name.to_owned(),
            None if is_taken && owner.is_empty() => format!("{own}{short}"),
            None if is_taken => format!("{owner}{short}"),
            None => short,
        };
        if let Some(other) = names.insert(name.clone(), key.clone()) {
            bail!("both `{other}` and `{key}` would be called {name}; name one in overlay.toml");
        }
    }
    for (name, key) in names {
        structs.entry(key).and_modify(|it| it.name = name);
    }
    Ok(())
}

/// An enumeration is called like its property, with the struct's name before it where the property's
/// is a single word (`Status`) or means different things in different structs.
pub(super) fn enums(schema: &Schema, overlay: &Overlay, structs: &Structs, enums: &mut [Enum]) -> Result<()> {
    let is_struct = |name: &str| structs.values().any(|it| it.name == name);
    let mut names: Vec<String> = Vec::new();
    for it in enums.iter() {
        let short = short(it);
        let is_other = |other: &Enum| self::short(other) == short && other.values != it.values;
        let is_ambiguous = is_nested(it) && (name::words(&short).len() == 1 || enums.iter().any(is_other));
        let full = full(it, structs);
        names.push(match overlay.name(&schema.type_name, &key(it)) {
            Some(name) => name.to_owned(),
            None if is_ambiguous || is_reserved(&short) || is_struct(&short) => {
                // `VersioningStatus` rather than `VersioningConfigurationStatus`.
                let shorter = EMPTY_ENDINGS
                    .iter()
                    .map(|ending| full.replacen(&format!("{ending}{short}"), &short, 1));
                let fits = |name: &String| *name != full && !is_struct(name) && !names.contains(name);
                shorter.into_iter().find(fits).unwrap_or(full)
            }
            None => short,
        });
    }
    for (it, name) in enums.iter_mut().zip(names) {
        it.name = name;
    }
    check(structs, enums)
}

fn check(structs: &Structs, enums: &[Enum]) -> Result<()> {
    for (at, it) in enums.iter().enumerate() {
        let is_struct = structs.values().any(|other| other.name == it.name);
        let is_other = enums[..at]
            .iter()
            .any(|other| other.name == it.name && other.values != it.values);
        ensure!(
            !is_struct && !is_other,
            "two types would be called {}; name one in overlay.toml",
            it.name
        );
        let variants: BTreeSet<String> = it.values.iter().map(|value| name::variant(value)).collect();
        ensure!(
            variants.len() == it.values.len(),
            "two values of {} have the same variant: {:?}",
            it.name,
            it.values
        );
    }
    Ok(())
}

fn is_reserved(name: &str) -> bool {
    emit::IMPORTS.contains(&name)
}

/// How the overlay writes the key of a struct.
fn plain_key(key: &str) -> &str {
    key.trim_start_matches(['#', '.'])
}

/// How the overlay writes the place of an enumeration.
fn key(it: &Enum) -> String {
    match &it.origin {
        Origin::Definition(definition) => definition.clone(),
        Origin::Property { owner, property } if owner.is_empty() => property.clone(),
        Origin::Property { owner, property } => format!("{}.{property}", plain_key(owner)),
    }
}

/// Whether the enumeration belongs to a struct other than the resource itself.
fn is_nested(it: &Enum) -> bool {
    matches!(&it.origin, Origin::Property { owner, .. } if !owner.is_empty())
}

fn short(it: &Enum) -> String {
    match &it.origin {
        Origin::Definition(definition) => name::camel(definition),
        Origin::Property { property, .. } => name::camel(property),
    }
}

fn full(it: &Enum, structs: &Structs) -> String {
    let owner = match &it.origin {
        Origin::Definition(_) => "",
        Origin::Property { owner, .. } => owner,
    };
    format!("{}{}", structs[owner].name, short(it))
}
