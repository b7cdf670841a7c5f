//! Which events a batch has had already.

use std::collections::HashSet;

/// The `event_uuid`s of a batch.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    uuids: HashSet<u128>,
    /// What is no UUID in its usual form is compared as text.
    others: HashSet<Box<[u8]>>,
}

impl Seen {
    /// Whether `uuid` comes for the first time.
    pub(crate) fn is_new(&mut self, uuid: &[u8]) -> bool {
        match canonical(uuid) {
            Some(uuid) => self.uuids.insert(uuid),
            None => self.others.insert(uuid.into()),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.uuids.clear();
        self.others.clear();
    }
}

/// The number of a UUID with hyphens and lower-case digits; any other spelling is another text.
#[inline]
pub(crate) fn canonical(uuid: &[u8]) -> Option<u128> {
    let uuid: &[u8; 36] = uuid.try_into().ok()?;
    let (first, rest) = uuid.split_first_chunk::<8>()?;
    let (second, rest) = rest.split_first_chunk::<5>()?;
    let (third, rest) = rest.split_first_chunk::<5>()?;
    let (fourth, rest) = rest.split_first_chunk::<5>()?;
    let (hyphen, rest) = rest.split_first_chunk::<1>()?;
    let (fifth, last) = rest.split_first_chunk::<4>()?;
    let ([b'-', second @ ..], [b'-', third @ ..], [b'-', fourth @ ..], [b'-']) = (second, third, fourth, hyphen) else {
        return None;
    };
    let both = |high: &[u8; 4], low: &[u8; 4]| {
        u64::from(u32::from_be_bytes(*high)) << 32 | u64::from(u32::from_be_bytes(*low))
    };
    let parts = [
        eight(u64::from_be_bytes(*first))?,
        eight(both(second, third))?,
        eight(both(fourth, fifth))?,
        eight(u64::from_be_bytes(*last.first_chunk()?))?,
    ];
    Some(parts.iter().fold(0, |number, part| number << 32 | u128::from(*part)))
}

/// The number that eight lower-case digits in base 16 are, all at once.
#[inline]
fn eight(text: u64) -> Option<u32> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Letters and not digits have this bit, and their lowest four begin with 1.
    let letters = text >> 6 & ONES;
    let digits = (text & (ONES * 0x0f)) + letters * 9;
    // A letter is 10 to 15, a digit is not, and nothing else is written like that.
    let above_nine = (digits + ONES * 0x76) >> 7 & ONES;
    let again = digits + ONES * u64::from(b'0') + letters * u64::from(b'a' - b'0' - 10);
    if above_nine != letters || digits & (ONES * 0xf0) != 0 || again != text {
        return None;
    }
    let digits = (digits | digits >> 4) & 0x00ff_00ff_00ff_00ff;
    let digits = (digits | digits >> 8) & 0x0000_ffff_0000_ffff;
    Some((digits | digits >> 16) as u32)
}

#[cfg(test)]
mod tests {
    use super::{Seen, canonical};

    #[test]
    fn a_uuid_is_new_once_and_every_spelling_is_its_own() {
        let mut seen = Seen::default();
        let uuids = [
            "78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10",
            "78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a11",
            "78D1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10",
            "78d1b9287-ea0-4b2c-9d3a-4f0c5d1f7a10",
            "78d1b9287ea04b2c9d3a4f0c5d1f7a10",
            "00000000-0000-0000-0000-000000000000",
            "u",
            "",
        ];
        for uuid in uuids {
            assert!(seen.is_new(uuid.as_bytes()), "{uuid}");
        }
        for uuid in uuids {
            assert!(!seen.is_new(uuid.as_bytes()), "{uuid}");
        }
        seen.clear();
        assert!(seen.is_new(uuids[0].as_bytes()));
    }

    #[test]
    fn every_character_of_a_uuid_counts() {
        let uuid = b"01234567-89ab-cdef-0123-456789abcdef";
        assert_eq!(canonical(uuid), Some(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef));
        for place in 0..uuid.len() {
            for byte in 0..=u8::MAX {
                let mut other = *uuid;
                other[place] = byte;
                let text: String = other
                    .iter()
                    .copied()
                    .map(char::from)
                    .filter(|byte| *byte != '-')
                    .collect();
                let is_uuid = if uuid[place] == b'-' {
                    byte == b'-'
                } else {
                    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
                };
                let expected = is_uuid.then(|| u128::from_str_radix(&text, 16).unwrap());
                assert_eq!(canonical(&other), expected, "{byte} at {place}");
            }
        }
    }
}
