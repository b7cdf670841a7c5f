//! What is shown of the findings: each of them, or how many of each kind.

use super::finding::Finding;
use crate::csv;
use crate::table::{Align, Table, Target};
use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for people
    Table,
    /// One array of objects
    Json,
    /// RFC 4180 with a header
    Csv,
}

const COLUMNS: [(&str, Align); 6] = [
    ("time", Align::Left),
    ("type", Align::Left),
    ("code", Align::Left),
    ("reason", Align::Left),
    ("bytes", Align::Right),
    ("record", Align::Left),
];

/// Writes findings as they come, except for a table, whose widths are known at the end.
pub(crate) struct Report<W> {
    format: Format,
    target: Target,
    out: W,
    rows: Vec<Vec<Option<String>>>,
    any: bool,
}

impl<W: Write> Report<W> {
    /// Starts a report.
    pub(crate) fn new(format: Format, target: Target, mut out: W) -> Result<Self> {
        if format == Format::Csv {
            let names = COLUMNS.map(|(name, _)| Some(name));
            csv::write(&mut out, names.into_iter().chain([Some("object"), Some("line")]))?;
        }
        Ok(Self {
            format,
            target,
            out,
            rows: Vec::new(),
            any: false,
        })
    }

    /// Adds a finding.
    pub(crate) fn add(&mut self, finding: &Finding) -> Result<()> {
        match self.format {
            Format::Table => self.rows.push(cells(finding)),
            Format::Csv => {
                let line = finding.line.to_string();
                let more = [Some(finding.object.as_str()), Some(line.as_str())];
                let cells = cells(finding);
                csv::write(&mut self.out, cells.iter().map(Option::as_deref).chain(more))?;
            }
            Format::Json => {
                self.out.write_all(if self.any { b",\n" } else { b"[\n" })?;
                self.out.write_all(serde_json::to_string(finding)?.as_bytes())?;
            }
        }
        self.any = true;
        Ok(())
    }

    /// Ends the report.
    pub(crate) fn finish(mut self) -> Result<()> {
        match self.format {
            Format::Table if self.any => {
                let columns = COLUMNS.map(|(name, align)| (name.to_owned(), align)).to_vec();
                let table = Table {
                    columns,
                    rows: self.rows,
                };
                self.out.write_all(table.render(self.target).as_bytes())?;
            }
            Format::Json => self.out.write_all(if self.any { b"\n]\n" } else { b"[]\n" })?,
            Format::Table | Format::Csv => {}
        }
        Ok(self.out.flush()?)
    }
}

fn cells(finding: &Finding) -> Vec<Option<String>> {
    vec![
        finding.time.clone(),
        Some(finding.kind.clone()),
        Some(finding.code.clone()),
        Some(finding.reason.clone()),
        Some(finding.bytes.to_string()),
        Some(finding.preview.clone()),
    ]
}

/// How many findings there are, of each error type and code.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// All records.
    pub(crate) records: u64,
    /// Documents that could not be read.
    pub(crate) malformed: u64,
    /// Objects that were read.
    pub(crate) objects: u64,
    /// How many, and one of their reasons in words.
    kinds: BTreeMap<(String, String), (u64, String)>,
}

/// One line of the summary.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    code: &'a str,
    records: u64,
    example: &'a str,
}

/// The summary as one object.
#[derive(Serialize)]
struct Summary<'a> {
    records: u64,
    malformed: u64,
    objects: u64,
    reasons: Vec<Line<'a>>,
}

impl Counts {
    /// Counts a finding.
    pub(crate) fn add(&mut self, finding: &Finding) {
        self.records += 1;
        let key = (finding.kind.clone(), finding.code.clone());
        self.kinds.entry(key).or_insert_with(|| (0, finding.reason.clone())).0 += 1;
    }

    /// Writes the summary, the commonest reason first.
    pub(crate) fn write(&self, format: Format, target: Target, mut out: impl Write) -> Result<()> {
        let lines = self.lines();
        match format {
            Format::Json => {
                let (records, malformed, objects) = (self.records, self.malformed, self.objects);
                let summary = Summary {
                    records,
                    malformed,
                    objects,
                    reasons: lines,
                };
                writeln!(out, "{}", serde_json::to_string(&summary)?)?;
            }
            Format::Csv => {
                csv::write(&mut out, ["type", "code", "records", "example"].map(Some))?;
                for line in lines {
                    let records = line.records.to_string();
                    csv::write(&mut out, [line.kind, line.code, &records, line.example].map(Some))?;
                }
            }
            Format::Table if lines.is_empty() => {}
            Format::Table => {
                let columns = [
                    ("type", Align::Left),
                    ("code", Align::Left),
                    ("records", Align::Right),
                    ("example", Align::Left),
                ];
                let columns = columns.map(|(name, align)| (name.to_owned(), align)).to_vec();
                let row = |line: &Line<'_>| {
                    let cells = [line.kind, line.code, &line.records.to_string(), line.example];
                    cells.map(|cell| Some(cell.to_owned())).to_vec()
                };
                let table = Table {
                    columns,
                    rows: lines.iter().map(row).collect(),
                };
                out.write_all(table.render(target).as_bytes())?;
            }
        }
        Ok(out.flush()?)
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let mut lines: Vec<_> = self
            .kinds
            .iter()
            .map(|((kind, code), (records, example))| Line {
                kind,
                code,
                records: *records,
                example,
            })
            .collect();
        // The map is in order, and the sort is stable: equal counts stay in the order of names.
        lines.sort_by_key(|line| std::cmp::Reverse(line.records));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Finding, Format, Report};
    use crate::table::Target;

    fn finding(code: &str, line: u64) -> Finding {
        Finding {
            time: Some("2026-11-20T21:00:00.500Z".to_owned()),
            kind: "processing-failed".to_owned(),
            code: code.to_owned(),
            reason: "because, well".to_owned(),
            offset: Some(4),
            firehose_code: Some("Lambda.ProcessingFailedStatus".to_owned()),
            attempts: Some(1),
            function: None,
            bytes: 9,
            preview: "{\"a\":tru}".to_owned(),
            object: "errors/x".to_owned(),
            line,
        }
    }

    fn report(format: Format, findings: &[Finding]) -> String {
        let mut out = Vec::new();
        let mut report = Report::new(format, Target::Plain, &mut out).expect("memory");
        for finding in findings {
            report.add(finding).expect("memory");
        }
        report.finish().expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn each_format_looks_like_this() {
        let findings = [finding("not_json", 1)];
        assert_eq!(
            report(Format::Table, &findings),
            "time                      type               code      reason         bytes  record\n\
             ────────────────────────  ─────────────────  ────────  ─────────────  ─────  ─────────\n\
             2026-11-20T21:00:00.500Z  processing-failed  not_json  because, well      9  {\"a\":tru}\n"
        );
        assert_eq!(
            report(Format::Csv, &findings),
            "time,type,code,reason,bytes,record,object,line\r\n\
             2026-11-20T21:00:00.500Z,processing-failed,not_json,\"because, well\",9,\"{\"\"a\"\":tru}\",errors/x,1\r\n"
        );
        let json = report(Format::Json, &[finding("a", 1), finding("b", 2)]);
        let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(
            (
                read[0]["code"].as_str(),
                read[1]["line"].as_u64(),
                read[0]["offset"].as_u64()
            ),
            (Some("a"), Some(2), Some(4))
        );
        assert_eq!(
            (report(Format::Json, &[]), report(Format::Table, &[])),
            ("[]\n".to_owned(), String::new())
        );
    }

    #[test]
    fn counts_add_up_the_commonest_first() {
        let mut counts = Counts {
            malformed: 1,
            objects: 2,
            ..Counts::default()
        };
        for code in ["b", "a", "c", "c"] {
            counts.add(&finding(code, 1));
        }
        let mut out = Vec::new();
        counts.write(Format::Json, Target::Plain, &mut out).expect("memory");
        let line = |code: &str, n: u8| {
            format!(r#"{{"type":"processing-failed","code":"{code}","records":{n},"example":"because, well"}}"#)
        };
        let wanted = format!(
            r#"{{"records":4,"malformed":1,"objects":2,"reasons":[{},{},{}]}}"#,
            line("c", 2),
            line("a", 1),
            line("b", 1)
        );
        assert_eq!(String::from_utf8(out).expect("text"), wanted + "\n");
    }
}
