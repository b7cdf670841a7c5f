//! The little of protocol buffers that the format needs.

use super::Malformed;

/// Wire type of a varint.
const VARINT: u64 = 0;
/// Wire type of eight bytes.
const EIGHT: u64 = 1;
/// Wire type of a length and as many bytes.
const BYTES: u64 = 2;
/// Wire type of four bytes.
const FOUR: u64 = 5;

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field<'m> {
    Number(u64),
    Bytes(&'m [u8]),
    /// Of a kind that the format does not use, and skipped.
    Other,
}

/// Reads the fields of a message, one after another.
#[derive(Debug, Clone)]
pub(super) struct Message<'m> {
    rest: &'m [u8],
}

impl<'m> Message<'m> {
    pub(super) fn new(bytes: &'m [u8]) -> Self {
        Message { rest: bytes }
    }

    /// The next field's number and value; none at the end.
    pub(super) fn field(&mut self) -> Result<Option<(u64, Field<'m>)>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let field = match key & 7 {
            VARINT => Field::Number(self.varint()?),
            BYTES => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed::Cut)?;
                Field::Bytes(self.take(length)?)
            }
            EIGHT => self.take(8).map(|_| Field::Other)?,
            FOUR => self.take(4).map(|_| Field::Other)?,
            _ => return Err(Malformed::WireType),
        };
        Ok(Some((key >> 3, field)))
    }

    fn take(&mut self, length: usize) -> Result<&'m [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed::Cut)?;
        self.rest = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or(Malformed::Cut)?;
            self.rest = rest;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Malformed::Varint);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed::Varint)
    }
}

/// Appends a field that is a number.
pub(super) fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3 | VARINT);
    varint(out, value);
}

/// Appends a field that is text or bytes.
pub(super) fn bytes(out: &mut Vec<u8>, field: u64, value: &[u8]) {
    length(out, field, value.len());
    out.extend_from_slice(value);
}

/// Appends what stands before a field's bytes.
pub(super) fn length(out: &mut Vec<u8>, field: u64, length: usize) {
    varint(out, field << 3 | BYTES);
    varint(out, length as u64);
}

/// Size of a number as a varint, in bytes.
pub(super) fn width(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
