//! The original bytes, taken out of the error documents.

use crate::destination::Destination;
use anyhow::{Context, Result};
use serde::de::IgnoredAny;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where original bytes go, if anywhere.
#[derive(Default)]
pub(crate) struct Rescue {
    folder: Option<PathBuf>,
    lines: Option<Destination>,
    saved: u64,
    /// Records that are no line, however they are written.
    pub(crate) unfit: u64,
}

impl Rescue {
    /// A folder for one file per record, and a file for one line per record.
    pub(crate) fn open(folder: Option<PathBuf>, lines: Option<&Path>) -> Result<Self> {
        if let Some(folder) = &folder {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}; name another folder with --raw", folder.display()))?;
        }
        let lines = lines.map(|path| Destination::open(Some(path))).transpose()?;
        Ok(Self {
            folder,
            lines,
            ..Self::default()
        })
    }

    /// Keeps a record.
    pub(crate) fn keep(&mut self, code: &str, data: &[u8]) -> Result<()> {
        if let Some(folder) = &self.folder {
            self.saved += 1;
            // A code comes from a document and may hold anything.
            let code: String = code
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
                .collect();
            let path = folder.join(format!("{:08}-{code}", self.saved));
            fs::write(&path, data).with_context(|| format!("cannot write {}", path.display()))?;
        }
        if let Some(out) = &mut self.lines {
            match line(data) {
                Some(line) => out
                    .write_all(&line)
                    .and_then(|()| out.write_all(b"\n"))
                    .context("cannot write the lines")?,
                None => self.unfit += 1,
            }
        }
        Ok(())
    }

    /// Puts everything in its place.
    pub(crate) fn finish(self) -> Result<()> {
        self.lines.map_or(Ok(()), Destination::finish)
    }
}

/// The record as one line, if it is one or can be made one without a change of meaning: in JSON
/// a line break is white space, because inside a string it is not allowed.
fn line(data: &[u8]) -> Option<Vec<u8>> {
    if !data.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return Some(data.to_vec());
    }
    serde_json::from_slice::<IgnoredAny>(data).ok()?;
    Some(
        data.iter()
            .map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::{Rescue, line};

    #[test]
    fn json_fits_a_line_and_other_bytes_only_if_they_are_one() {
        assert_eq!(line(b"{\"a\":\n1}").as_deref(), Some(&b"{\"a\": 1}"[..]));
        assert_eq!(line(b"not json \xff").as_deref(), Some(&b"not json \xff"[..]));
        assert_eq!(line(b"two\nlines"), None);
        assert_eq!(line(b"{\"a\":\"\n\"}"), None);
    }

    #[test]
    fn bytes_are_kept_as_they_were() {
        let folder = tempfile::tempdir().expect("a folder");
        let (raw, lines) = (folder.path().join("raw"), folder.path().join("again.jsonl"));
        let mut rescue = Rescue::open(Some(raw.clone()), Some(&lines)).expect("made");
        rescue.keep("not_json", b"a\nb").expect("kept");
        rescue.keep("../x", b"{}").expect("kept");
        assert_eq!(rescue.unfit, 1);
        rescue.finish().expect("finished");
        let read = |name: &str| std::fs::read(raw.join(name)).expect("there");
        assert_eq!(
            (read("00000001-not-json"), read("00000002----x")),
            (b"a\nb".to_vec(), b"{}".to_vec())
        );
        assert_eq!(std::fs::read(lines).expect("there"), b"{}\n");
    }
}
