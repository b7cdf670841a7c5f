//! The peer in the same language: arrow's JSON reader and its Parquet writer.
//!
//! The records of a batch are decoded into one buffer, a line each, and read as one record batch;
//! each hour's rows are taken out of it, and written by a writer of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringBuilder, TimestampMillisecondArray, UInt32Array};
use arrow::compute::{concat_batches, take};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, TimeUnit};
use arrow::json::ReaderBuilder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::ours::Encode;

pub fn encoder(tool: &str) -> Encode {
    let properties = match tool {
        "arrow-json" => WriterProperties::builder().set_compression(zstd()).build(),
        "arrow-json-tuned" => tuned(),
        "arrow-json-snappy" => WriterProperties::builder().set_compression(Compression::SNAPPY).build(),
        _ => panic!("no tool {tool}"),
    };
    let (read, written) = schemas();
    let mut lines = Vec::new();
    Box::new(move |batch, give| {
        lines.clear();
        for record in batch.each() {
            base64_simd::STANDARD
                .decode_append(record, &mut lines)
                .expect("good base64");
            lines.push(b'\n');
        }
        let events = events(&lines, &read, batch.len());
        let events = derived(&events, &written);
        for (hour, rows) in hours(&events) {
            // All rows of the batch are of one hour: nothing is to be taken out.
            let rows = if rows.len() == events.num_rows() {
                events.clone()
            } else {
                taken(&events, &rows)
            };
            let mut writer =
                ArrowWriter::try_new(Vec::with_capacity(1 << 20), written.clone(), Some(properties.clone()))
                    .expect("a writer");
            writer.write(&rows).expect("rows that fit");
            give(lake_folder(hour), writer.into_inner().expect("an object"));
        }
    })
}

fn zstd() -> Compression {
    Compression::ZSTD(ZstdLevel::try_new(1).expect("a level"))
}

/// What a user who knows the columns would set: no dictionary where all differs, and differences
/// where numbers are near each other.
fn tuned() -> WriterProperties {
    let mut properties = WriterProperties::builder().set_compression(zstd());
    for column in ["event_uuid", "session_id"] {
        properties = properties
            .set_column_dictionary_enabled(column.into(), false)
            .set_column_statistics_enabled(column.into(), EnabledStatistics::None);
    }
    for column in ["created_at", "created_datetime"] {
        properties = properties
            .set_column_dictionary_enabled(column.into(), false)
            .set_column_encoding(column.into(), Encoding::DELTA_BINARY_PACKED);
    }
    let duration = ColumnPath::from(vec!["payload".to_owned(), "duration_ms".to_owned()]);
    properties.set_column_dictionary_enabled(duration, false).build()
}

/// The schema of the events, and that of the objects.
fn schemas() -> (SchemaRef, SchemaRef) {
    let field = |name: &str, kind| Field::new(name, kind, true);
    let payload = vec![
        field("item_id", DataType::Int64),
        field("score", DataType::Float64),
        field("duration_ms", DataType::Int64),
        field("source", DataType::Utf8),
        field("note", DataType::Utf8),
    ];
    let mut fields = vec![
        field("event_uuid", DataType::Utf8),
        field("event_name", DataType::Utf8),
        field("created_at", DataType::Int64),
        field("user_id", DataType::Int64),
        field("session_id", DataType::Utf8),
        field("platform", DataType::Utf8),
        field("app_version", DataType::Utf8),
        field("locale", DataType::Utf8),
        field("country", DataType::Utf8),
        field("payload", DataType::Struct(payload.into())),
    ];
    let read = Arc::new(Schema::new(fields.clone()));
    fields.push(field("event_type", DataType::Utf8));
    fields.push(field("event_subtype", DataType::Utf8));
    fields.push(field(
        "created_datetime",
        DataType::Timestamp(TimeUnit::Millisecond, None),
    ));
    (read, Arc::new(Schema::new(fields)))
}

fn events(lines: &[u8], schema: &SchemaRef, rows: usize) -> RecordBatch {
    let builder = ReaderBuilder::new(schema.clone()).with_batch_size(rows);
    let mut decoder = builder.build_decoder().expect("a schema that can be read");
    let (mut at, mut batches) = (0, Vec::new());
    while at < lines.len() {
        at += decoder.decode(&lines[at..]).expect("good events");
        batches.extend(decoder.flush().expect("good events"));
    }
    match batches.as_slice() {
        [batch] => batch.clone(),
        batches => concat_batches(schema, batches).expect("batches of one schema"),
    }
}

/// The events with the columns that are derived.
fn derived(events: &RecordBatch, schema: &SchemaRef) -> RecordBatch {
    let names = events.column(1).as_string::<i32>();
    let (mut kinds, mut subkinds) = (StringBuilder::new(), StringBuilder::new());
    for name in names {
        let parts = name.and_then(|name| name.split_once(':'));
        kinds.append_option(parts.map(|(kind, _)| kind).or(name));
        subkinds.append_option(parts.map(|(_, subkind)| subkind));
    }
    let created = events.column(2).as_primitive::<Int64Type>();
    let created: TimestampMillisecondArray = created.iter().map(|second| Some(second? * 1_000)).collect();
    let mut columns = events.columns().to_vec();
    columns.push(Arc::new(kinds.finish()));
    columns.push(Arc::new(subkinds.finish()));
    columns.push(Arc::new(created));
    RecordBatch::try_new(schema.clone(), columns).expect("columns of the schema")
}

/// The rows of each hour.
fn hours(events: &RecordBatch) -> BTreeMap<i64, Vec<u32>> {
    let mut hours: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    let created = events.column(2).as_primitive::<Int64Type>();
    for (row, second) in created.values().iter().enumerate() {
        hours.entry(second.div_euclid(3_600)).or_default().push(row as u32);
    }
    hours
}

fn taken(events: &RecordBatch, rows: &[u32]) -> RecordBatch {
    let rows = UInt32Array::from(rows.to_vec());
    let columns: Vec<ArrayRef> = events
        .columns()
        .iter()
        .map(|column| take(column, &rows, None).expect("rows"))
        .collect();
    RecordBatch::try_new(events.schema(), columns).expect("columns of the schema")
}

/// All measured events are of three days of one month.
fn lake_folder(hour: i64) -> String {
    // 2025-11-20T00:00:00Z
    let (day, hour) = ((hour - 489_888) / 24 + 20, (hour - 489_888) % 24);
    format!("year=2025/month=11/day={day:02}/hour={hour:02}")
}
