//! The zip that Lambda takes: one file `bootstrap`, and the same bytes for the same program.

use std::io::{Cursor, Write};

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// Whether a zip is made small or made quickly.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Packing {
    Deflated,
    Stored,
}

/// The only file in the zip: what `provided.*` runtimes start.
const NAME: &str = "bootstrap";

/// Readable and executable by everybody: Lambda runs it as another user.
const MODE: u32 = 0o755;

/// The zip around a program.
///
/// No clock and no owner is in it: the time is the format's first, 1980-01-01.
pub(crate) fn bootstrap(program: &[u8], packing: Packing) -> Result<Vec<u8>> {
    let method = match packing {
        Packing::Deflated => CompressionMethod::Deflated,
        Packing::Stored => CompressionMethod::Stored,
    };
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(MODE);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(NAME, options).context("cannot start the zip")?;
    writer.write_all(program).context("cannot write the zip")?;
    let zip = writer.finish().context("cannot finish the zip")?;
    Ok(zip.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use zip::ZipArchive;

    use super::{Packing, bootstrap};

    const PROGRAM: &[u8] = b"\x7fELF and then some, and then some, and then some";

    #[test]
    fn the_same_program_gives_the_same_bytes() {
        for packing in [Packing::Deflated, Packing::Stored] {
            let first = bootstrap(PROGRAM, packing).unwrap();
            // Zip times have steps of 2 s: a clock in there would show in the bytes.
            assert!(!first.is_empty());
            assert_eq!(first, bootstrap(PROGRAM, packing).unwrap());
        }
    }

    #[test]
    fn one_changed_byte_changes_the_zip() {
        let mut changed = PROGRAM.to_vec();
        changed[10] ^= 1;
        for packing in [Packing::Deflated, Packing::Stored] {
            let zip = bootstrap(PROGRAM, packing).unwrap();
            assert_ne!(zip, bootstrap(&changed, packing).unwrap());
        }
    }

    #[test]
    fn it_holds_one_executable_bootstrap_of_1980() {
        let zip = bootstrap(PROGRAM, Packing::Deflated).unwrap();
        let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
        assert_eq!(archive.len(), 1);
        let mut file = archive.by_index(0).unwrap();
        assert_eq!(file.name().unwrap(), "bootstrap");
        assert_eq!(file.unix_mode().map(|mode| mode & 0o7777), Some(0o755));
        let time = file.last_modified().unwrap();
        assert_eq!((time.year(), time.month(), time.day(), time.hour()), (1980, 1, 1, 0));
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert_eq!(content, PROGRAM);
    }
}
