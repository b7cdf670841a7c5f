//! How far a backfill has got: a small file that is replaced after each request.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
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

    /// Keeps how far a part has got; whoever reads the file finds this place or the one before.
    pub(super) fn keep(&mut self, part: &str, place: String) -> Result<()> {
        self.kept.places.insert(part.to_owned(), place);
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
        assert_eq!(open("a").expect("the same").place("x"), Some("2"));
        let said = open("b").expect_err("another's").to_string();
        assert!(said.contains("the checkpoint of `a`"), "{said}");
        std::fs::write(&path, "{").expect("written");
        assert!(open("a").is_err());
    }
}
