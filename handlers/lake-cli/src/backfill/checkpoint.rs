//! How far a backfill has got: a small file that is replaced after each request.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where checkpoints go when none is named, below the current folder.
const DEFAULT_FOLDER: &str = "target/backfill";

/// How far each part of a backfill has got.
#[derive(Debug)]
pub(super) struct Checkpoint {
    path: PathBuf,
    kept: Kept,
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// What is filled from what; another backfill's places say nothing of this one.
    what: String,
    /// Where the time range ends, in milliseconds since 1970; none for files.
    #[serde(default)]
    end_ms: Option<i64>,
    /// The last line, or the last record's sequence number, of each file or shard.
    places: BTreeMap<String, String>,
}

impl Checkpoint {
    /// Reads what an earlier run of the same command has kept, if there was one.
    pub(super) fn open(path: Option<PathBuf>, what: &str) -> Result<Self> {
        let path = path.unwrap_or_else(|| {
            let mut hasher = DefaultHasher::new();
            what.hash(&mut hasher);
            PathBuf::from(DEFAULT_FOLDER).join(format!("{:016x}.json", hasher.finish()))
        });
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let fresh = || Kept {
            what: what.to_owned(),
            end_ms: None,
            places: BTreeMap::new(),
        };
        let kept = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .with_context(|| format!("{} is no checkpoint; name another file", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => fresh(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let known = &kept.what;
        ensure!(
            known == what,
            "{} is the checkpoint of `{known}`; name another file",
            path.display()
        );
        Ok(Checkpoint { path, kept })
    }

    /// How far a part has got.
    pub(super) fn place(&self, part: &str) -> Option<&str> {
        self.kept.places.get(part).map(String::as_str)
    }

    /// Where the time range ends: here, unless an earlier run has kept another end.
    pub(super) fn end(&mut self, here: Timestamp) -> Result<Timestamp> {
        let end = *self.kept.end_ms.get_or_insert(here.as_millisecond());
        self.write()?;
        Timestamp::from_millisecond(end).with_context(|| format!("the end in {} is no time", self.path.display()))
    }

    /// Keeps how far a part has got.
    pub(super) fn keep(&mut self, part: &str, place: String) -> Result<()> {
        self.kept.places.insert(part.to_owned(), place);
        self.write()
    }

    /// Whoever reads the file finds what is kept now, or what was kept before.
    fn write(&self) -> Result<()> {
        let new = self.path.with_extension("new");
        fs::write(&new, serde_json::to_vec_pretty(&self.kept)?)
            .and_then(|()| fs::rename(&new, &self.path))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::Checkpoint;

    #[test]
    fn what_is_kept_is_there_for_the_same_command_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/checkpoint.json");
        let open = |what| Checkpoint::open(Some(path.clone()), what);
        let mut checkpoint = open("a").expect("a new one");
        assert_eq!(checkpoint.place("x"), None);
        checkpoint.keep("x", "1".to_owned()).expect("kept");
        checkpoint.keep("x", "2".to_owned()).expect("kept");
        let mut again = open("a").expect("the same");
        assert_eq!(again.place("x"), Some("2"));
        let end = |second| jiff::Timestamp::from_second(second).expect("a time");
        assert_eq!(again.end(end(7)).expect("kept"), end(7));
        assert_eq!(open("a").expect("the same").end(end(8)).expect("kept"), end(7));
        let said = open("b").expect_err("another's").to_string();
        assert!(said.contains("the checkpoint of `a`"), "{said}");
        std::fs::write(&path, "{").expect("written");
        assert!(open("a").is_err());
    }
}
