use std::ops::Range;

/// Where a string may end or break: its quote, a backslash, a control character.
pub trait Stops {
    /// The first stop at or after `from`, which only grows from one question to the next.
    fn next(&mut self, from: usize) -> Option<usize>;
}

/// Stops looked for when they are wanted: right for texts of few and long strings.
#[derive(Debug)]
pub(crate) struct Plain<'t>(pub(crate) &'t [u8]);

impl Stops for Plain<'_> {
    #[inline(always)]
    fn next(&mut self, from: usize) -> Option<usize> {
        let rest = self.0.get(from..)?;
        let length = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        let before = rest.get(..length)?;
        // Without an early exit the compiler makes this a wide comparison.
        let control = before.iter().fold(false, |any, byte| any | (*byte < 0x20));
        if control {
            return before.iter().position(|byte| *byte < 0x20).map(|at| from + at);
        }
        Some(from + length)
    }
}

/// All stops of a text, found in one pass without a branch: one bit for each byte.
///
/// Most strings of an event are shorter than what a search for their end costs, so the search is
/// done for all of them at once; the same bits then say which bytes to escape.
#[derive(Debug, Default)]
pub struct Marks {
    words: Vec<u64>,
}

/// Bytes of text for one word of marks.
const BLOCK: usize = 64;

impl Marks {
    /// Marks the stops of `text`, forgetting those of the text before.
    pub fn read(&mut self, text: &[u8]) {
        self.words.clear();
        let (blocks, tail) = text.as_chunks::<BLOCK>();
        self.words.extend(blocks.iter().map(word));
        if !tail.is_empty() {
            // Spaces are no stops.
            let mut block = [b' '; BLOCK];
            for (to, from) in block.iter_mut().zip(tail) {
                *to = *from;
            }
            self.words.push(word(&block));
        }
    }

    /// Every stop in `span`, in order.
    #[inline(always)]
    pub fn each(&self, span: Range<usize>, mut visit: impl FnMut(usize)) {
        let first = span.start / BLOCK;
        let last = span.end.div_ceil(BLOCK);
        let words = self.words.get(first..last).unwrap_or_default();
        for (index, word) in words.iter().enumerate() {
            let base = (first + index) * BLOCK;
            let mut left = *word;
            if base < span.start {
                left = left >> (span.start - base) << (span.start - base);
            }
            while left != 0 {
                let at = base + left.trailing_zeros() as usize;
                if at >= span.end {
                    return;
                }
                visit(at);
                left &= left - 1;
            }
        }
    }
}

/// The marks of a text from some place on.
///
/// Where the next stop is does not depend on what was read so far, so that the processor finds it
/// before the scanner asks.
#[derive(Debug)]
pub struct Cursor<'m> {
    /// The marks that are left of the block at `base`.
    word: u64,
    base: usize,
    /// The blocks behind it.
    words: &'m [u64],
}

impl Marks {
    /// A cursor at the start of the text.
    #[inline(always)]
    pub fn cursor(&self) -> Cursor<'_> {
        let (word, words) = self.words.split_first().unwrap_or((&0, &[]));
        Cursor {
            word: *word,
            base: 0,
            words,
        }
    }
}

impl Stops for Cursor<'_> {
    #[inline(always)]
    fn next(&mut self, from: usize) -> Option<usize> {
        loop {
            while self.word != 0 {
                let at = self.base + self.word.trailing_zeros() as usize;
                self.word &= self.word - 1;
                if at >= from {
                    return Some(at);
                }
            }
            let (word, words) = self.words.split_first()?;
            (self.word, self.words) = (*word, words);
            self.base += BLOCK;
        }
    }
}

#[inline]
fn word(block: &[u8; BLOCK]) -> u64 {
    // The comparison becomes vector code: one byte of 0 or 1 for each byte of text.
    let mut stops = [0u8; BLOCK];
    for (stop, byte) in stops.iter_mut().zip(block) {
        *stop = u8::from(*byte == b'"') | u8::from(*byte == b'\\') | u8::from(*byte < 0x20);
    }
    let (eights, _) = stops.as_chunks::<8>();
    let mut word = 0;
    for (index, eight) in eights.iter().enumerate() {
        // The product gathers the lowest bits of the eight bytes, in order, in its highest byte.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= bits << (index * 8);
    }
    word
}
