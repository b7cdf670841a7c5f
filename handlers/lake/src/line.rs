//! The transformed event: one line of JSON with exactly the table's columns.

mod pen;

use crate::event::{self, Event};
use crate::moment::Calendar;
use pen::Pen;

/// Room for the first line; most events' lines fit.
const ROOM: usize = 4096;

/// A line that is written anew for each event, in the same memory.
#[derive(Debug, Default)]
pub(crate) struct Line {
    bytes: Vec<u8>,
    length: usize,
}

impl Line {
    /// The line, with its line feed.
    pub(crate) fn text(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Writes the line of `event`.
    ///
    /// The rest of the event becomes a string that holds an object: its members are copied as they
    /// are, with a backslash before each quote and backslash, in one pass over the marks.
    #[inline(always)]
    pub(crate) fn write(&mut self, event: &Event<'_>, created: &mut Calendar, arrivals: &mut Calendar) {
        loop {
            let room = self.bytes.len();
            if let Some(left) = fill(Pen::new(&mut self.bytes), event, created, arrivals) {
                self.length = room - left;
                return;
            }
            // No line before was as long, which hardly ever happens.
            self.bytes.resize((2 * room).max(ROOM), 0);
        }
    }
}

/// Writes the line of `event` and returns the room that is left; `None` where there is too little.
#[inline(never)]
fn fill(mut pen: Pen<'_>, event: &Event<'_>, created: &mut Calendar, arrivals: &mut Calendar) -> Option<usize> {
    pen.put(br#"{"event_uuid":""#)?;
    pen.copy(event.uuid.json)?;
    pen.put(br#"","event_name":""#)?;
    pen.copy(event.name.json)?;
    pen.put(br#"","event_type":""#)?;
    if event.name.escaped {
        let name = event.name.value();
        let (kind, subkind) = event::parts(&name);
        parts(&mut pen, &encode(kind), subkind.map(encode).as_deref())?;
    } else {
        let (kind, subkind) = event::parts(event.name.json);
        parts(&mut pen, kind, subkind)?;
    }
    pen.copy(event.created.number)?;
    pen.put(br#","created_datetime":""#)?;
    let (hour, rest) = created.text(event.created.second);
    pen.put(hour)?;
    pen.put(&rest)?;
    pen.put(br#"Z","ingested_at":""#)?;
    let (hour, rest) = event.arrival.text(arrivals);
    pen.put(hour)?;
    pen.put(&rest)?;
    pen.put(br#"","payload":"{"#)?;
    for (index, run) in event.rest.iter().enumerate() {
        if index > 0 {
            pen.put(b",")?;
        }
        pen.escape(event.text, event.marks, run.clone())?;
    }
    pen.put(b"}\"}\n")?;
    Some(pen.room())
}

/// Writes the parts of a name, from inside the first one's quotes to the next member's value.
#[inline(always)]
fn parts(pen: &mut Pen<'_>, kind: &[u8], subkind: Option<&[u8]>) -> Option<()> {
    pen.copy(kind)?;
    let Some(subkind) = subkind else {
        return pen.put(br#"","event_subtype":null,"created_at":"#);
    };
    pen.put(br#"","event_subtype":""#)?;
    pen.copy(subkind)?;
    pen.put(br#"","created_at":"#)
}

/// A part of a decoded name as JSON text between quotes.
#[cold]
fn encode(part: &[u8]) -> Vec<u8> {
    let quoted = serde_json::Value::from(String::from_utf8_lossy(part)).to_string();
    let inside = quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"'));
    inside.unwrap_or_default().as_bytes().to_vec()
}
