//! How the programme stream lands in the lake: a dataset of its own, in the lake's columns.
//!
//! Its records are events of the lake, so that the lake's own transform takes them; what they say
//! of a programme is in the column `payload`, under the member `payload` of the record.

use contract_kit::Query;

/// Name of the dataset: the table, and the part of every path in the lake's bucket.
pub const DATASET: &str = "programmes";

/// Named queries over the table, in Athena SQL; the context says which database is meant.
pub const QUERIES: &[Query] = &[
    Query {
        name: "programme-slots",
        description: "What each programme's newest version says: channel, title, times, whether it is cancelled",
        sql: include_str!("../query/programme-slots.sql"),
    },
    Query {
        name: "programme-changes",
        description: "The versions of each programme, oldest first: what was moved, renamed or cancelled",
        sql: include_str!("../query/programme-changes.sql"),
    },
    Query {
        name: "channel-hours",
        description: "Programmes and hours of each channel and day, from each programme's newest version",
        sql: include_str!("../query/channel-hours.sql"),
    },
    Query {
        name: "titles-by-source",
        description: "How many titles each source lists, from each title's newest version",
        sql: include_str!("../query/titles-by-source.sql"),
    },
    Query {
        name: "records-by-name",
        description: "How many records of each kind there are, and how many of them are copies",
        sql: include_str!("../query/records-by-name.sql"),
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{DATASET, QUERIES};

    #[test]
    fn queries_are_one_statement_over_the_dataset() {
        let mut names = BTreeSet::new();
        for query in QUERIES {
            assert!(names.insert(query.name), "{} twice", query.name);
            assert!(!query.sql.contains(';'), "{} holds a semicolon", query.name);
            assert!(
                query.sql.contains(&format!("FROM {DATASET}\n")),
                "{} does not read the dataset",
                query.name
            );
            assert!(!query.description.ends_with('.'));
        }
    }
}
