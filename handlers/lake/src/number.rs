//! JSON numbers to machine numbers.

/// Digits that every double and every `u64` holds exactly.
const EXACT_DIGITS: usize = 15;

/// The powers of ten that are doubles of their own, as far as they are needed.
const POWERS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// How many of the first eight bytes of `text` are digits before one is none.
#[inline(always)]
pub(crate) fn leading_digits(text: &[u8]) -> usize {
    match text.first_chunk() {
        Some(eight) => no_digits(u64::from_le_bytes(*eight)).trailing_zeros() as usize / 8,
        None => text.iter().take_while(|byte| byte.is_ascii_digit()).count(),
    }
}

/// Not zero in each byte of `eight` that is no digit, and zero in those that are before the first
/// such byte.
#[inline(always)]
fn no_digits(eight: u64) -> u64 {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    // A digit is 0x30 to 0x39: its upper half is 3, also after 6 is added.
    // What is added runs over only from a byte that is no digit, into bytes behind it.
    let above = eight.wrapping_add(0x0606_0606_0606_0606) & HIGH;
    (eight & HIGH | above >> 4) ^ 0x3333_3333_3333_3333
}

/// The number of eight digits, the first in the lowest byte, each less `b'0'`.
#[inline(always)]
fn eight_digits(eight: u64) -> u64 {
    // Tens and ones, then pairs, then fours, all places at once.
    let pairs = (eight * 10 + (eight >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours * 10_000 + (fours >> 32)) & 0xffff_ffff
}

/// Eight to sixteen digits as an integer; `None` where one is none.
#[inline(always)]
fn long(digits: &[u8]) -> Option<u64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let first = u64::from_le_bytes(*digits.first_chunk()?);
    let last = u64::from_le_bytes(*digits.last_chunk()?);
    let twice = 16_usize.checked_sub(digits.len())?;
    if no_digits(first) | no_digits(last) != 0 {
        return None;
    }
    // The first eight without those that are among the last: zeros take their place, in front.
    let upper = if twice == 8 { 0 } else { (first - ZEROS) << (8 * twice) };
    Some(eight_digits(upper) * 100_000_000 + eight_digits(last - ZEROS))
}

/// The largest integer up to which every integer is a double of its own.
const EXACT: u64 = 1 << 53;

/// A JSON number as the nearest double; infinite where it is too large.
///
/// `None` only for what is no JSON number.
#[inline]
#[must_use]
pub fn double(number: &[u8]) -> Option<f64> {
    exact(number).or_else(|| str::from_utf8(number).ok()?.parse().ok())
}

/// A JSON number without fraction and exponent as an integer; `None` where it does not fit.
#[inline]
#[must_use]
pub fn integer(number: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match number {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if let 8..=EXACT_DIGITS = digits.len() {
        let integer = long(digits)? as i64;
        return Some(if is_negative { -integer } else { integer });
    }
    if digits.len() > EXACT_DIGITS {
        // Rust's grammar takes a plus sign, which no JSON number has.
        return str::from_utf8(number).ok()?.parse().ok();
    }
    let mut integer: i64 = 0;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        integer = integer * 10 + i64::from(digit);
    }
    (!digits.is_empty()).then_some(if is_negative { -integer } else { integer })
}

/// The double of a short decimal: digits and a power of ten that are doubles both, so that one
/// division rounds once, as reading the decimal does.
#[inline]
fn exact(number: &[u8]) -> Option<f64> {
    // One more than the digits that always fit: a moment in microseconds has 16 and a point.
    if number.len() > EXACT_DIGITS + 2 {
        return None;
    }
    if let 8..=EXACT_DIGITS = number.len()
        && let Some(integer) = long(number)
    {
        return Some(integer as f64);
    }
    let mut all: u64 = 0;
    let mut point = None;
    for (at, byte) in number.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            all = all * 10 + u64::from(digit);
        } else if *byte == b'.' && point.is_none() {
            point = Some(at);
        } else {
            return None;
        }
    }
    if all > EXACT || number.is_empty() {
        return None;
    }
    match point {
        None => Some(all as f64),
        Some(at) => Some(all as f64 / POWERS.get(number.len() - at - 1)?),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop_oneof};
    use proptest::{prop_assert_eq, proptest};

    use super::{double, integer, leading_digits};

    #[test]
    fn the_edges_of_what_fits() {
        for (number, expected) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("999999999999999", Some(999_999_999_999_999)),
            ("1.0", None),
            ("1e3", None),
            ("-", None),
        ] {
            assert_eq!(integer(number.as_bytes()), expected, "{number}");
        }
        for number in [
            "9007199254740993",
            "9007199254740992",
            "0.000000000000001",
            "1e999",
            "-0.0",
        ] {
            let expected: f64 = number.parse().unwrap();
            assert_eq!(
                double(number.as_bytes()).map(f64::to_bits),
                Some(expected.to_bits()),
                "{number}"
            );
        }
    }

    #[test]
    fn digits_lead_up_to_the_first_byte_that_is_none() {
        for other in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
            for at in 0..12 {
                let mut text = *b"012345678901";
                text[at] = other;
                assert_eq!(leading_digits(&text), at.min(8), "{other:#x} at {at}");
                let short = &text[..7];
                assert_eq!(leading_digits(short), at.min(7), "{other:#x} at {at} of 7");
            }
        }
    }

    fn decimal() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<f64>()
                .prop_filter("finite", |number| number.is_finite())
                .prop_map(|number| number.to_string()),
            "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
            any::<i64>().prop_map(|number| number.to_string()),
            "-?[1-9][0-9]{6,16}",
        ]
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_the_standard_library(number in decimal()) {
            let expected: f64 = number.parse().unwrap();
            prop_assert_eq!(double(number.as_bytes()).map(f64::to_bits), Some(expected.to_bits()));
            prop_assert_eq!(integer(number.as_bytes()), number.parse().ok());
        }

        #[test]
        fn what_is_no_number_is_none(text in "[0-9+./:e-]{0,20}") {
            let is_integer = text.strip_prefix('-').unwrap_or(&text).bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(integer(text.as_bytes()), text.parse().ok().filter(|_| is_integer));
        }
    }
}
