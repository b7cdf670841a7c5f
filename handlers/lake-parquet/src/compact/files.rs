//! The merge: sorted runs to files.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fmt;

use super::arrivals::Repeated;
use super::row::{self, Place, Row, Shape};
use super::run::Run;
use super::scratch::{Cursor, Scratch};
use super::{CompactError, Compactor, File, Summary};
use crate::file::{FileWriter, OpenFile};
use crate::layout::Layout;
use crate::rows::Rows;

/// Most rows of a row group: enough that a query on one kind of event reads few of them, and not
/// so few that dictionaries and filters stand for nothing.
const GROUP_ROWS: usize = 128 << 10;
/// Bytes of rows at which a row group ends before that.
const GROUP_BYTES: usize = 64 << 20;
/// Bytes at which a file takes no more row groups.
const FILE_BYTES: usize = 256 << 20;

/// The files of an hour, in order.
pub struct Files {
    shape: Shape,
    /// The next row of each run, smallest first.
    heads: BinaryHeap<Head>,
    scratch: Scratch,
    repeated: Repeated,
    writer: FileWriter,
    group: Rows,
    file_rows: usize,
    summary: Summary,
    /// What the next call is to report before anything else.
    error: Option<CompactError>,
}

impl Files {
    pub(super) fn new(compactor: Compactor) -> Self {
        let Compactor {
            settings,
            shape,
            mut run,
            arrivals,
            mut scratch,
            spilled,
            writer,
            summary,
            is_broken,
        } = compactor;
        let mut heads = BinaryHeap::new();
        let mut error = is_broken.then_some(CompactError::Broken);
        if error.is_none() {
            run.sort();
            if run.len() > 0 {
                heads.push(Head::Memory { run, place: 0 });
            }
            for run in spilled {
                match Cursor::new(run, shape.sizes, &mut scratch) {
                    Ok(cursor) => heads.extend(cursor.map(Head::Spilled)),
                    Err(failure) => error = error.or(Some(failure)),
                }
            }
        }
        Self {
            group: Rows::new(Layout::lake().columns()),
            shape,
            heads,
            scratch,
            repeated: arrivals.finish(),
            writer,
            file_rows: settings.file_rows.max(1),
            summary,
            error,
        }
    }

    /// What became of the rows so far; of all of them, once there is no further file.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// The next file; `None` when there are no rows.
    fn make(&mut self) -> Result<Option<File>, CompactError> {
        let mut file: Option<OpenFile> = None;
        let mut rows = 0;
        while rows < self.file_rows && file.as_ref().is_none_or(|file| file.bytes() < FILE_BYTES) {
            self.gather(GROUP_ROWS.min(self.file_rows - rows))?;
            if self.group.rows == 0 {
                break;
            }
            rows += self.group.rows;
            let open = match &mut file {
                Some(open) => open,
                none => none.insert(self.writer.open()?),
            };
            self.writer.group(open, &mut self.group)?;
            self.group.clear();
        }
        let Some(file) = file else {
            return Ok(None);
        };
        let bytes = file.close()?;
        self.summary.rows_out += rows;
        Ok(Some(File { rows, bytes }))
    }

    /// Fills the row group with up to `most` of the next rows.
    fn gather(&mut self, most: usize) -> Result<(), CompactError> {
        let mut bytes = 0;
        while self.group.rows < most && bytes < GROUP_BYTES {
            let Some(mut head) = self.heads.peek_mut() else {
                break;
            };
            if let Some(row) = head.row() {
                if self.repeated.take(row) {
                    bytes += row.bytes().len();
                    add(&mut self.group, row, &self.shape);
                } else {
                    self.summary.duplicates += 1;
                }
            }
            if !head.advance(&mut self.scratch)? {
                PeekMut::pop(head);
            }
        }
        Ok(())
    }
}

fn add(rows: &mut Rows, row: Row<'_>, shape: &Shape) {
    for (chunk, column) in rows.chunks.iter_mut().zip(&shape.columns) {
        let is_there = match column.place {
            Place::Moment(place) => row.number(place).map(|number| chunk.integer(number)),
            Place::Double(place) => row.number(place).map(|number| chunk.double(row::double(number))),
            Place::Text(place) => row.text(place).map(|text| chunk.text(text)),
        };
        if is_there.is_none() {
            chunk.absent(0);
        }
    }
    rows.rows += 1;
}

impl Iterator for Files {
    type Item = Result<File, CompactError>;

    fn next(&mut self) -> Option<Self::Item> {
        let made = match self.error.take() {
            Some(error) => Err(error),
            None => self.make(),
        };
        if made.is_err() {
            // What follows would be an hour with a hole.
            self.heads.clear();
        }
        made.transpose()
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files")
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

/// A run at its next row.
enum Head {
    Memory { run: Run, place: usize },
    Spilled(Cursor),
}

impl Head {
    #[inline]
    fn row(&self) -> Option<Row<'_>> {
        match self {
            Self::Memory { run, place } => run.row(*place),
            Self::Spilled(cursor) => cursor.row(),
        }
    }

    /// Steps to the next row; `false` behind the last one.
    #[inline]
    fn advance(&mut self, scratch: &mut Scratch) -> Result<bool, CompactError> {
        match self {
            Self::Memory { run, place } => {
                *place += 1;
                Ok(*place < run.len())
            }
            Self::Spilled(cursor) => cursor.advance(scratch),
        }
    }
}

impl Ord for Head {
    /// The smallest row is the greatest head, as the heap gives the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.row(), other.row()) {
            (Some(one), Some(other)) => other.order(&one),
            (one, other) => one.is_some().cmp(&other.is_some()),
        }
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}
