//! The different texts of a column, each with the number under which it was first seen.

/// Most texts: beyond, a column is no longer one of few different values.
const MOST: usize = 4_096;
/// Slots to look at before a text counts as one too many.
///
/// Random texts need a few; only texts that were made to collide need more, and they must not
/// choose how long each look-up takes.
const MOST_PROBES: usize = 64;
/// Slots of a dictionary with its first text, a power of two.
const FEWEST_SLOTS: usize = 32;

/// Texts, numbered from 0 in the order of their first appearance.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    /// Of each slot: 0 if free, else the text's number from 1.
    ///
    /// A power of two in length, at most half full.
    slots: Vec<u32>,
    /// The texts one after another.
    bytes: Vec<u8>,
    /// Of each text.
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    end: u32,
    print: Print,
}

/// Two numbers and the length, which no two texts of up to 16 bytes share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Print {
    first: u64,
    last: u64,
    length: usize,
}

/// Where a text is, or would be.
enum Place {
    Here(u32),
    Free(usize),
    TooFar,
}

impl Dictionary {
    /// The number of `text`; `None` where there is no room for another one.
    #[inline]
    pub(crate) fn number(&mut self, text: &[u8]) -> Option<u32> {
        let print = Print::of(text);
        let hash = print.hash(text);
        match self.find(hash, print, text) {
            Place::Here(number) => Some(number),
            Place::Free(_) => self.add(hash, print, text),
            Place::TooFar => None,
        }
    }

    #[inline]
    fn find(&self, hash: u64, print: Print, text: &[u8]) -> Place {
        let mask = self.slots.len().wrapping_sub(1);
        for probe in 0..MOST_PROBES {
            let index = (hash as usize).wrapping_add(probe) & mask;
            // Before the first text there is no slot at all.
            let slot = self.slots.get(index).copied().unwrap_or(0);
            if slot == 0 {
                return Place::Free(index);
            }
            let number = slot.wrapping_sub(1);
            let is_like = |entry: &Entry| entry.print == print;
            if self.entries.get(number as usize).is_some_and(is_like) && (text.len() <= 16 || self.text(number) == text)
            {
                return Place::Here(number);
            }
        }
        Place::TooFar
    }

    #[cold]
    fn add(&mut self, hash: u64, print: Print, text: &[u8]) -> Option<u32> {
        let end = u32::try_from(self.bytes.len() + text.len()).ok()?;
        if self.entries.len() >= MOST {
            return None;
        }
        if self.slots.len() <= 2 * self.entries.len() {
            self.grow();
        }
        let Place::Free(index) = self.find(hash, print, text) else {
            return None;
        };
        self.bytes.extend_from_slice(text);
        self.entries.push(Entry { end, print });
        let number = self.entries.len() as u32;
        *self.slots.get_mut(index)? = number;
        Some(number - 1)
    }

    fn grow(&mut self) {
        let slots = (2 * self.slots.len()).max(FEWEST_SLOTS);
        self.slots.clear();
        self.slots.resize(slots, 0);
        for number in 0..self.entries.len() as u32 {
            let text = self.text(number);
            let hash = Print::of(text).hash(text);
            let free = (0..slots).map(|probe| (hash as usize).wrapping_add(probe) & (slots - 1));
            let mut free = free.filter(|index| self.slots.get(*index) == Some(&0));
            if let Some(slot) = free.next().and_then(|index| self.slots.get_mut(index)) {
                *slot = number + 1;
            }
        }
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The text of a number that this dictionary gave.
    #[inline]
    pub(crate) fn text(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let end = |number: usize| self.entries.get(number).map_or(0, |entry| entry.end as usize);
        let start = number.checked_sub(1).map_or(0, end);
        self.bytes.get(start..end(number)).unwrap_or_default()
    }

    /// The texts in the order of their numbers.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.entries.len() as u32).map(|number| self.text(number))
    }

    /// Forgets every text and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.slots.fill(0);
        self.bytes.clear();
        self.entries.clear();
    }
}

impl Print {
    #[inline]
    fn of(text: &[u8]) -> Self {
        let length = text.len();
        let (first, last) = if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
        } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            (
                u64::from(u32::from_le_bytes(*first)),
                u64::from(u32::from_le_bytes(*last)),
            )
        } else {
            (text.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)), 0)
        };
        Self { first, last, length }
    }

    /// One multiplication for the texts of up to 16 bytes that most are.
    #[inline]
    fn hash(self, text: &[u8]) -> u64 {
        let mut state = self.length as u64;
        if self.length > 16 {
            // What lies between the first and the last 8 bytes.
            for eight in text.get(8..self.length - 8).unwrap_or_default().chunks(8) {
                let eight = eight.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
                state = fold(eight, state);
            }
        }
        fold(self.first ^ state, self.last)
    }
}

/// Mixes two numbers by the halves of their product.
#[inline]
fn fold(one: u64, other: u64) -> u64 {
    // Digits of pi: any numbers without a pattern will do.
    let product = u128::from(one ^ 0x243f_6a88_85a3_08d3) * u128::from(other ^ 0x1319_8a2e_0370_7345);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Dictionary, MOST, Print};

    #[test]
    fn texts_keep_their_numbers() {
        let mut dictionary = Dictionary::default();
        for _ in 0..2 {
            assert_eq!(dictionary.number(b"ios"), Some(0));
            assert_eq!(dictionary.number(b""), Some(1));
            assert_eq!(dictionary.number(b"android"), Some(2));
            assert_eq!(dictionary.number(b"ios"), Some(0));
            assert_eq!(dictionary.texts().collect::<Vec<_>>(), [&b"ios"[..], b"", b"android"]);
            dictionary.clear();
            assert_eq!(dictionary.len(), 0);
        }
    }

    #[test]
    fn one_text_too_many_has_no_number() {
        let mut dictionary = Dictionary::default();
        for number in 0..MOST as u32 {
            assert_eq!(dictionary.number(format!("text {number}").as_bytes()), Some(number));
        }
        assert_eq!(dictionary.number(b"another"), None);
        assert_eq!(dictionary.number(b"text 7"), Some(7));
    }

    #[test]
    fn every_byte_of_a_text_counts() {
        let mut hashes = BTreeSet::new();
        let mut texts = 0;
        for length in 0..70 {
            for changed in 0..length {
                let mut text = vec![b'x'; length];
                text[changed] = b'y';
                hashes.insert(Print::of(&text).hash(&text));
                texts += 1;
            }
        }
        assert_eq!(hashes.len(), texts);
    }
}
