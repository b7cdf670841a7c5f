//! Comma-separated values as RFC 4180 has them, with one thing that it leaves open: NULL is
//! nothing at all and the empty text is `""`, so that the two can be told apart.

use std::io::{Result, Write};

/// Writes one record, ended by CRLF.
pub(crate) fn write<'a, W: Write + ?Sized>(
    out: &mut W,
    cells: impl IntoIterator<Item = Option<&'a str>>,
) -> Result<()> {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        match cell {
            None => {}
            Some(text) if needs_quotes(text) => {
                write!(out, "\"{}\"", text.replace('"', "\"\""))?;
            }
            Some(text) => out.write_all(text.as_bytes())?,
        }
    }
    out.write_all(b"\r\n")
}

fn needs_quotes(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(char::is_whitespace);
    text.contains(['"', ',', '\r', '\n']) || edge(text.chars().next()) || edge(text.chars().last())
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_must_be_quoted_is() {
        let mut out = Vec::new();
        let cells = [
            Some("plain"),
            None,
            Some(""),
            Some("a,b"),
            Some("say \"hi\"\r\n"),
            Some(" x"),
            Some("é;"),
        ];
        super::write(&mut out, cells).expect("memory");
        super::write(&mut out, []).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text, "plain,,\"\",\"a,b\",\"say \"\"hi\"\"\r\n\",\" x\",é;\r\n\r\n");
    }
}
