//! Money in whole numbers: amounts in micro-dollars, rates in ten-billionths of a dollar.
//!
//! An amount is rounded once, when a quantity meets its rate (half a micro-dollar goes up); sums
//! of amounts are exact.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

/// An amount in whole micro-dollars (US).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i128);

/// Micro-dollars in a dollar.
const MICRO: i128 = 1_000_000;

/// Micro-dollars in a cent.
const CENT: i128 = 10_000;

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// The least that is paid.
    pub const CENT: Money = Money(CENT);

    /// So many micro-dollars.
    pub const fn micro(micro: i128) -> Self {
        Money(micro)
    }

    /// So many dollars.
    pub const fn dollars(dollars: u32) -> Self {
        Money(dollars as i128 * MICRO)
    }

    /// This amount in micro-dollars.
    pub const fn as_micro(self) -> i128 {
        self.0
    }

    /// The amount in dollars with all its six decimals and no sign, for programs: `10.950000`.
    pub fn decimal(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.abs() / MICRO, self.0.abs() % MICRO);
        format!("{sign}{whole}.{rest:06}")
    }
}

impl Add for Money {
    type Output = Money;

    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Money;

    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

/// For people: whole cents, half a cent going up; an amount below a cent with all its decimals.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micro = self.0.unsigned_abs();
        if micro != 0 && micro < CENT.unsigned_abs() {
            return write!(f, "{sign}$0.{micro:06}");
        }
        let cents = (micro + CENT.unsigned_abs() / 2) / CENT.unsigned_abs();
        write!(f, "{sign}${}.{:02}", grouped(cents / 100), cents % 100)
    }
}

/// Dollars for one unit of something, in ten-billionths: Lambda's GB-second has ten decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u64);

/// Decimals of a rate.
const DECIMALS: usize = 10;

/// Rate units in a micro-dollar.
pub(crate) const RATES_PER_MICRO: u128 = 10_000;

impl Rate {
    /// Dollars as written: `"0.0000133334"`.
    ///
    /// # Panics
    ///
    /// When the text is no decimal number or has more than ten decimals; in a constant, that is
    /// when it is compiled.
    pub const fn usd(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut value, mut at, mut decimals, mut past_point) = (0_u64, 0, 0, false);
        while at < bytes.len() {
            match bytes[at] {
                digit @ b'0'..=b'9' => {
                    value = value * 10 + (digit - b'0') as u64;
                    if past_point {
                        decimals += 1;
                    }
                }
                b'.' if !past_point && at > 0 => past_point = true,
                _ => panic!("a rate is written in digits with one point"),
            }
            at += 1;
        }
        assert!(at > 0 && decimals <= DECIMALS, "a rate has at most ten decimals");
        while decimals < DECIMALS {
            value *= 10;
            decimals += 1;
        }
        Rate(value)
    }

    pub(crate) const fn units(self) -> u128 {
        self.0 as u128
    }
}

/// As a price list has it: at least two decimals, no zeros after those.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10_u64.pow(DECIMALS as u32);
        let decimals = format!("{:0width$}", self.0 % scale, width = DECIMALS);
        let kept = decimals.trim_end_matches('0').len().max(2);
        write!(f, "${}.{}", grouped((self.0 / scale).into()), &decimals[..kept])
    }
}

/// Digits in groups of three.
pub(crate) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Money, Rate};

    #[test]
    fn an_amount_is_shown_in_cents_and_below_a_cent_in_full() {
        for (micro, shown) in [
            (0, "$0.00"),
            (1, "$0.000001"),
            (9_999, "$0.009999"),
            (10_000, "$0.01"),
            (14_999, "$0.01"),
            (15_000, "$0.02"),
            (10_950_000, "$10.95"),
            (150_221_220_000, "$150,221.22"),
            (-1_234_560_000, "-$1,234.56"),
        ] {
            assert_eq!(Money::micro(micro).to_string(), shown);
        }
        assert_eq!(Money::micro(-10_950_001).decimal(), "-10.950001");
    }

    #[test]
    fn a_rate_is_shown_as_it_was_written() {
        for text in ["0.015", "0.0000133334", "1.00", "0.40", "1,234.50"] {
            assert_eq!(Rate::usd(&text.replace(',', "")).to_string(), format!("${text}"));
        }
        assert_eq!(Rate::usd("5").to_string(), "$5.00");
    }
}
