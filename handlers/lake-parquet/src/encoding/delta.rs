use super::bits::{pack, width_of};
use super::varint;

/// Differences that share their smallest one.
const BLOCK: usize = 128;
/// Differences that share their width.
const MINI: usize = 32;

/// Appends numbers as their differences, packed by the width that each 32 of them need
/// (`DELTA_BINARY_PACKED`).
///
/// `numbers` is walked twice.
pub(crate) fn delta(out: &mut Vec<u8>, mut numbers: impl ExactSizeIterator<Item = i64>) {
    varint(out, BLOCK as u64);
    varint(out, (BLOCK / MINI) as u64);
    varint(out, numbers.len() as u64);
    let mut last = numbers.next().unwrap_or(0);
    varint(out, zigzag(last));
    let mut block = [0i64; BLOCK];
    while numbers.len() > 0 {
        let (mut smallest, mut filled) = (i64::MAX, 0);
        for (difference, number) in block.iter_mut().zip(&mut numbers) {
            // Readers add with the same wrapping.
            *difference = number.wrapping_sub(last);
            smallest = smallest.min(*difference);
            last = number;
            filled += 1;
        }
        write(out, block.get(..filled).unwrap_or_default(), smallest);
    }
}

fn write(out: &mut Vec<u8>, block: &[i64], smallest: i64) {
    varint(out, zigzag(smallest));
    let above = |difference: &i64| difference.wrapping_sub(smallest) as u64;
    let widths: [u32; BLOCK / MINI] = std::array::from_fn(|mini| {
        let mini = block.chunks(MINI).nth(mini).unwrap_or_default();
        width_of(mini.iter().map(above).fold(0, |all, one| all | one))
    });
    // No width is above 64.
    out.extend(widths.iter().map(|width| *width as u8));
    for (mini, width) in block.chunks(MINI).zip(widths) {
        // A part that is not full is filled with zeros.
        let rest = std::iter::repeat_n(0, MINI - mini.len());
        pack(out, mini.iter().map(above).chain(rest), width);
    }
}

/// Small numbers of either sign become small ones without.
fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}
