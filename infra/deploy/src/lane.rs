//! One console for several stacks at a time: every line begins with the stack that it is about.

use crate::console::Console;
use anyhow::Result;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The console that is shared, and what each lane shows on it right now.
#[derive(Debug)]
pub struct Lanes<'a, H> {
    console: &'a H,
    statuses: RefCell<BTreeMap<String, Vec<String>>>,
}

/// The part of a console that belongs to one stack.
#[derive(Debug)]
pub struct Lane<'a, H> {
    lanes: &'a Lanes<'a, H>,
    label: Option<String>,
}

impl<'a, H: Console> Lanes<'a, H> {
    /// Shares a console.
    pub fn new(console: &'a H) -> Self {
        Self {
            console,
            statuses: RefCell::default(),
        }
    }

    /// The lane of a stack; without a label its lines are left as they are.
    pub fn lane(&'a self, label: Option<String>) -> Lane<'a, H> {
        Lane { lanes: self, label }
    }
}

impl<H> Lane<'_, H> {
    fn labelled(&self, line: &str) -> String {
        match &self.label {
            Some(label) => format!("[{label}] {line}"),
            None => line.to_owned(),
        }
    }
}

impl<H: Console> Console for Lane<'_, H> {
    fn say(&self, line: &str) {
        self.lanes.console.say(&self.labelled(line));
    }

    fn status(&self, lines: &[String]) {
        let mut statuses = self.lanes.statuses.borrow_mut();
        let label = self.label.clone().unwrap_or_default();
        statuses.insert(label, lines.iter().map(|line| self.labelled(line)).collect());
        let all: Vec<String> = statuses.values().flatten().cloned().collect();
        self.lanes.console.status(&all);
    }

    fn width(&self) -> usize {
        let label = self.label.as_ref().map_or(0, |label| label.chars().count() + 3);
        self.lanes.console.width().saturating_sub(label)
    }

    fn is_live(&self) -> bool {
        self.lanes.console.is_live()
    }

    async fn confirm(&self, question: &str) -> Result<bool> {
        self.lanes.console.confirm(question).await
    }

    async fn interrupted(&self) {
        self.lanes.console.interrupted().await;
    }
}

/// What tells stacks apart: their names without the words that all begin with.
pub fn labels(names: &[&str]) -> Vec<Option<String>> {
    let [first, others @ ..] = names else { return Vec::new() };
    if others.is_empty() {
        return vec![None];
    }
    let common = first
        .match_indices('-')
        .map(|(end, _)| &first[..=end])
        .take_while(|start| others.iter().all(|name| name.starts_with(start)))
        .last()
        .unwrap_or_default();
    let short = names.iter().map(|name| name.strip_prefix(common).unwrap_or(name));
    short.map(|name| Some(name.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::{Lanes, labels};
    use crate::console::{Console as _, Recorder};

    #[test]
    fn stacks_are_told_apart_by_the_end_of_their_names() {
        let short = |names: &[&str]| labels(names).into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(short(&["headend-dev-lake", "headend-dev-guide"]), ["lake", "guide"]);
        assert_eq!(short(&["lake", "guide"]), ["lake", "guide"]);
        assert_eq!(short(&["a-b", "a-b-c"]), ["b", "b-c"]);
        assert!(short(&["headend-dev-lake"]).is_empty(), "one stack needs no label");
    }

    #[test]
    fn lines_are_labelled_and_statuses_stand_together() {
        let recorder = Recorder::default();
        let lanes = Lanes::new(&recorder);
        let (lake, guide) = (
            lanes.lane(Some("lake".to_owned())),
            lanes.lane(Some("guide".to_owned())),
        );
        lake.say("created");
        lake.status(&["1 of 2".to_owned()]);
        guide.status(&["0 of 1".to_owned()]);
        lake.status(&[]);
        assert_eq!(recorder.text(), "[lake] created");
        let statuses = recorder.statuses.borrow();
        assert_eq!(statuses[1], ["[guide] 0 of 1", "[lake] 1 of 2"]);
        assert_eq!(statuses[2], ["[guide] 0 of 1"]);
    }
}
