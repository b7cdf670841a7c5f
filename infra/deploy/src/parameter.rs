//! Parameters of a template: what a person gives, and what is sent for each.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context as _, Result, bail};
use infra_core::Stack;

use crate::cloudformation::{Argument, Property};
use crate::template::{self, Declared};

/// A parameter as the command line has it: `NAME=VALUE`, or `NAME=env:VARIABLE` for a value that
/// must not be seen in the list of processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    name: String,
    source: Source,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Text(String),
    Variable(String),
}

impl FromStr for Given {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The text itself stays out of the message, it may be a secret.
        let usage = "a parameter is NAME=VALUE or NAME=env:VARIABLE";
        let (name, value) = text.split_once('=').ok_or(usage)?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(format!("{usage}, with a name of letters and digits"));
        }
        let source = match value.strip_prefix("env:") {
            Some("") => return Err(format!("{name} names no variable; write {name}=env:VARIABLE")),
            Some(variable) => Source::Variable(variable.to_owned()),
            None => Source::Text(value.to_owned()),
        };
        Ok(Given {
            name: name.to_owned(),
            source,
        })
    }
}

/// The values of what was given, by name; `environment` reads a variable.
///
/// # Errors
/// A name is given twice, or a variable is not set.
pub fn values(given: &[Given], environment: impl Fn(&str) -> Option<String>) -> Result<Vec<(String, String)>> {
    let mut values: Vec<(String, String)> = Vec::with_capacity(given.len());
    for Given { name, source } in given {
        if values.iter().any(|(other, _)| other == name) {
            bail!("parameter {name} is given twice");
        }
        let value = match source {
            Source::Text(text) => text.clone(),
            Source::Variable(variable) => environment(variable)
                .with_context(|| format!("parameter {name} is to come from {variable}, which is not set"))?,
        };
        values.push((name.clone(), value));
    }
    Ok(values)
}

/// Refuses a name that the template of none of these stacks declares.
///
/// # Errors
/// There is such a name; the sentence says which one is nearest.
pub fn check(values: &[(String, String)], stacks: &[Stack]) -> Result<()> {
    let mut known = BTreeMap::new();
    for stack in stacks {
        known.extend(template::parameters(&stack.template.to_json())?);
    }
    match values.iter().find(|(name, _)| !known.contains_key(name)) {
        Some((name, _)) => bail!("{}", unknown(name, known.keys().map(String::as_str))),
        None => Ok(()),
    }
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let likeness = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    match known.max_by(|a, b| likeness(a).total_cmp(&likeness(b))) {
        Some(nearest) => format!("no template has a parameter {name}; did you mean {nearest}?"),
        None => format!("no template has a parameter {name}, nor any other"),
    }
}

/// What is sent for the parameters of a stack's template: what is given, and for a secret that
/// is not, the value that the stack holds. Of the rest the service takes the defaults.
///
/// # Errors
/// A parameter has neither value nor default; the sentence says how to give it.
pub(crate) fn arguments(
    stack: &str,
    declared: &BTreeMap<String, Declared>,
    given: &[(String, String)],
    held: &[String],
) -> Result<Vec<(String, Argument)>> {
    let mut arguments = Vec::new();
    for (name, parameter) in declared {
        let argument = match given.iter().find(|(other, _)| other == name) {
            Some((_, value)) => Argument::Given(value.clone()),
            None if parameter.is_secret() && held.contains(name) => Argument::Held,
            None if parameter.has_default() => continue,
            None => {
                let form = if parameter.is_secret() { "env:VARIABLE" } else { "VALUE" };
                let meaning = parameter.description.as_deref().unwrap_or("a value");
                bail!("stack {stack} wants {name} ({meaning}); pass --parameter {name}={form}")
            }
        };
        arguments.push((name.clone(), argument));
    }
    Ok(arguments)
}

/// Takes secrets out of values that are shown.
pub(crate) fn hide(
    properties: &mut [Property],
    declared: &BTreeMap<String, Declared>,
    arguments: &[(String, Argument)],
) {
    for (name, argument) in arguments {
        let Argument::Given(secret) = argument else { continue };
        if secret.is_empty() || !declared.get(name).is_some_and(Declared::is_secret) {
            continue;
        }
        for property in properties.iter_mut() {
            for value in [&mut property.before, &mut property.after].into_iter().flatten() {
                *value = value.replace(secret.as_str(), "****");
            }
        }
    }
}

#[cfg(test)]
mod tests;
