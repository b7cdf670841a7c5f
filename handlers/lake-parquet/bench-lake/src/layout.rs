//! The 13 columns of the comparison: every field of the measured events has its own.

use lake_parquet::{Column, Form, Layout, Source};

pub fn layout() -> Layout {
    let column = |path: &str, source| Column {
        path: path.split('.').map(str::to_owned).collect(),
        source,
    };
    let columns = vec![
        column("event_uuid", Source::EventUuid),
        column("event_name", Source::EventName),
        column("created_at", Source::CreatedSecond),
        column("user_id", Source::Member(Form::SkewedInteger)),
        column("session_id", Source::Member(Form::Text)),
        column("platform", Source::Member(Form::RepeatedText)),
        column("app_version", Source::Member(Form::RepeatedText)),
        column("locale", Source::Member(Form::RepeatedText)),
        column("country", Source::Member(Form::RepeatedText)),
        column("payload.item_id", Source::Member(Form::Integer)),
        column("payload.score", Source::Member(Form::Double)),
        column("payload.duration_ms", Source::Member(Form::Integer)),
        column("payload.source", Source::Member(Form::RepeatedText)),
        column("payload.note", Source::Member(Form::RepeatedText)),
        column("event_type", Source::EventType),
        column("event_subtype", Source::EventSubtype),
        column("created_datetime", Source::CreatedDatetime),
    ];
    Layout::new(columns).expect("a good layout")
}
