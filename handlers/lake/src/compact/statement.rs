//! What the engine is asked, in Athena's SQL.

use std::fmt::Write as _;

use crate::Hour;
use crate::contract::{COLUMNS, generation_partitions};

/// What decides between copies of an event that arrived at the same time: all other columns, in the
/// order in which `lake_parquet::compact` sorts by them.
const REST: &str = "event_name, created_at, created_datetime, event_type, event_subtype, payload";

/// The tables, by their names in one database.
#[derive(Debug, Clone)]
pub struct Tables {
    /// The raw objects.
    pub raw: String,
    /// The generations.
    pub generations: String,
}

impl Tables {
    /// Writes a generation: each event once, as it arrived first; rows without an identity all.
    ///
    /// Which rows those are follows from the raw objects alone. Their order in the files is a wish:
    /// the engine may write several beside each other.
    #[must_use]
    pub fn insert(&self, hour: Hour, generation: &str) -> String {
        let columns = list(COLUMNS.iter().map(|column| column.name));
        let partitions = generation_partitions();
        let keys = list(partitions.iter().map(|partition| partition.name));
        let hours = list(hour.partition().map(|(name, _)| name));
        format!(
            "INSERT INTO \"{generations}\" ({columns}, {keys})\n\
             SELECT {columns}, {hours}, '{generation}'\n\
             FROM (\n  \
               SELECT *, row_number() OVER (PARTITION BY event_uuid ORDER BY ingested_at, {REST}) AS copy\n  \
               FROM \"{raw}\"\n  \
               WHERE {is_hours}\n\
             )\n\
             WHERE copy = 1 OR event_uuid IS NULL\n\
             ORDER BY event_name, created_at, event_uuid",
            generations = self.generations,
            raw = self.raw,
            is_hours = is_hours(hour),
        )
    }

    /// Counts the rows of an hour's raw objects, and those of a generation.
    #[must_use]
    pub fn count(&self, hour: Hour, generation: &str) -> String {
        let is_hours = is_hours(hour);
        format!(
            "SELECT\n  \
               (SELECT count(*) FROM \"{raw}\" WHERE {is_hours}) AS rows_in,\n  \
               (SELECT count(*) FROM \"{generations}\" WHERE {is_hours} AND generation = '{generation}') AS rows_out",
            raw = self.raw,
            generations = self.generations,
        )
    }
}

fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn is_hours(hour: Hour) -> String {
    let mut condition = String::new();
    for (name, value) in hour.partition() {
        let and = if condition.is_empty() { "" } else { " AND " };
        // Writing to a String cannot fail.
        let _ = write!(condition, "{and}{name} = '{value}'");
    }
    condition
}

#[cfg(test)]
mod tests {
    use super::{REST, Tables};
    use crate::Hour;
    use crate::contract::COLUMNS;

    #[test]
    fn statements_name_the_hour_the_generation_and_every_column() {
        let tables = Tables {
            raw: "events_raw".to_owned(),
            generations: "events_generations".to_owned(),
        };
        let hour = Hour::from_name("2026-01-09T20").unwrap();
        assert_eq!(
            tables.insert(hour, "17-a"),
            "INSERT INTO \"events_generations\" (event_uuid, event_name, event_type, event_subtype, created_at, \
             created_datetime, ingested_at, payload, year, month, day, hour, generation)\n\
             SELECT event_uuid, event_name, event_type, event_subtype, created_at, created_datetime, ingested_at, \
             payload, year, month, day, hour, '17-a'\n\
             FROM (\n  \
               SELECT *, row_number() OVER (PARTITION BY event_uuid ORDER BY ingested_at, event_name, created_at, \
             created_datetime, event_type, event_subtype, payload) AS copy\n  \
               FROM \"events_raw\"\n  \
               WHERE year = '2026' AND month = '01' AND day = '09' AND hour = '20'\n\
             )\n\
             WHERE copy = 1 OR event_uuid IS NULL\n\
             ORDER BY event_name, created_at, event_uuid"
        );
        for column in COLUMNS {
            let is_sorted = REST.split(", ").any(|name| name == column.name);
            assert_eq!(
                is_sorted,
                !["event_uuid", "ingested_at"].contains(&column.name),
                "{}",
                column.name
            );
        }
        assert_eq!(
            tables.count(hour, "17-a"),
            "SELECT\n  \
               (SELECT count(*) FROM \"events_raw\" WHERE year = '2026' AND month = '01' AND day = '09' AND hour = \
             '20') AS rows_in,\n  \
               (SELECT count(*) FROM \"events_generations\" WHERE year = '2026' AND month = '01' AND day = '09' AND \
             hour = '20' AND generation = '17-a') AS rows_out"
        );
    }
}
