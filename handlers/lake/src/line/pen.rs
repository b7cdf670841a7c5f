//! A pen that writes into memory of fixed size and never over its end.

use std::mem;
use std::ops::Range;

use crate::scan::Marks;

/// Bytes copied at a time; a copy of fixed size is one instruction.
const STRIDE: usize = 16;

/// The memory that has not been written.
pub(super) struct Pen<'o>(&'o mut [u8]);

/// Every method returns `None` where there is too little room; half of it may be written then.
impl<'o> Pen<'o> {
    pub(super) fn new(out: &'o mut [u8]) -> Self {
        Self(out)
    }

    /// Bytes that are left.
    pub(super) fn room(&self) -> usize {
        self.0.len()
    }

    /// Writes a text of known length.
    #[inline(always)]
    pub(super) fn put<const LENGTH: usize>(&mut self, bytes: &[u8; LENGTH]) -> Option<()> {
        let (to, out) = mem::take(&mut self.0).split_first_chunk_mut()?;
        *to = *bytes;
        self.0 = out;
        Some(())
    }

    /// Writes a text that is rather short.
    #[inline]
    pub(super) fn copy(&mut self, bytes: &[u8]) -> Option<()> {
        let (to, out) = mem::take(&mut self.0).split_at_mut_checked(bytes.len())?;
        self.0 = out;
        if let Some(last) = bytes.last_chunk::<STRIDE>() {
            // The last stride may overlap the one before it.
            for (to, from) in to
                .as_chunks_mut::<STRIDE>()
                .0
                .iter_mut()
                .zip(bytes.as_chunks::<STRIDE>().0)
            {
                *to = *from;
            }
            *to.last_chunk_mut()? = *last;
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            *to.first_chunk_mut()? = *first;
            *to.last_chunk_mut()? = *last;
        } else {
            for (to, from) in to.iter_mut().zip(bytes) {
                *to = *from;
            }
        }
        Some(())
    }

    /// Writes `run` of `text` as the inside of a JSON string.
    ///
    /// Valid JSON has no bare control character but white space, so that the marks of a run are its
    /// quotes, its backslashes, and white space between tokens.
    /// A run starts with the quote of a member's name, so nothing stands before its first mark.
    #[inline(always)]
    pub(super) fn escape(&mut self, text: &[u8], marks: &Marks, run: Range<usize>) -> Option<()> {
        let out = mem::take(&mut self.0);
        let escape = if marks.has_controls() {
            escape::<true>
        } else {
            escape::<false>
        };
        let length = escape(out, text, marks, run)?;
        self.0 = out.get_mut(length..)?;
        Some(())
    }
}

/// Fills `out` with an escaped `run` of `text` and returns its length; `SPACED` if it may hold
/// white space other than spaces.
// By itself, since the loop needs all registers.
#[inline(never)]
fn escape<const SPACED: bool>(out: &mut [u8], text: &[u8], marks: &Marks, run: Range<usize>) -> Option<usize> {
    // Where the text from the last mark on goes, and where it comes from: a stride of it is copied
    // at once, over whose end the next mark is copied.
    let (mut to, mut from) = (0, run.start);
    marks.each(run.clone(), |at| {
        if at - from > STRIDE {
            copy_long(out, to, text, from..at)?;
        }
        to += at - from;
        from = at;
        let [backslash, target @ ..] = out.get_mut(to..)?.first_chunk_mut::<{ STRIDE + 1 }>()?;
        to += 1;
        *backslash = b'\\';
        if let Some(source) = text.get(at..)?.first_chunk() {
            *target = *source;
        } else {
            *target = end(text, at);
        }
        if SPACED && let [letter, ..] = target {
            *letter = match *letter {
                b'\n' => b'n',
                b'\t' => b't',
                b'\r' => b'r',
                mark => mark,
            };
        }
        Some(())
    })?;
    if run.end - from > STRIDE {
        copy_long(out, to, text, from..run.end)?;
    }
    Some(to + (run.end - from))
}

/// The end of `text` from `from` on, which is shorter than a stride, and zeros.
#[inline(never)]
fn end(text: &[u8], from: usize) -> [u8; STRIDE] {
    if let Some(last) = text.last_chunk() {
        let before = from + STRIDE - text.len();
        return (u128::from_le_bytes(*last) >> (8 * before)).to_le_bytes();
    }
    let mut end = [0; STRIDE];
    for (to, from) in end.iter_mut().zip(text.get(from..).unwrap_or_default()) {
        *to = *from;
    }
    end
}

/// Copies what a stride from `from.start` left over.
#[inline(never)]
fn copy_long(out: &mut [u8], to: usize, text: &[u8], from: Range<usize>) -> Option<()> {
    let target = out.get_mut(to + STRIDE..to + from.len())?;
    target.copy_from_slice(text.get(from.start + STRIDE..from.end)?);
    Some(())
}
