//! A Firehose transform request to its response: bytes in, bytes out.

mod answers;

use crate::contract::limit::RESPONSE_CEILING;
use crate::event::{self, AllRest, Reader};
use crate::line::Line;
use crate::moment::{Calendar, Hour};
use crate::reason::Reason;
use crate::request::{self, RequestError};
use answers::{Answers, Keys, Refusals};

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
    workshop: Workshop,
    keys: Keys,
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
        // Room is hardly ever short, and while it is not, nobody needs to know how many records follow.
        let mut answers = Answers::new(self, request, 0);
        request::read(request, &mut answers)?;
        if answers.is_short() {
            let mut refusals = Refusals::default();
            request::read(request, &mut refusals)?;
            if !refusals.fit() {
                return Err(RequestError::TooManyRecords {
                    records: refusals.records,
                    ceiling: RESPONSE_CEILING,
                });
            }
            answers = Answers::new(self, request, refusals.bytes);
            request::read(request, &mut answers)?;
        }
        let records = answers.finish();
        Ok(Batch {
            response: &self.response,
            records,
            failures: &self.failures,
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
    let hour = workshop.work(Some(arrival_ms))?;
    Ok(Transformed {
        line: workshop.line.text().to_vec(),
        partition: hour.partition(),
    })
}

/// The buffers that one record passes through.
#[derive(Debug, Default)]
struct Workshop {
    /// The record, decoded.
    event: Vec<u8>,
    reader: Reader,
    /// The transformed event.
    line: Line,
    /// Of the events, and of their arrivals.
    created: Calendar,
    arrivals: Calendar,
}

impl Workshop {
    /// Decodes a record into `self.event`; false where it is no base64.
    #[inline(always)]
    fn decode(&mut self, data: &[u8]) -> bool {
        self.event.clear();
        base64_simd::STANDARD.decode_append(data, &mut self.event).is_ok()
    }

    /// As `decode`: some encoders write base64's slash as an escape.
    #[cold]
    fn decode_escaped(&mut self, data: &[u8]) -> bool {
        event::unescape(data).is_ok_and(|data| self.decode(data.as_bytes()))
    }

    /// Transforms `self.event` into `self.line`.
    fn work(&mut self, arrival_ms: Option<i64>) -> Result<Hour, Reason> {
        let event = self.reader.read(&self.event, arrival_ms, &mut AllRest)?;
        self.line.write(&event, &mut self.created, &mut self.arrivals);
        Ok(self.created.hour())
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
