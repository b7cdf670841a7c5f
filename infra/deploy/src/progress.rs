//! What is said of an operation while it runs.

use crate::clock::spoken;
use crate::cloudformation::Event;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Most rows of resources in progress that are shown at once.
const ROWS: usize = 8;

/// The least time that an update takes on AWS.
const PERCEPTIBLE: Duration = Duration::from_millis(200);

/// The state of every resource that an operation touches, as far as the events tell.
#[derive(Debug)]
pub struct Board {
    expected: BTreeSet<String>,
    done: BTreeSet<String>,
    moving: BTreeMap<String, Moving>,
    started: Duration,
    rolling_back: bool,
}

#[derive(Debug)]
struct Moving {
    kind: String,
    /// When it started by the service's clock, for the duration that is reported in the end.
    at: Duration,
    /// When that was seen by our clock, for the duration that is shown meanwhile.
    seen: Duration,
}

impl Board {
    /// A board that counts these resources, from `now` on.
    pub fn new(expected: impl IntoIterator<Item = String>, now: Duration) -> Self {
        Self {
            expected: expected.into_iter().collect(),
            done: BTreeSet::new(),
            moving: BTreeMap::new(),
            started: now,
            rolling_back: false,
        }
    }

    /// Takes an event in; gives back the line to say about it, if any.
    pub fn take(&mut self, event: &Event, stack_id: &str, now: Duration) -> Option<String> {
        if event.is_of_stack(stack_id) {
            return self.turn(event);
        }
        if !event.status.is_final() {
            self.moving.entry(event.logical_id.clone()).or_insert_with(|| Moving {
                kind: event.kind.clone(),
                at: event.at,
                seen: now,
            });
            return None;
        }
        let announced = self.expected.contains(&event.logical_id);
        let took = self
            .moving
            .remove(&event.logical_id)
            .map(|moving| event.at.saturating_sub(moving.at));
        if announced && !event.status.is_failure() {
            self.done.insert(event.logical_id.clone());
        }
        // Some clouds report an update of every resource of the stack. One that was not announced
        // and took no time is no update.
        let real = announced || self.rolling_back || took.is_none_or(|took| took >= PERCEPTIBLE);
        if event.status.0 == "UPDATE_COMPLETE" && !real {
            return None;
        }
        let took = took.map(spoken).unwrap_or_default();
        let (status, id, kind) = (&event.status, &event.logical_id, &event.kind);
        let reason = match &event.reason {
            Some(reason) if event.status.is_failure() => format!(": {reason}"),
            _ => String::new(),
        };
        Some(format!("  {status:<15}  {took:>11}  {id} ({kind}){reason}"))
    }

    /// The rows that show what is going on at this moment.
    pub fn lines(&self, now: Duration) -> Vec<String> {
        let mut lines = vec![self.headline(now)];
        for (id, moving) in self.moving.iter().take(ROWS) {
            let time = spoken(now.saturating_sub(moving.seen));
            lines.push(format!("  {id} ({}) {time}", moving.kind));
        }
        if self.moving.len() > ROWS {
            lines.push(format!("  and {} more", self.moving.len() - ROWS));
        }
        lines
    }

    /// One line for a log that shows no live rows.
    pub fn heartbeat(&self, now: Duration) -> String {
        let ids: Vec<&str> = self.moving.keys().take(ROWS).map(String::as_str).collect();
        let rest = if ids.is_empty() {
            "waiting".to_owned()
        } else {
            ids.join(", ")
        };
        format!("  {}: {rest}", self.headline(now))
    }

    fn headline(&self, now: Duration) -> String {
        let time = spoken(now.saturating_sub(self.started));
        if self.rolling_back {
            format!("rolling back, {time}")
        } else {
            format!("{} of {} done, {time}", self.done.len(), self.expected.len())
        }
    }

    fn turn(&mut self, event: &Event) -> Option<String> {
        if self.rolling_back || !event.status.is_rollback() {
            return None;
        }
        self.rolling_back = true;
        let reason = event.reason.as_deref().unwrap_or("no reason was given");
        Some(format!("  rolling back: {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Board;
    use crate::cloudformation::fake::{STACK_ID, event, stack_event};
    use std::time::Duration;

    #[test]
    fn a_resource_is_counted_and_timed_by_the_clock_of_its_events() {
        let now = Duration::from_secs(1_000);
        let mut board = Board::new(["Queue".to_owned(), "Topic".to_owned()], now);
        let mut start = event("Queue", "CREATE_IN_PROGRESS", None);
        start.at = Duration::from_secs(50);
        let mut end = event("Queue", "CREATE_COMPLETE", None);
        end.at = Duration::from_secs(62);

        assert_eq!(board.take(&start, STACK_ID, now), None);
        let later = now + Duration::from_secs(3);
        assert_eq!(
            board.lines(later),
            ["0 of 2 done, 3.0 s", "  Queue (AWS::Test::Thing) 3.0 s"]
        );
        let line = board.take(&end, STACK_ID, later).unwrap();
        assert_eq!(line, "  CREATE_COMPLETE         12 s  Queue (AWS::Test::Thing)");
        assert_eq!(board.lines(later), ["1 of 2 done, 3.0 s"]);
    }

    #[test]
    fn resources_that_were_not_announced_do_not_count() {
        let mut board = Board::new(["Queue".to_owned()], Duration::ZERO);
        let mut update = |seconds: u64| {
            let start = event("Other", "UPDATE_IN_PROGRESS", None);
            let mut end = event("Other", "UPDATE_COMPLETE", None);
            end.at = Duration::from_secs(seconds);
            board.take(&start, STACK_ID, Duration::ZERO);
            board.take(&end, STACK_ID, Duration::ZERO)
        };
        assert_eq!(update(0), None, "an update that takes no time is none");
        assert!(update(2).is_some());
        let made = event("Switched", "CREATE_COMPLETE", None);
        assert!(board.take(&made, STACK_ID, Duration::ZERO).is_some());
        assert_eq!(board.lines(Duration::ZERO), ["0 of 1 done, 0.0 s"]);
    }

    #[test]
    fn a_rollback_is_said_once() {
        let mut board = Board::new([], Duration::ZERO);
        let turn = stack_event("UPDATE_ROLLBACK_IN_PROGRESS", Some("[Queue] failed"));
        let line = board.take(&turn, STACK_ID, Duration::ZERO);
        assert_eq!(line.as_deref(), Some("  rolling back: [Queue] failed"));
        assert_eq!(board.take(&turn, STACK_ID, Duration::ZERO), None);
        assert!(board.heartbeat(Duration::ZERO).contains("rolling back"));
    }
}
