//! Indented text.

/// Collects lines, each indented by the blocks that are open.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    /// One line; an empty one is not indented.
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        if !line.is_empty() {
            self.text.push_str(&"    ".repeat(self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// A line that ends with an opening brace or the like, what is inside, and the closing line.
    pub(super) fn block(&mut self, open: impl AsRef<str>, close: &str, inside: impl FnOnce(&mut Self)) {
        self.line(open);
        self.indented(inside);
        self.line(close);
    }

    /// What is inside, one step deeper.
    pub(super) fn indented(&mut self, inside: impl FnOnce(&mut Self)) {
        self.depth += 1;
        inside(self);
        self.depth -= 1;
    }

    /// Doc comment lines.
    pub(super) fn docs<S: AsRef<str>>(&mut self, lines: impl IntoIterator<Item = S>) {
        for line in lines {
            let line = line.as_ref();
            self.line(if line.is_empty() {
                "///".to_owned()
            } else {
                format!("/// {line}")
            });
        }
    }

    /// Lines that were written elsewhere, indented like the others.
    pub(super) fn append(&mut self, other: Writer) {
        for line in other.text.lines() {
            self.line(line);
        }
    }

    /// Whether the code names `word`: comments and the insides of texts do not count.
    pub(super) fn mentions(&self, word: &str) -> bool {
        let code = self.text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let mut pieces = code.flat_map(|line| line.split('"').step_by(2));
        pieces.any(|piece| {
            piece
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|found| found == word)
        })
    }

    /// All lines.
    pub(super) fn finish(self) -> String {
        self.text
    }
}
