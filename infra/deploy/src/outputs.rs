//! A stack's outputs, for people and for scripts.

use crate::table;
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;

/// Puts the outputs of several stacks together.
///
/// # Errors
/// Two stacks have an output of the same name.
pub fn merge(stacks: impl IntoIterator<Item = Vec<(String, String)>>) -> Result<BTreeMap<String, String>> {
    let mut merged = BTreeMap::new();
    for (name, value) in stacks.into_iter().flatten() {
        if merged.contains_key(&name) {
            bail!("two stacks have an output {name}; give one of them another name");
        }
        merged.insert(name, value);
    }
    Ok(merged)
}

/// An aligned table.
pub fn table(outputs: &BTreeMap<String, String>) -> Vec<String> {
    let rows: Vec<[String; 2]> = outputs
        .iter()
        .map(|(name, value)| [name.clone(), value.clone()])
        .collect();
    table::lines(["OUTPUT", "VALUE"], &rows)
}

/// One JSON object, on one line.
///
/// # Errors
/// None that a map of strings could cause.
pub fn json(outputs: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(outputs).context("cannot write the outputs as JSON")
}

/// One output's value.
///
/// # Errors
/// There is none of this name; the message lists those that there are.
pub fn one<'a>(outputs: &'a BTreeMap<String, String>, name: &str) -> Result<&'a str> {
    match outputs.get(name) {
        Some(value) => Ok(value),
        None => {
            let names: Vec<&str> = outputs.keys().map(String::as_str).collect();
            bail!("there is no output {name}; there are {}", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{json, merge, one};

    fn output(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn outputs_of_all_stacks_are_one_object() {
        let outputs = merge([output("StreamName", "s"), output("Api", "\"quoted\"")]).unwrap();
        assert_eq!(json(&outputs).unwrap(), r#"{"Api":"\"quoted\"","StreamName":"s"}"#);
        assert_eq!(one(&outputs, "StreamName").unwrap(), "s");
        let message = one(&outputs, "Stream").unwrap_err().to_string();
        assert_eq!(message, "there is no output Stream; there are Api, StreamName");
    }

    #[test]
    fn one_name_twice_is_an_error() {
        assert!(merge([output("Url", "a"), output("Url", "b")]).is_err());
    }
}
