use std::ops::Range;

use wide::u8x16;

/// Where a string may end or break: its quote, a backslash, a control character.
pub trait Stops {
    /// The first stop at or after `from`, which only grows from one question to the next.
    fn next(&mut self, from: usize) -> Option<usize>;
}

/// Stops looked for when they are wanted: right for texts of few and long strings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain<'t>(pub(crate) &'t [u8]);

impl Stops for Plain<'_> {
    #[inline(always)]
    fn next(&mut self, from: usize) -> Option<usize> {
        let rest = self.0.get(from..)?;
        let (lanes, tail) = rest.as_chunks::<LANE>();
        for (index, lane) in lanes.iter().enumerate() {
            let bytes = u8x16::new(*lane);
            let bits = (controls(bytes) | breaks(bytes)).to_bitmask();
            if bits != 0 {
                return Some(from + LANE * index + bits.trailing_zeros() as usize);
            }
        }
        let in_tail = tail.iter().position(|byte| matches!(byte, ..0x20 | b'"' | b'\\'));
        Some(from + in_tail.map_or(rest.len(), |at| LANE * lanes.len() + at))
    }
}

/// Bytes that the processor compares at once.
const LANE: usize = 16;

/// All stops of a text, found in one pass without a branch: one bit for each byte.
///
/// Most strings of an event are shorter than what a search for their end costs, so the search is
/// done for all of them at once; the same bits then say which bytes to escape.
#[derive(Debug, Default)]
pub struct Marks {
    words: Vec<u64>,
    is_ascii: bool,
    has_controls: bool,
}

/// Bytes of text for one word of marks.
const BLOCK: usize = 64;

impl Marks {
    /// Marks the stops of `text`, forgetting those of the text before.
    pub fn read(&mut self, text: &[u8]) {
        self.words.clear();
        let mut seen = Seen::default();
        let (blocks, tail) = text.as_chunks::<BLOCK>();
        self.words.extend(blocks.iter().map(|block| word(block, &mut seen)));
        if !tail.is_empty() {
            let tail = match text.last_chunk() {
                // The block that ends with the text, without what was looked at before.
                Some(last) => word(last, &mut seen) >> (BLOCK - tail.len()),
                None => {
                    // Spaces are no stops.
                    let mut block = [b' '; BLOCK];
                    for (to, from) in block.iter_mut().zip(tail) {
                        *to = *from;
                    }
                    word(&block, &mut seen)
                }
            };
            self.words.push(tail);
        }
        self.is_ascii = seen.bytes.to_bitmask() == 0;
        self.has_controls = seen.controls.to_bitmask() != 0;
    }

    /// Whether the text is ASCII.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.is_ascii
    }

    /// Whether the text holds a control character, as it is.
    #[must_use]
    pub fn has_controls(&self) -> bool {
        self.has_controls
    }

    /// Visits every stop in `span`, in order, until a visit gives `None`.
    #[inline(always)]
    pub fn each(&self, span: Range<usize>, mut visit: impl FnMut(usize) -> Option<()>) -> Option<()> {
        let first = span.start / BLOCK;
        let last = span.end.div_ceil(BLOCK);
        let words = self.words.get(first..last).unwrap_or_default();
        for (index, word) in words.iter().enumerate() {
            let base = (first + index) * BLOCK;
            let mut left = *word;
            if base < span.start {
                left = left >> (span.start - base) << (span.start - base);
            }
            if span.end - base < BLOCK {
                left &= (1 << (span.end - base)) - 1;
            }
            while left != 0 {
                visit(base + left.trailing_zeros() as usize)?;
                left &= left - 1;
            }
        }
        Some(())
    }
}

/// The marks of a text from some place on.
///
/// Where the next stop is does not depend on what was read so far, so that the processor finds it
/// before the scanner asks.
#[derive(Debug, Clone, Copy)]
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
    #[must_use]
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

/// All bytes of a text, one over the other, and where any of them is a control character.
#[derive(Default)]
struct Seen {
    bytes: u8x16,
    controls: u8x16,
}

/// The marks of `block`, which is `seen`.
#[inline(always)]
fn word(block: &[u8; BLOCK], seen: &mut Seen) -> u64 {
    let (lanes, _) = block.as_chunks::<LANE>();
    let mut word = 0;
    for (index, lane) in lanes.iter().enumerate() {
        let bytes = u8x16::new(*lane);
        let controls = controls(bytes);
        seen.bytes |= bytes;
        seen.controls |= controls;
        word |= u64::from((controls | breaks(bytes)).to_bitmask()) << (LANE * index);
    }
    word
}

/// Which bytes are control characters.
#[inline(always)]
fn controls(bytes: u8x16) -> u8x16 {
    bytes.min(u8x16::splat(0x1f)).simd_eq(bytes)
}

/// Which bytes are quotes or backslashes.
#[inline(always)]
fn breaks(bytes: u8x16) -> u8x16 {
    bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\'))
}
