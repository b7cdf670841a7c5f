//! Raw objects of one hour to few sorted files without duplicates.
//!
//! # What comes out
//!
//! - Of equal `event_uuid`s one row is left: the one that arrived first (`ingested_at`), and of
//!   those that arrived in the same millisecond the first one in the order of the files.
//!   Rows without an `event_uuid` are all left.
//! - Rows are ordered by `event_name`, `created_at`, `event_uuid`, `ingested_at`, `created_datetime`,
//!   `event_type`, `event_subtype` and `payload`: text by its bytes, nulls last, as SQL's
//!   `ORDER BY` has it in Athena.
//! - So the same rows give the same bytes: neither the order of the objects, nor how rows are
//!   spread over them, nor [`Settings::run_bytes`] changes any.
//!
//! # How
//!
//! It is a merge sort on disk, in one pass over the objects.
//! Rows are collected up to [`Settings::run_bytes`], sorted, and written to a file without a name in
//! [`Settings::scratch`], compressed; the last run stays in memory, so that a small hour never
//! touches the disk.
//! Of each row the event and its arrival are kept, in 24 bytes; they say which events have several
//! rows, and all but one of those rows are left out when the runs are merged.
//!
//! # Memory
//!
//! While objects are pushed: the object; one page of each column of it, decompressed; the run,
//! `run_bytes` and one row; and 24 bytes for each row.
//! While files are made: the run; 57 bytes for each event with several rows, at most; 128 KiB and
//! one row for each run on disk, which are as many as the rows' bytes divided by `run_bytes`; a row
//! group, which is up to 131,072 rows or 64 MiB, and its largest column compressed; and the file,
//! up to `file_rows` or 256 MiB.
//! `make bench-lake` measures it: an hour of 1,100,000 rows with runs of 64 MiB took 160 MiB, of
//! which 49 were the file.
//!
//! Reading order: [`Compactor`], `object` (a raw object's columns), `row` (a row as bytes, and the
//! order), `run`, `scratch`, `arrivals` (which row of an event is left), [`Files`] (the merge).

mod arrivals;
mod files;
mod object;
mod row;
mod run;
mod scratch;

use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use parquet::errors::ParquetError;

use crate::compressor::Compression;
use crate::file::{EncodeError, FileWriter};
use crate::layout::{Layout, Source};
use arrivals::Arrivals;
pub use files::Files;
use object::Object;
use row::Shape;
use run::Run;
use scratch::{Scratch, Spilled};

/// How much a [`Compactor`] may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of rows that are sorted in memory at a time; a row takes 68 bytes beside its texts.
    pub run_bytes: usize,
    /// Most rows of a file; at least one.
    pub file_rows: usize,
    /// Most rows of all objects, duplicates included.
    pub most_rows: usize,
    /// The folder of the runs; in Lambda, `/tmp`.
    pub scratch: PathBuf,
}

/// Makes files of the raw objects of one hour, in the columns of [`lake::contract::COLUMNS`].
///
/// # Contract
///
/// - An object may be written by anyone: a column that it lacks is null, a column that the lake
///   does not have is left out, and moments may be `INT96`, or `INT64` of any unit, which are
///   rounded down to milliseconds.
/// - What was pushed is a row of one file or a duplicate: `rows_in = duplicates + rows_out`.
/// - After an error there are no files: an hour is made whole or not at all.
///
/// All of it blocks; nothing of it is left behind in the scratch folder, whenever it ends.
pub struct Compactor {
    settings: Settings,
    shape: Shape,
    run: Run,
    arrivals: Arrivals,
    scratch: Scratch,
    spilled: Vec<Spilled>,
    writer: FileWriter,
    summary: Summary,
    /// Whether a push failed.
    is_broken: bool,
}

/// One of the files that an hour becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Rows in it; at least one.
    pub rows: usize,
    /// A whole Parquet file.
    pub bytes: Vec<u8>,
}

/// What became of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows of all objects.
    pub rows_in: usize,
    /// Rows that were left out, since a file has their event.
    pub duplicates: usize,
    /// Rows of all files.
    pub rows_out: usize,
}

/// An hour that cannot be compacted.
#[derive(Debug, thiserror::Error)]
pub enum CompactError {
    /// An object is no Parquet file, or only a part of one.
    #[error("the object is no parquet file")]
    NotParquet(#[source] ParquetError),
    /// A column of an object has a type that the lake's column cannot be read from.
    #[error("column {column} is {found}, which the lake's column of that name cannot be read from")]
    Column {
        /// The column's name.
        column: String,
        /// Its type in the object.
        found: String,
    },
    /// A column's pages do not hold what the footer promises, or texts that are not UTF-8.
    #[error("column {column} of row group {group} is damaged")]
    Damaged {
        /// The column's name.
        column: String,
        /// The row group's place in the object, from 0.
        group: usize,
        /// What the reader says.
        #[source]
        source: ParquetError,
    },
    /// An object is damaged so that the reader panics, which is contained wherever panics unwind.
    #[error("the object is damaged where the parquet reader does not expect it")]
    Unreadable,
    /// The objects have more rows than [`Settings::most_rows`].
    #[error("the hour has more than {most_rows} rows: compact it where there is more room")]
    TooLarge {
        /// [`Settings::most_rows`].
        most_rows: usize,
    },
    /// A row's texts have more than 4 GiB.
    #[error("a row has more than 4 GiB")]
    LongRow,
    /// A run cannot be written or read back.
    #[error("the runs in {} cannot be written or read", .folder.display())]
    Scratch {
        /// [`Settings::scratch`].
        folder: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("a file cannot be written")]
    Encode(#[from] EncodeError),
    /// An error before this one.
    #[error("an object could not be read: compact the hour anew without it, or mend it")]
    Broken,
}

impl Compactor {
    /// A compactor without rows.
    ///
    /// # Errors
    ///
    /// When there is no Zstandard.
    pub fn new(settings: Settings) -> Result<Self, CompactError> {
        let layout = Layout::lake();
        let sorted = [Source::EventName, Source::CreatedAt];
        let shape = Shape::new(&layout);
        Ok(Self {
            writer: FileWriter::indexed(&layout, Compression::default(), &sorted)?,
            run: Run::new(&shape),
            shape,
            arrivals: Arrivals::default(),
            scratch: Scratch::new(settings.scratch.clone())?,
            spilled: Vec::new(),
            summary: Summary::default(),
            is_broken: false,
            settings,
        })
    }

    /// Adds the rows of a raw object, and says how many there are.
    ///
    /// # Errors
    ///
    /// When the object cannot be read whole, when there are too many rows, or when there is no room
    /// for a run; nothing can be made of the hour then.
    pub fn push(&mut self, object: Bytes) -> Result<usize, CompactError> {
        if self.is_broken {
            return Err(CompactError::Broken);
        }
        let rows = self.add(object);
        self.is_broken = rows.is_err();
        rows
    }

    fn add(&mut self, object: Bytes) -> Result<usize, CompactError> {
        let mut object = Object::open(object, &self.shape)?;
        let rows = object.rows();
        let most_rows = self.settings.most_rows;
        if rows > most_rows.saturating_sub(self.summary.rows_in) {
            return Err(CompactError::TooLarge { most_rows });
        }
        while object.next_batch()? {
            while self
                .run
                .add(|rows| object.next_row(rows), |row| self.arrivals.note(row))?
            {
                self.summary.rows_in += 1;
                if self.run.bytes() >= self.settings.run_bytes {
                    self.run.sort();
                    self.spilled.push(self.scratch.write(&self.run)?);
                    self.run.clear();
                }
            }
        }
        Ok(rows)
    }

    /// The files of everything that was pushed.
    ///
    /// Each is made when it is asked for.
    #[must_use]
    pub fn finish(self) -> Files {
        Files::new(self)
    }
}

impl fmt::Debug for Compactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compactor")
            .field("settings", &self.settings)
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}
