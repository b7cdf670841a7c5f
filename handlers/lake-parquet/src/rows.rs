//! The rows of one hour.

use lake::event::{self, Event, Text};

use crate::column::Chunk;
use crate::layout::{Column, Source};
use crate::members::{Members, Slot, Value};

/// Rows of one hour, column by column.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) rows: usize,
}

impl Rows {
    pub(crate) fn new(columns: &[Column]) -> Self {
        let chunk = |column: &Column| Chunk::new(column.kind(), column.max_level());
        Self {
            chunks: columns.iter().map(chunk).collect(),
            rows: 0,
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, sources: &[(Source, Option<Slot>)], event: &Event<'_>, members: &Members) {
        let name = event.name.value();
        let (kind, subkind) = event::parts(&name);
        for (chunk, (source, slot)) in self.chunks.iter_mut().zip(sources) {
            match source {
                Source::EventUuid => chunk.text(&event.uuid.value()),
                Source::EventName => chunk.text(&name),
                Source::EventType => chunk.text(kind),
                Source::EventSubtype => match subkind {
                    Some(subkind) => chunk.text(subkind),
                    None => chunk.absent(0),
                },
                Source::CreatedAt => chunk.double(event.created.at),
                Source::CreatedSecond => chunk.integer(event.created.second as i64),
                Source::CreatedDatetime => chunk.integer(event.created.second as i64 * 1_000),
                Source::IngestedAt => chunk.integer(event.arrival.unix_ms()),
                Source::Rest => chunk.written(|text| rest(text, event)),
                Source::Member(_) => {
                    if let Some(slot) = slot {
                        member(chunk, *slot, event.text, members);
                    }
                }
            }
        }
        self.rows += 1;
    }

    /// Forgets every row and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.rows = 0;
        self.chunks.iter_mut().for_each(Chunk::clear);
    }
}

#[inline]
fn member(chunk: &mut Chunk, slot: Slot, text: &[u8], members: &Members) {
    match members.value(slot) {
        Value::Absent => chunk.absent(members.level(slot)),
        Value::Integer(integer) => chunk.integer(integer),
        Value::Double(double) => chunk.double(double),
        Value::Text { start, end, escaped } => {
            let json = text.get(start..end).unwrap_or_default();
            chunk.text(&Text { json, escaped }.value());
        }
    }
}

/// Appends the event's rest as an object.
fn rest(text: &mut Vec<u8>, event: &Event<'_>) {
    text.push(b'{');
    let mut first = true;
    for run in event.rest {
        if !first {
            text.push(b',');
        }
        first = false;
        text.extend_from_slice(event.text.get(run.clone()).unwrap_or_default());
    }
    text.push(b'}');
}
