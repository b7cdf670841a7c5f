//! One setting of an environment's file, said anew for one run: `lake.delivery=direct`.

use std::fmt;
use std::str::FromStr;

use toml::{Table, Value};

/// A key of an environment's file, dotted, and the value that it is to have instead.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    path: Vec<String>,
    value: Value,
}

/// A text that is no setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no setting: write KEY=VALUE with the key as in the file, such as lake.stream.shards=4")]
pub struct NotASetting(String);

impl FromStr for Setting {
    type Err = NotASetting;

    /// A value is read as in the file; one that means nothing there is a text, so that a shell's
    /// quotes are enough.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotASetting(text.to_owned());
        let (key, value) = text.split_once('=').ok_or_else(refused)?;
        let path: Vec<String> = key.trim().split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(refused());
        }
        let value = value.trim();
        let read = format!("value = {value}").parse::<Table>();
        let read = read.ok().and_then(|mut table| table.remove("value"));
        let value = read.unwrap_or_else(|| Value::String(value.to_owned()));
        Ok(Setting { path, value })
    }
}

impl Setting {
    /// Puts the value where the key says, over what is there.
    pub(super) fn apply(&self, table: &mut Table) {
        let Some((last, sections)) = self.path.split_last() else {
            return;
        };
        let mut section = table;
        for name in sections {
            let entry = section.entry(name).or_insert_with(|| Value::Table(Table::new()));
            if !entry.is_table() {
                *entry = Value::Table(Table::new());
            }
            match entry {
                Value::Table(table) => section = table,
                _ => return,
            }
        }
        section.insert(last.clone(), self.value.clone());
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.path.join("."), self.value)
    }
}
