//! What readers find rows by: row groups, bounds of pages, and filters.

use bytes::Bytes;
use lake_parquet::compact::{Compactor, Settings};
use parquet::basic::{BoundaryOrder, Compression};
use parquet::bloom_filter::Sbbf;
use parquet::file::metadata::{ColumnChunkMetaData, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::Statistics;

use crate::model::{Row, compacted};
use crate::object::{COLUMNS, Style, compact, read, settings, write};

/// The file of an hour, and its footer and indexes as the format's reader has them.
fn file(rows: &[Row]) -> (Bytes, ParquetMetaData) {
    let style = Style {
        group_rows: rows.len(),
        page_rows: 20_000,
        ..Style::default()
    };
    let (files, _) = compact(&[write(rows, &style)], settings(1 << 30, 1 << 30)).unwrap();
    let [file] = files.try_into().unwrap();
    let file = Bytes::from(file);
    let mut reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
    reader.try_parse(&file).unwrap();
    (file, reader.finish().unwrap())
}

fn uuid(number: usize) -> String {
    format!(
        "{:08x}-0000-4000-8000-{number:012x}",
        number.wrapping_mul(0x9e37_79b9) as u32
    )
}

fn column(name: &str) -> usize {
    COLUMNS.iter().position(|column| *column == name).unwrap()
}

/// The bounds that a page's entry has, as far as a value could be left out by them.
type Bounds = Option<(Vec<u8>, Vec<u8>)>;

fn bounds(index: &ColumnIndexMetaData, page: usize) -> Bounds {
    let pair = match index {
        ColumnIndexMetaData::BYTE_ARRAY(index) => {
            let owned = |bound: Option<&[u8]>| bound.map(<[u8]>::to_vec);
            (owned(index.min_value(page)), owned(index.max_value(page)))
        }
        ColumnIndexMetaData::INT64(index) => {
            let ordered = |bound: Option<&i64>| bound.map(|bound| (bound ^ i64::MIN).to_be_bytes().to_vec());
            (ordered(index.min_value(page)), ordered(index.max_value(page)))
        }
        ColumnIndexMetaData::DOUBLE(index) => {
            let ordered = |bound: Option<&f64>| bound.map(|bound| bound.to_bits().to_be_bytes().to_vec());
            (ordered(index.min_value(page)), ordered(index.max_value(page)))
        }
        other => panic!("no column has {other:?}"),
    };
    pair.0.zip(pair.1)
}

/// A row's value in the form of [`bounds`]; only for doubles above zero.
fn value(row: &Row, column: &str) -> Option<Vec<u8>> {
    let text = |text: &Option<String>| text.as_ref().map(|text| text.as_bytes().to_vec());
    let number = |number: Option<i64>| number.map(|number| (number ^ i64::MIN).to_be_bytes().to_vec());
    match column {
        "event_uuid" => text(&row.uuid),
        "event_name" => text(&row.name),
        "event_type" => text(&row.kind),
        "event_subtype" => text(&row.subkind),
        "payload" => text(&row.payload),
        "created_at" => row.created.map(|created| created.to_bits().to_be_bytes().to_vec()),
        "created_datetime" => number(row.moment),
        _ => number(row.arrival),
    }
}

/// Every row lies within the bounds of its page, and every bound is a value of the page.
#[track_caller]
fn check_pages(rows: &[Row], metadata: &ParquetMetaData) {
    let mut start = 0;
    for (group, chunk) in metadata.row_groups().iter().enumerate() {
        let rows = &rows[start..start + chunk.num_rows() as usize];
        start += rows.len();
        let pages = metadata.page_index_for_row_group(group);
        for (column, name) in COLUMNS.iter().enumerate() {
            let (places, index) = (pages.page_locations(column).unwrap(), pages.column_index(column));
            let starts: Vec<usize> = places.iter().map(|page| page.first_row_index as usize).collect();
            assert_eq!(starts.first(), Some(&0), "{name}");
            let (mut smallest, mut largest) = (Vec::new(), Vec::new());
            let ends = starts.iter().skip(1).copied().chain([rows.len()]);
            for (page, (start, end)) in starts.iter().zip(ends).enumerate() {
                assert!(end - start <= 20_000, "{name}");
                let Some(index) = index else {
                    continue;
                };
                let values = || rows[*start..end].iter().filter_map(|row| value(row, name));
                let expected = values().min().zip(values().max());
                assert_eq!(bounds(index, page), expected, "{name} of page {page} in group {group}");
                if let Some(bounds) = expected.clone() {
                    smallest.push(bounds.0);
                    largest.push(bounds.1);
                }
                assert_eq!(index.is_null_page(page), expected.is_none());
                let nulls = end - start - values().count();
                assert_eq!(index.null_count(page), Some(nulls as i64), "{name}");
            }
            let both = |is_step: fn(&Vec<u8>, &Vec<u8>) -> bool| {
                smallest.is_sorted_by(is_step) && largest.is_sorted_by(is_step)
            };
            let order = match (both(|one, next| one <= next), both(|one, next| one >= next)) {
                (true, _) => BoundaryOrder::ASCENDING,
                (_, true) => BoundaryOrder::DESCENDING,
                _ => BoundaryOrder::UNORDERED,
            };
            if let Some(index) = index {
                assert_eq!(index.get_boundary_order(), Some(order), "{name}");
            }
        }
    }
    assert_eq!(start, rows.len());
}

#[test]
fn an_hour_of_several_row_groups_can_be_searched() {
    let rows: Vec<Row> = (0..150_000)
        .map(|number| {
            let name = format!("type-{:02}:verb", number * number % 83);
            let mut row = Row::of(&uuid(number), &name, 1.5 + (number % 3_600) as f64, number as i64, "{}");
            row.subkind = row.subkind.filter(|_| number % 83 > 2);
            row
        })
        .collect();
    let (file, metadata) = file(&rows);
    let found = read(&file);
    assert_eq!(found, compacted(rows));
    let sizes: Vec<i64> = metadata.row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(sizes, [131_072, 18_928]);
    check_pages(&found, &metadata);

    let mut start = 0;
    for (group, chunk) in metadata.row_groups().iter().enumerate() {
        let sorted = chunk.sorting_columns().unwrap();
        let sorted: Vec<_> = sorted
            .iter()
            .map(|by| (by.column_idx, by.descending, by.nulls_first))
            .collect();
        assert_eq!(sorted, [(1, false, false), (4, false, false)]);
        assert!(
            chunk
                .columns()
                .iter()
                .all(|column| matches!(column.compression(), Compression::ZSTD(_)))
        );
        let pages = metadata.page_index_for_row_group(group);
        let index = |name| pages.column_index(column(name));
        let order = |name| index(name).and_then(ColumnIndexMetaData::get_boundary_order);
        assert_eq!(order("event_name"), Some(BoundaryOrder::ASCENDING));
        for name in ["event_uuid", "payload"] {
            assert!(index(name).is_none(), "bounds of {name} would say nothing");
        }
        let rows = &found[start..start + chunk.num_rows() as usize];
        start += rows.len();
        check_filter(&file, chunk.column(column("event_uuid")), rows);
    }
}

/// The filter has every `event_uuid` of the rows, and hardly another.
#[track_caller]
fn check_filter(file: &Bytes, chunk: &ColumnChunkMetaData, rows: &[Row]) {
    let filter = Sbbf::read_from_column_chunk(chunk, file).unwrap().unwrap();
    assert!(rows.iter().all(|row| filter.check(row.uuid.as_deref().unwrap())));
    let strangers = (1_000_000..1_100_000)
        .filter(|number| filter.check(uuid(*number).as_str()))
        .count();
    assert!(strangers < 1_000, "{strangers} of 100,000 are said to be there");
}

#[test]
fn long_and_strange_values_leave_the_index_right() {
    let of = |number: usize, name: &str, created: f64, payload: &str| Row::of(&uuid(number), name, created, 7, payload);
    // A name that is too long for a bound takes the bounds of its column away, and of no other.
    let (file, metadata) = file(&[of(1, "a", 1.0, "{}"), of(2, &"n".repeat(65), 2.0, "{}")]);
    check_pages(&read(&file), &metadata);
    let pages = metadata.page_index_for_row_group(0);
    assert!(pages.column_index(column("event_name")).is_none());
    assert!(pages.column_index(column("created_at")).is_some());
    assert!(
        metadata
            .row_group(0)
            .column(column("event_name"))
            .statistics()
            .is_none()
    );

    // More names than a dictionary takes still have their bounds.
    let rows: Vec<Row> = (0..9_000)
        .map(|number| of(number, &format!("{number:05}"), 1.0, "{}"))
        .collect();
    let (file, metadata) = self::file(&rows);
    check_pages(&read(&file), &metadata);
    let Some(Statistics::ByteArray(bounds)) = metadata.row_group(0).column(column("event_name")).statistics() else {
        panic!("no bounds");
    };
    assert_eq!(bounds.min_bytes_opt(), Some(&b"00000"[..]));
    assert_eq!(bounds.max_bytes_opt(), Some(&b"08999"[..]));

    // What is no number is in no bounds, and either zero is in both.
    let rows = [
        of(1, "a", f64::NAN, "{}"),
        of(2, "a", 0.0, "{}"),
        of(3, "a", -0.0, "{}"),
    ];
    let (_, metadata) = self::file(&rows);
    let Some(Statistics::Double(bounds)) = metadata.row_group(0).column(column("created_at")).statistics() else {
        panic!("no bounds");
    };
    let bits = |bound: Option<&f64>| bound.map(|bound| bound.to_bits());
    assert_eq!(bits(bounds.min_opt()), Some((-0.0f64).to_bits()));
    assert_eq!(bits(bounds.max_opt()), Some(0.0f64.to_bits()));

    // Nulls alone have a page of nulls.
    let nothing = Row {
        uuid: Some(uuid(1)),
        ..Row::default()
    };
    let (file, metadata) = self::file(&[nothing]);
    check_pages(&read(&file), &metadata);
}

#[test]
fn long_texts_end_pages_and_row_groups_early() {
    let long = format!(r#"{{"text":"{}"}}"#, "x".repeat(200_000));
    let rows: Vec<Row> = (0..20_400)
        .map(|number| {
            // Sorted together, behind many short ones.
            let (name, payload) = if number >= 20_000 {
                ("b", long.as_str())
            } else {
                ("a", "{}")
            };
            Row::of(&uuid(number), name, 1.0 + number as f64, 7, payload)
        })
        .collect();
    let (file, metadata) = file(&rows);
    let found = read(&file);
    assert!(found == compacted(rows), "other rows");
    check_pages(&found, &metadata);
    let sizes: Vec<i64> = metadata.row_groups().iter().map(|group| group.num_rows()).collect();
    // 64 MiB are 327 of the long rows and what stands before them.
    assert_eq!(sizes.len(), 2);
    assert!((20_320..20_336).contains(&sizes[0]), "{sizes:?}");
    let pages = metadata.page_index_for_row_group(0);
    let pages = pages.num_data_pages(column("payload")).unwrap();
    // The short rows alone fill 75 pages of the rows that a page has on average.
    assert!((100..=120).contains(&pages), "{pages} pages");
}

#[test]
fn the_bytes_do_not_depend_on_the_runs() {
    let rows: Vec<Row> = (0..20_000)
        .map(|number| {
            Row::of(
                &uuid(number % 15_000),
                &format!("t{}", number % 7),
                1.0,
                number as i64,
                "{}",
            )
        })
        .collect();
    let objects: Vec<Bytes> = rows.chunks(3_000).map(|rows| write(rows, &Style::default())).collect();
    let files = |run_bytes| {
        let settings = Settings {
            file_rows: 4_000,
            ..settings(run_bytes, 0)
        };
        let mut compactor = Compactor::new(settings).unwrap();
        for object in &objects {
            compactor.push(object.clone()).unwrap();
        }
        compactor.finish().map(|file| file.unwrap()).collect::<Vec<_>>()
    };
    let whole = files(usize::MAX);
    let sizes: Vec<usize> = whole.iter().map(|file| file.rows).collect();
    assert_eq!(sizes, [4_000, 4_000, 4_000, 3_000]);
    assert!(files(50_000) == whole, "other bytes");
}
