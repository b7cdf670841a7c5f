//! What stands behind the row groups, by which readers find pages and rows: the page index and
//! the filters.

use std::cmp::Ordering;

use parquet::basic::{BoundaryOrder, Type as Physical};
use parquet::bloom_filter::Sbbf;
use parquet::column::page::PageWriteSpec;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnIndexBuilder, OffsetIndexBuilder};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::offset_index::OffsetIndexMetaData;

use super::bounds::Bounds;
use super::page::View;

/// How often a filter at most says that a text may be there which is not.
const FALSE_POSITIVES: f64 = 0.01;

/// The entries of one column's pages.
pub(super) struct Index<'c> {
    places: OffsetIndexBuilder,
    bounds: ColumnIndexBuilder,
    /// Whether every page so far could be given bounds.
    is_bounded: bool,
    /// The bounds of the last page that has a value.
    last: Option<Bounds<'c>>,
    ascends: bool,
    descends: bool,
}

impl<'c> Index<'c> {
    /// Of no pages yet; `is_bounded` says whether they will have bounds.
    pub(super) fn new(physical: Physical, is_bounded: bool) -> Self {
        Self {
            places: OffsetIndexBuilder::new(),
            bounds: ColumnIndexBuilder::new(physical),
            is_bounded,
            last: None,
            ascends: true,
            descends: true,
        }
    }

    /// Adds a page as it was written, of `rows` rows of which some are null.
    pub(super) fn page(&mut self, written: &PageWriteSpec, rows: usize, nulls: usize, bounds: Option<Bounds<'c>>) {
        self.places.append_row_count(rows as i64);
        // A page's size is that of its 32 bits in the format.
        let size = i32::try_from(written.compressed_size).unwrap_or(i32::MAX);
        self.places.append_offset_and_size(written.offset as i64, size);
        let Some(bounds) = bounds else {
            return;
        };
        let not_numbers = bounds.not_numbers().map(|none| none as i64);
        let entry = if nulls == rows {
            Some(<_>::default())
        } else {
            bounds.bytes()
        };
        let Some((smallest, largest)) = entry else {
            // A page that readers must read whatever they look for has no entry in the format.
            self.is_bounded = false;
            return;
        };
        self.bounds
            .append(nulls == rows, smallest, largest, nulls as i64, not_numbers);
        if nulls < rows
            && let Some(last) = self.last.replace(bounds)
        {
            let step = last.step(&bounds);
            self.ascends &= step.is_some_and(Ordering::is_le);
            self.descends &= step.is_some_and(Ordering::is_ge);
        }
    }

    /// The bounds of the pages, where all have any, and the places.
    pub(super) fn finish(mut self) -> Result<(Option<ColumnIndexMetaData>, OffsetIndexMetaData), ParquetError> {
        self.bounds.set_boundary_order(match (self.ascends, self.descends) {
            (true, _) => BoundaryOrder::ASCENDING,
            (_, true) => BoundaryOrder::DESCENDING,
            _ => BoundaryOrder::UNORDERED,
        });
        let bounds = self.is_bounded.then(|| self.bounds.build()).transpose()?;
        Ok((bounds, self.places.build()))
    }
}

/// The filter of a column of texts.
pub(super) fn filter(values: &View<'_>) -> Result<Option<Sbbf>, ParquetError> {
    let View::Texts(texts) = values else {
        return Ok(None);
    };
    let mut filter = Sbbf::new_with_ndv_fpp(texts.lengths.len() as u64, FALSE_POSITIVES)?;
    for text in texts.each(0..texts.lengths.len()) {
        filter.insert(text);
    }
    Ok(Some(filter))
}
