//! How many requests an upstream takes in how long.

use std::cell::RefCell;
use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// `TVmaze` allows 20 requests in 10 s, by its own clock.
const REQUESTS: usize = 20;
/// A second more than it says: requests may be on their way for longer than others.
const LENGTH: SignedDuration = SignedDuration::from_secs(11);

/// The requests to `TVmaze` of a function, however often it is called.
#[derive(Debug, Default)]
pub struct Window {
    /// When the last [`REQUESTS`] were made.
    made: RefCell<VecDeque<Timestamp>>,
}

impl Window {
    /// How long the next request has to wait.
    pub(super) fn wait(&self, now: Timestamp) -> SignedDuration {
        let made = self.made.borrow();
        let first = made.front().filter(|_| made.len() >= REQUESTS);
        let left = first.map(|first| LENGTH - now.duration_since(*first));
        left.unwrap_or_default().max(SignedDuration::ZERO)
    }

    /// Counts a request.
    pub(super) fn count(&self, now: Timestamp) {
        let mut made = self.made.borrow_mut();
        made.push_back(now);
        if made.len() > REQUESTS {
            made.pop_front();
        }
    }
}
