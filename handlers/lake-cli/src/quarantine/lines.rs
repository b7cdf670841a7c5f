//! Lines out of chunks.

/// Cuts bytes that come in pieces into lines, numbered from 1.
#[derive(Default)]
pub(crate) struct Lines {
    held: Vec<u8>,
    number: u64,
}

impl Lines {
    /// Adds a piece; the lines that it completes, without their line feeds.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut lines = Vec::new();
        let mut rest = piece;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, tail) = rest.split_at(end);
            self.held.extend_from_slice(line);
            lines.extend(self.take());
            rest = tail.get(1..).unwrap_or_default();
        }
        self.held.extend_from_slice(rest);
        lines
    }

    /// The last line, when no line feed ended it.
    pub(crate) fn finish(mut self) -> Option<(u64, Vec<u8>)> {
        self.take().filter(|(_, line)| !line.is_empty())
    }

    fn take(&mut self) -> Option<(u64, Vec<u8>)> {
        self.number += 1;
        Some((self.number, std::mem::take(&mut self.held)))
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;
    use proptest::prelude::{any, prop_assert_eq};
    use proptest::{collection, proptest};

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            texts in collection::vec("[a-z ]{0,9}", 0..9), ended in any::<bool>(), size in 1usize..9,
        ) {
            let mut text = texts.join("\n");
            if ended {
                text.push('\n');
            }
            let (mut lines, mut got) = (Lines::default(), Vec::new());
            for piece in text.as_bytes().chunks(size) {
                got.extend(lines.push(piece));
            }
            got.extend(lines.finish());
            let wanted: Vec<_> = (1..).zip(text.lines().map(|line| line.as_bytes().to_vec())).collect();
            prop_assert_eq!(got, wanted);
        }
    }
}
