//! Where events come from: the generator, a file of JSON lines, or a JSON array.
//!
//! Files are read as they are needed; an event is handed on as the bytes that it is in the file.

use super::failed;
use super::generator::Generator;
use super::split::{MAX_ELEMENT, Splitter};
use anyhow::{Context, Result, anyhow, bail};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use tokio::sync::mpsc;

/// Read from the file at a time.
const BUFFER: usize = 256 * 1024;
/// Events read ahead; few, because one may be a megabyte.
const READ_AHEAD: usize = 64;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How the input is cut into events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// An array when the first character is `[`, else lines
    #[default]
    Auto,
    /// One event per line
    Lines,
    /// The elements of one JSON array
    Array,
    /// The failed file of an earlier run
    Failed,
}

/// What a source yields.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// The bytes of one event.
    Event(Vec<u8>),
    /// A line of nothing but white space.
    Blank,
}

/// Events, until there are no more or the source is broken.
pub(crate) type Source = Box<dyn Iterator<Item = Result<Item>> + Send>;

/// The generator as a source.
pub(crate) fn generated(generator: Generator) -> Source {
    Box::new(generator.map(|event| Ok(Item::Event(event.into_bytes()))))
}

/// Opens a file, or standard input for `-`.
pub(crate) fn open(path: &Path, format: Format) -> Result<Source> {
    let (reader, name): (Box<dyn Read + Send>, _) = if path == Path::new("-") {
        (Box::new(std::io::stdin()), "standard input".to_owned())
    } else {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        if file.metadata().is_ok_and(|data| data.is_dir()) {
            bail!(
                "{} is a folder; name a file of JSON lines or a JSON array",
                path.display()
            );
        }
        (Box::new(file), path.display().to_string())
    };
    events(reader, format)
        .map(|source| -> Source { Box::new(source.map(move |item| item.with_context(|| name.clone()))) })
}

/// The first `count` events of a source.
pub(crate) fn limited(source: Source, count: u64) -> Source {
    let mut left = count;
    let mut source = source;
    Box::new(std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let item = source.next();
        if matches!(item, Some(Ok(Item::Event(_)))) {
            left -= 1;
        }
        item
    }))
}

/// Runs a source on a thread of its own, because reading may block, and stops it when the
/// receiver is gone.
pub(crate) fn spawn(source: Source) -> Result<mpsc::Receiver<Result<Item>>> {
    let (sender, receiver) = mpsc::channel(READ_AHEAD);
    std::thread::Builder::new()
        .name("source".to_owned())
        .spawn(move || {
            for item in source {
                if sender.blocking_send(item).is_err() {
                    break;
                }
            }
        })
        .context("cannot start the thread that reads the events")?;
    Ok(receiver)
}

fn events(reader: Box<dyn Read + Send>, format: Format) -> Result<Source> {
    let mut reader = BufReader::with_capacity(BUFFER, reader);
    let mut at = 0;
    // The mark is skipped and so is white space, which no format minds, to see the first byte.
    // A short first read of a pipe may cut the mark; then it stays, and its line goes to the
    // quarantine like any other that is not JSON.
    if fill(&mut reader)?.starts_with(BYTE_ORDER_MARK) {
        reader.consume(BYTE_ORDER_MARK.len());
        at += BYTE_ORDER_MARK.len() as u64;
    }
    let is_array = match format {
        Format::Lines | Format::Failed => false,
        Format::Array => true,
        Format::Auto => fill(&mut reader)?.trim_ascii_start().first() == Some(&b'['),
    };
    if format == Format::Failed {
        let lines = Lines {
            reader,
            at,
            over: false,
        };
        return Ok(Box::new(lines.map(restored)));
    }
    Ok(if is_array {
        Box::new(Elements {
            reader,
            splitter: Splitter::new(at),
            over: false,
        })
    } else {
        Box::new(Lines {
            reader,
            at,
            over: false,
        })
    })
}

fn restored(item: Result<Item>) -> Result<Item> {
    match item? {
        Item::Event(line) => failed::restore(&line).map(Item::Event),
        Item::Blank => Ok(Item::Blank),
    }
}

/// What is buffered, after reading if nothing is; empty at the end only.
fn fill(reader: &mut BufReader<impl Read>) -> Result<&[u8]> {
    loop {
        match reader.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(anyhow!(error).context("cannot read")),
        }
    }
    Ok(reader.buffer())
}

struct Lines<R> {
    reader: BufReader<R>,
    at: u64,
    over: bool,
}

impl<R: Read> Lines<R> {
    fn line(&mut self) -> Result<Option<Item>> {
        let mut line = Vec::new();
        let limit = MAX_ELEMENT as u64 + 1;
        let read = (&mut self.reader)
            .take(limit)
            .read_until(b'\n', &mut line)
            .context("cannot read")?;
        if read == 0 {
            return Ok(None);
        }
        if read > MAX_ELEMENT {
            bail!(
                "the line at byte {} is longer than {} MiB; is this a file of JSON lines?",
                self.at,
                MAX_ELEMENT >> 20
            );
        }
        self.at += read as u64;
        if line.ends_with(b"\n") {
            line.pop();
            if line.ends_with(b"\r") {
                line.pop();
            }
        }
        Ok(Some(if line.trim_ascii().is_empty() {
            Item::Blank
        } else {
            Item::Event(line)
        }))
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let line = self.line();
        self.over = !matches!(line, Ok(Some(_)));
        line.transpose()
    }
}

struct Elements<R> {
    reader: BufReader<R>,
    splitter: Splitter,
    over: bool,
}

impl<R: Read> Elements<R> {
    fn element(&mut self) -> Result<Option<Item>> {
        loop {
            let input = fill(&mut self.reader)?;
            if input.is_empty() {
                self.splitter.end()?;
                return Ok(None);
            }
            let (taken, element) = self.splitter.next(input)?;
            self.reader.consume(taken);
            if let Some(element) = element {
                return Ok(Some(Item::Event(element)));
            }
        }
    }
}

impl<R: Read> Iterator for Elements<R> {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let element = self.element();
        self.over = !matches!(element, Ok(Some(_)));
        element.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Item, events, limited};
    use std::io::Cursor;

    fn read(text: &'static [u8], format: Format) -> Vec<Result<Item, String>> {
        let source = events(Box::new(Cursor::new(text)), format).expect("readable");
        source.map(|item| item.map_err(|error| format!("{error:#}"))).collect()
    }

    fn event(text: &[u8]) -> Result<Item, String> {
        Ok(Item::Event(text.to_vec()))
    }

    #[test]
    fn lines_keep_their_bytes_and_blank_ones_are_told() {
        let text = b"{\"a\": 1}\r\n\n  \t\n not json \xff\n{\"last\":true}";
        let wanted = vec![
            event(b"{\"a\": 1}"),
            Ok(Item::Blank),
            Ok(Item::Blank),
            event(b" not json \xff"),
            event(b"{\"last\":true}"),
        ];
        assert_eq!(read(text, Format::Auto), wanted);
    }

    #[test]
    fn an_array_is_recognised_behind_white_space_and_a_mark() {
        let wanted = vec![event(b"{ \"a\":\n1 }"), event(b"2")];
        assert_eq!(read(b"\xef\xbb\xbf\n [{ \"a\":\n1 } , 2]\n", Format::Auto), wanted);
        assert_eq!(read(b"[1]\n", Format::Lines), vec![event(b"[1]")]);
        assert_eq!(read(b"[]", Format::Auto), vec![]);
        assert_eq!(read(b"", Format::Auto), vec![]);
    }

    #[test]
    fn a_broken_array_ends_with_one_error_behind_what_was_whole() {
        let got = read(b"[1,{\"a\":2},", Format::Auto);
        assert_eq!(got[..2], [event(b"1"), event(b"{\"a\":2}")]);
        assert_eq!(got.len(), 3);
        assert!(got[2].as_ref().is_err_and(|e| e.contains("byte 11")), "{got:?}");
    }

    #[test]
    fn a_failed_file_gives_back_its_events() {
        let text = b"{\"reason\":\"r\",\"data\":\"{}\"}\n{\"data_base64\":\"/w==\"}\n{}\n";
        let got = read(text, Format::Failed);
        assert_eq!(got[..2], [event(b"{}"), event(b"\xff")]);
        assert!(
            got[2]
                .as_ref()
                .is_err_and(|e| e.contains("not a line of a failed file")),
            "{got:?}"
        );
    }

    #[test]
    fn a_limit_counts_events_not_blank_lines() {
        let source = events(Box::new(Cursor::new(b"\n1\n\n2\n3\n")), Format::Auto).expect("readable");
        let got: Vec<_> = limited(source, 2).map(|item| item.expect("fine")).collect();
        let one = |text: &[u8]| Item::Event(text.to_vec());
        assert_eq!(got, vec![Item::Blank, one(b"1"), Item::Blank, one(b"2")]);
    }
}
