//! `lake-parquet`, in the layouts and compressions that are measured.

use lake_parquet::{Compression, Encoder, Layout, Settings};

use crate::input::Batch;
use crate::layout::layout;

/// 2026-01-01T00:00:00Z: after every event.
pub const ARRIVAL_MS: i64 = 1_767_225_600_000;

/// Gives each object of a batch to its second argument.
pub type Encode = Box<dyn FnMut(Batch<'_>, &mut dyn FnMut(String, Vec<u8>))>;

pub fn encoder(tool: &str) -> Encode {
    let (layout, compression) = match tool {
        "lake-parquet" => (layout(), Compression::Zstd(1)),
        "lake-parquet-snappy" => (layout(), Compression::Snappy),
        "lake-parquet-uncompressed" => (layout(), Compression::Uncompressed),
        "lake-parquet-lake" => (Layout::lake(), Compression::Zstd(1)),
        _ => panic!("no tool {tool}"),
    };
    let settings = Settings {
        compression,
        deduplicate: false,
    };
    let mut encoder = Encoder::new(layout, settings).expect("an encoder");
    Box::new(move |batch, take| {
        for record in batch.each() {
            encoder.push_base64(record, Some(ARRIVAL_MS)).expect("a good event");
        }
        for object in encoder.finish() {
            let object = object.expect("an object");
            take(object.hour.to_string(), object.bytes);
        }
    })
}
