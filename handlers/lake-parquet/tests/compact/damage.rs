//! Objects that cannot be read, and hours that do not fit: an error that says what, and no file.

use bytes::Bytes;
use lake_parquet::compact::{CompactError, Compactor, Settings};
use parquet::basic::{Compression, LogicalType, TimeUnit, Type as Physical, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{ProptestConfig, any};
use proptest::sample::{Index, select};
use proptest::{prop_assert, proptest};

use crate::model::Row;
use crate::object::{Moments, Style, compact, settings, write};

fn rows(count: usize) -> Vec<Row> {
    (0..count)
        .map(|number| Row::of(&number.to_string(), "a:b", 1.5, 1_000, "{}"))
        .collect()
}

fn good() -> Bytes {
    write(&rows(500), &Style::default())
}

/// What a good hour with `object` in it ends with; the compactor takes nothing after it.
#[track_caller]
fn refused(object: Bytes) -> CompactError {
    let mut compactor = Compactor::new(settings(1 << 20, 1_000)).unwrap();
    compactor.push(good()).unwrap();
    let error = compactor.push(object).unwrap_err();
    assert!(matches!(compactor.push(good()), Err(CompactError::Broken)));
    let mut files = compactor.finish();
    assert!(matches!(files.next(), Some(Err(CompactError::Broken))));
    assert!(files.next().is_none());
    error
}

#[test]
fn what_is_no_whole_parquet_file_is_called_so() {
    let object = good();
    for bytes in [
        Bytes::new(),
        Bytes::from_static(b"PAR1"),
        Bytes::from_static(br#"{"event_uuid":"u"}"#),
        object.slice(..object.len() - 1),
    ] {
        let error = refused(bytes);
        assert!(matches!(error, CompactError::NotParquet(_)), "{error:?}");
    }
    // The footer is whole, and nothing is where it says.
    assert!(matches!(refused(object.slice(1..)), CompactError::Damaged { .. }));
}

#[test]
fn a_damaged_page_is_named_by_its_column_and_row_group() {
    let object = good();
    let file = SerializedFileReader::new(object.clone()).unwrap();
    let at = file.metadata().row_group(0).column(4).data_page_offset() as usize;
    let mut bytes = object.to_vec();
    bytes[at..at + 20].fill(0xff);
    let error = refused(bytes.into());
    assert_eq!(error.to_string(), "column created_at of row group 0 is damaged");

    // A text that is none, in a column whose pages are good.
    let raw = Style {
        compression: Compression::UNCOMPRESSED,
        dictionary: false,
        ..Style::default()
    };
    let mut bytes = write(&rows(3), &raw).to_vec();
    let at = bytes.windows(3).position(|three| three == b"a:b").unwrap();
    bytes[at] = 0xff;
    let error = refused(bytes.into());
    assert_eq!(error.to_string(), "column event_name of row group 0 is damaged");
}

#[test]
fn a_column_of_another_type_is_named() {
    for (name, physical, logical, found) in [
        ("event_uuid", Physical::INT64, None, "INT64"),
        (
            "created_at",
            Physical::BYTE_ARRAY,
            Some(LogicalType::String),
            "BYTE_ARRAY (String)",
        ),
        ("ingested_at", Physical::INT64, None, "INT64"),
        ("created_datetime", Physical::BYTE_ARRAY, None, "BYTE_ARRAY"),
    ] {
        let field = Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .build()
            .unwrap();
        let schema = Type::group_type_builder("schema")
            .with_fields(vec![field.into()])
            .build()
            .unwrap();
        let properties = WriterProperties::builder().build();
        let file = SerializedFileWriter::new(Vec::new(), schema.into(), properties.into()).unwrap();
        let error = refused(file.into_inner().unwrap().into());
        let expected = format!("column {name} is {found}, which the lake's column of that name cannot be read from");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn an_hour_of_too_many_rows_is_too_large() {
    let most = |most_rows| Settings {
        most_rows,
        ..settings(1 << 20, 1_000)
    };
    assert!(compact(&[good(), good()], most(1_000)).is_ok());
    let error = compact(&[good(), good()], most(999)).unwrap_err();
    assert!(matches!(error, CompactError::TooLarge { most_rows: 999 }), "{error:?}");
}

#[test]
fn without_a_folder_only_what_fits_into_memory_is_made() {
    let nowhere = |run_bytes| Settings {
        scratch: "nowhere/at/all".into(),
        ..settings(run_bytes, 1_000)
    };
    assert!(compact(&[good()], nowhere(1 << 20)).is_ok());
    let error = compact(&[good()], nowhere(1_000)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the runs in nowhere/at/all cannot be written or read"
    );
}

#[test]
fn nothing_is_left_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        scratch: folder.path().to_owned(),
        ..settings(1_000, 100)
    };
    let entries = || std::fs::read_dir(folder.path()).unwrap().count();
    let mut compactor = Compactor::new(settings).unwrap();
    compactor.push(good()).unwrap();
    assert_eq!(entries(), 0, "what has no name is gone even when the process is killed");
    let mut files = compactor.finish();
    assert_eq!(files.next().unwrap().unwrap().rows, 100);
    drop(files);
    assert_eq!(entries(), 0);
}

/// Objects of every kind of page, as small as they can be so that most bytes matter.
fn objects() -> Vec<Bytes> {
    let rows: Vec<Row> = (0..20)
        .map(|number| Row {
            subkind: (number % 3 > 0).then(|| "b".to_owned()),
            ..Row::of(&number.to_string(), "a:b", 1.5, 1_000, "{}")
        })
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
    let zstd = Compression::ZSTD(ZstdLevel::default());
    [
        style(Moments::Int96, Compression::SNAPPY, true, one),
        style(Moments::Unit(TimeUnit::NANOS), zstd, true, two),
        style(Moments::Unit(TimeUnit::MICROS), Compression::UNCOMPRESSED, false, two),
        style(Moments::Unit(TimeUnit::MILLIS), Compression::UNCOMPRESSED, true, one),
    ]
    .map(|style| write(&rows, &style))
    .into()
}

#[test]
fn no_byte_that_is_changed_or_missing_is_a_crash() {
    let mut answers = [0; 3];
    let object = objects().swap_remove(0);
    let changed = (0..object.len()).map(|place| {
        let mut bytes = object.to_vec();
        bytes[place] ^= 0xff;
        bytes.into()
    });
    let cut = (0..object.len()).step_by(5).map(|length| object.slice(..length));
    for bytes in changed.chain(cut) {
        answers[match compact(&[bytes], settings(1 << 20, 1_000)) {
            Ok(_) => 0,
            Err(CompactError::Unreadable) => 1,
            Err(_) => 2,
        }] += 1;
    }
    // The reader does panic at some of them: this is what shows that it is contained.
    let [rows, unreadable, others] = answers;
    assert!(rows > 0 && unreadable > 0 && others > 0, "{answers:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn changed_bytes_are_an_error_or_other_rows_and_never_a_crash(
        object in select(objects()),
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
        cut in option::weighted(0.1, any::<Index>()),
    ) {
        let mut bytes = object.to_vec();
        for (place, byte) in changes {
            *place.get_mut(&mut bytes) = byte;
        }
        if let Some(cut) = cut {
            bytes.drain(..cut.index(bytes.len()));
        }
        if let Ok((_, summary)) = compact(&[bytes.into()], settings(1 << 20, 1_000)) {
            prop_assert!(summary.rows_in <= 20_000, "{summary:?}");
        }
    }
}
