//! CloudFormation as a script, for unit tests: what it answers is written down beforehand, what
//! it is asked is recorded.

use super::{
    Action, Change, ChangeSet, ChangeSetIds, ChangeSetState, CloudFormation, Detection, Drift, Event, Finding,
    NewChangeSet, NewRefactor, Page, Property, Refactor, Replacement, Resource, Scope, Stack, Status,
};
use crate::error::Error;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

pub(crate) const STACK_ID: &str = "arn:aws:cloudformation:eu-west-2:123456789012:stack/lake/1";

/// Answers in order; the last one is given for ever after.
type Answers<T> = RefCell<VecDeque<T>>;

/// The script.
///
/// Statuses and change sets are answered one by one. Events are revealed with the statuses: each
/// look at the stack brings in those that are scripted for it.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// What each look at the stack finds.
    pub(crate) looks: Answers<Look>,
    /// What each look at the change set finds; page marks count up from `1`.
    pub(crate) change_sets: Answers<Answer<Vec<ChangeSet>>>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) template: String,
    pub(crate) findings: Vec<Finding>,
    pub(crate) protected: bool,
    /// The parameters that the stack has values of.
    pub(crate) parameters: Vec<&'static str>,
    /// Whether the stack's last operation ran in EXPRESS mode.
    pub(crate) express: bool,
    /// The change set as it is told without values, where that differs.
    pub(crate) without_values: Option<Vec<ChangeSet>>,
    /// The change sets of nested stacks, by id.
    pub(crate) nested: Vec<(&'static str, Vec<ChangeSet>)>,
    /// What each look at a detection of drift finds.
    pub(crate) detections: Answers<Answer<Detection>>,
    pub(crate) drifts: Vec<Drift>,
    /// What each look at a refactor finds.
    pub(crate) refactors: Answers<Answer<Refactor>>,
    /// The refactor that was asked for last.
    pub(crate) refactoring: RefCell<Option<NewRefactor>>,
    /// Exports of the stack, each with the stacks that import it.
    pub(crate) exports: Vec<(&'static str, Vec<&'static str>)>,
    /// The change set that was asked for last.
    pub(crate) wanted: RefCell<Option<NewChangeSet>>,
    /// How often the name of the change set is still taken.
    pub(crate) taken: Cell<usize>,
    /// What happens between the reading of two pages of events.
    pub(crate) meanwhile: RefCell<Vec<Event>>,
    /// Events per page.
    pub(crate) page_size: usize,
    history: RefCell<Vec<Event>>,
    pages: Cell<usize>,
    calls: RefCell<Vec<String>>,
}

/// An answer, or AWS putting the call off.
#[derive(Debug, Clone)]
pub(crate) enum Answer<T> {
    Give(T),
    Throttle,
}

/// What a look at the stack finds, and what has happened before it.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) status: Answer<Option<&'static str>>,
    pub(crate) news: Vec<Event>,
}

impl Script {
    /// A stack that goes through these looks.
    pub(crate) fn new(looks: impl IntoIterator<Item = Look>) -> Self {
        Self {
            looks: RefCell::new(looks.into_iter().collect()),
            page_size: 100,
            ..Self::default()
        }
    }

    /// One change set of one page.
    pub(crate) fn changing(mut self, changes: Vec<Change>) -> Self {
        self.change_sets = RefCell::new([Answer::Give(vec![ready(changes)])].into());
        self
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.borrow().clone()
    }

    /// The calls that change something.
    pub(crate) fn deeds(&self) -> Vec<String> {
        let looks = [
            "stack ",
            "events ",
            "change set ",
            "resources ",
            "template ",
            "drift ",
            "importers ",
            "refactor ",
        ];
        let mut calls = self.calls();
        calls.retain(|call| !looks.iter().any(|look| call.starts_with(look)));
        calls
    }

    pub(crate) fn event_pages(&self) -> usize {
        self.pages.get()
    }

    fn happen(&self, events: Vec<Event>) {
        let mut history = self.history.borrow_mut();
        for mut event in events {
            event.id = history.len().to_string();
            event.at = Duration::from_secs(history.len() as u64);
            history.push(event);
        }
    }

    fn record(&self, call: String) {
        self.calls.borrow_mut().push(call);
    }
}

fn next<T: Clone>(answers: &Answers<T>) -> T {
    let mut answers = answers.borrow_mut();
    if answers.len() > 1 {
        answers.pop_front().unwrap()
    } else {
        answers.front().expect("the script has an answer").clone()
    }
}

/// Two per page, so that a reader who stops after the first one is found out.
fn paged<T: Clone>(all: &[T], page: Option<&str>) -> Page<T> {
    let start: usize = page.map_or(0, |mark| mark.parse().unwrap());
    let items: Vec<T> = all.iter().skip(start).take(2).cloned().collect();
    let end = start + items.len();
    Page {
        items,
        next: (end < all.len()).then(|| end.to_string()),
    }
}

pub(crate) fn throttled() -> Error {
    Error::Busy {
        operation: "Scripted",
        code: "Throttling".to_owned(),
    }
}

impl CloudFormation for Script {
    async fn stack(&self, stack: &str) -> Result<Option<Stack>, Error> {
        self.record(format!("stack {stack}"));
        let look = next(&self.looks);
        self.happen(look.news);
        let Answer::Give(status) = look.status else {
            return Err(throttled());
        };
        Ok(status.map(|status| Stack {
            id: STACK_ID.to_owned(),
            name: "lake".to_owned(),
            status: Status(status.to_owned()),
            reason: None,
            parameters: self.parameters.iter().map(|name| (*name).to_owned()).collect(),
            outputs: vec![("StreamName".to_owned(), "events".to_owned())],
            exports: self
                .exports
                .iter()
                .map(|(export, _)| ("Name".to_owned(), (*export).to_owned()))
                .collect(),
            protected: self.protected,
            express: self.express,
        }))
    }

    async fn create_change_set(&self, wanted: &NewChangeSet) -> Result<ChangeSetIds, Error> {
        let kind = if wanted.create { "create" } else { "update" };
        if self.taken.get() > 0 {
            self.taken.set(self.taken.get() - 1);
            return Err(Error::Refused {
                operation: "CreateChangeSet",
                code: "AlreadyExistsException".to_owned(),
                message: String::new(),
            });
        }
        self.record(format!("make {kind} change set"));
        self.wanted.replace(Some(wanted.clone()));
        Ok(ChangeSetIds {
            id: "change-set".to_owned(),
            stack_id: STACK_ID.to_owned(),
        })
    }

    async fn change_set(&self, id: &str, page: Option<&str>, values: bool) -> Result<ChangeSet, Error> {
        self.record(format!("change set page {}", page.unwrap_or("0")));
        let nested = self.nested.iter().find(|(name, _)| *name == id);
        let answer = match (nested, &self.without_values, page) {
            (Some((_, pages)), ..) => Answer::Give(pages.clone()),
            (None, Some(pages), _) if !values => Answer::Give(pages.clone()),
            (None, _, None) => next(&self.change_sets),
            (None, _, Some(_)) => self.change_sets.borrow().front().cloned().unwrap(),
        };
        let Answer::Give(pages) = answer else {
            return Err(throttled());
        };
        let index: usize = page.map_or(0, |mark| mark.parse().unwrap());
        let mut found = pages[index].clone();
        found.next = (index + 1 < pages.len()).then(|| (index + 1).to_string());
        Ok(found)
    }

    async fn delete_change_set(&self, _stack: &str, _name: &str) -> Result<(), Error> {
        self.record("delete change set".to_owned());
        Ok(())
    }

    async fn findings(&self, _scope: Scope<'_>) -> Result<Vec<Finding>, Error> {
        Ok(self.findings.clone())
    }

    async fn execute_change_set(&self, _id: &str, _token: &str) -> Result<(), Error> {
        self.record("execute".to_owned());
        Ok(())
    }

    async fn create_refactor(&self, wanted: &NewRefactor) -> Result<String, Error> {
        self.record("make refactor".to_owned());
        *self.refactoring.borrow_mut() = Some(wanted.clone());
        Ok("refactor".to_owned())
    }

    async fn refactor(&self, id: &str) -> Result<Refactor, Error> {
        self.record(format!("refactor {id}"));
        match next(&self.refactors) {
            Answer::Give(refactor) => Ok(refactor),
            Answer::Throttle => Err(throttled()),
        }
    }

    async fn execute_refactor(&self, _id: &str) -> Result<(), Error> {
        self.record("execute refactor".to_owned());
        Ok(())
    }

    async fn continue_rollback(&self, _stack: &str, skip: &[String], _token: &str) -> Result<(), Error> {
        self.record(format!("continue rollback without {}", skip.join(", ")));
        Ok(())
    }

    async fn roll_back(&self, _stack: &str, _token: &str) -> Result<(), Error> {
        self.record("roll back".to_owned());
        Ok(())
    }

    async fn protect(&self, _stack: &str, protected: bool) -> Result<(), Error> {
        self.record(format!("protect {protected}"));
        Ok(())
    }

    async fn delete_stack(&self, _stack: &str, _token: &str) -> Result<(), Error> {
        self.record("delete stack".to_owned());
        Ok(())
    }

    async fn events(&self, _stack: &str, page: Option<&str>) -> Result<Page<Event>, Error> {
        self.record(format!("events from {}", page.unwrap_or("the newest")));
        self.pages.set(self.pages.get() + 1);
        if page.is_some() {
            self.happen(self.meanwhile.take());
        }
        let history = self.history.borrow();
        let start: usize = page.map_or(0, |mark| mark.parse().unwrap());
        let end = start + self.page_size;
        let newest_first = history.iter().rev().skip(start).take(self.page_size);
        Ok(Page {
            items: newest_first.cloned().collect(),
            next: (end < history.len()).then(|| end.to_string()),
        })
    }

    async fn resources(&self, _stack: &str, page: Option<&str>) -> Result<Page<Resource>, Error> {
        self.record(format!("resources from {}", page.unwrap_or("0")));
        Ok(paged(&self.resources, page))
    }

    async fn detect_drift(&self, _stack: &str) -> Result<String, Error> {
        self.record("drift detection".to_owned());
        Ok("detection".to_owned())
    }

    async fn drift_detection(&self, _id: &str) -> Result<Detection, Error> {
        self.record("drift status".to_owned());
        match next(&self.detections) {
            Answer::Give(detection) => Ok(detection),
            Answer::Throttle => Err(throttled()),
        }
    }

    async fn drifts(&self, _stack: &str, page: Option<&str>) -> Result<Page<Drift>, Error> {
        self.record(format!("drift from {}", page.unwrap_or("0")));
        Ok(paged(&self.drifts, page))
    }

    async fn importers(&self, export: &str, page: Option<&str>) -> Result<Page<String>, Error> {
        self.record(format!("importers of {export}"));
        let importers = self.exports.iter().find(|(name, _)| *name == export);
        let importers: Vec<String> = importers
            .into_iter()
            .flat_map(|(_, stacks)| stacks)
            .map(|name| (*name).to_owned())
            .collect();
        Ok(paged(&importers, page))
    }

    async fn template(&self, _stack: &str) -> Result<String, Error> {
        self.record("template ".to_owned());
        Ok(self.template.clone())
    }
}

/// A look that finds this status and no news.
pub(crate) fn look(status: &'static str) -> Look {
    news(status, [])
}

/// A look that finds this status, and these events since the last look.
pub(crate) fn news(status: &'static str, events: impl IntoIterator<Item = Event>) -> Look {
    Look {
        status: Answer::Give(Some(status)),
        news: events.into_iter().collect(),
    }
}

/// A look that finds no stack.
pub(crate) fn nothing() -> Look {
    Look {
        status: Answer::Give(None),
        news: Vec::new(),
    }
}

/// A look that AWS puts off.
pub(crate) fn throttle() -> Look {
    Look {
        status: Answer::Throttle,
        news: Vec::new(),
    }
}

pub(crate) fn event(logical_id: &str, status: &str, reason: Option<&str>) -> Event {
    Event {
        id: String::new(),
        at: Duration::ZERO,
        logical_id: logical_id.to_owned(),
        physical_id: format!("physical-{logical_id}"),
        kind: "AWS::Test::Thing".to_owned(),
        status: Status(status.to_owned()),
        reason: reason.map(str::to_owned),
    }
}

pub(crate) fn stack_event(status: &str, reason: Option<&str>) -> Event {
    Event {
        physical_id: STACK_ID.to_owned(),
        kind: "AWS::CloudFormation::Stack".to_owned(),
        ..event("lake", status, reason)
    }
}

pub(crate) fn change(id: &str, kind: &str, action: Action, replacement: Replacement) -> Change {
    Change {
        action,
        logical_id: id.to_owned(),
        kind: kind.to_owned(),
        replacement,
        retained: false,
        properties: Vec::new(),
        contingent: false,
        nested: None,
    }
}

pub(crate) fn property(path: &str, values: Option<(&str, &str)>) -> Property {
    Property {
        path: path.to_owned(),
        before: values.map(|(before, _)| before.to_owned()),
        after: values.map(|(_, after)| after.to_owned()),
    }
}

pub(crate) fn ready(changes: Vec<Change>) -> ChangeSet {
    ChangeSet {
        state: ChangeSetState::Ready,
        reason: None,
        changes,
        next: None,
    }
}

pub(crate) fn turned_down(reason: &str) -> ChangeSet {
    ChangeSet {
        state: ChangeSetState::Failed,
        reason: Some(reason.to_owned()),
        changes: Vec::new(),
        next: None,
    }
}
