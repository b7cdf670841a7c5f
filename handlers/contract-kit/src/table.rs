/// One column of a table: declared once, read by the catalog, the writer and the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name, in lower case: Hive and Glue fold case, so another spelling would never match.
    pub name: &'static str,
    /// What its values are.
    pub kind: ColumnKind,
    /// One sentence for the person who writes the query; shown by the Glue catalog.
    pub comment: &'static str,
}

/// What a column's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// UTF-8 text.
    String,
    /// 64-bit IEEE 754 number.
    Double,
    /// A moment in UTC, without a zone of its own.
    Timestamp,
    /// 64-bit signed integer.
    BigInt,
    /// True or false.
    Boolean,
}

impl ColumnKind {
    /// The type's name in a Glue table and in Athena's DDL (Hive).
    #[must_use]
    pub const fn glue_type(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Double => "double",
            Self::Timestamp => "timestamp",
            Self::BigInt => "bigint",
            Self::Boolean => "boolean",
        }
    }
}

/// One level of a table's partitioning: a part of the object's path, not of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// Name, in lower case, as in `name=value` of the path.
    pub name: &'static str,
    /// One sentence for the person who writes the query.
    pub comment: &'static str,
}

impl Partition {
    /// Partition values are always text: Firehose takes nothing else, and `hour=03` keeps its zero.
    pub const KIND: ColumnKind = ColumnKind::String;
}

/// A named query that is deployed beside the table it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// Name by which people call it.
    pub name: &'static str,
    /// One sentence: what question it answers.
    pub description: &'static str,
    /// One statement in Athena SQL (Trino), without a semicolon at its end.
    pub sql: &'static str,
}
