//! Parquet's encodings, as [the format] has them.
//!
//! [the format]: https://parquet.apache.org/docs/file-format/data-pages/encodings/

mod bits;
mod delta;
mod hybrid;

pub(crate) use bits::width_of;
pub(crate) use delta::delta;
pub(crate) use hybrid::{hybrid, repeat};

/// Appends a number in groups of seven bits, the lowest first (ULEB128).
pub(crate) fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests;
