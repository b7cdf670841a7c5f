//! One event: which of its members are known, and what is the rest.

use std::borrow::Cow;
use std::ops::Range;

use crate::moment::{self, Arrival, Created};
use crate::reason::{Field, Kind, Reason};
use crate::scan::{Cursor, Fault, Marks, Quoted, Scanner};

/// Reads events one after another and keeps its buffers between them.
#[derive(Debug, Default)]
pub struct Reader {
    marks: Marks,
    rest: Vec<Range<usize>>,
}

/// An event as it stands in its text, checked.
#[derive(Debug)]
pub struct Event<'t> {
    /// The whole text.
    pub text: &'t [u8],
    /// `event_uuid`.
    pub uuid: Text<'t>,
    /// `event_name`.
    pub name: Text<'t>,
    /// `created_at`.
    pub created: Created<'t>,
    /// When the event's record reached the stream.
    pub arrival: Arrival,
    /// The places of all other members: each range is a run of members with the commas between
    /// them, none at its ends.
    pub rest: &'t [Range<usize>],
    pub(crate) marks: &'t Marks,
}

/// Who is shown the members that the lake does not know.
pub trait Others {
    /// Steps over the value at which `scanner` stands, and says whether the member is taken out of
    /// the event's rest.
    ///
    /// # Errors
    ///
    /// When the value is no JSON.
    fn take(&mut self, key: &Quoted, scanner: &mut Scanner<'_, Cursor<'_>>) -> Result<bool, Fault>;
}

/// Leaves every member in the rest.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllRest;

impl Others for AllRest {
    #[inline(always)]
    fn take(&mut self, _: &Quoted, scanner: &mut Scanner<'_, Cursor<'_>>) -> Result<bool, Fault> {
        scanner.value(1)?;
        Ok(false)
    }
}

impl Reader {
    /// Reads the event in `text`, whose record reached the stream `arrival_ms` milliseconds after
    /// 1970.
    ///
    /// # Errors
    ///
    /// The reason for which no event can be made of it.
    #[inline(always)]
    pub fn read<'t>(
        &'t mut self,
        text: &'t [u8],
        arrival_ms: Option<i64>,
        others: &mut impl Others,
    ) -> Result<Event<'t>, Reason> {
        self.marks.read(text);
        // Nearly all events are ASCII, which is several times quicker to see.
        if !self.marks.is_ascii()
            && let Err(fault) = str::from_utf8(text)
        {
            return Err(binary(text, fault.valid_up_to()));
        }
        self.rest.clear();
        let known = self.known(text, others)?.check(text)?;
        let arrival = arrival_ms.and_then(Arrival::from_unix_ms).ok_or(Reason::NoArrival)?;
        Ok(Event {
            text,
            uuid: known.uuid,
            name: known.name,
            created: moment::created(known.created_at, &arrival)?,
            arrival,
            rest: &self.rest,
            marks: &self.marks,
        })
    }

    #[inline(always)]
    fn known(&mut self, text: &[u8], others: &mut impl Others) -> Result<Known, Reason> {
        let mut scanner = Scanner::new(text, self.marks.cursor());
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
        let known = members(&mut scanner, text, &mut self.rest, others)?;
        finish(&mut scanner)?;
        Ok(known)
    }
}

/// Why bytes are no text.
#[cold]
fn binary(bytes: &[u8], at: usize) -> Reason {
    // Magic numbers of gzip (RFC 1952) and of the Kinesis Producer Library's aggregation.
    match bytes {
        [0x1f, 0x8b, ..] => Reason::Gzip,
        [0xf3, 0x89, 0x9a, 0xc2, ..] => Reason::Aggregated,
        _ => Reason::NotUtf8 { at },
    }
}

/// A string of an event.
#[derive(Debug, Clone, Copy)]
pub struct Text<'t> {
    /// Its JSON text between the quotes.
    pub json: &'t [u8],
    /// Whether that holds an escape, so that it is not the value.
    pub escaped: bool,
}

impl<'t> Text<'t> {
    /// Its value.
    #[inline]
    #[must_use]
    pub fn value(&self) -> Cow<'t, [u8]> {
        if self.escaped {
            // The reader has decoded it once, so that this does not fail.
            unescape(self.json).map_or(Cow::Borrowed(self.json), |value| Cow::Owned(value.into_bytes()))
        } else {
            Cow::Borrowed(self.json)
        }
    }
}

/// Only white space may follow the event.
fn finish(scanner: &mut Scanner<'_, Cursor<'_>>) -> Result<(), Reason> {
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

#[inline(always)]
fn members(
    scanner: &mut Scanner<'_, Cursor<'_>>,
    text: &[u8],
    rest: &mut Vec<Range<usize>>,
    others: &mut impl Others,
) -> Result<Known, Reason> {
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
        } else if others.take(&key, scanner)? {
            rest.extend(run.take());
        } else {
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
    #[inline(always)]
    fn take(&mut self, field: Field, scanner: &mut Scanner<'_, Cursor<'_>>) -> Result<(), Reason> {
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

    #[inline(always)]
    fn check(self, text: &[u8]) -> Result<Checked<'_>, Reason> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let missing = |field| Reason::MissingField { field };
        let uuid = self.uuid.ok_or(missing(Field::EventUuid))?;
        let name = self.name.ok_or(missing(Field::EventName))?;
        let created_at = self.created_at.ok_or(missing(Field::CreatedAt))?;
        Ok(Checked {
            uuid: filled(text, &uuid, Field::EventUuid)?,
            name: filled(text, &name, Field::EventName)?,
            created_at: text.get(created_at).unwrap_or_default(),
        })
    }
}

/// The known members, each of its type.
struct Checked<'t> {
    uuid: Text<'t>,
    name: Text<'t>,
    created_at: &'t [u8],
}

#[inline(always)]
fn field(text: &[u8], key: &Quoted) -> Option<Field> {
    let raw = text.get(key.span.clone())?;
    if key.escaped {
        return escaped_field(raw);
    }
    named(raw)
}

#[cold]
fn escaped_field(raw: &[u8]) -> Option<Field> {
    // A key that is no character sequence is no known key.
    named(unescape(raw).ok()?.as_bytes())
}

#[inline(always)]
fn named(key: &[u8]) -> Option<Field> {
    // All have ten bytes, which are two comparisons; the compiler would make ten of them.
    match <&[u8; 10]>::try_from(key).map(halves) {
        Ok(EVENT_UUID) => Some(Field::EventUuid),
        Ok(EVENT_NAME) => Some(Field::EventName),
        Ok(CREATED_AT) => Some(Field::CreatedAt),
        _ => None,
    }
}

const EVENT_UUID: (u64, u16) = halves(b"event_uuid");
const EVENT_NAME: (u64, u16) = halves(b"event_name");
const CREATED_AT: (u64, u16) = halves(b"created_at");

#[inline(always)]
const fn halves(key: &[u8; 10]) -> (u64, u16) {
    let [a, b, c, d, e, f, g, h, i, j] = *key;
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u16::from_le_bytes([i, j]))
}

#[inline(always)]
fn filled<'t>(text: &'t [u8], value: &Quoted, field: Field) -> Result<Text<'t>, Reason> {
    let json = text.get(value.span.clone()).unwrap_or_default();
    let at = value.span.start.saturating_sub(1);
    // The scanner has taken every escape, so only half a pair is left to refuse.
    if value.escaped && unescape(json).is_err() {
        return Err(Reason::LoneSurrogate { field, at });
    }
    if json.is_empty() {
        return Err(Reason::EmptyField { field, at });
    }
    Ok(Text {
        json,
        escaped: value.escaped,
    })
}

/// First and second part of an event's name; an empty second part is none.
#[inline]
#[must_use]
pub fn parts(name: &[u8]) -> (&[u8], Option<&[u8]>) {
    // Names are short: a search over wide words would cost more than it saves.
    let colon = |text: &[u8]| text.iter().position(|byte| *byte == b':');
    let Some((kind, rest)) = colon(name).and_then(|at| Some((name.get(..at)?, name.get(at + 1..)?))) else {
        return (name, None);
    };
    let subkind = colon(rest).and_then(|at| rest.get(..at)).unwrap_or(rest);
    (kind, Some(subkind).filter(|subkind| !subkind.is_empty()))
}

/// The value of a JSON string from its text between the quotes.
///
/// # Errors
///
/// When it escapes half a surrogate pair, which is no character, or is no string's text.
#[cold]
pub fn unescape(raw: &[u8]) -> Result<String, serde_json::Error> {
    let mut quoted = Vec::with_capacity(raw.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(raw);
    quoted.push(b'"');
    serde_json::from_slice(&quoted)
}
