//! A row as bytes, as runs hold it, and the order of rows.

use std::cmp::Ordering;

use crate::compact::CompactError;
use crate::layout::{Kind, Layout, Source};

/// The numbers and the texts that decide about a row, each the first of its kind.
pub(super) const CREATED: usize = 0;
pub(super) const ARRIVAL: usize = 1;
pub(super) const NAME: usize = 0;
pub(super) const UUID: usize = 1;

/// Bytes before a row's numbers: its length, and which of its values are null.
const HEAD: usize = 8;

/// Where the columns of a layout stand in a row.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Of each column of the layout, in its order.
    pub(super) columns: Vec<Column>,
    pub(super) sizes: Sizes,
}

/// A column, and its place among the numbers or the texts of a row.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A timestamp in milliseconds.
    Moment(usize),
    Double(usize),
    Text(usize),
}

/// How many values of each kind a row has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) numbers: usize,
    pub(super) texts: usize,
}

impl Shape {
    /// The shape of the rows of the lake's layout, whose names have one part.
    pub(super) fn new(layout: &Layout) -> Self {
        // What the order begins with comes first; the others as they stand.
        let (mut numbers, mut texts) = (ARRIVAL + 1, UUID + 1);
        let next = |count: &mut usize| {
            *count += 1;
            *count - 1
        };
        let columns = layout.columns().iter().map(|column| Column {
            name: column.path.concat(),
            place: match (column.source, column.kind()) {
                (Source::CreatedAt, _) => Place::Double(CREATED),
                (Source::IngestedAt, _) => Place::Moment(ARRIVAL),
                (Source::EventName, _) => Place::Text(NAME),
                (Source::EventUuid, _) => Place::Text(UUID),
                (_, Kind::RepeatedText | Kind::Text) => Place::Text(next(&mut texts)),
                (_, Kind::Integer { .. } | Kind::Timestamp) => Place::Moment(next(&mut numbers)),
                (_, Kind::Double) => Place::Double(next(&mut numbers)),
            },
        });
        let columns = columns.collect();
        Self {
            columns,
            sizes: Sizes { numbers, texts },
        }
    }
}

/// A double as an integer of the same order; its own inverse but for the type.
pub(super) fn ordered(double: f64) -> i64 {
    flip(double.to_bits() as i64)
}

/// The double of [`ordered`].
pub(super) fn double(ordered: i64) -> f64 {
    f64::from_bits(flip(ordered) as u64)
}

/// Negative doubles grow with their bits the wrong way round.
fn flip(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// Appends a row to `rows`; values are asked for by their places.
///
/// A row is its length and a bit for each null, the numbers, where each text ends, and the texts.
pub(super) fn append<'t>(
    rows: &mut Vec<u8>,
    sizes: Sizes,
    mut number: impl FnMut(usize) -> Option<i64>,
    mut text: impl FnMut(usize) -> Option<&'t [u8]>,
) -> Result<(), CompactError> {
    let start = rows.len();
    rows.resize(start + sizes.texts_at(), 0);
    let mut nulls: u32 = 0;
    for place in 0..sizes.numbers {
        match number(place) {
            Some(number) => put(rows, start + HEAD + 8 * place, number.to_le_bytes()),
            None => nulls |= 1 << place,
        }
    }
    for place in 0..sizes.texts {
        match text(place) {
            Some(text) => rows.extend_from_slice(text),
            None => nulls |= 1 << (sizes.numbers + place),
        }
        let end = u32::try_from(rows.len() - start).map_err(|_| CompactError::LongRow)?;
        put(rows, start + sizes.ends_at() + 4 * place, end.to_le_bytes());
    }
    let length = (rows.len() - start) as u32;
    put(rows, start, length.to_le_bytes());
    put(rows, start + 4, nulls.to_le_bytes());
    Ok(())
}

fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    if let Some(place) = bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *place = value;
    }
}

impl Sizes {
    fn ends_at(self) -> usize {
        HEAD + 8 * self.numbers
    }

    fn texts_at(self) -> usize {
        self.ends_at() + 4 * self.texts
    }
}

/// A row that [`append`] wrote.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'r> {
    bytes: &'r [u8],
    sizes: Sizes,
}

impl<'r> Row<'r> {
    /// The row with which `bytes` begin; `None` where they are none.
    #[inline]
    pub(super) fn first(bytes: &'r [u8], sizes: Sizes) -> Option<Self> {
        let length = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
        let bytes = bytes.get(..length)?;
        (length >= sizes.texts_at()).then_some(Self { bytes, sizes })
    }

    pub(super) fn bytes(&self) -> &'r [u8] {
        self.bytes
    }

    #[inline]
    fn is_null(&self, bit: usize) -> bool {
        self.u32_at(4) >> bit & 1 == 1
    }

    #[inline]
    fn u32_at(&self, at: usize) -> u32 {
        let bytes = self.bytes.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    /// The number at `place`, unless it is null.
    #[inline]
    pub(super) fn number(&self, place: usize) -> Option<i64> {
        let bytes = self.bytes.get(HEAD + 8 * place..)?.first_chunk()?;
        (!self.is_null(place)).then_some(i64::from_le_bytes(*bytes))
    }

    /// The text at `place`, unless it is null.
    #[inline]
    pub(super) fn text(&self, place: usize) -> Option<&'r [u8]> {
        if self.is_null(self.sizes.numbers + place) {
            return None;
        }
        let end = |place: usize| self.u32_at(self.sizes.ends_at() + 4 * place) as usize;
        let start = place.checked_sub(1).map_or(self.sizes.texts_at(), end);
        self.bytes.get(start..end(place))
    }

    /// The order of the files: by what is in [`super`]'s documentation, nulls last.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let numbers = |place| nulls_last(self.number(place), other.number(place));
        let texts = |place| nulls_last(self.text(place), other.text(place));
        let first = texts(NAME)
            .then_with(|| numbers(CREATED))
            .then_with(|| texts(UUID))
            .then_with(|| numbers(ARRIVAL));
        let first = (ARRIVAL + 1..self.sizes.numbers).fold(first, |order, place| order.then_with(|| numbers(place)));
        (UUID + 1..self.sizes.texts).fold(first, |order, place| order.then_with(|| texts(place)))
    }
}

fn nulls_last<T: Ord>(one: Option<T>, other: Option<T>) -> Ordering {
    (one.is_none(), one).cmp(&(other.is_none(), other))
}
