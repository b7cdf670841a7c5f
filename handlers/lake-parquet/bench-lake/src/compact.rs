//! Raw objects of hours to compacted files.

use std::fs::{create_dir_all, read, read_dir, write};
use std::path::{Path, PathBuf};

use lake_parquet::compact::{Compactor, Settings as Limits, Summary};
use lake_parquet::{Encoder, Layout, Settings};

use crate::input::{Batch, Records};
use crate::ours::ARRIVAL_MS;

/// Writes the raw objects that the events become: each hour's into a folder of its own below
/// `folder/hours`, and all of them into one below `folder/one`.
///
/// Every tenth batch is delivered again, a second later.
pub fn prepare(records: &Records, folder: &Path) {
    let mut encoder = Encoder::new(Layout::lake(), Settings::default()).expect("an encoder");
    let mut deliver = |batch: Batch<'_>, arrival: i64, name: String| {
        for record in batch.each() {
            encoder.push_base64(record, Some(arrival)).expect("a good event");
        }
        for object in encoder.finish() {
            let object = object.expect("an object");
            let hour = object.hour.to_string().replace('/', "-");
            for target in [format!("hours/{hour}/{name}"), format!("one/all/{name}-{hour}")] {
                let target = folder.join(target + ".parquet");
                create_dir_all(target.parent().expect("a folder")).expect("a folder for the objects");
                write(target, &object.bytes).expect("room for the objects");
            }
        }
    };
    for (number, batch) in records.batches(10_000).enumerate() {
        deliver(batch, ARRIVAL_MS, number.to_string());
        if number % 10 == 0 {
            deliver(batch, ARRIVAL_MS + 1_000, format!("{number}-again"));
        }
    }
}

/// Compacts the objects of each folder in `source` into one of the same name in `target`.
pub fn run(source: &Path, target: &Path) -> Summary {
    let mut all = Summary::default();
    for hour in entries(source) {
        let target = target.join(hour.file_name().expect("a folder's name"));
        create_dir_all(&target).expect("a folder for the files");
        // What a Lambda function of 512 MB can afford, scratch in memory as all of this is.
        let mut compactor = Compactor::new(Limits {
            run_bytes: 64 << 20,
            file_rows: 2_000_000,
            most_rows: 5_000_000,
            scratch: target.clone(),
        })
        .expect("a compactor");
        for object in entries(&hour) {
            let object = read(object).expect("an object");
            compactor.push(object.into()).expect("a good object");
        }
        let mut files = compactor.finish();
        for (number, file) in (&mut files).enumerate() {
            let file = file.expect("a file");
            write(target.join(format!("{number}.parquet")), file.bytes).expect("room for the files");
        }
        let Summary {
            rows_in,
            duplicates,
            rows_out,
        } = files.summary();
        all.rows_in += rows_in;
        all.duplicates += duplicates;
        all.rows_out += rows_out;
    }
    all
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
