//! A validating JSON scanner over bytes: it finds where values end and copies nothing.
//!
//! It takes exactly what `serde_json` takes when it ignores a value, and one thing less: nesting
//! beyond [`MAX_DEPTH`], which every reader of the stored text refuses.
//! The text must be UTF-8; that is checked once, before.

mod stops;

use std::ops::Range;

use crate::number;
use crate::reason::{Kind, Reason, Syntax};
pub(crate) use stops::Plain;
pub use stops::{Cursor, Marks, Stops};

/// Deepest nesting, the outermost object included: `serde_json`'s limit for values that it keeps.
pub const MAX_DEPTH: u32 = 127;

/// Where and how a text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Offset in the text.
    pub at: usize,
    /// How.
    pub cause: Cause,
}

/// How a text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It breaks the grammar.
    Syntax(Syntax),
    /// It is nested beyond [`MAX_DEPTH`].
    Depth,
}

impl From<Fault> for Reason {
    fn from(Fault { at, cause }: Fault) -> Self {
        match cause {
            Cause::Syntax(syntax) => Self::NotJson { at, syntax },
            Cause::Depth => Self::TooDeep { at },
        }
    }
}

/// A string's place: the bytes between the quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted {
    /// Offsets in the text.
    pub span: Range<usize>,
    /// Whether it holds a backslash, so that its text is not its value.
    pub escaped: bool,
}

/// A place in a text, moving forward.
///
/// What is rare is done by a copy of it, in functions of their own: then the compiler can keep the
/// place in a register, and each step need not wait until the one before is in memory.
#[derive(Debug, Clone, Copy)]
pub struct Scanner<'t, S> {
    text: &'t [u8],
    stops: S,
    at: usize,
}

impl<'t, S: Stops + Copy> Scanner<'t, S> {
    /// A scanner at the start of `text`; `stops` must be made of the same text.
    pub fn new(text: &'t [u8], stops: S) -> Self {
        Self { text, stops, at: 0 }
    }

    /// Offset of the place.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The text.
    pub fn text(&self) -> &'t [u8] {
        self.text
    }

    /// The byte here; none at the end.
    #[inline(always)]
    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Steps over `byte` if it comes next.
    #[inline(always)]
    pub fn eat(&mut self, byte: u8) -> bool {
        // A branch, not an addition of the comparison: what follows need not wait for the byte.
        if self.peek() != Some(byte) {
            return false;
        }
        self.at += 1;
        true
    }

    /// Steps over `bytes` if they come next.
    #[inline(always)]
    pub(crate) fn eat_all(&mut self, bytes: &[u8]) -> bool {
        let comes = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(bytes));
        if comes {
            self.at += bytes.len();
        }
        comes
    }

    /// Steps over white space.
    #[inline(always)]
    pub fn space(&mut self) {
        // Compact text, the common case, costs one comparison.
        while let Some(byte @ ..=b' ') = self.peek()
            && matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
        {
            self.at += 1;
        }
    }

    /// The fault of not finding here what `syntax` expects.
    #[inline(always)]
    pub fn fault(&self, syntax: Syntax) -> Fault {
        fault_at(self.text, self.at, syntax)
    }

    /// The kind of the value that starts here, by its first byte.
    #[inline(always)]
    pub fn kind(&self) -> Option<Kind> {
        Some(match self.peek()? {
            b'"' => Kind::String,
            b'-' | b'0'..=b'9' => Kind::Number,
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b't' | b'f' => Kind::Boolean,
            b'n' => Kind::Null,
            _ => return None,
        })
    }

    /// A member's name and its colon; afterwards a value must come.
    #[inline(always)]
    pub fn key(&mut self) -> Result<Quoted, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.fault(Syntax::Key));
        }
        let key = self.string()?;
        if !self.eat(b':') {
            self.space();
            if !self.eat(b':') {
                return Err(self.fault(Syntax::Colon));
            }
        }
        self.space();
        Ok(key)
    }

    /// After a member or an element: whether another one follows; steps over what it finds.
    #[inline(always)]
    pub fn another(&mut self, end: u8) -> Result<bool, Fault> {
        // Compact text, the common case, has no space to look for.
        if !self.eat(b',') {
            if self.eat(end) {
                return Ok(false);
            }
            self.space();
            if self.eat(end) {
                return Ok(false);
            }
            if !self.eat(b',') {
                return Err(self.fault(Syntax::CommaOrEnd));
            }
        }
        self.space();
        Ok(true)
    }

    /// The string that starts here, at its quote.
    #[inline(always)]
    pub fn string(&mut self) -> Result<Quoted, Fault> {
        let start = self.at + 1;
        let mut stop = self.stops.next(start).unwrap_or(self.text.len());
        let escaped = self.text.get(stop) != Some(&b'"');
        if escaped {
            let mut rare = *self;
            stop = rare.escaped(stop)?;
            *self = rare;
        }
        self.at = stop + 1;
        Ok(Quoted {
            span: start..stop,
            escaped,
        })
    }

    /// The string that starts here, at its quote, up to the quote that ends it: for a text that
    /// whoever decodes it checks, and that [`string_at`] checks where it cannot be decoded.
    #[inline(always)]
    pub(crate) fn undecoded(&mut self) -> Result<Range<usize>, Fault> {
        let start = self.at + 1;
        let rest = self.text.get(start..).unwrap_or_default();
        if let Some(length) = memchr::memchr(b'"', rest)
            && self.text.get(self.at + length) != Some(&b'\\')
        {
            self.at = start + length + 1;
            return Ok(start..start + length);
        }
        Ok(self.string()?.span)
    }

    /// Where the string ends that has an escape at `stop`, if it is one.
    #[inline(never)]
    fn escaped(&mut self, mut stop: usize) -> Result<usize, Fault> {
        loop {
            match self.text.get(stop) {
                Some(b'"') => return Ok(stop),
                Some(b'\\') => {
                    let from = self.escape(stop)?;
                    stop = self.stops.next(from).unwrap_or(self.text.len());
                }
                _ => return Err(fault_at(self.text, stop, Syntax::ControlCharacter)),
            }
        }
    }

    /// Where the escape at the backslash `at` ends.
    fn escape(&self, at: usize) -> Result<usize, Fault> {
        match self.text.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
            Some(b'u') => {
                for digit in at + 2..at + 6 {
                    if !self.text.get(digit).is_some_and(u8::is_ascii_hexdigit) {
                        return Err(fault_at(self.text, digit, Syntax::Escape));
                    }
                }
                Ok(at + 6)
            }
            _ => Err(fault_at(self.text, at + 1, Syntax::Escape)),
        }
    }

    /// The number that starts here.
    #[inline(always)]
    pub fn number(&mut self) -> Result<Range<usize>, Fault> {
        let start = self.at;
        self.eat(b'-');
        // A leading zero stands alone.
        if !self.eat(b'0') {
            self.digits()?;
        } else if let Some(b'0'..=b'9') = self.peek() {
            return Err(self.fault(Syntax::Number));
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(start..self.at)
    }

    #[inline(always)]
    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let count = number::leading_digits(rest);
            self.at += count;
            if count < 8 {
                break;
            }
        }
        if self.at == start {
            return Err(self.fault(Syntax::Number));
        }
        Ok(())
    }

    #[inline(always)]
    fn literal(&mut self, word: &[u8]) -> Result<(), Fault> {
        if self.eat_all(word) {
            return Ok(());
        }
        Err(misspelt(self.text, self.at, word))
    }

    /// Steps over the value that starts here, inside `depth` open objects and arrays.
    #[inline(always)]
    pub fn value(&mut self, depth: u32) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            Some(b'{' | b'[') => {
                let mut rare = *self;
                let container = rare.container(depth);
                *self = rare;
                container
            }
            _ => Err(self.fault(Syntax::Value)),
        }
    }

    /// Steps over the object or array that starts here, without recursion: a hostile text must
    /// not choose how much stack it takes.
    #[inline(never)]
    fn container(&mut self, depth: u32) -> Result<(), Fault> {
        // One bit for each open bracket, the innermost lowest: 1 for an object, 0 for an array.
        // MAX_DEPTH bits fit.
        let mut objects: u128 = 0;
        let mut open: u32 = 0;
        loop {
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    if depth + open >= MAX_DEPTH {
                        return Err(Fault {
                            at: self.at,
                            cause: Cause::Depth,
                        });
                    }
                    self.at += 1;
                    self.space();
                    let object = bracket == b'{';
                    if !self.eat(if object { b'}' } else { b']' }) {
                        objects = objects << 1 | u128::from(object);
                        open += 1;
                        if object {
                            self.key()?;
                        }
                        continue;
                    }
                }
                _ => self.value(depth + open)?,
            }
            loop {
                if open == 0 {
                    return Ok(());
                }
                let object = objects & 1 == 1;
                if self.another(if object { b'}' } else { b']' })? {
                    if object {
                        self.key()?;
                    }
                    break;
                }
                objects >>= 1;
                open -= 1;
            }
        }
    }
}

/// The string of `text` that starts at the quote `at`.
#[cold]
pub(crate) fn string_at(text: &[u8], at: usize) -> Result<Quoted, Fault> {
    let mut scanner = Scanner::new(text, Plain(text));
    scanner.at = at;
    scanner.string()
}

/// The fault of not finding `word` at `at`.
#[cold]
fn misspelt(text: &[u8], at: usize, word: &[u8]) -> Fault {
    let found = text.get(at..).unwrap_or_default();
    let same = found
        .iter()
        .zip(word)
        .take_while(|(found, wanted)| found == wanted)
        .count();
    fault_at(text, at + same, Syntax::Value)
}

#[cold]
fn fault_at(text: &[u8], at: usize, syntax: Syntax) -> Fault {
    let ended = at >= text.len();
    Fault {
        at: at.min(text.len()),
        cause: Cause::Syntax(if ended { Syntax::End } else { syntax }),
    }
}

#[cfg(test)]
mod tests;
