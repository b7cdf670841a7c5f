use std::fmt;

/// Why a record is answered `ProcessingFailed`.
///
/// Firehose keeps no reason beside a failed record, so the transform logs the [`code`](Self::code)
/// and the sentence (`Display`), and the quarantine command computes both again from the bytes.
/// Neither holds any text of the event; offsets count bytes of the decoded record from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The record's `data` is absent or no base64.
    #[error("the record's data is not standard base64 with padding")]
    NotBase64,
    /// Nothing but white space.
    #[error("the record is empty")]
    Empty,
    /// The gzip magic number.
    #[error("the record is gzip-compressed: send plain JSON")]
    Gzip,
    /// The magic number of the Kinesis Producer Library's aggregation.
    #[error(
        "the record is packed by the Kinesis Producer Library: have it taken apart before, as Firehose and lake-write do"
    )]
    Aggregated,
    /// Neither gzip nor aggregated, and no UTF-8.
    #[error("byte {at} is not UTF-8")]
    NotUtf8 {
        /// Offset of the first bad byte.
        at: usize,
    },
    /// The text breaks JSON's grammar.
    #[error("not JSON at byte {at}: {syntax}")]
    NotJson {
        /// Offset at which the grammar breaks.
        at: usize,
        /// How it breaks.
        syntax: Syntax,
    },
    /// More objects and arrays inside one another than readers take.
    #[error("byte {at} opens level 128 of nesting; 127 is the most")]
    TooDeep {
        /// Offset of the bracket.
        at: usize,
    },
    /// Valid JSON, but no object.
    #[error("the event is {found}, not an object")]
    NotObject {
        /// What it is.
        found: Kind,
    },
    /// Something follows the event: one record holds one event.
    #[error("something follows the event at byte {at}: one record holds one event")]
    TrailingBytes {
        /// Offset of the first byte that is neither event nor white space.
        at: usize,
    },
    /// A field that every event needs is absent.
    #[error("field {field} is missing")]
    MissingField {
        /// Which one.
        field: Field,
    },
    /// A known field has a value of another type.
    #[error("field {field} is {found}, not {}", field.kind())]
    WrongType {
        /// Which one.
        field: Field,
        /// What it is.
        found: Kind,
        /// Offset of the value.
        at: usize,
    },
    /// A known field appears twice, so that nobody knows which one is meant.
    #[error("field {field} appears again at byte {at}")]
    DuplicateField {
        /// Which one.
        field: Field,
        /// Offset of the second value.
        at: usize,
    },
    /// A known field is the empty string.
    #[error("field {field} is empty")]
    EmptyField {
        /// Which one.
        field: Field,
        /// Offset of the value.
        at: usize,
    },
    /// A known field escapes half a surrogate pair, which is no character.
    #[error("field {field} at byte {at} escapes half a surrogate pair")]
    LoneSurrogate {
        /// Which one.
        field: Field,
        /// Offset of the value.
        at: usize,
    },
    /// `created_at` is below zero.
    #[error("created_at is before 1970")]
    CreatedNegative,
    /// `created_at` is after the year 9999, or no finite double.
    #[error("created_at is after the year 9999")]
    CreatedOutOfRange,
    /// `created_at` would be plausible in another unit.
    #[error("created_at looks like {unit}: send seconds")]
    CreatedUnit {
        /// The unit in which it is plausible.
        unit: Unit,
    },
    /// `created_at` is too far ahead of the record's arrival.
    #[error("created_at is more than 24 h after the record's arrival")]
    CreatedInFuture,
    /// The record's arrival time is absent or absurd, so that nothing can be checked against it.
    #[error("the record has no arrival time in milliseconds between 1970 and 9999")]
    NoArrival,
    /// The event is good, but the response has no room left: lower the transform's buffer hint.
    ///
    /// The only reason that depends on the neighbours: [`crate::explain`] calls the event good.
    #[error("the response is full: lower the transform's buffer hint and send the event again")]
    ResponseFull,
}

impl Reason {
    /// A stable name for metrics and scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotBase64 => "not_base64",
            Self::Empty => "empty",
            Self::Gzip => "gzip",
            Self::Aggregated => "kpl_aggregated",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::NotJson { .. } => "not_json",
            Self::TooDeep { .. } => "too_deep",
            Self::NotObject { .. } => "not_object",
            Self::TrailingBytes { .. } => "trailing_bytes",
            Self::MissingField { .. } => "missing_field",
            Self::WrongType { .. } => "wrong_type",
            Self::DuplicateField { .. } => "duplicate_field",
            Self::EmptyField { .. } => "empty_field",
            Self::LoneSurrogate { .. } => "lone_surrogate",
            Self::CreatedNegative => "created_negative",
            Self::CreatedOutOfRange => "created_out_of_range",
            Self::CreatedUnit { .. } => "created_unit",
            Self::CreatedInFuture => "created_in_future",
            Self::NoArrival => "no_arrival",
            Self::ResponseFull => "response_full",
        }
    }

    /// Where in the decoded record the trouble is, in bytes from 0, where it has one place.
    #[must_use]
    pub const fn offset(&self) -> Option<usize> {
        match *self {
            Self::NotUtf8 { at }
            | Self::NotJson { at, .. }
            | Self::TooDeep { at }
            | Self::TrailingBytes { at }
            | Self::WrongType { at, .. }
            | Self::DuplicateField { at, .. }
            | Self::EmptyField { at, .. }
            | Self::LoneSurrogate { at, .. } => Some(at),
            _ => None,
        }
    }
}

/// How a text breaks JSON's grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// The text ends inside a value.
    End,
    /// No value starts here.
    Value,
    /// An object's member must start with a string.
    Key,
    /// A colon must follow a member's name.
    Colon,
    /// A comma or the closing bracket must follow a value.
    CommaOrEnd,
    /// A control character stands bare in a string.
    ControlCharacter,
    /// A backslash is not followed by one of JSON's escapes.
    Escape,
    /// The number is not one of JSON's.
    Number,
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::End => "the text ends too early",
            Self::Value => "expected a value",
            Self::Key => "expected a member's name",
            Self::Colon => "expected a colon",
            Self::CommaOrEnd => "expected a comma or a closing bracket",
            Self::ControlCharacter => "control character in a string",
            Self::Escape => "unknown escape in a string",
            Self::Number => "malformed number",
        })
    }
}

/// A field that every event has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `event_uuid`, a string.
    EventUuid,
    /// `event_name`, a string.
    EventName,
    /// `created_at`, a number.
    CreatedAt,
}

impl Field {
    const fn kind(self) -> Kind {
        match self {
            Self::EventUuid | Self::EventName => Kind::String,
            Self::CreatedAt => Kind::Number,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EventUuid => "event_uuid",
            Self::EventName => "event_name",
            Self::CreatedAt => "created_at",
        })
    }
}

/// JSON's kinds of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// Units that producers use by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 10^-3 s.
    Milliseconds,
    /// 10^-6 s.
    Microseconds,
    /// 10^-9 s.
    Nanoseconds,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::Nanoseconds => "nanoseconds",
        })
    }
}
