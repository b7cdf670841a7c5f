//! The file of events that did not reach the stream, so that nothing is lost.

use crate::json;
use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Where the file goes when none is named, below the current folder.
const DEFAULT_FOLDER: &str = "target/produce";

/// An event that did not reach the stream.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The event's bytes.
    pub(crate) data: Vec<u8>,
    /// A code of the service, or one of [`code`].
    pub(crate) error_code: String,
    /// The words to that code.
    pub(crate) reason: String,
    /// How many times it was sent.
    pub(crate) attempts: u32,
}

/// Codes for failures that no service reported.
pub(crate) mod code {
    /// Larger than a record may be; it was not sent.
    pub(crate) const TOO_LARGE: &str = "TooLarge";
    /// The run was stopped before the event was acknowledged.
    pub(crate) const INTERRUPTED: &str = "Interrupted";
}

/// One line of the file.
#[derive(Serialize)]
struct Line<'a> {
    reason: &'a str,
    error_code: &'a str,
    attempts: u32,
    /// The event, when it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a str>,
    /// The event in base64, when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_base64: Option<String>,
}

/// Writes failures as JSON lines; the file is made at the start, so that a folder that cannot
/// be written is known before the first event is taken, and removed at the end when it is empty.
pub(crate) struct FailedFile {
    path: PathBuf,
    file: BufWriter<File>,
    lines: u64,
}

impl FailedFile {
    /// Makes the file; one that holds something is refused, because it holds somebody's events.
    pub(crate) fn create(path: Option<PathBuf>, time: jiff::Timestamp) -> Result<Self> {
        let path = path.unwrap_or_else(|| default_path(time));
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let cannot = || {
            format!(
                "cannot make {} for events that fail; name another place with --failed FILE",
                path.display()
            )
        };
        if let Some(folder) = folder {
            fs::create_dir_all(folder).with_context(cannot)?;
        }
        if fs::metadata(&path).is_ok_and(|found| found.len() > 0) {
            bail!(
                "{} is not empty; move it away or name another file with --failed",
                path.display()
            );
        }
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(cannot)?;
        Ok(Self {
            path,
            file: BufWriter::new(file),
            lines: 0,
        })
    }

    /// Appends one line.
    pub(crate) fn write(&mut self, failure: &Failure) -> Result<()> {
        let text = std::str::from_utf8(&failure.data).ok();
        let line = Line {
            reason: &failure.reason,
            error_code: &failure.error_code,
            attempts: failure.attempts,
            data: text,
            data_base64: text
                .is_none()
                .then(|| base64_simd::STANDARD.encode_to_string(&failure.data)),
        };
        let write = |file: &mut BufWriter<File>| -> std::io::Result<()> {
            serde_json::to_writer(&mut *file, &line)?;
            file.write_all(b"\n")
        };
        write(&mut self.file).with_context(|| self.lost())?;
        self.lines += 1;
        Ok(())
    }

    /// Puts everything on disk; the path if there is a file to look at.
    pub(crate) fn finish(mut self) -> Result<Option<PathBuf>> {
        self.file.flush().with_context(|| self.lost())?;
        if self.lines > 0 {
            return Ok(Some(self.path));
        }
        fs::remove_file(&self.path).with_context(|| format!("cannot remove the empty {}", self.path.display()))?;
        Ok(None)
    }

    fn lost(&self) -> String {
        format!(
            "cannot write to {}; failed events are missing there",
            self.path.display()
        )
    }
}

/// What of a line is the event.
#[derive(Deserialize)]
struct Kept {
    data: Option<String>,
    data_base64: Option<String>,
}

/// The event of a line of such a file, to be sent once more.
pub(crate) fn restore(line: &[u8]) -> Result<Vec<u8>> {
    let kept: Kept = serde_json::from_slice(line)
        .map_err(|error| anyhow!("not a line of a failed file: {}", json::words(&error)))?;
    match (kept.data, kept.data_base64) {
        (Some(text), None) => Ok(text.into_bytes()),
        (None, Some(base64)) => base64_simd::STANDARD
            .decode_to_vec(base64)
            .map_err(|_| anyhow!("data_base64 is not base64")),
        _ => bail!("not a line of a failed file: either data or data_base64 is the event"),
    }
}

fn default_path(time: jiff::Timestamp) -> PathBuf {
    let time = time.strftime("%Y%m%dT%H%M%SZ");
    // The process id keeps two runs of the same second apart.
    PathBuf::from(DEFAULT_FOLDER).join(format!("failed-{time}-{}.jsonl", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::{FailedFile, Failure, default_path, restore};
    use jiff::Timestamp;
    use std::fs;

    fn failure(data: &[u8]) -> Failure {
        Failure {
            data: data.to_vec(),
            error_code: "InternalFailure".to_owned(),
            reason: "it \"broke\"".to_owned(),
            attempts: 5,
        }
    }

    #[test]
    fn text_stays_text_and_bytes_become_base64() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/failed.jsonl");
        let mut file = FailedFile::create(Some(path.clone()), Timestamp::UNIX_EPOCH).expect("made");
        file.write(&failure("{\"a\":\"é\"}".as_bytes())).expect("written");
        file.write(&failure(b"\xff\x00")).expect("written");
        assert_eq!(file.finish().expect("finished"), Some(path.clone()));
        assert_eq!(
            fs::read_to_string(&path).expect("readable"),
            concat!(
                r#"{"reason":"it \"broke\"","error_code":"InternalFailure","attempts":5,"data":"{\"a\":\"é\"}"}"#,
                "\n",
                r#"{"reason":"it \"broke\"","error_code":"InternalFailure","attempts":5,"data_base64":"/wA="}"#,
                "\n"
            )
        );
        let lines: Vec<_> = fs::read(&path)
            .expect("there")
            .split(|b| *b == b'\n')
            .map(restore)
            .collect();
        assert_eq!(lines[0].as_deref().expect("text"), "{\"a\":\"é\"}".as_bytes());
        assert_eq!(lines[1].as_deref().expect("bytes"), b"\xff\x00");
        let again = FailedFile::create(Some(path), Timestamp::UNIX_EPOCH);
        assert!(again.err().is_some_and(|e| e.to_string().contains("not empty")));
    }

    #[test]
    fn only_lines_of_such_a_file_are_restored() {
        for line in [
            &b"{}"[..],
            b"{\"event_uuid\":\"1\"}",
            b"{\"data\":1}",
            b"{\"data_base64\":\"*\"}",
            b"x",
        ] {
            assert!(restore(line).is_err(), "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn an_empty_file_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("failed.jsonl");
        let file = FailedFile::create(Some(path.clone()), Timestamp::UNIX_EPOCH).expect("made");
        assert!(path.exists());
        assert_eq!(file.finish().expect("finished"), None);
        assert!(!path.exists());
    }

    #[test]
    fn the_default_name_tells_the_time() {
        let path = default_path(Timestamp::UNIX_EPOCH).display().to_string();
        assert!(path.starts_with("target/produce/failed-19700101T000000Z-"), "{path}");
    }
}
