//! Aligned tables for people.

/// Between two columns.
const GAP: &str = "  ";

/// Rows under a header, each column as wide as its widest cell; control characters, which would
/// steer the terminal, are left out.
pub(crate) fn render<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let header = header.map(str::to_owned);
    let plain = |cell: &str| cell.chars().filter(|c| !c.is_control()).collect::<String>();
    let all: Vec<Vec<String>> = std::iter::once(&header)
        .chain(rows)
        .map(|row| row.iter().map(|cell| plain(cell)).collect())
        .collect();
    let mut widths = [0; N];
    for row in &all {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &all {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:<width$}")).collect();
        text += cells.join(GAP).trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn columns_line_up_by_characters_and_lines_end_clean() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        let text = render(["CHANNEL", "NOW"], &[row("Café", "News\u{1b}[2J"), row("BBC One", "")]);
        assert_eq!(text, "CHANNEL  NOW\nCafé     News[2J\nBBC One\n");
    }
}
