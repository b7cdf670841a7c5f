//! JSON numbers to machine numbers.

/// Digits that every double and every `u64` holds exactly.
const EXACT_DIGITS: usize = 15;

/// The powers of ten that are doubles of their own, as far as they are needed.
const POWERS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

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

    use super::{double, integer};

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

    fn decimal() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<f64>()
                .prop_filter("finite", |number| number.is_finite())
                .prop_map(|number| number.to_string()),
            "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
            any::<i64>().prop_map(|number| number.to_string()),
        ]
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_the_standard_library(number in decimal()) {
            let expected: f64 = number.parse().unwrap();
            prop_assert_eq!(double(number.as_bytes()).map(f64::to_bits), Some(expected.to_bits()));
            prop_assert_eq!(integer(number.as_bytes()), number.parse().ok());
        }
    }
}
