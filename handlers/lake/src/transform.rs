//! A Firehose transform request to its response: bytes in, bytes out.

use std::ops::Range;

use serde::Deserialize;

use crate::contract::limit::RESPONSE_CEILING;
use crate::event::{self, AllRest, Reader};
use crate::line;
use crate::moment::{Calendar, Second};
use crate::reason::Reason;
use crate::request::{self, Record, RequestError};

/// What stands around a record's id, data and keys in the response.
const ID: &[u8] = br#"{"recordId":""#;
const FAILED: &[u8] = br#"","result":"ProcessingFailed","data":"","metadata":{}}"#;
const OK: &[u8] = br#"","result":"Ok","data":""#;
const YEAR: &[u8] = br#"","metadata":{"partitionKeys":{"year":""#;
const MONTH: &[u8] = br#"","month":""#;
const DAY: &[u8] = br#"","day":""#;
const HOUR: &[u8] = br#"","hour":""#;
const END: &[u8] = br#""}}}"#;
const HEAD: &[u8] = br#"{"records":["#;
const TAIL: &[u8] = b"]}";

/// Bytes of an `Ok` entry beside its id and its data, with the comma before it.
const OK_FRAME: usize =
    1 + ID.len() + OK.len() + YEAR.len() + MONTH.len() + DAY.len() + HOUR.len() + END.len() + "YYYYMMDDHH".len();

/// Bytes of a failed entry beside its id, with the comma before it.
const FAILED_FRAME: usize = 1 + ID.len() + FAILED.len();

/// Transforms requests one after another and keeps its buffers between them.
///
/// # Contract
///
/// - Every record comes back exactly once and in order, with its id as it was sent.
/// - A record is `Ok` or `ProcessingFailed`; `Dropped` is never used, not even for an empty record
///   or an `event_uuid` seen before: in = queryable + quarantined, and duplicates are removed
///   later, where all of them can be seen.
/// - An `Ok` record's data is one line of JSON with exactly the columns of
///   [`crate::contract::COLUMNS`]; its partition keys are those of
///   [`crate::contract::PARTITIONS`], made from the checked time, never from the event's text.
/// - The same record gives the same bytes, whatever its neighbours, as long as the response has
///   room: it stays below [`RESPONSE_CEILING`], room is kept to refuse all records that follow,
///   and a record that does not fit is failed with [`Reason::ResponseFull`], never cut.
#[derive(Debug, Default)]
pub struct Transformer {
    records: Vec<Record>,
    workshop: Workshop,
    response: Vec<u8>,
    failures: Vec<Failure>,
}

/// The answer to one request.
#[derive(Debug)]
pub struct Batch<'t> {
    /// The response for Firehose, JSON.
    pub response: &'t [u8],
    /// Records in the request.
    pub records: usize,
    /// The records that failed, in order; all others are `Ok`.
    pub failures: &'t [Failure],
}

/// A record that was answered `ProcessingFailed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The record's id, as it stands in the request.
    pub record_id: String,
    /// Where the record is in its Kinesis shard, if Firehose said so.
    pub sequence_number: Option<String>,
    /// Why.
    pub reason: Reason,
}

impl Transformer {
    /// Transforms one request.
    ///
    /// # Errors
    ///
    /// When the request names no records that could be answered; never for a bad record.
    pub fn transform(&mut self, request: &[u8]) -> Result<Batch<'_>, RequestError> {
        let Self {
            records,
            workshop,
            response,
            failures,
        } = self;
        request::read(request, records)?;
        failures.clear();
        response.clear();
        response.extend_from_slice(HEAD);

        // What it takes to refuse every record that has not been answered yet.
        let mut refusals: usize = records.iter().map(|record| FAILED_FRAME + record.id.len()).sum();
        if HEAD.len() + refusals + TAIL.len() >= RESPONSE_CEILING {
            return Err(RequestError::TooManyRecords {
                records: records.len(),
                ceiling: RESPONSE_CEILING,
            });
        }
        for record in &*records {
            let id = slice(request, &record.id);
            refusals -= FAILED_FRAME + id.len();
            if response.len() > HEAD.len() {
                response.push(b',');
            }
            let answer = workshop.make(request, record).and_then(|partition| {
                let data = base64_simd::STANDARD.encoded_length(workshop.line.len());
                let entry = OK_FRAME + id.len() + data;
                if response.len() + entry + refusals + TAIL.len() >= RESPONSE_CEILING {
                    return Err(Reason::ResponseFull);
                }
                Ok(partition)
            });
            response.extend_from_slice(ID);
            response.extend_from_slice(id);
            match answer {
                Ok(created) => {
                    response.extend_from_slice(OK);
                    base64_simd::STANDARD.encode_append(&workshop.line, response);
                    keys(response, &created);
                }
                Err(reason) => {
                    response.extend_from_slice(FAILED);
                    failures.push(failure(request, record, reason));
                }
            }
        }
        response.extend_from_slice(TAIL);
        Ok(Batch {
            response,
            records: records.len(),
            failures,
        })
    }
}

/// A transformed event and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transformed {
    /// The line of JSON, with its line feed.
    pub line: Vec<u8>,
    /// Name and value of each of [`crate::contract::PARTITIONS`].
    pub partition: [(&'static str, String); 4],
}

/// Transforms one event, as the transform does with a record of its own.
///
/// `arrival_ms` is the record's arrival in milliseconds since 1970, as Firehose gives it in the
/// request and in the error prefix.
///
/// # Errors
///
/// The reason for which the transform fails this record; [`Reason::ResponseFull`] is never among
/// them, since it depends on the record's neighbours.
pub fn explain(event: &[u8], arrival_ms: i64) -> Result<Transformed, Reason> {
    let mut workshop = Workshop {
        event: event.to_vec(),
        ..Workshop::default()
    };
    let created = workshop.work(Some(arrival_ms))?;
    Ok(Transformed {
        line: workshop.line,
        partition: created.partition(),
    })
}

/// The buffers that one record passes through.
#[derive(Debug, Default)]
struct Workshop {
    /// The record, decoded.
    event: Vec<u8>,
    reader: Reader,
    /// The transformed event.
    line: Vec<u8>,
    /// Of the events, and of their arrivals.
    created: Calendar,
    arrivals: Calendar,
}

impl Workshop {
    /// Decodes a record of a request and leaves its line in `self.line`.
    fn make(&mut self, request: &[u8], record: &Record) -> Result<Second, Reason> {
        let data = record.data.as_ref().ok_or(Reason::NotBase64)?;
        let encoded = slice(request, &data.span);
        self.event.clear();
        if data.escaped {
            // Some encoders write base64's slash as an escape.
            let encoded = event::unescape(encoded).map_err(|_| Reason::NotBase64)?;
            base64_simd::STANDARD.decode_append(encoded, &mut self.event)
        } else {
            base64_simd::STANDARD.decode_append(encoded, &mut self.event)
        }
        .map_err(|_| Reason::NotBase64)?;
        self.work(record.arrival)
    }

    /// Transforms `self.event` into `self.line`.
    fn work(&mut self, arrival_ms: Option<i64>) -> Result<Second, Reason> {
        let event = self.reader.read(&self.event, arrival_ms, &mut AllRest)?;
        let created = self
            .created
            .second(event.created.second)
            .ok_or(Reason::CreatedOutOfRange)?;
        self.line.clear();
        line::write(&mut self.line, &event, &created, &mut self.arrivals);
        Ok(created)
    }
}

fn keys(response: &mut Vec<u8>, created: &Second) {
    response.extend_from_slice(YEAR);
    response.extend_from_slice(&created.year);
    response.extend_from_slice(MONTH);
    response.extend_from_slice(&created.month);
    response.extend_from_slice(DAY);
    response.extend_from_slice(&created.day);
    response.extend_from_slice(HOUR);
    response.extend_from_slice(&created.hour);
    response.extend_from_slice(END);
}

#[cold]
fn failure(request: &[u8], record: &Record, reason: Reason) -> Failure {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata {
        sequence_number: Option<String>,
    }
    let metadata = record.metadata.as_ref();
    let metadata = metadata.and_then(|span| serde_json::from_slice(slice(request, span)).ok());
    Failure {
        record_id: String::from_utf8_lossy(slice(request, &record.id)).into_owned(),
        sequence_number: metadata.and_then(|metadata: Metadata| metadata.sequence_number),
        reason,
    }
}

fn slice<'t>(text: &'t [u8], span: &Range<usize>) -> &'t [u8] {
    text.get(span.clone()).unwrap_or_default()
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
