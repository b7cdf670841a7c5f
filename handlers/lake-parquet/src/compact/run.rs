//! Rows that are sorted in memory together.

use std::collections::HashMap;

use super::CompactError;
use super::row::{CREATED, NAME, Row, Shape, Sizes};

/// The rank of a row without a name: behind all names.
const NAMELESS: u32 = u32::MAX;

/// Rows, one after another, and their order.
#[derive(Debug)]
pub(super) struct Run {
    rows: Vec<u8>,
    entries: Vec<Entry>,
    /// Each different name's number, so that names are compared once and not for every two rows.
    names: HashMap<Box<[u8]>, u32>,
    sizes: Sizes,
}

/// What decides about the order of most rows, and where a row is.
#[derive(Debug, Clone, Copy)]
struct Entry {
    created: i64,
    /// The number of the name; once sorted, its rank.
    name: u32,
    /// A run has at most 4 GiB and a row.
    at: u32,
}

impl Run {
    pub(super) fn new(shape: &Shape) -> Self {
        Self {
            rows: Vec::new(),
            entries: Vec::new(),
            names: HashMap::new(),
            sizes: shape.sizes,
        }
    }

    /// Has `write` append a row, shows it to `note`, and says whether there was one.
    #[inline]
    pub(super) fn add(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<bool, CompactError>,
        note: impl FnOnce(Row<'_>),
    ) -> Result<bool, CompactError> {
        let at = self.rows.len();
        let is_there = write(&mut self.rows)?;
        if let Some(row) = self.rows.get(at..).and_then(|row| Row::first(row, self.sizes)) {
            note(row);
            let name = row.text(NAME).map_or(NAMELESS, |name| {
                if let Some(number) = self.names.get(name) {
                    return *number;
                }
                let number = self.names.len() as u32;
                self.names.insert(name.into(), number);
                number
            });
            self.entries.push(Entry {
                created: row.number(CREATED).unwrap_or(i64::MAX),
                name,
                at: at as u32,
            });
        }
        Ok(is_there)
    }

    /// Bytes of the rows and of their order; the most there can be once that is so.
    pub(super) fn bytes(&self) -> usize {
        if self.rows.len() > u32::MAX as usize {
            return usize::MAX;
        }
        self.rows.len() + self.entries.len() * size_of::<Entry>()
    }

    /// Puts the rows in order.
    pub(super) fn sort(&mut self) {
        let mut names: Vec<(&[u8], u32)> = self.names.iter().map(|(name, number)| (&**name, *number)).collect();
        names.sort_unstable();
        let mut ranks = vec![0; names.len()];
        for (rank, (_, number)) in names.into_iter().enumerate() {
            if let Some(place) = ranks.get_mut(number as usize) {
                *place = rank as u32;
            }
        }
        for entry in &mut self.entries {
            entry.name = ranks.get(entry.name as usize).copied().unwrap_or(NAMELESS);
        }
        let (rows, sizes) = (&self.rows, self.sizes);
        self.entries.sort_unstable_by(|one, other| {
            (one.name, one.created).cmp(&(other.name, other.created)).then_with(|| {
                match (at(rows, sizes, one), at(rows, sizes, other)) {
                    (Some(one), Some(other)) => one.order(&other),
                    (one, other) => one.is_some().cmp(&other.is_some()),
                }
            })
        });
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The row at `place` of the order.
    #[inline]
    pub(super) fn row(&self, place: usize) -> Option<Row<'_>> {
        at(&self.rows, self.sizes, self.entries.get(place)?)
    }

    /// Forgets every row and keeps the room.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.entries.clear();
        self.names.clear();
    }
}

#[inline]
fn at<'r>(rows: &'r [u8], sizes: Sizes, entry: &Entry) -> Option<Row<'r>> {
    Row::first(rows.get(entry.at as usize..)?, sizes)
}
