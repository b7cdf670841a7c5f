//! Parameters of a request, read strictly by the same declarations that document them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::{Schema, SchemaGenerator, json_schema};

use super::problem::Problem;
use super::shape;
use crate::event::id::{NotAnId, ShowId, TitleId};
use crate::instant;
use crate::table::key::{self, Favourite};

/// A parameter of an operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Whether it is a part of the path; else of the query, where none is required.
    pub is_path: bool,
    /// What it may be.
    pub kind: Kind,
    /// What it says.
    pub about: &'static str,
    /// A value that it may have; a cursor that anybody could use there is not.
    pub example: Option<&'static str>,
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// An instant: `2026-01-09T21:00:00Z`.
    Time,
    /// An id.
    Id,
    /// A number from 1 on.
    Count {
        /// The largest.
        most: u32,
    },
    /// `next` of an earlier answer.
    Cursor,
    /// The beginning of a name, with two letters or digits at least.
    Name,
    /// What a favourite is of.
    Favourite,
}

/// Longest cursor, in characters.
const CURSOR: usize = 4_096;
/// Longest beginning of a name, in characters.
const NAME: usize = 100;

impl Kind {
    /// What the document says of it.
    pub(super) fn schema(self, generator: &mut SchemaGenerator) -> Schema {
        match self {
            Self::Time => shape::time(generator),
            Self::Id => shape::id(generator),
            Self::Count { most } => json_schema!({"type": "integer", "minimum": 1, "maximum": most}),
            Self::Cursor => json_schema!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": CURSOR}),
            Self::Name => json_schema!({"type": "string", "minLength": 2, "maxLength": NAME}),
            Self::Favourite => generator.subschema_for::<shape::FavouriteKind>(),
        }
    }

    fn read(self, text: &str) -> Result<Value, &'static str> {
        match self {
            Self::Time => time(text)
                .map(Value::Time)
                .ok_or("not an instant in UTC: send one such as 2026-01-09T21:00:00Z"),
            // Ids of every kind are spelled alike.
            Self::Id => TitleId::new(text)
                .map(|id| Value::Text(id.to_string()))
                .map_err(|_| "not an id: send 1 to 64 letters, digits, `_` and `-`"),
            Self::Count { most } => text
                .parse()
                .ok()
                .filter(|count: &u32| (1..=most).contains(count) && count.to_string() == text)
                .map(Value::Count)
                .ok_or("not a number in the documented range"),
            Self::Cursor if (1..=CURSOR).contains(&text.len()) => Ok(Value::Text(text.to_owned())),
            Self::Cursor => Err("not a cursor: send `next` of the last answer"),
            Self::Name if text.chars().count() <= NAME && key::fold(text).chars().count() >= 2 => {
                Ok(Value::Text(text.to_owned()))
            }
            Self::Name => Err("send the beginning of a name, 2 to 100 characters"),
            Self::Favourite => match text {
                "title" => Ok(Value::Favourite(shape::FavouriteKind::Title)),
                "show" => Ok(Value::Favourite(shape::FavouriteKind::Show)),
                _ => Err("send `title` or `show`"),
            },
        }
    }
}

/// An instant in its one spelling, so that nobody is answered for a time that he did not mean.
fn time(text: &str) -> Option<Timestamp> {
    instant::parse(text).filter(|time| instant::text(*time) == text)
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Time(Timestamp),
    Count(u32),
    Text(String),
    Favourite(shape::FavouriteKind),
}

/// The parameters that a request has.
#[derive(Debug, Default)]
pub(super) struct Arguments(BTreeMap<&'static str, Value>);

impl Arguments {
    /// Reads the parts of the path and the query.
    ///
    /// # Errors
    ///
    /// When a parameter is unknown, repeated or malformed; the problem names it.
    pub(super) fn read(
        parameters: &'static [Parameter],
        path: Vec<(&'static str, String)>,
        query: &str,
    ) -> Result<Self, Problem> {
        let mut arguments = Self::default();
        let path = path.into_iter().map(|(name, value)| (name.to_owned(), value, true));
        let mut given: Vec<(String, String, bool)> = path.collect();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text: &str| {
                unescape(&text.replace('+', " "))
                    .ok_or_else(|| Problem::parameter(name, "not UTF-8 in percent-encoding"))
            };
            given.push((decode(name)?, decode(value)?, false));
        }
        for (name, value, is_path) in given {
            let known = |parameter: &&Parameter| parameter.name == name && parameter.is_path == is_path;
            let parameter = parameters
                .iter()
                .find(known)
                .ok_or_else(|| Problem::parameter(&name, "no parameter of this operation"))?;
            let value = parameter
                .kind
                .read(&value)
                .map_err(|why| Problem::parameter(&name, why))?;
            if arguments.0.insert(parameter.name, value).is_some() {
                return Err(Problem::parameter(&name, "given more than once"));
            }
        }
        Ok(arguments)
    }

    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        match self.0.get(name) {
            Some(Value::Time(time)) => Some(*time),
            _ => None,
        }
    }

    /// An id, made by the `new` of its kind.
    pub(super) fn id<T>(&self, name: &str, new: impl FnOnce(String) -> Result<T, NotAnId>) -> Option<T> {
        new(self.text(name)?.to_owned()).ok()
    }

    pub(super) fn count(&self, name: &str) -> Option<u32> {
        match self.0.get(name) {
            Some(Value::Count(count)) => Some(*count),
            _ => None,
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The favourite that the path names.
    pub(super) fn favourite(&self) -> Option<Favourite> {
        match self.0.get("kind") {
            Some(Value::Favourite(shape::FavouriteKind::Title)) => self.id("id", TitleId::new).map(Favourite::Title),
            Some(Value::Favourite(shape::FavouriteKind::Show)) => self.id("id", ShowId::new).map(Favourite::Show),
            _ => None,
        }
    }
}

/// A text without its percent-encoding; none where that is broken, or no UTF-8.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push(match byte {
            b'%' => u8::try_from(digit()? * 16 + digit()?).ok()?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Kind, Parameter, unescape};

    static PARAMETERS: [Parameter; 4] = [
        parameter("from", Kind::Time),
        parameter("limit", Kind::Count { most: 100 }),
        parameter("q", Kind::Name),
        parameter("channel", Kind::Id),
    ];

    const fn parameter(name: &'static str, kind: Kind) -> Parameter {
        Parameter {
            name,
            is_path: false,
            kind,
            about: "",
            example: None,
        }
    }

    /// The name that the problem gives, if there is one.
    #[track_caller]
    fn check(query: &str, named: Option<&str>) {
        let problem = Arguments::read(&PARAMETERS, Vec::new(), query).err();
        assert_eq!(problem.and_then(|problem| problem.name).as_deref(), named, "{query}");
    }

    #[test]
    fn what_is_not_documented_is_refused_by_its_name() {
        check("", None);
        check(
            "from=2026-01-09T21:00:00Z&limit=100&q=Silent+Witness&channel=bbc_one-1",
            None,
        );
        check("q=caf%C3%A9", None);
        check("&limit=1&", None);
        check("form=2026-01-09T21:00:00Z", Some("form"));
        check("limit=1&limit=1", Some("limit"));
        check("Limit=1", Some("Limit"));
        check("=1", Some(""));
        check("limit", Some("limit"));
        for limit in [
            "",
            "0",
            "101",
            "-1",
            "+1",
            "01",
            "1.0",
            "1e1",
            " 1",
            "99999999999999999999",
            "%31%30%31",
        ] {
            check(&format!("limit={limit}"), Some("limit"));
        }
        for from in [
            "",
            "now",
            "2026-01-09",
            "2026-02-30T00:00:00Z",
            "2026-01-09T24:00:00Z",
            "2026-01-09T21:00:00",
            "2026-01-09T21:00:00%2B00:00",
            "2026-01-09T21:00:00.5Z",
            "2026-01-09t21:00:00z",
            "2026-01-09T23:59:60Z",
            "20260109T210000Z",
        ] {
            check(&format!("from={from}"), Some("from"));
        }
        for channel in ["", "a/b", "a%00", "%C3%A9", "a%20b", &"a".repeat(65)] {
            check(&format!("channel={channel}"), Some("channel"));
        }
        for name in ["", "a", "%20%20", "%ff", "%2", "%zz", &"a".repeat(101)] {
            check(&format!("q={name}"), Some("q"));
        }
    }

    #[test]
    fn an_escape_is_two_hexadecimal_digits_of_utf8() {
        assert_eq!(unescape("%41b%c3%A9"), Some("Abé".to_owned()));
        for broken in ["%", "%4", "%4g", "%+1", "%c3", "%ff"] {
            assert_eq!(unescape(broken), None, "{broken}");
        }
    }
}
