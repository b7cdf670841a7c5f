//! The golden templates of a git revision: read out of its history, with nothing checked out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use infra_diff::Template;

/// A revision of the repository that a folder of golden templates is in.
#[derive(Debug)]
pub struct Revision {
    folder: PathBuf,
    commit: String,
}

impl Revision {
    /// Finds out which commit a name means: `main`, `HEAD~1`, a tag, a hash.
    ///
    /// # Errors
    /// Git does not run, or knows no such commit.
    pub fn find(folder: &Path, name: &str) -> Result<Self> {
        let asked = format!("{name}^{{commit}}");
        let said = git(
            folder,
            &["rev-parse", "--verify", "--quiet", "--end-of-options", &asked],
        );
        let commit = said.with_context(|| format!("git knows no commit {name}; fetch it, or name another one"))?;
        Ok(Revision {
            folder: folder.to_owned(),
            commit: commit.trim().to_owned(),
        })
    }

    /// The templates whose names begin so, by the names of their stacks; none where the revision
    /// is older than its goldens.
    ///
    /// # Errors
    /// Git does not run, or a file is no template.
    pub fn templates(&self, beginning: &str) -> Result<BTreeMap<String, Template>> {
        let names = git(&self.folder, &["ls-tree", "--name-only", &self.commit, "./"])?;
        let stacks = names.lines().filter_map(|name| name.strip_suffix(".yaml"));
        let read = |stack: &str| {
            let text = git(&self.folder, &["show", &format!("{}:./{stack}.yaml", self.commit)])?;
            let template = Template::parse(&text).with_context(|| format!("{stack}.yaml of {}", self.commit))?;
            Ok((stack.to_owned(), template))
        };
        stacks.filter(|stack| stack.starts_with(beginning)).map(read).collect()
    }
}

/// What git says in a folder.
fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new("git");
    let answer = command.arg("-C").arg(folder).args(arguments).output();
    let answer = answer.context("git cannot be started; is it installed?")?;
    if !answer.status.success() {
        bail!(
            "git {} failed in {}: {}",
            arguments[0],
            folder.display(),
            String::from_utf8_lossy(&answer.stderr).trim()
        );
    }
    String::from_utf8(answer.stdout).context("git gave what is no text")
}

#[cfg(test)]
mod tests {
    use super::{Revision, git};
    use std::path::Path;

    fn commit(folder: &Path) {
        git(folder, &["add", "--all"]).unwrap();
        let who = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
        let what = [
            "-c",
            "commit.gpgsign=false",
            "commit",
            "--quiet",
            "--allow-empty",
            "-m",
            "goldens",
        ];
        git(folder, &[&who[..], &what].concat()).unwrap();
    }

    #[test]
    fn a_revision_has_the_templates_that_it_was_committed_with() {
        let root = tempfile::tempdir().unwrap();
        git(root.path(), &["init", "--quiet"]).unwrap();
        let folder = root.path().join("golden");
        std::fs::create_dir(&folder).unwrap();
        commit(root.path());
        for (name, text) in [("headend-dev-lake.yaml", "A: 1"), ("headend-prod-lake.yaml", "A: 2")] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        commit(root.path());
        std::fs::write(folder.join("headend-dev-lake.yaml"), "A: 3").unwrap();

        let templates = |revision: &str| {
            let templates = Revision::find(&folder, revision)
                .unwrap()
                .templates("headend-dev-")
                .unwrap();
            let shown = templates
                .into_iter()
                .map(|(name, template)| format!("{name} {}", template.to_json()));
            shown.collect::<Vec<_>>()
        };
        assert_eq!(templates("HEAD"), [r#"headend-dev-lake {"A":1}"#]);
        assert!(templates("HEAD~1").is_empty(), "there were no goldens yet");
        let error = Revision::find(&folder, "nowhere").unwrap_err().to_string();
        assert_eq!(error, "git knows no commit nowhere; fetch it, or name another one");
    }
}
