//! One measurement in one process:
//!
//! ```text
//! bench-lake encode <tool> <events.jsonl> <folder>       records in base64 to hourly objects
//! bench-lake raw - <events.jsonl> <folder>               the raw objects of `compact`, not measured
//! bench-lake compact <tool> <folder> <folder>            raw objects of hours to compacted files
//! bench-lake transform <tool> <requests.jsonl> <file>    Firehose requests, one a line, to responses
//! ```
//!
//! Prints one line of JSON. Objects are written inside the clock, as most peers cannot leave that
//! out; responses are written only to be compared, and not to a file named `-`.

mod arrow_json;
mod compact;
mod input;
mod layout;
mod ours;
mod usage;

use std::fs::{File, create_dir_all, read, write};
use std::io::Write as _;
use std::path::Path;

use lake::Transformer;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, tool, source, target] = arguments.as_slice() else {
        panic!("usage: bench-lake encode|raw|compact|transform <tool> <source> <target>");
    };
    match task.as_str() {
        "encode" => encode(tool, source, Path::new(target)),
        "raw" => compact::prepare(&input::records(source), Path::new(target)),
        "compact" => {
            let clock = usage::Clock::start();
            let summary = compact::run(Path::new(source), Path::new(target));
            clock.print(tool, summary.rows_in);
            assert_eq!(summary.rows_in, summary.duplicates + summary.rows_out);
        }
        "transform" => transform(tool, source, target),
        _ => panic!("no task {task}"),
    }
}

/// Batches of as many records as Lambda gives at most, each to objects of its hours.
fn encode(tool: &str, events: &str, folder: &Path) {
    let records = input::records(events);
    let mut encode = if tool.starts_with("arrow") {
        arrow_json::encoder(tool)
    } else {
        ours::encoder(tool)
    };
    let mut written = 0;
    let clock = usage::Clock::start();
    for (number, batch) in records.batches(10_000).enumerate() {
        encode(batch, &mut |hour, object: Vec<u8>| {
            let folder = folder.join(hour);
            create_dir_all(&folder).expect("a folder for the objects");
            write(folder.join(format!("{number}.parquet")), &object).expect("room for the objects");
            written += 1;
        });
    }
    clock.print(tool, records.len());
    assert!(written > 0, "no object");
}

fn transform(tool: &str, requests: &str, responses: &str) {
    assert_eq!(tool, "lake-transform", "no other tool is measured here");
    let file = read(requests).expect("a file of requests");
    let requests = file.split(|byte| *byte == b'\n');
    let requests: Vec<&[u8]> = requests.filter(|request| !request.is_empty()).collect();
    let mut transformer = Transformer::default();
    let mut written = (responses != "-").then(|| File::create(responses).expect("a file for the responses"));
    let mut rows = 0;
    let clock = usage::Clock::start();
    for request in requests {
        let batch = transformer.transform(request).expect("a good request");
        rows += batch.records;
        if let Some(file) = &mut written {
            file.write_all(batch.response).expect("room for the responses");
            file.write_all(b"\n").expect("room for the responses");
        }
    }
    clock.print(tool, rows);
}
