use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A record's sequence number in its shard: a decimal number of up to 129 digits.
///
/// The `PutRecord` pattern is `0|([1-9]\d{0,128})`, so no machine integer holds it; longer numbers
/// are larger, and among equally long ones the text decides.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sequence(Box<str>);

/// A text that is no sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a sequence number: 1 to 129 digits without a leading zero")]
pub struct NotASequence;

/// Most digits that the pattern allows.
const MOST_DIGITS: usize = 129;

impl Sequence {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Sequence {
    type Err = NotASequence;

    fn from_str(text: &str) -> Result<Self, NotASequence> {
        let is_number = !text.is_empty() && text.len() <= MOST_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = text == "0" || !text.starts_with('0');
        match is_number && is_plain {
            true => Ok(Sequence(text.into())),
            false => Err(NotASequence),
        }
    }
}

impl Ord for Sequence {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.len(), &*self.0).cmp(&(other.0.len(), &*other.0))
    }
}

impl PartialOrd for Sequence {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NotASequence, Sequence};

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "00", "01", "-1", "+1", "1 ", "1.0", "٣", &"1".repeat(130)] {
            assert_eq!(text.parse::<Sequence>(), Err(NotASequence), "{text:?}");
        }
        for text in ["0", "7", "49590338271490256608559692538361571095921575989136588898"] {
            assert_eq!(text.parse::<Sequence>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_numbers(left: u128, right: u128) {
            let sequence = |number: u128| number.to_string().parse::<Sequence>().unwrap();
            prop_assert_eq!(sequence(left).cmp(&sequence(right)), left.cmp(&right));
        }
    }
}
