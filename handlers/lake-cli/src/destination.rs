//! Where results go: standard output, or a file that is whole or not there.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Buffered output; call [`Destination::finish`], or a file is not kept.
pub(crate) struct Destination {
    out: BufWriter<Box<dyn Write + Send>>,
    file: Option<Part>,
}

/// A file under construction, beside its final place.
struct Part {
    part: PathBuf,
    path: PathBuf,
}

impl Destination {
    /// A file, made now so that a bad path is known before any work; standard output without one.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self {
                out: BufWriter::new(Box::new(io::stdout())),
                file: None,
            });
        };
        let mut part = path.as_os_str().to_owned();
        part.push(format!(".part-{}", std::process::id()));
        let part = PathBuf::from(part);
        let file = File::create(&part)
            .with_context(|| format!("cannot write {}; name another place with --output FILE", path.display()))?;
        Ok(Self {
            out: BufWriter::new(Box::new(file)),
            file: Some(Part {
                part,
                path: path.to_owned(),
            }),
        })
    }

    /// Writes what is buffered, and moves a file to its place.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.out.flush().context("cannot write the results")?;
        if let Some(file) = self.file.take() {
            fs::rename(&file.part, &file.path)
                .with_context(|| format!("cannot move the results to {}", file.path.display()))?;
        }
        Ok(())
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // Half a result is worth nothing, and there is nobody left to tell.
            let _ = fs::remove_file(&file.part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Destination;
    use std::io::Write;

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        let entries = || std::fs::read_dir(folder.path()).expect("readable").count();
        let mut half = Destination::open(Some(&path)).expect("opened");
        half.write_all(b"half").expect("written");
        drop(half);
        assert_eq!(entries(), 0);
        let mut whole = Destination::open(Some(&path)).expect("opened");
        whole.write_all(b"whole").expect("written");
        whole.finish().expect("finished");
        assert_eq!(
            (std::fs::read_to_string(&path).expect("there"), entries()),
            ("whole".to_owned(), 1)
        );
    }
}
