//! Aligned tables for people.

use console::{measure_text_width, pad_str, style, truncate_str};
use std::borrow::Cow;

/// Between two columns.
const GAP: &str = "  ";
/// No column is cut to less, however narrow the terminal.
const NARROWEST: usize = 8;

/// Which side of its column a cell stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

impl From<Align> for console::Alignment {
    fn from(align: Align) -> Self {
        match align {
            Align::Left => Self::Left,
            Align::Right => Self::Right,
        }
    }
}

/// Where a table is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// A terminal of this many columns: wide cells are cut, NULL is visible and dim.
    Terminal(usize),
    /// A file or a pipe: nothing is cut, NULL is empty.
    Plain,
}

impl Target {
    /// What standard output is.
    pub(crate) fn stdout() -> Self {
        let terminal = console::Term::stdout();
        if terminal.is_term() {
            Self::Terminal(terminal.size().1.into())
        } else {
            Self::Plain
        }
    }
}

/// Columns with their names and sides, and rows whose absent cells are NULL.
pub(crate) struct Table {
    /// Name and side of each column.
    pub(crate) columns: Vec<(String, Align)>,
    /// Cells in the order of the columns.
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

impl Table {
    /// The table as text, a header and a rule first; empty without columns.
    pub(crate) fn render(&self, target: Target) -> String {
        if self.columns.is_empty() {
            return String::new();
        }
        let widths = self.widths(target);
        let line = |cells: Vec<Cow<'_, str>>| {
            let padded: Vec<_> = (cells.iter().zip(&widths).zip(&self.columns))
                .map(|((cell, width), (_, align))| {
                    let cut = truncate_str(cell, *width, "…");
                    pad_str(&cut, *width, (*align).into(), None).into_owned()
                })
                .collect();
            let mut line = padded.join(GAP);
            line.truncate(line.trim_end().len());
            line + "\n"
        };
        let mut out = line(self.columns.iter().map(|(name, _)| printable(name)).collect());
        out += &line(widths.iter().map(|width| "─".repeat(*width).into()).collect());
        for row in &self.rows {
            out += &line(row.iter().map(|cell| shown(cell.as_deref(), target)).collect());
        }
        out
    }

    /// As wide as the widest cell, and on a terminal the wide ones cut until the line fits.
    fn widths(&self, target: Target) -> Vec<usize> {
        let mut widths: Vec<usize> = self
            .columns
            .iter()
            .map(|(name, _)| measure_text_width(&printable(name)))
            .collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(measure_text_width(&shown(cell.as_deref(), target)));
            }
        }
        let Target::Terminal(columns) = target else {
            return widths;
        };
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        let room = columns.saturating_sub(gaps);
        let fits = |bound: usize| widths.iter().map(|width| (*width).min(bound)).sum::<usize>() <= room;
        let widest = widths.iter().copied().max().unwrap_or_default();
        let bound = (NARROWEST..=widest)
            .rev()
            .find(|bound| fits(*bound))
            .unwrap_or(NARROWEST);
        for width in &mut widths {
            *width = (*width).min(bound);
        }
        widths
    }
}

fn shown(cell: Option<&str>, target: Target) -> Cow<'_, str> {
    match (cell, target) {
        (Some(text), _) => printable(text),
        (None, Target::Terminal(_)) => style("NULL").dim().to_string().into(),
        (None, Target::Plain) => "".into(),
    }
}

/// The text with its control characters escaped: they would break the line, or steer the terminal.
fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_control() {
            out.extend(c.escape_default())
        } else {
            out.push(c)
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::{Align, Table, Target};

    fn table() -> Table {
        let cell = |text: &str| Some(text.to_owned());
        Table {
            columns: vec![
                ("name".to_owned(), Align::Left),
                ("count".to_owned(), Align::Right),
                ("note".to_owned(), Align::Left),
            ],
            rows: vec![
                vec![cell("lesson:started"), cell("12"), None],
                vec![cell("żółty 日本"), cell("123456"), cell("two\nlines \u{1b}[31m")],
                vec![cell(""), None, cell("x")],
            ],
        }
    }

    #[test]
    fn columns_are_aligned_and_nothing_is_cut_in_a_file() {
        let wanted = "\
name             count  note
──────────────  ──────  ─────────────────────
lesson:started      12
żółty 日本      123456  two\\nlines \\u{1b}[31m
                        x
";
        assert_eq!(table().render(Target::Plain), wanted);
    }

    #[test]
    fn a_terminal_gets_lines_that_fit() {
        let text = table().render(Target::Terminal(30));
        for line in text.lines() {
            assert!(console::measure_text_width(line) <= 30, "{line}");
        }
        assert!(text.contains("lesson:st…") && text.contains("NULL"), "{text}");
    }

    #[test]
    fn no_columns_are_no_table() {
        assert_eq!(
            Table {
                columns: vec![],
                rows: vec![]
            }
            .render(Target::Plain),
            ""
        );
    }
}
