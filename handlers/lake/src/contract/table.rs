use contract_kit::{Column, ColumnKind, Partition, Query};

/// The columns of the table `events`, in order: also the members of a transformed event.
pub const COLUMNS: &[Column] = &[
    Column {
        name: "event_uuid",
        kind: ColumnKind::String,
        comment: "Identity given by the producer; the same value twice is the same event twice",
    },
    Column {
        name: "event_name",
        kind: ColumnKind::String,
        comment: "Full name, parts separated by colons: payment:order:completed",
    },
    Column {
        name: "event_type",
        kind: ColumnKind::String,
        comment: "First part of event_name",
    },
    Column {
        name: "event_subtype",
        kind: ColumnKind::String,
        comment: "Second part of event_name, null where there is none",
    },
    Column {
        name: "created_at",
        kind: ColumnKind::Double,
        comment: "When the event happened, Unix seconds, as the producer sent it",
    },
    Column {
        name: "created_datetime",
        kind: ColumnKind::Timestamp,
        comment: "created_at as a UTC timestamp, rounded down to whole seconds",
    },
    Column {
        name: "ingested_at",
        kind: ColumnKind::Timestamp,
        comment: "When the event reached the stream, UTC, milliseconds",
    },
    Column {
        name: "payload",
        kind: ColumnKind::String,
        comment: "All other fields of the event, a JSON object; read it with json_extract_scalar",
    },
];

/// The partitions of the table `events`, outermost first; UTC, by the event's own creation time.
pub const PARTITIONS: &[Partition] = &[
    Partition {
        name: "year",
        comment: "UTC year of created_at, four digits",
    },
    Partition {
        name: "month",
        comment: "UTC month of created_at, 01 to 12",
    },
    Partition {
        name: "day",
        comment: "UTC day of created_at, 01 to 31",
    },
    Partition {
        name: "hour",
        comment: "UTC hour of created_at, 00 to 23",
    },
];

/// Named queries over the table `events`, in Athena SQL.
///
/// The table is named without its database: the query's context says which one is meant.
pub const QUERIES: &[Query] = &[
    Query {
        name: "events-by-type",
        description: "How many events of each type and subtype there are, commonest first",
        sql: include_str!("../query/events-by-type.sql"),
    },
    Query {
        name: "events-per-hour",
        description: "How many events each hour has, newest hour first",
        sql: include_str!("../query/events-per-hour.sql"),
    },
    Query {
        name: "latest-events",
        description: "The 20 newest events with their payload",
        sql: include_str!("../query/latest-events.sql"),
    },
    Query {
        name: "payload-field",
        description: "How to read a field of the payload: events by platform",
        sql: include_str!("../query/payload-field.sql"),
    },
    Query {
        name: "duplicates",
        description: "Events that were delivered more than once: the 100 with the most copies",
        sql: include_str!("../query/duplicates.sql"),
    },
    Query {
        name: "deduplicated",
        description: "Each event once, of equal event_uuids the first to arrive: the newest 1,000",
        sql: include_str!("../query/deduplicated.sql"),
    },
    Query {
        name: "partitions",
        description: "The partitions, their newest arrival and how late events reached them",
        sql: include_str!("../query/partitions.sql"),
    },
];
