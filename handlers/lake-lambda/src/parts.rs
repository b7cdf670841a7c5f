//! A shard's records to the writer's parts: Parquet for each hour, and what is no event.
//!
//! A record holds an event, many of them as the Kinesis Producer Library packs them, or either of
//! these compressed with gzip; a compressed one may also hold an event in each line. What cannot be
//! read is a line of the quarantine, with its reason, its place and its bytes; it is a part like an
//! hour, so that it is there exactly once, too.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use lake::aggregate::{self, Malformed};
use lake::contract::{quarantine_prefix, raw_prefix};
use lake::write::{Encode, Part, Placed, Sequence, Unencodable};
use lake::{Hour, Reason};
use lake_parquet::{EncodeError, Encoder, Layout, Settings};
use serde::Serialize;

/// Most bytes that a compressed record may become: ten times the largest record of a stream.
const INFLATED: u64 = 10 * 1024 * 1024;

/// A record as Lambda gives it.
#[derive(Debug, Clone)]
pub struct Record<'e> {
    /// Its place in the shard.
    pub sequence: Sequence,
    /// Its data in base64.
    pub data: &'e str,
    /// When it reached the stream, in milliseconds since 1970.
    pub arrival_ms: i64,
}

impl Placed for Record<'_> {
    fn sequence(&self) -> &Sequence {
        &self.sequence
    }
}

/// What a batch has come to, in events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that are rows.
    pub rows: usize,
    /// Events, or whole records, that are in quarantine, by the codes of their reasons.
    pub quarantined: BTreeMap<&'static str, usize>,
}

/// Makes parts, and keeps its buffers from one batch to the next.
#[derive(Debug)]
pub struct Parts {
    dataset: String,
    encoder: Encoder,
    quarantine: Vec<u8>,
    /// First and last record of each folder; none is the quarantine's.
    places: BTreeMap<Option<Hour>, (Sequence, Sequence)>,
    counts: Counts,
}

/// A line of the quarantine.
#[derive(Serialize)]
struct Line<'l> {
    reason: &'l str,
    error: String,
    sequence: &'l str,
    /// Which event of the record, from 0; none for the record as a whole.
    event: Option<usize>,
    arrival_ms: i64,
    data: String,
}

/// Why bytes are in quarantine.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{0}")]
    Event(Reason),
    #[error("the record begins like an aggregated one, and is damaged: {0}")]
    Aggregate(Malformed),
    #[error("the record is compressed with gzip, and damaged")]
    Gzip,
    #[error("the record is compressed with gzip, and becomes too large: {INFLATED} bytes are the most")]
    Bomb,
}

impl Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::Event(reason) => reason.code(),
            Refusal::Aggregate(_) => "aggregate",
            Refusal::Gzip => "gzip",
            Refusal::Bomb => "gzip_bomb",
        }
    }
}

impl Parts {
    /// Parts of a dataset.
    ///
    /// # Errors
    ///
    /// When the encoder's settings do not work together.
    pub fn new(dataset: String) -> Result<Self, EncodeError> {
        Ok(Parts {
            dataset,
            encoder: Encoder::new(Layout::lake(), Settings::default())?,
            quarantine: Vec::new(),
            places: BTreeMap::new(),
            counts: Counts::default(),
        })
    }

    /// What the last batch has come to.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    fn take(&mut self, record: &Record<'_>) {
        let pushed = self
            .encoder
            .push_base64(record.data.as_bytes(), Some(record.arrival_ms));
        match pushed {
            Ok(pushed) => self.row(pushed.hour, record),
            Err(Reason::Aggregated | Reason::Gzip) => {
                // It was decoded a moment ago.
                let bytes = base64_simd::STANDARD.decode_to_vec(record.data).unwrap_or_default();
                self.unpack(&bytes, record);
            }
            Err(reason) => {
                let data = record.data.to_owned();
                self.refuse(&Refusal::Event(reason), data, None, record);
            }
        }
    }

    /// Takes the events of a record that is aggregated, compressed, or both.
    fn unpack(&mut self, bytes: &[u8], record: &Record<'_>) {
        let inflated;
        let content = match bytes {
            [0x1f, 0x8b, ..] => match inflate(bytes) {
                Ok(content) => {
                    inflated = content;
                    inflated.as_slice()
                }
                Err(refusal) => return self.refuse(&refusal, base64(bytes), None, record),
            },
            plain => plain,
        };
        if !aggregate::is_aggregated(content) {
            return self.take_lines(content, record);
        }
        match aggregate::unpack(content) {
            Ok(events) => {
                for (index, event) in events.into_iter().enumerate() {
                    self.take_event(event, Some(index), record);
                }
            }
            Err(malformed) => self.refuse(&Refusal::Aggregate(malformed), base64(bytes), None, record),
        }
    }

    /// Takes what a compressed record holds: one event, or one in each line.
    fn take_lines(&mut self, content: &[u8], record: &Record<'_>) {
        let reason = match self.encoder.push(content, Some(record.arrival_ms)) {
            Ok(pushed) => return self.row(pushed.hour, record),
            Err(reason) => reason,
        };
        let lines = content.split(|byte| *byte == b'\n');
        let filled = lines.filter(|line| !line.trim_ascii().is_empty());
        // One line that is an event says that the others are meant to be.
        if !filled
            .clone()
            .any(|line| lake::explain(line, record.arrival_ms).is_ok())
        {
            return self.refuse(&Refusal::Event(reason), base64(content), None, record);
        }
        for (index, line) in filled.enumerate() {
            self.take_event(line, Some(index), record);
        }
    }

    fn take_event(&mut self, event: &[u8], index: Option<usize>, record: &Record<'_>) {
        match self.encoder.push(event, Some(record.arrival_ms)) {
            Ok(pushed) => self.row(pushed.hour, record),
            Err(reason) => self.refuse(&Refusal::Event(reason), base64(event), index, record),
        }
    }

    fn row(&mut self, hour: Hour, record: &Record<'_>) {
        self.counts.rows += 1;
        self.place(Some(hour), record);
    }

    fn refuse(&mut self, refusal: &Refusal, data: String, event: Option<usize>, record: &Record<'_>) {
        *self.counts.quarantined.entry(refusal.code()).or_default() += 1;
        let line = Line {
            reason: refusal.code(),
            error: refusal.to_string(),
            sequence: record.sequence.as_str(),
            event,
            arrival_ms: record.arrival_ms,
            data,
        };
        // Texts and numbers: writing them into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.quarantine, &line);
        self.quarantine.push(b'\n');
        self.place(None, record);
    }

    fn place(&mut self, folder: Option<Hour>, record: &Record<'_>) {
        match self.places.get_mut(&folder) {
            Some((_, last)) if *last == record.sequence => {}
            Some((_, last)) => last.clone_from(&record.sequence),
            None => {
                let sequence = record.sequence.clone();
                self.places.insert(folder, (sequence.clone(), sequence));
            }
        }
    }
}

impl<'e> Encode<Record<'e>> for Parts {
    fn encode(&mut self, records: &[Record<'e>]) -> Result<Vec<Part>, Unencodable> {
        self.counts = Counts::default();
        self.places.clear();
        self.quarantine.clear();
        for record in records {
            self.take(record);
        }
        let (raw, quarantine) = (raw_prefix(&self.dataset), quarantine_prefix(&self.dataset));
        let mut parts = Vec::with_capacity(self.places.len());
        for object in self.encoder.finish() {
            let object = object.map_err(|error| {
                tracing::error!(%error, "an hour cannot be encoded");
                Unencodable
            })?;
            let (first, last) = self.places.get(&Some(object.hour)).cloned().ok_or(Unencodable)?;
            parts.push(Part {
                folder: format!("{raw}{}/", object.hour),
                first,
                last,
                rows: object.rows,
                suffix: ".parquet",
                bytes: object.bytes,
            });
        }
        if let Some((first, last)) = self.places.get(&None).cloned() {
            parts.push(Part {
                folder: quarantine,
                first,
                last,
                rows: self.counts.quarantined.values().sum(),
                suffix: ".ndjson",
                bytes: self.quarantine.clone(),
            });
        }
        Ok(parts)
    }
}

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut content = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(INFLATED + 1);
    decoder.read_to_end(&mut content).map_err(|_| Refusal::Gzip)?;
    match content.len() as u64 > INFLATED {
        true => Err(Refusal::Bomb),
        false => Ok(content),
    }
}

fn base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

#[cfg(test)]
mod tests;
