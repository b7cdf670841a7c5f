//! Which rows are left, and in which order.

use bytes::Bytes;
use lake_parquet::compact::Summary;
use lake_parquet::{Encoder, Layout, Settings};
use parquet::basic::{Compression, ConvertedType, TimeUnit, ZstdLevel};
use parquet::file::properties::WriterVersion;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::sample::{Index, select, subsequence};
use proptest::{prop_assert_eq, proptest};

use crate::model::{Row, compacted};
use crate::object::{COLUMNS, Moments, Style, compact, read, settings, write};

/// Compacts objects of the rows, one for each style in turn.
#[track_caller]
fn check(objects: &[(Vec<Row>, Style)]) -> Vec<Row> {
    let rows: Vec<Row> = objects.iter().flat_map(|(rows, _)| rows.clone()).collect();
    let expected = compacted(rows.clone());
    let objects: Vec<Bytes> = objects.iter().map(|(rows, style)| write(rows, style)).collect();
    let (files, summary) = compact(&objects, settings(1 << 20, 1_000)).unwrap();
    let found: Vec<Row> = files.iter().flat_map(|file| read(file)).collect();
    assert_eq!(found, expected);
    let (rows_in, rows_out) = (rows.len(), expected.len());
    let duplicates = rows_in - rows_out;
    assert_eq!(
        summary,
        Summary {
            rows_in,
            duplicates,
            rows_out
        }
    );
    found
}

const UUID: &str = "78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10";

#[test]
fn the_earliest_arrival_wins_whatever_else_the_rows_say() {
    let late = Row::of(UUID, "a:a", 1.0, 2_000, "{}");
    let early = Row::of(UUID, "z:z", 9.0, 1_000, r#"{"is":"first"}"#);
    let other = Row::of("another", "m:m", 5.0, 3_000, "{}");
    for objects in [
        vec![vec![late.clone(), early.clone(), other.clone()]],
        vec![vec![early.clone()], vec![late.clone(), other.clone()]],
        vec![vec![late.clone()], vec![other.clone()], vec![early.clone()]],
    ] {
        let objects: Vec<_> = objects.into_iter().map(|rows| (rows, Style::default())).collect();
        assert_eq!(check(&objects), [other.clone(), early.clone()]);
    }
}

#[test]
fn of_rows_that_arrived_together_the_first_in_order_is_left() {
    let of = |name: &str, payload: &str| Row::of(UUID, name, 1.0, 1_000, payload);
    let rows = vec![of("b", "1"), of("a", "3"), of("a", "2"), of("a", "2")];
    assert_eq!(check(&[(rows, Style::default())]), [of("a", "2")]);
    // No UUIDs in their usual form: each is its own, by every character.
    let of = |uuid: &str| Row::of(uuid, "a", 1.0, 1_000, "{}");
    let upper = UUID.to_uppercase();
    let rows = vec![of(&upper), of(UUID), of(""), of(&upper), of("x"), of(""), of("y")];
    assert_eq!(check(&[(rows, Style::default())]).len(), 5);
}

#[test]
fn rows_without_an_event_or_an_arrival_stay_and_come_last() {
    let known = Row::of("u", "a", 1.0, 1_000, "{}");
    let no_arrival = Row {
        arrival: None,
        ..known.clone()
    };
    let nobody = Row {
        uuid: None,
        ..known.clone()
    };
    let nothing = Row::default();
    let rows = vec![
        nothing.clone(),
        nobody.clone(),
        no_arrival.clone(),
        known.clone(),
        nothing.clone(),
        nobody.clone(),
    ];
    let left = check(&[(rows, Style::default())]);
    assert_eq!(left, [known, nobody.clone(), nobody, nothing.clone(), nothing]);
    check(&[(vec![no_arrival.clone(), no_arrival], Style::default())]);
}

#[test]
fn text_is_ordered_by_its_bytes_and_doubles_by_their_value() {
    let names = [
        "",
        "\0",
        "\0\0",
        "A",
        "a",
        "a\0",
        "a:b",
        "z",
        "é",
        "☃",
        "\u{ffff}",
        "\u{10000}",
    ];
    let numbers = [-1e15, -1.5, -0.0, 0.0, 5e-324, 1.0, 1_712_511_721.022_075, 1e15];
    let rows: Vec<Row> = names
        .iter()
        .flat_map(|name| numbers.map(|number| Row::of(&format!("{name} {number}"), name, number, 1, "{}")))
        .collect();
    let mut shuffled = rows.clone();
    shuffled.reverse();
    shuffled.swap(3, 40);
    assert_eq!(check(&[(shuffled, Style::default())]), rows);
}

#[test]
fn what_the_direct_writer_and_firehose_deliver_becomes_one_hour() {
    let mut encoder = Encoder::new(Layout::lake(), Settings::default()).unwrap();
    for number in 0..50 {
        let event = format!(r#"{{"event_uuid":"{number}","event_name":"a:b","created_at":1712511721.5,"n":{number}}}"#);
        encoder.push(event.as_bytes(), Some(1_712_511_723_120)).unwrap();
    }
    let direct = Bytes::from(encoder.finish().next().unwrap().unwrap().bytes);
    let firehose = (25..75).map(|number| {
        let payload = format!(r#"{{"n":{number}}}"#);
        // A quarter of them arrived before.
        let arrival = 1_712_511_723_120 - i64::from(number % 4 == 0);
        Row::of(&number.to_string(), "a:b", 1_712_511_721.5, arrival, &payload)
    });
    let firehose: Vec<Row> = firehose.collect();
    let hive = Style {
        moments: Moments::Int96,
        ..Style::default()
    };
    let expected = compacted(read(&direct).into_iter().chain(firehose.clone()).collect());
    let objects = [direct, write(&firehose, &hive)];
    let (files, summary) = compact(&objects, settings(1 << 20, 1_000)).unwrap();
    assert_eq!(read(&files[0]), expected);
    assert_eq!((summary.rows_in, summary.duplicates, summary.rows_out), (100, 25, 75));
    assert_eq!(files.len(), 1);
}

#[test]
fn columns_may_be_missing_or_strange_or_in_any_order() {
    let rows: Vec<Row> = (0..40)
        .map(|number| Row::of(&number.to_string(), "a:b", f64::from(number), 1_000, "{}"))
        .collect();
    let mut columns = COLUMNS.to_vec();
    columns.reverse();
    columns.insert(3, "of another schema");
    let reversed = Style {
        columns,
        ..Style::default()
    };
    check(&[(rows.clone(), reversed)]);
    let (kept, lost): (Vec<_>, Vec<_>) = COLUMNS.iter().partition(|name| !name.starts_with("event_sub"));
    assert_eq!(lost, ["event_subtype"]);
    let object = write(
        &rows,
        &Style {
            columns: kept,
            ..Style::default()
        },
    );
    let (files, _) = compact(&[object], settings(1 << 20, 1_000)).unwrap();
    let expected = rows.iter().map(|row| Row {
        subkind: None,
        ..row.clone()
    });
    assert_eq!(read(&files[0]), compacted(expected.collect()));
    let required = Style {
        required: true,
        ..Style::default()
    };
    check(&[(rows, required)]);
}

#[test]
fn an_hour_without_rows_has_no_file() {
    assert!(check(&[]).is_empty());
    assert!(check(&[(Vec::new(), Style::default())]).is_empty());
}

/// Few different values, so that rows meet.
fn row() -> impl Strategy<Value = Row> {
    let text = |texts: &'static [&'static str]| option::weighted(0.95, select(texts).prop_map(str::to_owned));
    let uuid = prop_oneof![
        option::weighted(
            0.95,
            (0..30u128).prop_map(|number| format!("00000000-0000-4000-8000-{number:012}"))
        ),
        text(&["", "u", "0000000000004000800000000000000a"]),
    ];
    let created = prop_oneof![
        select(vec![0.0, -0.0, 1.5, 1_712_511_721.022_075]),
        any::<i32>().prop_map(f64::from)
    ];
    let arrival = option::weighted(0.95, prop_oneof![0..4i64, -5_000_000_000..5_000_000_000i64]);
    (
        (
            uuid,
            text(&["a", "a:b", "b:a", "", "é", "a\0"]),
            text(&["a", "b"]),
            text(&["a", "b"]),
        ),
        (option::weighted(0.95, created), arrival.clone(), arrival),
        option::weighted(0.9, "[a-c]{0,3}"),
    )
        .prop_map(
            |((uuid, name, kind, subkind), (created, moment, arrival), payload)| Row {
                uuid,
                name,
                kind,
                subkind,
                created,
                moment,
                arrival,
                payload,
            },
        )
}

fn style() -> impl Strategy<Value = Style> {
    let moments = select(vec![
        Moments::Int96,
        Moments::Unit(TimeUnit::MILLIS),
        Moments::Unit(TimeUnit::MICROS),
        Moments::Unit(TimeUnit::NANOS),
        Moments::Converted(ConvertedType::TIMESTAMP_MILLIS),
        Moments::Converted(ConvertedType::TIMESTAMP_MICROS),
    ]);
    let compression = select(vec![
        Compression::SNAPPY,
        Compression::UNCOMPRESSED,
        Compression::ZSTD(ZstdLevel::default()),
    ]);
    let version = select(vec![WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0]);
    let columns = prop_oneof![
        1 => Just(COLUMNS.to_vec()),
        1 => subsequence(vec!["x", "y"], 0..=2).prop_flat_map(|more| {
            Just(COLUMNS.into_iter().chain(more).collect::<Vec<_>>()).prop_shuffle()
        }),
    ];
    (
        moments,
        compression,
        any::<bool>(),
        version,
        1..40usize,
        1..20usize,
        columns,
    )
        .prop_map(
            |(moments, compression, dictionary, version, group_rows, page_rows, columns)| Style {
                moments,
                compression,
                dictionary,
                version,
                group_rows,
                page_rows,
                columns,
                required: false,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_rows_in_any_objects(
        rows in vec(row(), 0..120),
        styles in vec((style(), any::<Index>()), 1..6),
        run_bytes in select(vec![1, 300, 2_000, 1 << 20]),
        file_rows in select(vec![1, 7, 1_000]),
    ) {
        // The first way: objects of all styles, cut anywhere.
        let (mut objects, mut rest) = (Vec::new(), rows.as_slice());
        for (style, cut) in &styles {
            let (object, behind) = rest.split_at(cut.index(rest.len() + 1));
            objects.push(write(object, style));
            rest = behind;
        }
        objects.push(write(rest, &Style::default()));
        let (files, summary) = compact(&objects, settings(run_bytes, file_rows)).unwrap();
        let found: Vec<Row> = files.iter().flat_map(|file| read(file)).collect();
        let expected = compacted(rows.clone());
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(summary.rows_in, rows.len());
        prop_assert_eq!(summary.rows_out, expected.len());
        prop_assert_eq!(summary.duplicates, rows.len() - expected.len());
        prop_assert_eq!(files.len(), expected.len().div_ceil(file_rows));

        // The second way: the objects the other way round, and other runs.
        objects.reverse();
        let (again, _) = compact(&objects, settings(777, file_rows)).unwrap();
        prop_assert_eq!(&files, &again, "another order of objects gave other bytes");
        // The third way: one object.
        let (again, _) = compact(&[write(&rows, &Style::default())], settings(1 << 20, file_rows)).unwrap();
        prop_assert_eq!(&files, &again, "one object gave other bytes");
    }
}
