//! Results in the format that was asked for.

use super::column::{Column, Kind, Row, unique_names};
use super::parquet::Parquet;
use crate::csv;
use crate::destination::Destination;
use crate::table::{Table, Target};
use anyhow::Result;
use serde_json::value::RawValue;
use std::io::Write;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for people
    Table,
    /// RFC 4180 with a header; NULL is nothing, the empty text is ""
    Csv,
    /// One array of objects; numbers are numbers, with all their digits
    Json,
    /// Parquet with the types of the result, compressed with Snappy
    Parquet,
}

/// Takes the rows of a result as they come.
pub(crate) trait Output {
    /// Adds rows.
    fn rows(&mut self, rows: Vec<Row>) -> Result<()>;
    /// Writes what is left; nothing is there before this has worked.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// An output of this format.
pub(crate) fn open(format: Format, columns: Vec<Column>, out: Destination, target: Target) -> Result<Box<dyn Output>> {
    Ok(match format {
        Format::Table => {
            let columns = columns
                .into_iter()
                .map(|column| (column.name, column.kind.align()))
                .collect();
            Box::new(Pretty {
                table: Table {
                    columns,
                    rows: Vec::new(),
                },
                out,
                target,
            })
        }
        Format::Csv => {
            let mut out = out;
            csv::write(&mut out, columns.iter().map(|column| Some(column.name.as_str())))?;
            Box::new(Csv { out })
        }
        Format::Json => {
            let names = unique_names(&columns)
                .iter()
                .map(serde_json::to_string)
                .collect::<Result<_, _>>()?;
            let kinds = columns.iter().map(|column| column.kind).collect();
            Box::new(Json {
                names,
                kinds,
                out,
                any: false,
            })
        }
        Format::Parquet => Box::new(Parquet::create(&columns, out)?),
    })
}

struct Pretty {
    table: Table,
    out: Destination,
    target: Target,
}

impl Output for Pretty {
    fn rows(&mut self, rows: Vec<Row>) -> Result<()> {
        // The widths are known when all rows are.
        self.table.rows.extend(rows);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.write_all(self.table.render(self.target).as_bytes())?;
        self.out.finish()
    }
}

struct Csv {
    out: Destination,
}

impl Output for Csv {
    fn rows(&mut self, rows: Vec<Row>) -> Result<()> {
        for row in rows {
            csv::write(&mut self.out, row.iter().map(Option::as_deref))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.out.finish()
    }
}

struct Json {
    /// In JSON, quotes included.
    names: Vec<String>,
    kinds: Vec<Kind>,
    out: Destination,
    any: bool,
}

impl Output for Json {
    fn rows(&mut self, rows: Vec<Row>) -> Result<()> {
        for row in rows {
            self.out.write_all(if self.any { b",\n{" } else { b"[\n{" })?;
            self.any = true;
            for (at, ((name, kind), cell)) in self.names.iter().zip(&self.kinds).zip(row).enumerate() {
                let comma = if at == 0 { "" } else { "," };
                write!(self.out, "{comma}{name}:{}", value(*kind, cell.as_deref())?)?;
            }
            self.out.write_all(b"}")?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.write_all(if self.any { b"\n]\n" } else { b"[]\n" })?;
        self.out.finish()
    }
}

/// The value in JSON; a number keeps the digits that Athena gave, so none is lost in a float.
///
/// What JSON has no number for (`NaN`, `Infinity`) stays text.
fn value(kind: Kind, cell: Option<&str>) -> Result<String> {
    let Some(text) = cell else { return Ok("null".to_owned()) };
    let as_is = match kind {
        Kind::Boolean => matches!(text, "true" | "false"),
        Kind::Integer | Kind::BigInt | Kind::Real | Kind::Double | Kind::Decimal { .. } => {
            text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && is_json(text)
        }
        Kind::Json => is_json(text),
        Kind::Date | Kind::Timestamp | Kind::Text => false,
    };
    Ok(if as_is {
        text.to_owned()
    } else {
        serde_json::to_string(text)?
    })
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Destination, Format, open, value};
    use crate::query::column::{Column, Kind, Row};
    use crate::table::Target;

    fn write(format: Format, columns: &[(&str, Kind)], rows: Vec<Row>) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out");
        let columns = columns
            .iter()
            .map(|(name, kind)| Column {
                name: (*name).to_owned(),
                kind: *kind,
            })
            .collect();
        let out = Destination::open(Some(&path)).expect("opened");
        let mut output = open(format, columns, out, Target::Plain).expect("opened");
        for row in rows {
            output.rows(vec![row]).expect("written");
        }
        output.finish().expect("finished");
        std::fs::read_to_string(path).expect("text")
    }

    fn row(cells: [Option<&str>; 3]) -> Row {
        cells.map(|cell| cell.map(str::to_owned)).to_vec()
    }

    const COLUMNS: [(&str, Kind); 3] = [("type", Kind::Text), ("n", Kind::BigInt), ("n", Kind::Double)];

    #[test]
    fn each_format_looks_like_this() {
        let rows = vec![
            row([Some("lesson"), Some("9223372036854775807"), Some("1.0E10")]),
            row([Some("a,\"b\""), None, Some("NaN")]),
        ];
        assert_eq!(
            write(Format::Json, &COLUMNS, rows.clone()),
            "[\n{\"type\":\"lesson\",\"n\":9223372036854775807,\"n_2\":1.0E10},\n\
             {\"type\":\"a,\\\"b\\\"\",\"n\":null,\"n_2\":\"NaN\"}\n]\n"
        );
        assert_eq!(
            write(Format::Csv, &COLUMNS, rows.clone()),
            "type,n,n\r\nlesson,9223372036854775807,1.0E10\r\n\"a,\"\"b\"\"\",,NaN\r\n"
        );
        assert_eq!(
            write(Format::Table, &COLUMNS, rows),
            "type                      n       n\n\
             ──────  ───────────────────  ──────\n\
             lesson  9223372036854775807  1.0E10\n\
             a,\"b\"                           NaN\n"
        );
    }

    #[test]
    fn no_rows_are_an_empty_result() {
        assert_eq!(write(Format::Json, &COLUMNS, vec![]), "[]\n");
        assert_eq!(write(Format::Csv, &COLUMNS, vec![]), "type,n,n\r\n");
        assert_eq!(write(Format::Table, &COLUMNS, vec![]), "type  n  n\n────  ─  ─\n");
    }

    #[test]
    fn values_keep_their_type_and_never_break_the_array() {
        let cases = [
            (
                Kind::Decimal {
                    precision: 38,
                    scale: 2,
                },
                "12345678901234567890.10",
                "12345678901234567890.10",
            ),
            (Kind::Integer, "-7", "-7"),
            (Kind::Integer, "007", "\"007\""),
            (Kind::Double, "Infinity", "\"Infinity\""),
            (Kind::Double, "1,2", "\"1,2\""),
            (Kind::Boolean, "true", "true"),
            (Kind::Json, "{\"a\":[1]}", "{\"a\":[1]}"),
            (Kind::Json, "{\"a\":", "\"{\\\"a\\\":\""),
            (Kind::Text, "12", "\"12\""),
            (
                Kind::Timestamp,
                "2024-04-07 17:42:01.000",
                "\"2024-04-07 17:42:01.000\"",
            ),
        ];
        for (kind, text, wanted) in cases {
            assert_eq!(value(kind, Some(text)).expect("text"), wanted);
        }
    }
}
