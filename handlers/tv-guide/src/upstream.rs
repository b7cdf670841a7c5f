//! The port to the upstreams: one request, one answer in bytes, and what keeps them apart in time.
//!
//! Where an upstream is, and the key that it wants, is the adapter's; what is asked is here, and
//! what becomes of a bad answer is decided by [`crate::retry`].

pub mod script;

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Streaming sources and titles; wants a key, and counts requests by the month.
    Watchmode,
    /// Linear schedules and shows; wants no key, and counts requests by the second.
    Tvmaze,
}

/// A GET request below the service's base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who is asked.
    pub service: Service,
    /// Path below the base URL, with a slash in front.
    pub path: String,
    /// Names and values of the query, as they are before they are encoded.
    pub query: Vec<(&'static str, String)>,
    /// What it takes of the month's budget, where the service has one.
    pub cost: u64,
}

impl Request {
    /// A request without a query.
    #[must_use]
    pub fn new(service: Service, path: impl Into<String>) -> Self {
        Self {
            service,
            path: path.into(),
            query: Vec::new(),
            cost: 1,
        }
    }

    /// The same request with one more name and value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// The same request at another cost.
    #[must_use]
    pub fn costing(self, cost: u64) -> Self {
        Self { cost, ..self }
    }

    /// Path and query as they stand in a URL.
    #[must_use]
    pub fn target(&self) -> String {
        let mut target = self.path.clone();
        for (index, (name, value)) in self.query.iter().enumerate() {
            target.push(if index == 0 { '?' } else { '&' });
            target.push_str(name);
            target.push('=');
            for byte in value.bytes() {
                // A comma separates ids of a list, and may stand in a query as it is.
                if byte.is_ascii_alphanumeric() || b"-._~,".contains(&byte) {
                    target.push(char::from(byte));
                } else {
                    // Writing to a String never fails.
                    let _ = write!(target, "%{byte:02X}");
                }
            }
        }
        target
    }
}

/// A whole answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The header `Retry-After`, as it was sent.
    pub retry_after: Option<String>,
    /// The body, as long as the upstream said that it would be.
    pub body: Vec<u8>,
}

/// Why there is no whole answer; never with text from the upstream, which might repeat the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing, or not enough, came in time.
    #[error("the upstream did not answer in time")]
    TimedOut,
    /// No connection, or it broke.
    #[error("the connection to the upstream failed")]
    Connection,
    /// The body ended before its end.
    #[error("the upstream's answer was cut short")]
    Cut,
    /// The body is larger than any that is meant.
    #[error("the upstream's answer is larger than {limit} bytes")]
    TooLarge {
        /// What is taken, in bytes.
        limit: usize,
    },
    /// The answer sends us to another host, where the key must not go, or in circles.
    #[error("the upstream redirects to another host, or too often")]
    Redirect,
    /// The key is not to be had.
    #[error("failed to retrieve API key: see that the secret exists, holds a key and may be read")]
    Key,
}

impl Fault {
    /// Whether the same request may fare better a moment later.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(self, Fault::TimedOut | Fault::Connection | Fault::Cut)
    }
}

/// The upstreams.
#[allow(async_fn_in_trait, reason = "a function handles one event at a time, on one thread")]
pub trait Upstream {
    /// One attempt at one request, which ends `within` that time.
    ///
    /// # Errors
    ///
    /// When there is no whole answer; an answer of any status is none of these.
    async fn send(&self, request: &Request, within: Duration) -> Result<Response, Fault>;

    /// Looks for another key than the one that `service` has just refused.
    ///
    /// Returns whether there is one; it is used from now on.
    ///
    /// # Errors
    ///
    /// When the key is not to be had.
    async fn renew(&self, service: Service) -> Result<bool, Fault>;
}

/// The clock, as far as requests need it.
#[allow(async_fn_in_trait, reason = "a function handles one event at a time, on one thread")]
pub trait Pace {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// Returns after that time.
    async fn sleep(&self, time: Duration);

    /// A random time from nothing to `most`, every one as likely as another.
    fn jitter(&self, most: Duration) -> Duration;
}

#[cfg(test)]
mod tests {
    use super::{Request, Service};

    #[test]
    fn a_target_is_encoded_as_a_url_wants_it() {
        let request = Request::new(Service::Watchmode, "/list-titles")
            .with("source_ids", "203,409")
            .with("title", "Q&A é/x");
        assert_eq!(
            request.target(),
            "/list-titles?source_ids=203,409&title=Q%26A%20%C3%A9%2Fx"
        );
    }
}
