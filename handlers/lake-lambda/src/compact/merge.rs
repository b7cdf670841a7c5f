//! An hour merged in this process, by [`lake_parquet::compact`].

use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use lake::compact::{Merge, Tally, Unmergeable};
use lake_parquet::compact::{CompactError, Compactor, Files, Settings};

/// Bytes that the compactor keeps of a row's identity at most: 24, and 57 for each event with several
/// rows, of which there are half as many as rows at most.
const IDENTITY: usize = 24 + 57 / 2;
/// Rows of one file: some 40 MB, and 256 MiB where rows are very long.
const FILE_ROWS: usize = 1_000_000;

/// Merges one hour after the other.
#[derive(Debug)]
pub struct Parquet {
    settings: Settings,
    stage: Stage,
    tally: Tally,
}

#[derive(Debug)]
enum Stage {
    Idle,
    Taking(Box<Compactor>),
    Giving(Box<Files>),
}

/// Something was asked for out of turn.
#[derive(Debug, thiserror::Error)]
#[error("an hour must be begun before it is merged")]
struct OutOfTurn;

impl Parquet {
    /// What fits into a function of this memory, in MiB, that has its scratch files in this folder.
    ///
    /// An eighth of the memory is for rows that are being sorted, a quarter for identities. The rest is
    /// for what does not grow with the hour: a file, a row group and an object, 256, 64 and 128 MiB
    /// at worst; so 1,024 MiB are always enough, and less where rows are short.
    #[must_use]
    pub fn new(memory_mib: usize, scratch: PathBuf) -> Self {
        let memory = memory_mib.saturating_mul(1_024 * 1_024);
        Parquet {
            settings: Settings {
                run_bytes: memory / 8,
                file_rows: FILE_ROWS,
                most_rows: memory / 4 / IDENTITY,
                scratch,
            },
            stage: Stage::Idle,
            tally: Tally::default(),
        }
    }
}

impl Merge for Parquet {
    fn begin(&mut self) -> Result<(), Unmergeable> {
        // What an hour before has left goes first: its files are large.
        self.stage = Stage::Idle;
        self.tally = Tally::default();
        let compactor = Compactor::new(self.settings.clone()).map_err(unmergeable)?;
        self.stage = Stage::Taking(Box::new(compactor));
        Ok(())
    }

    fn push(&mut self, bytes: Vec<u8>) -> Result<(), Unmergeable> {
        let Stage::Taking(compactor) = &mut self.stage else {
            return Err(Unmergeable::Damaged(OutOfTurn.into()));
        };
        compactor.push(Bytes::from(bytes)).map(|_| ()).map_err(unmergeable)
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, Unmergeable> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Taking(compactor) => Stage::Giving(Box::new(compactor.finish())),
            other => other,
        };
        let Stage::Giving(files) = &mut self.stage else {
            return Err(Unmergeable::Damaged(OutOfTurn.into()));
        };
        match files.next() {
            Some(file) => Ok(Some(file.map_err(unmergeable)?.bytes)),
            None => {
                let summary = files.summary();
                self.tally = Tally {
                    rows_in: summary.rows_in as u64,
                    duplicates: summary.duplicates as u64,
                    rows_out: summary.rows_out as u64,
                };
                self.stage = Stage::Idle;
                Ok(None)
            }
        }
    }

    fn tally(&self) -> Tally {
        self.tally
    }
}

/// Scratch space that is full says the same as too many rows.
fn unmergeable(error: CompactError) -> Unmergeable {
    match error {
        CompactError::TooLarge { .. } => Unmergeable::TooLarge,
        CompactError::Scratch { source, .. } if source.kind() == io::ErrorKind::StorageFull => Unmergeable::TooLarge,
        error => Unmergeable::Damaged(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use lake::compact::{Merge as _, Tally, Unmergeable};
    use lake_parquet::{Encoder, Layout, Settings};

    use super::Parquet;

    fn object(events: &[(&str, i64)]) -> Vec<u8> {
        let mut encoder = Encoder::new(Layout::lake(), Settings::default()).unwrap();
        for (uuid, arrival) in events {
            let event = format!(r#"{{"event_uuid":"{uuid}","event_name":"a:b","created_at":1712511721}}"#);
            encoder
                .push(event.as_bytes(), Some(1_712_511_723_000 + arrival))
                .unwrap();
        }
        let mut objects = encoder.finish();
        objects.next().unwrap().unwrap().bytes
    }

    #[test]
    fn hours_are_merged_one_after_the_other_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let mut merge = Parquet::new(128, folder.path().to_owned());
        assert!(matches!(merge.push(Vec::new()), Err(Unmergeable::Damaged(_))));
        for _ in 0..2 {
            merge.begin().unwrap();
            merge.push(object(&[("one", 1), ("two", 2)])).unwrap();
            merge.push(object(&[("one", 3)])).unwrap();
            let file = merge.next().unwrap().unwrap();
            assert_eq!(&file[..4], b"PAR1");
            assert!(merge.next().unwrap().is_none());
            let tally = Tally {
                rows_in: 3,
                duplicates: 1,
                rows_out: 2,
            };
            assert_eq!(merge.tally(), tally);
        }
    }

    #[test]
    fn what_does_not_fit_and_what_is_none_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let mut none = Parquet::new(0, folder.path().to_owned());
        none.begin().unwrap();
        assert!(matches!(none.push(object(&[("one", 1)])), Err(Unmergeable::TooLarge)));
        let mut merge = Parquet::new(128, folder.path().to_owned());
        merge.begin().unwrap();
        assert!(matches!(
            merge.push(b"no parquet".to_vec()),
            Err(Unmergeable::Damaged(_))
        ));
        merge.begin().unwrap();
        merge.push(object(&[("one", 1)])).unwrap();
    }
}
