//! What a run of ingest is told to do.

use serde_json::Value;

use crate::event::Cause;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// What made the run begin.
    pub cause: Cause,
    /// Which listings of titles are read.
    pub titles: Titles,
    /// Whether the linear schedules are read.
    pub schedules: bool,
}

/// Which listings of titles are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Titles {
    /// Every one.
    All,
    /// As many as the schedule allows, those first that were not read for longest, and what is new.
    Due,
    /// None.
    None,
}

impl Order {
    /// Reads an event, `{"cause":"schedule","titles":"due","schedules":"Y"}`.
    ///
    /// Any JSON will do; where nothing else is said, everything is wanted.
    #[must_use]
    pub fn read(event: &Value) -> Self {
        let says = |name: &str, word: &str| {
            let text = event.get(name).and_then(Value::as_str);
            text.is_some_and(|text| text.trim().eq_ignore_ascii_case(word))
        };
        let is_scheduled = says("cause", "schedule") || says("source", "aws.events");
        Self {
            cause: if is_scheduled { Cause::Schedule } else { Cause::Request },
            titles: if says("titles", "n") {
                Titles::None
            } else if says("titles", "due") {
                Titles::Due
            } else {
                Titles::All
            },
            schedules: !says("schedules", "n"),
        }
    }
}
