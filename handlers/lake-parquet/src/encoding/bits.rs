/// Bits that `number` needs.
pub(crate) fn width_of(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

/// Appends `width` bits of each number, lowest first; the last byte is filled with zeros.
///
/// No number may need more bits than `width`.
#[inline]
pub(super) fn pack(out: &mut Vec<u8>, numbers: impl Iterator<Item = u64>, width: u32) {
    let (mut word, mut filled) = (0u64, 0);
    for number in numbers {
        word |= number << filled;
        filled += width;
        if filled >= u64::BITS {
            out.extend_from_slice(&word.to_le_bytes());
            filled -= u64::BITS;
            // What did not fit; a shift by all bits there are is no shift for the machine.
            word = number.checked_shr(width - filled).unwrap_or(0);
        }
    }
    let bytes = filled.div_ceil(8) as usize;
    out.extend(word.to_le_bytes().into_iter().take(bytes));
}
