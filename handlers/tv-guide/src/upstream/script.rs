//! Upstreams and a clock that do as they are told, without a network and without waiting.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Fault, Pace, Request, Response, Service, Upstream};

/// What the script answers to a request: an answer or a fault.
pub type Answer = Result<Response, Fault>;

/// Upstreams that answer by a function of the request and its number.
///
/// Every request is written down.
pub struct Script<F> {
    answer: F,
    log: RefCell<Vec<Request>>,
    keys: RefCell<VecDeque<bool>>,
}

impl<F: Fn(usize, &Request) -> Answer> Script<F> {
    /// Upstreams that answer by `answer`, which is told how many requests there were before.
    pub fn new(answer: F) -> Self {
        Self {
            answer,
            log: RefCell::default(),
            keys: RefCell::default(),
        }
    }

    /// The same, with what each look for another key finds; after those, none.
    #[must_use]
    pub fn with_keys(self, keys: impl IntoIterator<Item = bool>) -> Self {
        self.keys.borrow_mut().extend(keys);
        self
    }

    /// The requests so far.
    pub fn log(&self) -> Vec<Request> {
        self.log.borrow().clone()
    }
}

impl<F: Fn(usize, &Request) -> Answer> Upstream for Script<F> {
    async fn send(&self, request: &Request, _: Duration) -> Answer {
        let before = self.log.borrow().len();
        self.log.borrow_mut().push(request.clone());
        (self.answer)(before, request)
    }

    async fn renew(&self, _: Service) -> Result<bool, Fault> {
        Ok(self.keys.borrow_mut().pop_front().unwrap_or(false))
    }
}

/// An answer of a status and a body.
#[must_use]
pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Response {
    Response {
        status,
        retry_after: None,
        body: body.into(),
    }
}

/// A clock that only moves when someone sleeps.
#[derive(Debug)]
pub struct Hands {
    now: Cell<Timestamp>,
    slept: RefCell<Vec<Duration>>,
    fraction: f64,
}

impl Hands {
    /// A clock that stands at `now`, and whose jitter is that `fraction` of the most.
    #[must_use]
    pub fn new(now: Timestamp, fraction: f64) -> Self {
        Self {
            now: Cell::new(now),
            slept: RefCell::default(),
            fraction,
        }
    }

    /// Every sleep so far.
    #[must_use]
    pub fn slept(&self) -> Vec<Duration> {
        self.slept.borrow().clone()
    }
}

impl Pace for Hands {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    async fn sleep(&self, time: Duration) {
        self.slept.borrow_mut().push(time);
        let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        self.now
            .set(self.now.get().saturating_add(time).unwrap_or(Timestamp::MAX));
    }

    fn jitter(&self, most: Duration) -> Duration {
        most.mul_f64(self.fraction)
    }
}
