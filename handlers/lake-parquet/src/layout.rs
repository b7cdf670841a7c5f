//! Which columns an object has, where their values come from, and how they are encoded.

use std::collections::BTreeSet;
use std::sync::Arc;

use lake::contract::COLUMNS;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::errors::ParquetError;
use parquet::schema::types::{Type, TypePtr};

/// The columns of an object, in order; every one may be null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    columns: Vec<Column>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name; or that of a group and the name in it.
    pub path: Vec<String>,
    /// Where its values come from.
    pub source: Source,
}

/// Where a column's values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The event's `event_uuid`.
    EventUuid,
    /// The event's `event_name`.
    EventName,
    /// First part of `event_name`.
    EventType,
    /// Second part of `event_name`; null where there is none.
    EventSubtype,
    /// The event's `created_at`, a double.
    CreatedAt,
    /// The event's `created_at` rounded down to whole seconds, an integer.
    CreatedSecond,
    /// The same as a timestamp in UTC.
    CreatedDatetime,
    /// When the record reached the stream: a timestamp in UTC, in milliseconds.
    IngestedAt,
    /// All members that no other column took whole, as the text of a JSON object.
    ///
    /// A layout without it drops them.
    Rest,
    /// The event's member of the column's path.
    ///
    /// Null where the member is absent, null, or of another type.
    Member(Form),
}

/// What a member's values are, and how the column keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text of few different values: a dictionary, unless it does not pay.
    RepeatedText,
    /// Text that seldom repeats: lengths apart from the characters (`DELTA_LENGTH_BYTE_ARRAY`),
    /// which are a sixth less work for Zstandard than with each length before its text.
    Text,
    /// Integers near each other, or evenly spread (`DELTA_BINARY_PACKED`).
    Integer,
    /// Integers most of which are small and some are not: as they are, so that Zstandard finds
    /// the zeros that a packing to the widest would not have.
    SkewedInteger,
    /// Doubles, as they are.
    Double,
}

/// A layout that no object can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// No column.
    #[error("a layout needs a column")]
    Empty,
    /// A path is neither a name nor a group and a name.
    #[error("column {column} has {levels} names in its path, not one or two")]
    Path {
        /// The column's place, from 0.
        column: usize,
        /// Names in its path.
        levels: usize,
    },
    /// A name appears twice, or the columns of a group do not stand together.
    #[error("column {name} appears again: give each its own name, and keep a group together")]
    Again {
        /// The name.
        name: String,
    },
}

impl Layout {
    /// The columns of [`lake::contract::COLUMNS`].
    #[must_use]
    pub fn lake() -> Self {
        let columns = COLUMNS.iter().filter_map(|column| {
            let source = match column.name {
                "event_uuid" => Source::EventUuid,
                "event_name" => Source::EventName,
                "event_type" => Source::EventType,
                "event_subtype" => Source::EventSubtype,
                "created_at" => Source::CreatedAt,
                "created_datetime" => Source::CreatedDatetime,
                "ingested_at" => Source::IngestedAt,
                "payload" => Source::Rest,
                _ => return None,
            };
            Some(Column {
                path: vec![column.name.to_owned()],
                source,
            })
        });
        Self {
            columns: columns.collect(),
        }
    }

    /// A layout of columns of one's own.
    ///
    /// # Errors
    ///
    /// When a reader could not tell the columns apart.
    pub fn new(columns: Vec<Column>) -> Result<Self, LayoutError> {
        if columns.is_empty() {
            return Err(LayoutError::Empty);
        }
        let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
        let mut open = None;
        for (index, Column { path, .. }) in columns.iter().enumerate() {
            let (name, group) = match path.as_slice() {
                [name] => (name, None),
                [group, _] => (group, Some(group)),
                _ => {
                    return Err(LayoutError::Path {
                        column: index,
                        levels: path.len(),
                    });
                }
            };
            let continues = group.is_some() && group == open;
            if (!continues && !names.insert(name)) || !paths.insert(path) {
                return Err(LayoutError::Again { name: path.join(".") });
            }
            open = group;
        }
        Ok(Self { columns })
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
}

impl Layout {
    /// The columns as Parquet has them.
    pub(crate) fn schema(&self) -> Result<TypePtr, ParquetError> {
        let mut fields = Vec::new();
        let mut members = Vec::new();
        let mut columns = self.columns.iter().peekable();
        while let Some(column) = columns.next() {
            let leaf = Arc::new(leaf(column)?);
            let [group, _] = column.path.as_slice() else {
                fields.push(leaf);
                continue;
            };
            members.push(leaf);
            if columns.peek().and_then(|next| next.path.first()) != Some(group) {
                let fields_of_group = std::mem::take(&mut members);
                let group = Type::group_type_builder(group).with_repetition(Repetition::OPTIONAL);
                fields.push(Arc::new(group.with_fields(fields_of_group).build()?));
            }
        }
        Ok(Arc::new(Type::group_type_builder("event").with_fields(fields).build()?))
    }
}

impl Column {
    pub(crate) fn kind(&self) -> Kind {
        match self.source {
            Source::EventName | Source::EventType | Source::EventSubtype => Kind::RepeatedText,
            Source::EventUuid | Source::Rest => Kind::Text,
            Source::CreatedAt => Kind::Double,
            Source::CreatedSecond => Kind::Integer { packed: true },
            Source::CreatedDatetime | Source::IngestedAt => Kind::Timestamp,
            Source::Member(form) => match form {
                Form::RepeatedText => Kind::RepeatedText,
                Form::Text => Kind::Text,
                Form::Integer => Kind::Integer { packed: true },
                Form::SkewedInteger => Kind::Integer { packed: false },
                Form::Double => Kind::Double,
            },
        }
    }

    /// Definition level of a value: how many of the path's names may be absent.
    pub(crate) fn max_level(&self) -> u8 {
        if self.path.len() > 1 { 2 } else { 1 }
    }
}

/// What a column holds and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    RepeatedText,
    Text,
    Integer { packed: bool },
    Timestamp,
    Double,
}

fn leaf(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind() {
        Kind::RepeatedText | Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Integer { .. } => (Physical::INT64, None),
        // Without a zone of its own, as the catalog has it: UTC by agreement.
        Kind::Timestamp => (Physical::INT64, Some(LogicalType::timestamp(false, TimeUnit::MILLIS))),
        Kind::Double => (Physical::DOUBLE, None),
    };
    let name = column.path.last().map_or("", String::as_str);
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

#[cfg(test)]
mod tests {
    use contract_kit::ColumnKind;
    use lake::contract::COLUMNS;

    use super::{Column, Form, Kind, Layout, LayoutError, Source};

    #[test]
    fn the_lakes_layout_is_its_contract() {
        let layout = Layout::lake();
        let found: Vec<(&str, Kind)> = layout
            .columns
            .iter()
            .map(|column| (column.path[0].as_str(), column.kind()))
            .collect();
        assert_eq!(found.len(), COLUMNS.len());
        for (column, (name, kind)) in COLUMNS.iter().zip(found) {
            assert_eq!(column.name, name);
            let expected = match kind {
                Kind::RepeatedText | Kind::Text => ColumnKind::String,
                Kind::Integer { .. } => ColumnKind::BigInt,
                Kind::Timestamp => ColumnKind::Timestamp,
                Kind::Double => ColumnKind::Double,
            };
            assert_eq!(column.kind, expected, "{name}");
        }
    }

    #[test]
    fn columns_that_readers_could_not_tell_apart_are_refused() {
        let layout = |paths: &[&str]| {
            let columns = paths.iter().map(|path| Column {
                path: path
                    .split('.')
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned)
                    .collect(),
                source: Source::Member(Form::Text),
            });
            Layout::new(columns.collect())
        };
        let again = |name: &str| Err(LayoutError::Again { name: name.to_owned() });
        assert!(layout(&["a", "g.a", "g.b", "b", "h.a"]).is_ok());
        assert_eq!(layout(&[]), Err(LayoutError::Empty));
        assert_eq!(layout(&["a", ""]), Err(LayoutError::Path { column: 1, levels: 0 }));
        assert_eq!(layout(&["a.b.c"]), Err(LayoutError::Path { column: 0, levels: 3 }));
        assert_eq!(layout(&["a", "a"]), again("a"));
        assert_eq!(layout(&["g.a", "g.a"]), again("g.a"));
        assert_eq!(layout(&["g.a", "b", "g.c"]), again("g.c"));
        assert_eq!(layout(&["g", "g.a"]), again("g.a"));
        assert_eq!(layout(&["g.a", "g"]), again("g"));
    }
}
