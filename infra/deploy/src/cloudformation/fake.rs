//! CloudFormation as a script, for unit tests: what it answers is written down beforehand, what
//! it is asked is recorded.

use super::{
    Action, Change, ChangeSet, ChangeSetIds, ChangeSetState, CloudFormation, Event, Finding, NewChangeSet, Page,
    Replacement, Resource, Scope, Stack, Status,
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
        let looks = ["stack ", "events ", "change set ", "resources ", "template "];
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
            outputs: vec![("StreamName".to_owned(), "events".to_owned())],
            protected: self.protected,
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
        Ok(ChangeSetIds {
            id: "change-set".to_owned(),
            stack_id: STACK_ID.to_owned(),
        })
    }

    async fn change_set(&self, _id: &str, page: Option<&str>) -> Result<ChangeSet, Error> {
        self.record(format!("change set page {}", page.unwrap_or("0")));
        let answer = match page {
            None => next(&self.change_sets),
            Some(_) => self.change_sets.borrow().front().cloned().unwrap(),
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
        // Two per page, so that a reader who stops after the first one is found out.
        let start: usize = page.map_or(0, |mark| mark.parse().unwrap());
        let items: Vec<Resource> = self.resources.iter().skip(start).take(2).cloned().collect();
        let end = start + items.len();
        Ok(Page {
            items,
            next: (end < self.resources.len()).then(|| end.to_string()),
        })
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
