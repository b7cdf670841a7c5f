//! Aligned columns of text.

/// Lays rows out under a header, two spaces apart, without trailing blanks.
pub fn lines<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let mut widths = header.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String; N]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    std::iter::once(&header.map(str::to_owned))
        .chain(rows)
        .map(line)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn columns_line_up_and_lines_end_clean() {
        let rows = [
            ["StreamName".to_owned(), "headend-dev-events".to_owned()],
            ["Ä".to_owned(), String::new()],
        ];
        assert_eq!(
            lines(["OUTPUT", "VALUE"], &rows),
            ["OUTPUT      VALUE", "StreamName  headend-dev-events", "Ä",]
        );
    }
}
