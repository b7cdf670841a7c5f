//! What a compacted hour must hold.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A row of the lake's columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Row {
    pub(crate) uuid: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) subkind: Option<String>,
    pub(crate) created: Option<f64>,
    /// Milliseconds, as is the arrival.
    pub(crate) moment: Option<i64>,
    pub(crate) arrival: Option<i64>,
    pub(crate) payload: Option<String>,
}

impl Row {
    /// A good row of the event `uuid`.
    pub(crate) fn of(uuid: &str, name: &str, created: f64, arrival: i64, payload: &str) -> Self {
        let text = |text: &str| Some(text.to_owned());
        let mut parts = name.split(':');
        Self {
            uuid: text(uuid),
            name: text(name),
            kind: parts.next().and_then(text),
            subkind: parts.next().and_then(text),
            created: Some(created),
            moment: Some(created as i64 * 1_000),
            arrival: Some(arrival),
            payload: text(payload),
        }
    }
}

fn order(one: &Row, other: &Row) -> Ordering {
    fn last<T>(one: &Option<T>, other: &Option<T>, order: impl Fn(&T, &T) -> Ordering) -> Ordering {
        match (one, other) {
            (Some(one), Some(other)) => order(one, other),
            (one, other) => one.is_none().cmp(&other.is_none()),
        }
    }
    let text = |of: fn(&Row) -> &Option<String>| last(of(one), of(other), Ord::cmp);
    let number = |of: fn(&Row) -> &Option<i64>| last(of(one), of(other), Ord::cmp);
    text(|row| &row.name)
        .then(last(&one.created, &other.created, f64::total_cmp))
        .then(text(|row| &row.uuid))
        .then(number(|row| &row.arrival))
        .then(number(|row| &row.moment))
        .then(text(|row| &row.kind))
        .then(text(|row| &row.subkind))
        .then(text(|row| &row.payload))
}

/// The rows that are left of `rows`, in order.
pub(crate) fn compacted(mut rows: Vec<Row>) -> Vec<Row> {
    let arrival = |row: &Row| row.arrival.unwrap_or(i64::MAX);
    rows.sort_by(|one, other| arrival(one).cmp(&arrival(other)).then(order(one, other)));
    let mut first: BTreeMap<Option<String>, usize> = BTreeMap::new();
    let mut at = 0;
    rows.retain(|row| {
        at += 1;
        row.uuid.is_none() || *first.entry(row.uuid.clone()).or_insert(at) == at
    });
    rows.sort_by(order);
    rows
}
