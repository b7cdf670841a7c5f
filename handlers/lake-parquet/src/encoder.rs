//! Records in, objects out.

use std::collections::BTreeMap;
use std::fmt;

use lake::event::{AllRest, Reader};
use lake::{Hour, Reason};

use crate::compressor::Compression;
use crate::file::{EncodeError, FileWriter};
use crate::layout::{Layout, Source};
use crate::members::{Members, Slot};
use crate::rows::Rows;
use crate::seen::Seen;

/// Hours whose buffers are kept for the next batch: a batch of new events is of one or two, and of
/// a few more by late ones.
const SPARE: usize = 8;

/// What an [`Encoder`] can be asked for beside its layout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// How pages are compressed.
    pub compression: Compression,
    /// Whether of equal `event_uuid`s in a batch only the first becomes a row.
    pub deduplicate: bool,
}

/// Encodes batches one after another and keeps its buffers between them.
///
/// # Contract
///
/// - A record is a row of its event's hour, a duplicate, or refused for a reason, by itself and
///   whatever its neighbours are; the reasons are those of the transform.
/// - An hour's object has its rows in the order in which they were pushed.
/// - The same pushes give the same bytes.
pub struct Encoder {
    layout: Layout,
    sources: Vec<(Source, Option<Slot>)>,
    deduplicate: bool,
    reader: Reader,
    members: Members,
    /// The record, decoded.
    record: Vec<u8>,
    seen: Seen,
    hours: BTreeMap<Hour, Rows>,
    spare: Vec<Rows>,
    files: FileWriter,
}

/// What became of a record that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pushed {
    /// The hour that its event is of.
    pub hour: Hour,
    /// Whether it is a row; `false` for an event that the batch has already.
    pub is_new: bool,
}

/// One hour's object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The hour; written out, it is the folder.
    pub hour: Hour,
    /// Rows in it; at least one.
    pub rows: usize,
    /// A whole Parquet file.
    pub bytes: Vec<u8>,
}

impl Encoder {
    /// An encoder of objects of `layout`.
    ///
    /// # Errors
    ///
    /// When there is no such compression.
    pub fn new(layout: Layout, settings: Settings) -> Result<Self, EncodeError> {
        let (members, slots) = Members::new(layout.columns());
        let sources = layout.columns().iter().map(|column| column.source);
        Ok(Self {
            sources: sources.zip(slots).collect(),
            files: FileWriter::new(&layout, settings.compression)?,
            layout,
            deduplicate: settings.deduplicate,
            reader: Reader::default(),
            members,
            record: Vec::new(),
            seen: Seen::default(),
            hours: BTreeMap::new(),
            spare: Vec::new(),
        })
    }

    /// Adds the event of a record that is in base64, as Lambda gives it.
    ///
    /// # Errors
    ///
    /// The reason for which no event can be made of it; the batch is as before.
    pub fn push_base64(&mut self, data: &[u8], arrival_ms: Option<i64>) -> Result<Pushed, Reason> {
        let mut record = std::mem::take(&mut self.record);
        record.clear();
        let decoded = base64_simd::STANDARD.decode_append(data, &mut record);
        let pushed = decoded.map_err(|_| Reason::NotBase64);
        let pushed = pushed.and_then(|_| self.push(&record, arrival_ms));
        self.record = record;
        pushed
    }

    /// Adds the event of a record that reached the stream `arrival_ms` milliseconds after 1970.
    ///
    /// # Errors
    ///
    /// The reason for which no event can be made of it; the batch is as before.
    pub fn push(&mut self, record: &[u8], arrival_ms: Option<i64>) -> Result<Pushed, Reason> {
        let event = if self.members.is_empty() {
            self.reader.read(record, arrival_ms, &mut AllRest)?
        } else {
            self.members.clear();
            self.reader.read(record, arrival_ms, &mut self.members)?
        };
        let hour = event.created.hour();
        if self.deduplicate && !self.seen.is_new(&event.uuid.value()) {
            return Ok(Pushed { hour, is_new: false });
        }
        let rows = self.hours.entry(hour).or_insert_with(|| {
            let spare = self.spare.pop();
            spare.unwrap_or_else(|| Rows::new(self.layout.columns()))
        });
        rows.push(&self.sources, &event, &self.members);
        Ok(Pushed { hour, is_new: true })
    }

    /// The objects of everything that was pushed since the last time, in the order of their hours.
    ///
    /// Each is made when it is asked for; those that are not asked for are forgotten.
    pub fn finish(&mut self) -> Objects<'_> {
        Objects { encoder: self }
    }

    fn reuse(&mut self, mut rows: Rows) {
        if self.spare.len() < SPARE {
            rows.clear();
            self.spare.push(rows);
        }
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("layout", &self.layout)
            .field("deduplicate", &self.deduplicate)
            .finish_non_exhaustive()
    }
}

/// The objects of a batch.
#[derive(Debug)]
pub struct Objects<'e> {
    encoder: &'e mut Encoder,
}

impl Iterator for Objects<'_> {
    type Item = Result<Object, EncodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (hour, mut rows) = self.encoder.hours.pop_first()?;
        let bytes = self.encoder.files.write(&mut rows);
        let count = rows.rows;
        self.encoder.reuse(rows);
        Some(bytes.map(|bytes| Object {
            hour,
            rows: count,
            bytes,
        }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.encoder.hours.len();
        (left, Some(left))
    }
}

impl Drop for Objects<'_> {
    fn drop(&mut self) {
        while let Some((_, rows)) = self.encoder.hours.pop_first() {
            self.encoder.reuse(rows);
        }
        self.encoder.seen.clear();
    }
}
