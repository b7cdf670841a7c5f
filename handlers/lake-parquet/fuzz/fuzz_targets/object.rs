//! `cargo fuzz run object --sanitizer none` in `handlers/lake-parquet`: any bytes, and good objects
//! with changed bytes, are rows or an error.
#![no_main]

#[path = "../../tests/compact/model.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod model;
#[path = "../../tests/compact/object.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod object;

use std::sync::LazyLock;

use bytes::Bytes;
use lake_parquet::compact::{CompactError, Settings};
use libfuzzer_sys::fuzz_target;
use model::Row;
use object::{Moments, Style, compact, write};
use parquet::basic::{Compression, TimeUnit};
use parquet::file::properties::WriterVersion;

static OBJECTS: LazyLock<Vec<Bytes>> = LazyLock::new(|| {
    let rows: Vec<Row> = (0..20)
        .map(|number| Row::of(&number.to_string(), ["a:b", "a"][number % 2], 1.5, 1_000, "{}"))
        .collect();
    let style = |moments, compression, dictionary, version| Style {
        moments,
        compression,
        dictionary,
        version,
        group_rows: 12,
        page_rows: 5,
        ..Style::default()
    };
    let (one, two) = (WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0);
    [
        style(Moments::Int96, Compression::SNAPPY, true, one),
        style(Moments::Unit(TimeUnit::NANOS), Compression::UNCOMPRESSED, true, two),
        style(Moments::Unit(TimeUnit::MICROS), Compression::UNCOMPRESSED, false, two),
        style(Moments::Unit(TimeUnit::MILLIS), Compression::UNCOMPRESSED, false, one),
    ]
    .map(|style| write(&rows, &style))
    .into()
});

fuzz_target!(
    init: {
        // The reader's own panics are an answer here; those of the target still end it.
        std::panic::set_hook(Box::new(|_| {}));
    },
    |input: &[u8]| {
        let settings = Settings {
            run_bytes: 1 << 20,
            file_rows: 1_000,
            most_rows: 100_000,
            scratch: std::env::temp_dir(),
        };
        match compact(&[changed(input)], settings) {
            Ok((_, summary)) => assert_eq!(summary.rows_in, summary.duplicates + summary.rows_out),
            Err(CompactError::Broken | CompactError::Scratch { .. } | CompactError::LongRow) => panic!("another's fault"),
            Err(_) => {}
        }
    }
);

/// The bytes themselves, or an object in which each three of them changed one.
fn changed(input: &[u8]) -> Bytes {
    let Some((object, changes)) = input.split_first().and_then(|(first, changes)| {
        let object = OBJECTS.get(usize::from(*first))?;
        Some((object, changes))
    }) else {
        return Bytes::copy_from_slice(input);
    };
    let mut bytes = object.to_vec();
    for change in changes.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]])) % bytes.len();
        bytes[place] = change[2];
    }
    bytes.into()
}
