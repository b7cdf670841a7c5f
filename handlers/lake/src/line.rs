//! The transformed event: one line of JSON with exactly the table's columns.

use std::ops::Range;

use crate::event::Event;
use crate::moment::{Arrival, Second};
use crate::scan::Marks;

/// Bytes copied at a time; a copy of fixed size is one instruction.
const STRIDE: usize = 16;

/// Appends the line of `event`, which was read from `text`, to `line`.
///
/// The rest of the event becomes a string that holds an object: its members are copied as they
/// are, with a backslash before each quote and backslash, in one pass over the marks.
pub(crate) fn write(
    line: &mut Vec<u8>,
    event: &Event<'_>,
    created: &Second,
    arrival: &Arrival,
    text: &[u8],
    marks: &Marks,
    rest: &[Range<usize>],
) {
    line.extend_from_slice(br#"{"event_uuid":""#);
    line.extend_from_slice(event.uuid);
    line.extend_from_slice(br#"","event_name":""#);
    line.extend_from_slice(event.name);
    line.extend_from_slice(br#"","event_type":""#);
    line.extend_from_slice(&event.kind);
    if let Some(subkind) = &event.subkind {
        line.extend_from_slice(br#"","event_subtype":""#);
        line.extend_from_slice(subkind);
        line.extend_from_slice(br#"","created_at":"#);
    } else {
        line.extend_from_slice(br#"","event_subtype":null,"created_at":"#);
    }
    line.extend_from_slice(event.created_at);
    line.extend_from_slice(br#","created_datetime":""#);
    line.extend_from_slice(&created.text());
    line.extend_from_slice(br#"Z","ingested_at":""#);
    line.extend_from_slice(&arrival.text());
    line.extend_from_slice(br#"","payload":"{"#);
    let mut first = true;
    for run in rest {
        if !first {
            line.push(b',');
        }
        first = false;
        escape(line, text, marks, run.clone());
    }
    line.extend_from_slice(b"}\"}\n");
}

/// Appends `run` of `text` as the inside of a JSON string.
///
/// Valid JSON has no bare control character but white space, so that the marks of a run are its
/// quotes, its backslashes, and white space between tokens.
fn escape(line: &mut Vec<u8>, text: &[u8], marks: &Marks, run: Range<usize>) {
    let start = line.len();
    // Every byte may need two; the stride is room for the last copy to run over.
    line.resize(start + 2 * run.len() + STRIDE, 0);
    let Some(out) = line.get_mut(start..) else {
        return;
    };
    let mut written = 0;
    let mut from = run.start;
    marks.each(run.clone(), |at| {
        written += copy(out, written, text, from..at);
        let byte = text.get(at).copied().unwrap_or_default();
        let short = match byte {
            b'\n' => b'n',
            b'\t' => b't',
            b'\r' => b'r',
            other => other,
        };
        if let Some(pair) = out.get_mut(written..written + 2) {
            pair.copy_from_slice(&[b'\\', short]);
        }
        written += 2;
        from = at + 1;
    });
    written += copy(out, written, text, from..run.end);
    line.truncate(start + written);
}

/// Copies `from` of `text` to `out` at `to`; what lies behind in `out` may be overwritten.
#[inline]
fn copy(out: &mut [u8], to: usize, text: &[u8], from: Range<usize>) -> usize {
    let length = from.len();
    if length <= STRIDE
        && let Some(source) = text.get(from.start..from.start + STRIDE)
        && let Some(target) = out.get_mut(to..to + STRIDE)
    {
        target.copy_from_slice(source);
    } else if let Some(source) = text.get(from)
        && let Some(target) = out.get_mut(to..to + length)
    {
        target.copy_from_slice(source);
    }
    length
}
