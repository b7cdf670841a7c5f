//! Firehose's transform request, as places in its text.

use std::ops::Range;

use crate::number;
use crate::reason::{Kind, Syntax};
use crate::scan::{Cause, Fault, Plain, Scanner, string_at};

/// A request that cannot be answered: no record can be named.
///
/// The invocation fails, Firehose repeats it and then moves the whole batch to the error prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The request is not JSON.
    #[error("the request is not JSON at byte {at}: {syntax}")]
    NotJson {
        /// Offset in the request.
        at: usize,
        /// How the grammar breaks.
        syntax: Syntax,
    },
    /// The request is nested too deeply.
    #[error("the request is nested too deeply at byte {at}")]
    TooDeep {
        /// Offset in the request.
        at: usize,
    },
    /// Something follows the request.
    #[error("something follows the request at byte {at}")]
    TrailingBytes {
        /// Offset in the request.
        at: usize,
    },
    /// No array `records` where one must be: this is no event of Firehose's transform.
    #[error("the request has no array of records: is this function called by a firehose transform?")]
    NoRecords,
    /// A record without a string `recordId` cannot be answered.
    #[error("record {index} is no object with a string recordId in UTF-8")]
    NoRecordId {
        /// The record's place in the request, from 0.
        index: usize,
    },
    /// So many records that even their refusal passes the response's ceiling.
    #[error("the request has {records} records, too many to answer in {ceiling} bytes")]
    TooManyRecords {
        /// How many.
        records: usize,
        /// [`crate::contract::limit::RESPONSE_CEILING`].
        ceiling: usize,
    },
}

impl From<Fault> for RequestError {
    fn from(Fault { at, cause }: Fault) -> Self {
        match cause {
            Cause::Syntax(syntax) => Self::NotJson { at, syntax },
            Cause::Depth => Self::TooDeep { at },
        }
    }
}

/// One record of a request, as places in the request's text.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The id's JSON text between the quotes.
    pub(crate) id: Range<usize>,
    /// The event in base64, where it is a string: its JSON text between the quotes. Nobody has
    /// looked at it; where it is no base64, [`string_at`] says whether it is a string's text.
    pub(crate) data: Option<Range<usize>>,
    /// Milliseconds, where it is an integer.
    pub(crate) arrival: Option<i64>,
    /// The value of `kinesisRecordMetadata`, read only when a record fails.
    pub(crate) metadata: Option<Range<usize>>,
}

/// Who is told of a request's records, one after another.
///
/// They are not gathered first: a record is then worked on while the memory behind it is fetched.
pub(crate) trait Records {
    /// An array of records begins; only the last one of a request counts.
    fn begin(&mut self);

    /// # Errors
    ///
    /// When the record's data is no string that JSON knows.
    fn record(&mut self, record: &Record) -> Result<(), Fault>;
}

/// Reads the request `text` and tells `records` of each of its records.
///
/// Members that nobody needs are stepped over, so that a misspelt or a new one does no harm.
pub(crate) fn read(text: &[u8], records: &mut impl Records) -> Result<(), RequestError> {
    let mut scanner = Scanner::new(text, Plain(text));
    let mut found = false;
    scanner.space();
    if scanner.kind() != Some(Kind::Object) {
        scanner.value(0)?;
        return Err(RequestError::NoRecords);
    }
    scanner.eat(b'{');
    scanner.space();
    if !scanner.eat(b'}') {
        loop {
            let key = scanner.key()?;
            if text.get(key.span) == Some(b"records") && scanner.eat(b'[') {
                found = true;
                array(&mut scanner, text, records)?;
            } else {
                scanner.value(1)?;
            }
            if !scanner.another(b'}')? {
                break;
            }
        }
    }
    scanner.space();
    if scanner.peek().is_some() {
        return Err(RequestError::TrailingBytes { at: scanner.at() });
    }
    if found { Ok(()) } else { Err(RequestError::NoRecords) }
}

type Text<'t> = Scanner<'t, Plain<'t>>;

fn array(scanner: &mut Text<'_>, text: &[u8], records: &mut impl Records) -> Result<(), RequestError> {
    records.begin();
    scanner.space();
    if scanner.eat(b']') {
        return Ok(());
    }
    for index in 0.. {
        let record = record(scanner, text)?.ok_or(RequestError::NoRecordId { index })?;
        records.record(&record)?;
        if !scanner.another(b']')? {
            break;
        }
    }
    Ok(())
}

/// The record that starts here; `None` where it has no id.
fn record(scanner: &mut Text<'_>, text: &[u8]) -> Result<Option<Record>, Fault> {
    if !scanner.eat(b'{') {
        scanner.value(2)?;
        return Ok(None);
    }
    let (mut id, mut data, mut arrival, mut metadata) = (None, None, None, None);
    scanner.space();
    if !scanner.eat(b'}') {
        loop {
            let member = member(scanner, text)?;
            let start = scanner.at();
            match (member, scanner.kind()) {
                (Some(Member::Id), Some(Kind::String)) => {
                    // The id is the only text of the request that the response repeats.
                    id = Some(scanner.string()?.span).filter(|id| {
                        text.get(id.clone())
                            .is_some_and(|id| id.is_ascii() || str::from_utf8(id).is_ok())
                    });
                }
                (Some(Member::Data), Some(Kind::String)) => {
                    // Nobody will decode the first one of two.
                    if let Some(first) = data.replace(scanner.undecoded()?) {
                        string_at(text, first.start - 1)?;
                    }
                }
                (Some(Member::Arrival), Some(Kind::Number)) => {
                    arrival = text.get(scanner.number()?).and_then(number::integer);
                }
                (Some(Member::Metadata), Some(Kind::Object)) => {
                    scanner.value(3)?;
                    metadata = Some(start..scanner.at());
                }
                _ => scanner.value(3)?,
            }
            if !scanner.another(b'}')? {
                break;
            }
        }
    }
    Ok(id.map(|id| Record {
        id,
        data,
        arrival,
        metadata,
    }))
}

/// What a record of the request says that the transform needs.
#[derive(Debug, Clone, Copy)]
enum Member {
    Id,
    Arrival,
    Data,
    Metadata,
}

const MEMBERS: [(&[u8], Member); 4] = [
    (br#""recordId":"#, Member::Id),
    (br#""approximateArrivalTimestamp":"#, Member::Arrival),
    (br#""data":"#, Member::Data),
    (br#""kinesisRecordMetadata":"#, Member::Metadata),
];

/// Steps over a member's name and its colon; `None` for a member that nobody needs.
#[inline(always)]
fn member(scanner: &mut Text<'_>, text: &[u8]) -> Result<Option<Member>, Fault> {
    // As Firehose writes it: nothing is to be searched then.
    for (name, member) in MEMBERS {
        if scanner.eat_all(name) {
            scanner.space();
            return Ok(Some(member));
        }
    }
    let key = scanner.key()?;
    let key = text.get(key.span).unwrap_or_default();
    let is_key = |name: &[u8]| name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\":")) == Some(key);
    Ok(MEMBERS
        .into_iter()
        .find(|(name, _)| is_key(name))
        .map(|(_, member)| member))
}

#[cfg(test)]
mod tests;
