//! Smallest and largest values, by which readers leave whole files out.

use parquet::data_type::ByteArray;
use parquet::file::statistics::Statistics;

use crate::column::{Chunk, Values};

/// Longest text that is kept as a bound, in bytes: a footer is read more often than its pages.
const LONGEST: usize = 64;

/// What the footer says of a column's values; nothing of text that seldom repeats, whose bounds
/// say nothing.
pub(super) fn of(chunk: &Chunk) -> Option<Statistics> {
    let nulls = Some(chunk.levels.nulls as u64);
    match &chunk.values {
        Values::Repeated(repeated) => {
            let texts = || repeated.dictionary.texts();
            // A full dictionary does not know the texts that came later.
            let (smallest, largest) = repeated
                .is_complete()
                .then(|| Some((texts().min()?, texts().max()?)))??;
            if smallest.len().max(largest.len()) > LONGEST {
                return None;
            }
            let bound = |text: &[u8]| Some(ByteArray::from(text.to_vec()));
            Some(Statistics::byte_array(
                bound(smallest),
                bound(largest),
                None,
                nulls,
                false,
            ))
        }
        Values::Texts(_) => None,
        Values::Integers { values, .. } => {
            let (smallest, largest) = (values.iter().min().copied(), values.iter().max().copied());
            Some(Statistics::int64(smallest, largest, None, nulls, false))
        }
        Values::Doubles(values) => {
            // JSON has no number that is none, so that any order will do; and either zero may
            // stand for both, of which the outer one is the bound.
            let smallest = values
                .iter()
                .copied()
                .min_by(f64::total_cmp)
                .map(|one| if one == 0.0 { -0.0 } else { one });
            let largest = values
                .iter()
                .copied()
                .max_by(f64::total_cmp)
                .map(|one| if one == 0.0 { 0.0 } else { one });
            Some(Statistics::double(smallest, largest, None, nulls, false))
        }
    }
}
