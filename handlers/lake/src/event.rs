//! One event: which of its members are known, and what is the rest.

use std::borrow::Cow;
use std::ops::Range;

use crate::reason::{Field, Kind, Reason};
use crate::scan::{Marks, Quoted, Scanner};

/// The known members of an event as they stand in its text, checked.
#[derive(Debug)]
pub(crate) struct Event<'t> {
    /// JSON text between the quotes.
    pub(crate) uuid: &'t [u8],
    /// JSON text between the quotes.
    pub(crate) name: &'t [u8],
    /// First part of the name, as JSON text between quotes.
    pub(crate) kind: Cow<'t, [u8]>,
    /// Second part of the name, as JSON text between quotes; `None` where absent or empty.
    pub(crate) subkind: Option<Cow<'t, [u8]>>,
    /// JSON number.
    pub(crate) created_at: &'t [u8],
}

/// Reads the event in `text`, whose stops are `marks`.
///
/// `rest` is filled with the places of the members that are not known: each range is a run of
/// members with the commas between them, none at its ends.
pub(crate) fn read<'t>(text: &'t [u8], marks: &Marks, rest: &mut Vec<Range<usize>>) -> Result<Event<'t>, Reason> {
    rest.clear();
    let mut scanner = Scanner::new(text, marks);
    scanner.space();
    match scanner.kind() {
        Some(Kind::Object) => {}
        None if scanner.peek().is_none() => return Err(Reason::Empty),
        found => {
            // What is no JSON at all is called so first.
            scanner.value(0)?;
            finish(&mut scanner)?;
            return Err(found.map_or(Reason::Empty, |found| Reason::NotObject { found }));
        }
    }
    let known = members(&mut scanner, text, rest)?;
    finish(&mut scanner)?;
    known.check(text)
}

/// Only white space may follow the event.
fn finish(scanner: &mut Scanner<'_, &Marks>) -> Result<(), Reason> {
    scanner.space();
    match scanner.peek() {
        None => Ok(()),
        Some(_) => Err(Reason::TrailingBytes { at: scanner.at() }),
    }
}

/// The known members as found, and the first thing wrong with them.
///
/// A fault of a known member is kept until the whole text is known to be JSON, so that the same
/// bytes have the same reason wherever the member stands.
#[derive(Default)]
struct Known {
    uuid: Option<Quoted>,
    name: Option<Quoted>,
    created_at: Option<Range<usize>>,
    fault: Option<Reason>,
}

fn members(scanner: &mut Scanner<'_, &Marks>, text: &[u8], rest: &mut Vec<Range<usize>>) -> Result<Known, Reason> {
    let mut known = Known::default();
    // Where the run of unknown members before this one begins and ends.
    let mut run: Option<Range<usize>> = None;
    scanner.eat(b'{');
    scanner.space();
    if scanner.eat(b'}') {
        return Ok(known);
    }
    loop {
        let start = scanner.at();
        let key = scanner.key()?;
        if let Some(field) = field(text, &key) {
            rest.extend(run.take());
            known.take(field, scanner)?;
        } else {
            scanner.value(1)?;
            let start = run.map_or(start, |run| run.start);
            run = Some(start..scanner.at());
        }
        if !scanner.another(b'}')? {
            rest.extend(run);
            return Ok(known);
        }
    }
}

impl Known {
    /// Steps over the value of `field` and keeps its place.
    fn take(&mut self, field: Field, scanner: &mut Scanner<'_, &Marks>) -> Result<(), Reason> {
        let at = scanner.at();
        let found = scanner.kind();
        let again = match (field, found) {
            (Field::EventUuid, Some(Kind::String)) => self.uuid.replace(scanner.string()?).is_some(),
            (Field::EventName, Some(Kind::String)) => self.name.replace(scanner.string()?).is_some(),
            (Field::CreatedAt, Some(Kind::Number)) => self.created_at.replace(scanner.number()?).is_some(),
            (_, found) => {
                scanner.value(1)?;
                if let Some(found) = found {
                    self.fault.get_or_insert(Reason::WrongType { field, found, at });
                }
                false
            }
        };
        if again {
            self.fault.get_or_insert(Reason::DuplicateField { field, at });
        }
        Ok(())
    }

    fn check(self, text: &[u8]) -> Result<Event<'_>, Reason> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let missing = |field| Reason::MissingField { field };
        let uuid = self.uuid.ok_or(missing(Field::EventUuid))?;
        let name = self.name.ok_or(missing(Field::EventName))?;
        let created_at = self.created_at.ok_or(missing(Field::CreatedAt))?;
        if uuid.escaped {
            decode(text, &uuid, Field::EventUuid)?;
        }
        let (kind, subkind) = if name.escaped {
            let name = decode(text, &name, Field::EventName)?;
            let (kind, subkind) = split(name.as_bytes());
            (
                Cow::Owned(encode(kind)),
                subkind.map(|subkind| Cow::Owned(encode(subkind))),
            )
        } else {
            let (kind, subkind) = split(text.get(name.span.clone()).unwrap_or_default());
            (Cow::Borrowed(kind), subkind.map(Cow::Borrowed))
        };
        Ok(Event {
            uuid: filled(text, &uuid, Field::EventUuid)?,
            name: filled(text, &name, Field::EventName)?,
            kind,
            subkind,
            created_at: text.get(created_at).unwrap_or_default(),
        })
    }
}

fn field(text: &[u8], key: &Quoted) -> Option<Field> {
    let raw = text.get(key.span.clone())?;
    if key.escaped {
        // A key that is no character sequence is no known key.
        return named(unescape(raw).ok()?.as_bytes());
    }
    named(raw)
}

#[inline]
fn named(key: &[u8]) -> Option<Field> {
    match key {
        b"event_uuid" => Some(Field::EventUuid),
        b"event_name" => Some(Field::EventName),
        b"created_at" => Some(Field::CreatedAt),
        _ => None,
    }
}

fn filled<'t>(text: &'t [u8], value: &Quoted, field: Field) -> Result<&'t [u8], Reason> {
    match text.get(value.span.clone()) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(Reason::EmptyField {
            field,
            at: quote(value),
        }),
    }
}

/// First and second part of a name; an empty second part is none.
fn split(name: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut parts = name.split(|byte| *byte == b':');
    let kind = parts.next().unwrap_or_default();
    (kind, parts.next().filter(|subkind| !subkind.is_empty()))
}

fn decode(text: &[u8], value: &Quoted, field: Field) -> Result<String, Reason> {
    // The scanner has taken every escape, so only half a pair is left to refuse.
    unescape(text.get(value.span.clone()).unwrap_or_default()).map_err(|_| Reason::LoneSurrogate {
        field,
        at: quote(value),
    })
}

/// The value of a JSON string from its text between the quotes.
#[cold]
pub(crate) fn unescape(raw: &[u8]) -> Result<String, serde_json::Error> {
    let mut quoted = Vec::with_capacity(raw.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(raw);
    quoted.push(b'"');
    serde_json::from_slice(&quoted)
}

/// A part of a decoded name as JSON text between quotes.
#[cold]
fn encode(part: &[u8]) -> Vec<u8> {
    let quoted = serde_json::Value::from(String::from_utf8_lossy(part)).to_string();
    quoted
        .strip_prefix('"')
        .and_then(|quoted| quoted.strip_suffix('"'))
        .unwrap_or_default()
        .as_bytes()
        .to_vec()
}

fn quote(value: &Quoted) -> usize {
    value.span.start.saturating_sub(1)
}
