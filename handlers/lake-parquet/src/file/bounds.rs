//! Smallest and largest values, by which readers leave files, row groups and pages out.

use std::cmp::Ordering;
use std::ops::Range;

use parquet::data_type::ByteArray;
use parquet::file::statistics::Statistics;

use super::page::{View, slice};

/// Longest text that is kept as a bound, in bytes: a footer is read more often than its pages.
const LONGEST: usize = 64;

/// The smallest and the largest of some values, where there is any.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bounds<'c> {
    Texts(Option<(&'c [u8], &'c [u8])>),
    Integers(Option<(i64, i64)>),
    /// Of all but those that are no number, and how many those are.
    Doubles(Option<(f64, f64)>, usize),
}

impl<'c> Bounds<'c> {
    /// The bounds of the values in `span`.
    pub(super) fn of(values: &View<'c>, span: Range<usize>) -> Self {
        match values {
            View::Numbers { dictionary, numbers } => {
                let mut is_there = vec![false; dictionary.len()];
                for number in slice(numbers, span) {
                    if let Some(is_there) = is_there.get_mut(*number as usize) {
                        *is_there = true;
                    }
                }
                let texts = dictionary.texts().zip(is_there).filter(|(_, is_there)| *is_there);
                Self::Texts(outer(texts.map(|(text, _)| text), |one, other| one.cmp(other)))
            }
            View::Texts(texts) => Self::Texts(outer(texts.each(span), |one, other| one.cmp(other))),
            View::Packed(integers) | View::Integers(integers) => {
                Self::Integers(outer(slice(integers, span).iter().copied(), i64::cmp))
            }
            View::Doubles(doubles) => {
                let doubles = slice(doubles, span);
                let numbers = doubles.iter().copied().filter(|double| !double.is_nan());
                let none = doubles.iter().filter(|double| double.is_nan()).count();
                // Either zero may stand for both, of which the outer one is the bound.
                let zero = |double: f64, zero: f64| if double == 0.0 { zero } else { double };
                let outer = outer(numbers, f64::total_cmp);
                Self::Doubles(
                    outer.map(|(smallest, largest)| (zero(smallest, -0.0), zero(largest, 0.0))),
                    none,
                )
            }
        }
    }

    /// What the footer says of a whole column; nothing of a text that is too long for it.
    pub(super) fn statistics(&self, nulls: usize) -> Option<Statistics> {
        let nulls = Some(nulls as u64);
        Some(match self {
            Self::Texts(texts) => {
                let (smallest, largest) = texts.unzip();
                if texts.is_some_and(is_long) {
                    return None;
                }
                let bound = |text: &[u8]| ByteArray::from(text.to_vec());
                Statistics::byte_array(smallest.map(bound), largest.map(bound), None, nulls, false)
            }
            Self::Integers(integers) => {
                let (smallest, largest) = integers.unzip();
                Statistics::int64(smallest, largest, None, nulls, false)
            }
            Self::Doubles(doubles, _) => {
                let (smallest, largest) = doubles.unzip();
                Statistics::double(smallest, largest, None, nulls, false)
            }
        })
    }

    /// The bounds as a page's entry in the index has them (`PLAIN`); `None` without a value, and
    /// where a text is too long.
    pub(super) fn bytes(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        match self {
            Self::Texts(texts) => {
                let texts = texts.filter(|texts| !is_long(*texts));
                texts.map(|(smallest, largest)| (smallest.to_vec(), largest.to_vec()))
            }
            Self::Integers(integers) => {
                integers.map(|(smallest, largest)| (smallest.to_le_bytes().to_vec(), largest.to_le_bytes().to_vec()))
            }
            Self::Doubles(doubles, _) => {
                doubles.map(|(smallest, largest)| (smallest.to_le_bytes().to_vec(), largest.to_le_bytes().to_vec()))
            }
        }
    }

    /// How many values are no number; `None` where values are no doubles.
    pub(super) fn not_numbers(&self) -> Option<usize> {
        match self {
            Self::Doubles(_, none) => Some(*none),
            Self::Texts(_) | Self::Integers(_) => None,
        }
    }

    /// How the bounds of this page and of the next one stand to each other; `None` where the
    /// smallest and the largest values disagree.
    pub(super) fn step(&self, next: &Self) -> Option<Ordering> {
        let (smallest, largest) = match (self, next) {
            (Self::Texts(Some(one)), Self::Texts(Some(next))) => (one.0.cmp(next.0), one.1.cmp(next.1)),
            (Self::Integers(Some(one)), Self::Integers(Some(next))) => (one.0.cmp(&next.0), one.1.cmp(&next.1)),
            (Self::Doubles(Some(one), _), Self::Doubles(Some(next), _)) => {
                (one.0.partial_cmp(&next.0)?, one.1.partial_cmp(&next.1)?)
            }
            _ => return None,
        };
        match (smallest, largest) {
            (Ordering::Equal, step) | (step, Ordering::Equal) => Some(step),
            (smallest, largest) => (smallest == largest).then_some(smallest),
        }
    }
}

fn is_long((smallest, largest): (&[u8], &[u8])) -> bool {
    smallest.len().max(largest.len()) > LONGEST
}

fn outer<T: Copy>(values: impl Iterator<Item = T>, order: impl Fn(&T, &T) -> Ordering) -> Option<(T, T)> {
    values.fold(None, |bounds, value| {
        let (mut smallest, mut largest) = bounds.unwrap_or((value, value));
        if order(&value, &smallest).is_lt() {
            smallest = value;
        }
        if order(&value, &largest).is_gt() {
            largest = value;
        }
        Some((smallest, largest))
    })
}
