//! What is sent, and what must be read back.
//!
//! Events of six hours, one of a hundred sent twice, one of two hundred no event at all; half of
//! them alone in a record, half packed as the Kinesis Producer Library packs them, and some of the
//! packed records damaged.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Result;
use lake::aggregate::{Packed, Packer, UNIT};
use serde_json::json;

/// 2026-01-31T22:00Z: the hours go past the end of a month.
const CREATED: i64 = 1_769_896_800;

/// Hours that the events were created in.
const HOURS: usize = 6;

/// A record for the stream.
pub struct Record {
    /// Its partition key.
    pub key: String,
    /// Its data.
    pub data: Vec<u8>,
}

/// How much was made.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct Count {
    /// Events that must become rows, each copy counted.
    pub rows: usize,
    /// Events, or whole records, that must be in quarantine.
    pub refused: usize,
    /// Records of the stream.
    pub records: usize,
}

/// Makes records, and writes down what must become of them.
pub struct Input {
    random: fastrand::Rng,
    packer: Packer,
    /// Lines of the packed record that is being filled, for the file of rows or that of refusals.
    packed: Vec<Line>,
    rows: BufWriter<File>,
    refused: BufWriter<File>,
    count: Count,
}

/// A line that must be read back.
enum Line {
    Row(String),
    Refused(String),
}

impl Input {
    /// The folder gets `rows.jsonl` and `refused.jsonl`.
    ///
    /// # Errors
    ///
    /// When they cannot be written.
    pub fn new(seed: u64, folder: &Path) -> Result<Self> {
        Ok(Input {
            random: fastrand::Rng::with_seed(seed),
            packer: Packer::new(UNIT),
            packed: Vec::new(),
            rows: BufWriter::new(File::create(folder.join("rows.jsonl"))?),
            refused: BufWriter::new(File::create(folder.join("refused.jsonl"))?),
            count: Count::default(),
        })
    }

    /// Makes the records of the events with these numbers, of so many in all.
    ///
    /// # Errors
    ///
    /// When what is expected cannot be written down.
    pub fn make(&mut self, numbers: std::ops::Range<usize>, all: usize) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        for number in numbers {
            let (event, line) = match number % 200 {
                57 => self.poison(number),
                _ => self.event(number, number * HOURS / all.max(1)),
            };
            let copies = if number % 100 == 23 { 2 } else { 1 };
            for _ in 0..copies {
                self.send(&event, &line, number, &mut records)?;
            }
        }
        Ok(records)
    }

    /// What it has come to so far, without the record that is being filled.
    pub fn count(&self) -> Count {
        self.count
    }

    /// The rest, and what it all came to.
    ///
    /// # Errors
    ///
    /// When what is expected cannot be written down.
    pub fn finish(&mut self) -> Result<(Vec<Record>, Count)> {
        let mut records = Vec::new();
        if let Some(packed) = self.packer.finish() {
            self.packed(packed, &mut records)?;
        }
        self.rows.flush()?;
        self.refused.flush()?;
        Ok((records, self.count))
    }

    fn event(&mut self, number: usize, hour: usize) -> (Vec<u8>, Line) {
        // Most are of the hour that it is, some are late.
        let hour = match self.random.u8(..10) {
            0 => self.random.usize(..=hour),
            _ => hour,
        };
        let uuid = format!("00000000-0000-4000-8000-{number:012}");
        let created = CREATED + 3_600 * hour as i64 + self.random.i64(0..3_600);
        let payload = format!(
            r#"{{"user_id":{},"note":"é \"{number}\"\n"}}"#,
            self.random.u32(..9_999)
        );
        let event = format!(
            r#"{{"event_uuid":"{uuid}","event_name":"lesson:{}","created_at":{created}.25,{}"#,
            ["started", "finished", "left"][number % 3],
            &payload[1..]
        );
        let line = json!({
            "event_uuid": uuid,
            "event_name": format!("lesson:{}", ["started", "finished", "left"][number % 3]),
            "created_at": created as f64 + 0.25,
            "payload": payload,
        });
        (event.into_bytes(), Line::Row(line.to_string()))
    }

    fn poison(&mut self, number: usize) -> (Vec<u8>, Line) {
        let event = match number % 3 {
            0 => format!("no JSON at all {number}"),
            1 => format!(r#"{{"event_uuid":"{number}","event_name":"a:b","created_at":"now"}}"#),
            _ => format!(r#"{{"event_uuid":"{number}","event_name":"cut"#),
        }
        .into_bytes();
        let line = refusal(&event);
        (event, line)
    }

    /// Sends an event alone or packed, by chance.
    fn send(&mut self, event: &[u8], line: &Line, number: usize, records: &mut Vec<Record>) -> Result<()> {
        let key = format!("{number}");
        if self.random.bool() {
            self.note(line)?;
            self.count.records += 1;
            records.push(Record {
                key,
                data: event.to_vec(),
            });
            return Ok(());
        }
        if let Some(packed) = self.packer.push(&key, event) {
            self.packed(packed, records)?;
        }
        self.packed.push(match line {
            Line::Row(line) => Line::Row(line.clone()),
            Line::Refused(line) => Line::Refused(line.clone()),
        });
        Ok(())
    }

    /// Takes a packed record; one of thirty is damaged, and is refused as a whole.
    fn packed(&mut self, packed: Packed, records: &mut Vec<Record>) -> Result<()> {
        let mut data = packed.data;
        let mut lines = std::mem::take(&mut self.packed);
        if self.random.u8(..30) == 0
            && let Some(byte) = data.get_mut(20)
        {
            *byte ^= 0xff;
            lines = vec![refusal(&data)];
        }
        for line in &lines {
            self.note(line)?;
        }
        self.count.records += 1;
        records.push(Record { key: packed.key, data });
        Ok(())
    }

    fn note(&mut self, line: &Line) -> Result<()> {
        match line {
            Line::Row(line) => {
                self.count.rows += 1;
                writeln!(self.rows, "{line}")?;
            }
            Line::Refused(line) => {
                self.count.refused += 1;
                writeln!(self.refused, "{line}")?;
            }
        }
        Ok(())
    }
}

fn refusal(bytes: &[u8]) -> Line {
    let data = base64_simd::STANDARD.encode_to_string(bytes);
    Line::Refused(json!({ "data": data }).to_string())
}
