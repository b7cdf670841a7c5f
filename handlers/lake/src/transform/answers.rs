//! The answers to a request's records, as they are written into the response.

use std::ops::Range;

use serde::Deserialize;

use super::{Failure, Transformer, Workshop};
use crate::contract::limit::RESPONSE_CEILING;
use crate::moment::{Digits, Hour};
use crate::reason::Reason;
use crate::request::{Record, Records};
use crate::scan::{Fault, string_at};

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

// An answer is never shorter than the refusal of its record.
const _: () = assert!(OK_FRAME >= FAILED_FRAME);

/// The answers to a request's records, one after another.
pub(super) struct Answers<'t> {
    request: &'t [u8],
    workshop: &'t mut Workshop,
    keys: &'t mut Keys,
    response: &'t mut Vec<u8>,
    failures: &'t mut Vec<Failure>,
    records: usize,
    /// What it takes to refuse all records of the request, and those that are left of it.
    reserve: usize,
    refusals: usize,
    /// Whether a record was refused for want of room.
    is_full: bool,
}

impl<'t> Answers<'t> {
    pub(super) fn new(transformer: &'t mut Transformer, request: &'t [u8], reserve: usize) -> Self {
        Self {
            request,
            workshop: &mut transformer.workshop,
            keys: &mut transformer.keys,
            response: &mut transformer.response,
            failures: &mut transformer.failures,
            records: 0,
            reserve,
            refusals: reserve,
            is_full: false,
        }
    }

    /// Whether the room that was not kept was needed.
    ///
    /// An answer is never shorter than the refusal of its record: a response below the ceiling had
    /// room to refuse all records that followed, at any place.
    pub(super) fn is_short(&self) -> bool {
        self.is_full || self.response.len() + TAIL.len() >= RESPONSE_CEILING
    }

    /// Ends the response and says how many records it answers.
    pub(super) fn finish(self) -> usize {
        self.response.extend_from_slice(TAIL);
        self.records
    }

    /// Transforms `record` into the workshop's line.
    #[inline(always)]
    fn make(&mut self, record: &Record) -> Result<Result<Hour, Reason>, Fault> {
        let Some(data) = &record.data else {
            return Ok(Err(Reason::NotBase64));
        };
        if !self.workshop.decode(slice(self.request, data)) {
            let quoted = string_at(self.request, data.start - 1)?;
            if !quoted.escaped || !self.workshop.decode_escaped(slice(self.request, data)) {
                return Ok(Err(Reason::NotBase64));
            }
        }
        Ok(self.workshop.work(record.arrival))
    }
}

impl Records for Answers<'_> {
    fn begin(&mut self) {
        self.records = 0;
        self.refusals = self.reserve;
        self.is_full = false;
        self.failures.clear();
        self.response.clear();
        self.response.extend_from_slice(HEAD);
    }

    #[inline(always)]
    fn record(&mut self, record: &Record) -> Result<(), Fault> {
        let id = slice(self.request, &record.id);
        self.records += 1;
        self.refusals = self.refusals.saturating_sub(FAILED_FRAME + id.len());
        let mut answer = self.make(record)?;
        let data = base64_simd::STANDARD.encoded_length(self.workshop.line.text().len());
        let entry = OK_FRAME + id.len() + data;
        if answer.is_ok() && self.response.len() + entry + self.refusals + TAIL.len() >= RESPONSE_CEILING {
            self.is_full = true;
            answer = Err(Reason::ResponseFull);
        }
        let response = &mut *self.response;
        if response.len() > HEAD.len() {
            response.push(b',');
        }
        response.extend_from_slice(ID);
        response.extend_from_slice(id);
        match answer {
            Ok(hour) => {
                response.extend_from_slice(OK);
                base64_simd::STANDARD.encode_append(self.workshop.line.text(), response);
                response.extend_from_slice(self.keys.of(hour));
            }
            Err(reason) => {
                response.extend_from_slice(FAILED);
                self.failures.push(failure(self.request, record, reason));
            }
        }
        Ok(())
    }
}

/// What it takes to refuse a request's records.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    pub(super) records: usize,
    /// Of their entries in the response.
    pub(super) bytes: usize,
}

impl Refusals {
    /// Whether a response has room for them.
    pub(super) fn fit(&self) -> bool {
        HEAD.len() + self.bytes + TAIL.len() < RESPONSE_CEILING
    }
}

impl Records for Refusals {
    fn begin(&mut self) {
        (self.records, self.bytes) = (0, 0);
    }

    fn record(&mut self, record: &Record) -> Result<(), Fault> {
        self.records += 1;
        self.bytes += FAILED_FRAME + record.id.len();
        Ok(())
    }
}

/// The end of an `Ok` entry, with the partition keys of an hour.
#[derive(Debug, Default)]
pub(super) struct Keys {
    hour: Option<Hour>,
    text: Vec<u8>,
}

impl Keys {
    #[inline(always)]
    fn of(&mut self, hour: Hour) -> &[u8] {
        if self.hour != Some(hour) {
            self.turn(hour);
        }
        &self.text
    }

    #[inline(never)]
    fn turn(&mut self, hour: Hour) {
        self.hour = Some(hour);
        let Digits { year, month, day, hour } = hour.digits();
        self.text.clear();
        for part in [YEAR, &year, MONTH, &month, DAY, &day, HOUR, &hour, END] {
            self.text.extend_from_slice(part);
        }
    }
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
