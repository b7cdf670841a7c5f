//! Columns of a result and what their values are, from Athena's own words.

use crate::table::Align;
use std::collections::HashSet;

/// A value as Athena gives it: text, or NULL.
pub(crate) type Row = Vec<Option<String>>;

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name in the result; several columns may have the same.
    pub(crate) name: String,
    /// What its values are.
    pub(crate) kind: Kind,
}

/// What values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `true` or `false`.
    Boolean,
    /// `tinyint`, `smallint`, `integer`.
    Integer,
    /// 64-bit integers.
    BigInt,
    /// 32-bit floating point; Athena says `float`.
    Real,
    /// 64-bit floating point.
    Double,
    /// Decimal fractions.
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits behind the point.
        scale: u8,
    },
    /// A day.
    Date,
    /// Day and time without a zone.
    Timestamp,
    /// A JSON text.
    Json,
    /// Text, and everything that is printed as text: arrays, maps, rows, bytes, zoned times.
    Text,
}

impl Kind {
    /// Reads the type's name, with or without its parameters.
    pub(crate) fn of(name: &str, precision: i32, scale: i32) -> Self {
        let (base, parameters) = match name.split_once('(') {
            Some((base, rest)) if !rest.contains(" with ") => (base, rest.trim_end_matches(')')),
            _ => (name, ""),
        };
        match base {
            "boolean" => Self::Boolean,
            "tinyint" | "smallint" | "integer" | "int" => Self::Integer,
            "bigint" => Self::BigInt,
            "real" | "float" => Self::Real,
            "double" => Self::Double,
            "decimal" => {
                let mut given = parameters.split(',').map(|n| n.trim().parse().ok());
                let precision = given.next().flatten().unwrap_or(precision);
                let scale = given.next().flatten().unwrap_or(scale);
                // What is out of range can only be a misreading; the widest type holds the most.
                let precision = u8::try_from(precision)
                    .ok()
                    .filter(|p| (1..=38).contains(p))
                    .unwrap_or(38);
                Self::Decimal {
                    precision,
                    scale: u8::try_from(scale).unwrap_or_default().min(precision),
                }
            }
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "json" => Self::Json,
            _ => Self::Text,
        }
    }

    /// Numbers stand on the right.
    pub(crate) fn align(self) -> Align {
        match self {
            Self::Integer | Self::BigInt | Self::Real | Self::Double | Self::Decimal { .. } => Align::Right,
            _ => Align::Left,
        }
    }
}

/// The columns' names, made different where they are not: `n`, `n_2`.
pub(crate) fn unique_names(columns: &[Column]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut names = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = column.name.clone();
        let mut number = 1;
        while taken.contains(&name) {
            number += 1;
            name = format!("{}_{number}", column.name);
        }
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{Column, Kind, unique_names};

    #[test]
    fn types_are_read_with_and_without_parameters() {
        let cases = [
            ("bigint", Kind::BigInt),
            ("tinyint", Kind::Integer),
            ("float", Kind::Real),
            (
                "decimal(10,2)",
                Kind::Decimal {
                    precision: 10,
                    scale: 2,
                },
            ),
            ("decimal", Kind::Decimal { precision: 7, scale: 3 }),
            ("varchar(20)", Kind::Text),
            ("timestamp(3)", Kind::Timestamp),
            ("timestamp", Kind::Timestamp),
            ("timestamp with time zone", Kind::Text),
            ("timestamp(3) with time zone", Kind::Text),
            ("array(bigint)", Kind::Text),
            ("json", Kind::Json),
        ];
        for (name, kind) in cases {
            assert_eq!(Kind::of(name, 7, 3), kind, "{name}");
        }
        assert_eq!(
            Kind::of("decimal", 0, 0),
            Kind::Decimal {
                precision: 38,
                scale: 0
            }
        );
    }

    #[test]
    fn equal_names_are_told_apart() {
        let columns = ["n", "n", "n_2", "m", "n"].map(|name| Column {
            name: name.to_owned(),
            kind: Kind::Text,
        });
        assert_eq!(unique_names(&columns), ["n", "n_2", "n_2_2", "m", "n_3"]);
    }
}
