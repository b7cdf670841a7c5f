//! A quarantined record and why it is there.

use super::document::Document;
use jiff::Timestamp;
use lake::Reason;
use serde::Serialize;

/// Bytes of a record that are shown.
const PREVIEW: usize = 60;
/// Firehose's code for a record that the transform answered `ProcessingFailed`.
const TRANSFORM_FAILED: &str = "Lambda.ProcessingFailedStatus";

/// What the direct writer refused, as a type of error.
const REFUSED: &str = "refused";

/// Where a document was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Firehose's error type: the folder below the error prefix.
    pub(crate) kind: String,
    /// Key of the object.
    pub(crate) object: String,
    /// Line in the object, from 1.
    pub(crate) line: u64,
    /// When the object was written, in milliseconds since 1970.
    pub(crate) written_ms: Option<i64>,
}

/// A quarantined record and why it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// When the record arrived: UTC, to the millisecond.
    pub(crate) time: Option<String>,
    /// Firehose's error type, such as `processing-failed`; of the direct writer [`REFUSED`].
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The transform's code for its reason, or Firehose's.
    pub(crate) code: String,
    /// The reason in words.
    pub(crate) reason: String,
    /// Where in the record the trouble is, in bytes from 0, where it has one place.
    pub(crate) offset: Option<usize>,
    /// What Firehose wrote beside the record.
    pub(crate) firehose_code: Option<String>,
    /// How often Firehose tried.
    pub(crate) attempts: Option<i64>,
    /// The function that failed, where one did.
    pub(crate) function: Option<String>,
    /// Size of the record.
    pub(crate) bytes: usize,
    /// Its beginning, as text.
    pub(crate) preview: String,
    /// Key of the object that holds it.
    pub(crate) object: String,
    /// Line in the object, from 1.
    pub(crate) line: u64,
}

impl Finding {
    /// Judges a record again by the same function that judged it in the transform.
    pub(crate) fn of(document: &Document, place: Place) -> Self {
        // The transform judged by the arrival; without one, the nearest time that is known.
        let known = document.arrival_ms.or(document.ended_ms).or(place.written_ms);
        let (code, reason, offset) = match lake::explain(&document.data, known.unwrap_or(i64::MIN)) {
            // The direct writer knew more than the bytes say: what they were packed in, for example.
            judged if document.refused.is_some() => {
                let refused = document.refused.clone().unwrap_or_default();
                (
                    refused.code,
                    refused.words,
                    judged.err().and_then(|reason| reason.offset()),
                )
            }
            Err(reason) => (reason.code().to_owned(), reason.to_string(), reason.offset()),
            Ok(_) if document.error_code.as_deref() == Some(TRANSFORM_FAILED) => {
                // The only thing that fails a good event; a transform of another version is the
                // other explanation, and the cure is the same.
                (
                    Reason::ResponseFull.code().to_owned(),
                    Reason::ResponseFull.to_string(),
                    None,
                )
            }
            Ok(_) => {
                let code = document.error_code.clone().unwrap_or_else(|| place.kind.clone());
                let message = document.error_message.clone();
                (
                    code,
                    message.unwrap_or_else(|| "Firehose gave no reason".to_owned()),
                    None,
                )
            }
        };
        Self {
            time: document.arrival_ms.and_then(moment),
            kind: match document.refused {
                Some(_) => REFUSED.to_owned(),
                None => place.kind,
            },
            code,
            reason,
            offset,
            firehose_code: document.error_code.clone(),
            attempts: document.attempts,
            function: document.function.clone(),
            bytes: document.data.len(),
            preview: preview(&document.data),
            object: place.object,
            line: place.line,
        }
    }
}

fn moment(ms: i64) -> Option<String> {
    Timestamp::from_millisecond(ms).ok().map(|time| format!("{time:.3}"))
}

/// The beginning of the record, cut at a character; what is no text is replaced.
fn preview(data: &[u8]) -> String {
    let head = data.get(..PREVIEW).unwrap_or(data);
    let mut text = String::from_utf8_lossy(head).into_owned();
    if head.len() < data.len() {
        // A character that the cut went through is no bad byte of the record.
        text.truncate(text.trim_end_matches('\u{fffd}').len());
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Document, Finding, Place, preview};
    use crate::quarantine::document::Refused;

    const ARRIVAL: i64 = 1_790_000_000_000;
    const GOOD: &str = r#"{"event_uuid":"1","event_name":"a:b","created_at":1789999999.5}"#;

    fn finding(data: &str, error_code: Option<&str>, arrival_ms: Option<i64>) -> Finding {
        let place = Place {
            kind: "processing-failed".to_owned(),
            object: "errors/events/processing-failed/x".to_owned(),
            line: 3,
            written_ms: Some(ARRIVAL + 60_000),
        };
        let document = Document {
            data: data.as_bytes().to_vec(),
            error_code: error_code.map(str::to_owned),
            error_message: error_code.map(|_| "in Firehose's words".to_owned()),
            arrival_ms,
            ..Document::default()
        };
        Finding::of(&document, place)
    }

    #[test]
    fn a_bad_event_gets_the_transforms_reason() {
        let got = finding("{\"a\":tru}", Some("Lambda.ProcessingFailedStatus"), Some(ARRIVAL));
        assert_eq!(got.code, "not_json");
        assert!(got.reason.starts_with("not JSON at byte "), "{}", got.reason);
        assert!(got.offset.is_some());
        assert_eq!(got.time.as_deref(), Some("2026-09-21T14:13:20.000Z"));
    }

    #[test]
    fn what_the_direct_writer_refused_keeps_its_reason() {
        let refused = |data: &str| {
            let document = Document {
                data: data.as_bytes().to_vec(),
                refused: Some(Refused {
                    code: "gzip".to_owned(),
                    words: "damaged".to_owned(),
                }),
                ..Document::default()
            };
            let got = Finding::of(&document, Place::default());
            (got.kind, got.code, got.reason, got.offset.is_some())
        };
        let as_written = |has_offset| {
            (
                "refused".to_owned(),
                "gzip".to_owned(),
                "damaged".to_owned(),
                has_offset,
            )
        };
        assert_eq!(refused("\u{1f}\u{8b}"), as_written(true));
        assert_eq!(refused(GOOD), as_written(false));
    }

    #[test]
    fn a_good_event_gets_firehoses_reason() {
        let got = finding(GOOD, Some("DataFormatConversion.ParseError"), Some(ARRIVAL));
        assert_eq!(
            (got.code.as_str(), got.reason.as_str()),
            ("DataFormatConversion.ParseError", "in Firehose's words")
        );
        assert_eq!(
            finding(GOOD, Some("Lambda.ProcessingFailedStatus"), Some(ARRIVAL)).code,
            "response_full"
        );
        let got = finding(GOOD, None, Some(ARRIVAL));
        assert_eq!(
            (got.code.as_str(), got.reason.as_str()),
            ("processing-failed", "Firehose gave no reason")
        );
    }

    #[test]
    fn without_an_arrival_the_objects_time_serves() {
        let got = finding(GOOD, Some("X"), None);
        assert_eq!((got.code.as_str(), got.time), ("X", None));
        let ahead = GOOD.replace("1789999999.5", "1790100000");
        assert_eq!(finding(&ahead, Some("X"), None).code, "created_in_future");
    }

    #[test]
    fn a_preview_is_cut_at_a_character() {
        assert_eq!(preview(b"short \xff"), "short \u{fffd}");
        let long = format!("{}é and more", "x".repeat(59));
        assert_eq!(preview(long.as_bytes()), "x".repeat(59) + "…");
    }
}
