//! The elements of a JSON array, one after the other, as the bytes that they are in the file.
//!
//! Never holds more than one element, so a file may be larger than memory.

use crate::json;
use anyhow::{Result, bail};
use serde::de::IgnoredAny;

/// Nobody's event; longer means that the text is not what it was taken for.
pub(crate) const MAX_ELEMENT: usize = 64 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    /// `[`, which opens the array.
    Open,
    /// The first element or `]`.
    FirstOrClose,
    /// An element, after a comma.
    Element,
    /// More of the element.
    Rest,
    /// `,` or `]`, after an element.
    CommaOrClose,
    /// Nothing but white space.
    End,
}

/// Splits an array that comes in pieces.
pub(crate) struct Splitter {
    expect: Expect,
    /// Bytes read so far: the position of the byte that is looked at.
    at: u64,
    element: Vec<u8>,
    element_at: u64,
    depth: u64,
    in_string: bool,
    escaped: bool,
}

impl Splitter {
    /// A splitter whose first byte is at this position of the file.
    pub(crate) fn new(at: u64) -> Self {
        Self {
            expect: Expect::Open,
            at,
            element: Vec::new(),
            element_at: 0,
            depth: 0,
            in_string: false,
            escaped: false,
        }
    }

    /// Reads from `input` up to the end of an element; says how many bytes it took.
    ///
    /// Without an element all of the input was taken.
    pub(crate) fn next(&mut self, input: &[u8]) -> Result<(usize, Option<Vec<u8>>)> {
        let mut taken = 0;
        while let Some(&byte) = input.get(taken) {
            if self.expect == Expect::Rest {
                let rest = input.get(taken..).unwrap_or_default();
                let (length, done) = self.rest(rest)?;
                taken += length;
                if done {
                    return Ok((taken, Some(self.finish()?)));
                }
                continue;
            }
            if self.expect_at(byte)? {
                taken += 1;
                self.at += 1;
            }
        }
        Ok((taken, None))
    }

    /// The input is over: an error unless the array was closed.
    pub(crate) fn end(&self) -> Result<()> {
        match self.expect {
            Expect::End => Ok(()),
            Expect::Rest => bail!(
                "the JSON array breaks off at byte {}, inside the element that starts at byte {}",
                self.at,
                self.element_at
            ),
            _ => bail!("the JSON array breaks off at byte {}: no closing `]`", self.at),
        }
    }

    /// Takes one byte between elements; false when it is the first one of an element.
    fn expect_at(&mut self, byte: u8) -> Result<bool> {
        if is_space(byte) {
            return Ok(true);
        }
        self.expect = match (self.expect, byte) {
            (Expect::Open, b'[') => Expect::FirstOrClose,
            (Expect::CommaOrClose, b',') => Expect::Element,
            (Expect::FirstOrClose | Expect::CommaOrClose, b']') => Expect::End,
            (Expect::FirstOrClose | Expect::Element, byte) if !matches!(byte, b',' | b']' | b'}' | b':') => {
                self.element_at = self.at;
                self.expect = Expect::Rest;
                return Ok(false);
            }
            (expect, byte) => {
                let wanted = match expect {
                    Expect::Open => "`[`",
                    Expect::FirstOrClose => "an element or `]`",
                    Expect::Element | Expect::Rest => "an element",
                    Expect::CommaOrClose => "`,` or `]`",
                    Expect::End => "the end of the file",
                };
                let found = char::from(byte).escape_default();
                bail!(
                    "the JSON array is broken at byte {}: `{found}` where {wanted} was expected",
                    self.at
                )
            }
        };
        Ok(true)
    }

    /// Takes bytes of the element: how many, and whether it is complete.
    fn rest(&mut self, input: &[u8]) -> Result<(usize, bool)> {
        let mut length = 0;
        let mut done = false;
        for &byte in input {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
            } else {
                match byte {
                    b'"' => self.in_string = true,
                    b'[' | b'{' => self.depth += 1,
                    b',' | b']' if self.depth == 0 => {
                        done = true;
                        break;
                    }
                    b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
            }
            length += 1;
        }
        if self.element.len() + length > MAX_ELEMENT {
            bail!(
                "the element at byte {} of the JSON array is longer than {} MiB",
                self.element_at,
                MAX_ELEMENT >> 20
            );
        }
        self.element.extend_from_slice(input.get(..length).unwrap_or_default());
        self.at += length as u64;
        Ok((length, done))
    }

    /// The element without the white space behind it; an error unless it is JSON, because then
    /// the array is not either, and where it goes on would be a guess.
    fn finish(&mut self) -> Result<Vec<u8>> {
        let mut element = std::mem::take(&mut self.element);
        let end = element
            .iter()
            .rposition(|byte| !is_space(*byte))
            .map_or(0, |last| last + 1);
        element.truncate(end);
        if let Err(error) = serde_json::from_slice::<IgnoredAny>(&element) {
            let at = self.element_at + offset(&element, error.line(), error.column());
            bail!(
                "the JSON array is broken at byte {at}, in the element that starts at byte {}: {}",
                self.element_at,
                json::words(&error)
            );
        }
        self.expect = Expect::CommaOrClose;
        Ok(element)
    }
}

/// JSON's white space, which unlike ASCII's has no form feed.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The byte at this line (from 1) and column (from 1, in bytes).
fn offset(text: &[u8], line: usize, column: usize) -> u64 {
    let before = text.split_inclusive(|b| *b == b'\n').take(line.saturating_sub(1));
    (before.map(<[u8]>::len).sum::<usize>() + column.saturating_sub(1)) as u64
}

#[cfg(test)]
mod tests {
    use super::Splitter;
    use anyhow::Result;
    use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof};
    use proptest::{collection, proptest};
    use serde_json::value::RawValue;

    /// Splits a text that arrives in pieces of these sizes, over and over.
    fn split(text: &[u8], pieces: &[usize]) -> Result<Vec<Vec<u8>>> {
        let (mut splitter, mut out, mut rest) = (Splitter::new(0), Vec::new(), text);
        let mut sizes = pieces.iter().cycle();
        while !rest.is_empty() {
            let size = (*sizes.next().expect("cycle")).clamp(1, rest.len());
            let (mut piece, tail) = rest.split_at(size);
            while !piece.is_empty() {
                let (taken, element) = splitter.next(piece)?;
                out.extend(element);
                piece = &piece[taken..];
            }
            rest = tail;
        }
        splitter.end()?;
        Ok(out)
    }

    /// Any JSON text, with white space where it may stand.
    fn json() -> impl Strategy<Value = String> {
        let space = prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("\r\n\t ")];
        let string = any::<String>().prop_map(|s| serde_json::to_string(&s).expect("a string"));
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            Just("-1.5e+300".to_owned()),
            Just(r#""\\\"[]{},:\u00e9""#.to_owned()),
            any::<i64>().prop_map(|n| n.to_string()),
            string.clone(),
        ];
        leaf.prop_recursive(5, 60, 6, move |inner| {
            let spaced = (space.clone(), inner, space.clone()).prop_map(|(a, j, b)| format!("{a}{j}{b}"));
            let list = collection::vec(spaced.clone(), 0..6).prop_map(|v| format!("[{}]", v.join(",")));
            let map = collection::vec((string.clone(), spaced), 0..6).prop_map(|v| {
                let members: Vec<_> = v.iter().map(|(k, j)| format!("{k}:{j}")).collect();
                format!("{{{}}}", members.join(","))
            });
            prop_oneof![list, map]
        })
    }

    proptest! {
        #[test]
        fn elements_are_those_of_serde_json(
            elements in collection::vec((json(), "[ \n]{0,2}"), 0..8),
            pieces in collection::vec(1usize..40, 1..4),
        ) {
            let inside: Vec<_> = elements.iter().map(|(j, space)| format!("{space}{j}{space}")).collect();
            let text = format!(" [{}]\n", inside.join(","));
            let raw: Vec<&RawValue> = serde_json::from_str(&text).expect("JSON");
            let wanted: Vec<_> = raw.iter().map(|r| r.get().as_bytes().to_vec()).collect();
            prop_assert_eq!(split(text.as_bytes(), &pieces).expect("an array"), wanted);
        }

        #[test]
        fn what_serde_json_refuses_is_refused(
            element in json(), cut in any::<proptest::sample::Index>(), byte in any::<u8>(),
        ) {
            let mut text = format!("[{element},{element}]").into_bytes();
            let at = cut.index(text.len());
            text[at] = byte;
            let ours = split(&text, &[7]).is_ok();
            // Unlike serde_json, the splitter leaves the encoding of strings to the transform.
            let theirs = std::str::from_utf8(&text).map_or(ours, |t| serde_json::from_str::<Vec<&RawValue>>(t).is_ok());
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn a_form_feed_is_no_white_space() {
        assert!(split(b"[1\x0c,2]", &[7]).is_err());
        assert!(split(b"[1\x0c]", &[7]).is_err());
        assert!(split(b"[1 \t\r\n,2]", &[7]).is_ok());
    }

    #[test]
    fn a_broken_array_is_an_error_with_its_place() {
        let cases = [
            ("", "breaks off at byte 0: no closing"),
            ("[", "breaks off at byte 1: no closing"),
            ("[{\"a\":1}", "inside the element that starts at byte 1"),
            ("[1,2", "breaks off at byte 4"),
            ("[1,,2]", "broken at byte 3: `,` where an element"),
            ("[1,]", "broken at byte 3: `]` where an element"),
            ("[,1]", "broken at byte 1"),
            ("[1]]", "broken at byte 3: `]` where the end of the file"),
            ("[1] {}", "broken at byte 4"),
            ("[1 2]", "broken at byte 3, in the element that starts at byte 1"),
            (
                "[1,\n{\"a\":tru}]",
                "broken at byte 12, in the element that starts at byte 4",
            ),
            ("[{]", "breaks off"),
            ("[}]", "broken at byte 1"),
            ("[{\"a\":[}]},1]", "broken at byte 7"),
            ("{}", "broken at byte 0: `{` where `[`"),
        ];
        for (text, wanted) in cases {
            let error = split(text.as_bytes(), &[3]).expect_err(text).to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
