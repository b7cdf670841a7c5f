//! The transformed event: one line of JSON with exactly the table's columns.

use std::ops::Range;

use crate::event::{self, Event};
use crate::moment::{Calendar, Second};
use crate::scan::Marks;

/// Bytes copied at a time; a copy of fixed size is one instruction.
const STRIDE: usize = 16;

/// Appends the line of `event`, created in the second `created`, to `line`; `arrivals` writes the
/// moment of its arrival.
///
/// The rest of the event becomes a string that holds an object: its members are copied as they
/// are, with a backslash before each quote and backslash, in one pass over the marks.
pub(crate) fn write(line: &mut Vec<u8>, event: &Event<'_>, created: &Second, arrivals: &mut Calendar) {
    line.extend_from_slice(br#"{"event_uuid":""#);
    line.extend_from_slice(event.uuid.json);
    line.extend_from_slice(br#"","event_name":""#);
    line.extend_from_slice(event.name.json);
    line.extend_from_slice(br#"","event_type":""#);
    if event.name.escaped {
        let name = event.name.value();
        parts(line, event::parts(&name), encode);
    } else {
        parts(line, event::parts(event.name.json), Vec::extend_from_slice);
    }
    line.extend_from_slice(event.created.number);
    line.extend_from_slice(br#","created_datetime":""#);
    line.extend_from_slice(&created.text());
    line.extend_from_slice(br#"Z","ingested_at":""#);
    line.extend_from_slice(&event.arrival.text(arrivals));
    line.extend_from_slice(br#"","payload":"{"#);
    let mut first = true;
    for run in event.rest {
        if !first {
            line.push(b',');
        }
        first = false;
        escape(line, event.text, event.marks, run.clone());
    }
    line.extend_from_slice(b"}\"}\n");
}

/// Appends the parts of a name, from inside the first one's quotes to the next member's value.
#[inline]
fn parts(line: &mut Vec<u8>, (kind, subkind): (&[u8], Option<&[u8]>), append: impl Fn(&mut Vec<u8>, &[u8])) {
    append(line, kind);
    if let Some(subkind) = subkind {
        line.extend_from_slice(br#"","event_subtype":""#);
        append(line, subkind);
        line.extend_from_slice(br#"","created_at":"#);
    } else {
        line.extend_from_slice(br#"","event_subtype":null,"created_at":"#);
    }
}

/// Appends a part of a decoded name as JSON text between quotes.
#[cold]
fn encode(line: &mut Vec<u8>, part: &[u8]) {
    let quoted = serde_json::Value::from(String::from_utf8_lossy(part)).to_string();
    let inside = quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"'));
    line.extend_from_slice(inside.unwrap_or_default().as_bytes());
}

/// Appends `run` of `text` as the inside of a JSON string.
///
/// Valid JSON has no bare control character but white space, so that the marks of a run are its
/// quotes, its backslashes, and white space between tokens.
/// A run starts with the quote of a member's name, so nothing stands before its first mark.
fn escape(line: &mut Vec<u8>, text: &[u8], marks: &Marks, run: Range<usize>) {
    let start = line.len();
    // Every byte may need two; the stride is room for the last copy to run over.
    line.resize(start + 2 * run.len() + STRIDE, 0);
    let Some(out) = line.get_mut(start..) else {
        return;
    };
    // Where the text from the last mark on goes, and where it comes from.
    let (mut to, mut from) = (0, run.start);
    marks.each(run.clone(), |at| {
        if at - from > STRIDE {
            copy_long(out, to, text, from..at);
        }
        to += at - from + 1;
        from = at;
        copy(out, to, text, at);
    });
    if run.end - from > STRIDE {
        copy_long(out, to, text, from..run.end);
    }
    line.truncate(start + to + (run.end - from));
}

/// Copies a backslash to the byte before `to`, and a stride of `text` from a mark on behind it;
/// what lies behind the next mark is overwritten by the next copy.
#[inline]
fn copy(out: &mut [u8], to: usize, text: &[u8], from: usize) {
    let Some([backslash, target @ ..]) = out
        .get_mut(to.wrapping_sub(1)..)
        .and_then(<[u8]>::first_chunk_mut::<{ STRIDE + 1 }>)
    else {
        return;
    };
    *backslash = b'\\';
    let source = text.get(from..).and_then(<[u8]>::first_chunk::<STRIDE>);
    let first = match source {
        Some(source @ [first, ..]) => {
            target.copy_from_slice(source);
            *first
        }
        None => end(target, text, from),
    };
    if first <= b'\r'
        && let Some(letter) = target.first_mut()
    {
        *letter = match first {
            b'\n' => b'n',
            b'\t' => b't',
            _ => b'r',
        };
    }
}

/// Copies the end of `text`, which is shorter than a stride, and returns its first byte.
#[cold]
#[inline(never)]
fn end(target: &mut [u8], text: &[u8], from: usize) -> u8 {
    let end = text.get(from..).unwrap_or_default();
    for (to, from) in target.iter_mut().zip(end) {
        *to = *from;
    }
    end.first().copied().unwrap_or_default()
}

/// Copies what a stride from `from.start` left over.
#[inline]
fn copy_long(out: &mut [u8], to: usize, text: &[u8], from: Range<usize>) {
    if let Some(source) = text.get(from.start + STRIDE..from.end)
        && let Some(target) = out.get_mut(to + STRIDE..to + from.len())
    {
        target.copy_from_slice(source);
    }
}
