//! `cargo fuzz run record --sanitizer none` in `handlers/lake-parquet`: a record of any bytes.
#![no_main]

#[path = "../../tests/rows/object.rs"]
mod object;

use std::cell::RefCell;

use lake::{Reason, explain};
use lake_parquet::{Encoder, Layout, Settings};
use libfuzzer_sys::fuzz_target;
use object::{ARRIVAL, converted, rows};
use serde::de::IgnoredAny;

thread_local! {
    // One encoder for all records: what came before must not matter.
    static ENCODER: RefCell<Encoder> =
        RefCell::new(Encoder::new(Layout::lake(), Settings::default()).expect("an encoder"));
}

fuzz_target!(|record: &[u8]| {
    let said = explain(record, ARRIVAL);
    let is_json = str::from_utf8(record).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    match said {
        // Deeper than what serde_json keeps, but not than what it ignores.
        Err(Reason::TooDeep { .. }) => {}
        Err(
            Reason::NotJson { .. }
            | Reason::NotUtf8 { .. }
            | Reason::Gzip
            | Reason::Aggregated
            | Reason::Empty
            | Reason::TrailingBytes { .. },
        ) => assert!(!is_json, "refused: {said:?}"),
        _ => assert!(is_json, "taken: {said:?}"),
    }
    ENCODER.with_borrow_mut(|encoder| {
        let pushed = encoder.push(record, Some(ARRIVAL));
        assert_eq!(pushed.err(), said.as_ref().err().copied());
        let found = rows(encoder);
        match said {
            Ok(said) => {
                let row = found.values().flatten().next().expect("a row");
                assert_eq!(*row, converted(&said.line));
            }
            Err(_) => assert!(found.is_empty()),
        }
    });
});
