//! The content of pages.

use std::ops::Range;

use parquet::basic::Encoding;

use crate::column::{Levels, Numbered, Texts, Values};
use crate::dictionary::Dictionary;
use crate::encoding::{delta, hybrid, repeat, width_of};

/// A column's values as they are encoded.
#[derive(Clone, Copy)]
pub(super) enum View<'c> {
    Numbers {
        dictionary: &'c Dictionary,
        numbers: &'c [u32],
    },
    Texts(&'c Texts),
    Packed(&'c [i64]),
    Integers(&'c [i64]),
    Doubles(&'c [f64]),
}

/// Where the next page begins.
#[derive(Debug, Default)]
pub(super) struct Place {
    value: usize,
    /// In the bytes of all texts.
    byte: usize,
}

impl Place {
    /// The `count` values here.
    pub(super) fn span(&self, count: usize) -> Range<usize> {
        self.value..self.value + count
    }
}

impl<'c> View<'c> {
    pub(super) fn of(values: &'c mut Values) -> Self {
        match values {
            Values::Repeated(repeated) => match repeated.values() {
                Numbered::Dictionary(dictionary, numbers) => Self::Numbers { dictionary, numbers },
                Numbered::Texts(texts) => Self::Texts(texts),
            },
            Values::Texts(texts) => Self::Texts(texts),
            Values::Integers { values, packed: true } => Self::Packed(values),
            Values::Integers { values, packed: false } => Self::Integers(values),
            Values::Doubles(values) => Self::Doubles(values),
        }
    }

    pub(super) fn encoding(&self) -> Encoding {
        match self {
            Self::Numbers { .. } => Encoding::RLE_DICTIONARY,
            Self::Texts(_) => Encoding::DELTA_LENGTH_BYTE_ARRAY,
            Self::Packed(_) => Encoding::DELTA_BINARY_PACKED,
            Self::Integers(_) | Self::Doubles(_) => Encoding::PLAIN,
        }
    }

    /// About the bytes that all values take on pages.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Numbers { numbers, .. } => 2 * numbers.len(),
            Self::Texts(texts) => texts.bytes.len() + texts.lengths.len(),
            Self::Packed(integers) => 2 * integers.len(),
            Self::Integers(integers) => size_of_val(*integers),
            Self::Doubles(doubles) => size_of_val(*doubles),
        }
    }

    /// About the bytes that the values in `span` take on a page.
    pub(super) fn bytes_in(&self, span: Range<usize>) -> usize {
        match self {
            Self::Texts(texts) => {
                let lengths = slice(&texts.lengths, span);
                lengths.iter().map(|length| *length as usize + 1).sum()
            }
            // No value is longer than another.
            _ => self.bytes() / self.len().max(1) * span.len(),
        }
    }

    /// How many values there are.
    fn len(&self) -> usize {
        match self {
            Self::Numbers { numbers, .. } => numbers.len(),
            Self::Texts(texts) => texts.lengths.len(),
            Self::Packed(integers) | Self::Integers(integers) => integers.len(),
            Self::Doubles(doubles) => doubles.len(),
        }
    }

    /// Appends the values in `span`, which begins at `place`, and moves it behind them.
    pub(super) fn append(&self, page: &mut Vec<u8>, place: &mut Place, span: Range<usize>) {
        place.value = span.end;
        match self {
            Self::Numbers { dictionary, numbers } => {
                let largest = dictionary.len().saturating_sub(1) as u64;
                // Not every reader takes numbers of no bits.
                let width = width_of(largest).max(1);
                page.push(width as u8);
                hybrid(page, slice(numbers, span), width);
            }
            Self::Texts(texts) => {
                let lengths = slice(&texts.lengths, span).iter().map(|length| i64::from(*length));
                let bytes = lengths.clone().sum::<i64>() as usize;
                delta(page, lengths);
                page.extend_from_slice(slice(&texts.bytes, place.byte..place.byte + bytes));
                place.byte += bytes;
            }
            Self::Packed(integers) => delta(page, slice(integers, span).iter().copied()),
            Self::Integers(integers) => page.extend(slice(integers, span).iter().flat_map(|one| one.to_le_bytes())),
            Self::Doubles(doubles) => page.extend(slice(doubles, span).iter().flat_map(|one| one.to_le_bytes())),
        }
    }
}

/// Appends the definition levels of `rows`, behind their length in bytes.
pub(super) fn levels(page: &mut Vec<u8>, levels: &Levels, rows: Range<usize>) {
    let start = page.len();
    page.extend_from_slice(&[0; 4]);
    let width = width_of(u64::from(levels.max));
    match levels.of(rows.clone()) {
        Some(levels) => hybrid(page, levels, width),
        None => repeat(page, u64::from(levels.max), rows.len(), width),
    }
    let length = (page.len() - start - 4) as u32;
    if let Some(place) = page.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// Appends the dictionary's texts, each behind its length (`PLAIN`).
pub(super) fn dictionary(page: &mut Vec<u8>, dictionary: &Dictionary) {
    for text in dictionary.texts() {
        page.extend_from_slice(&(text.len() as u32).to_le_bytes());
        page.extend_from_slice(text);
    }
}

/// The values of `span`.
pub(super) fn slice<T>(all: &[T], span: Range<usize>) -> &[T] {
    all.get(span).unwrap_or_default()
}
