//! API Gateway's HTTP API (payload 2.0) in front of `tv_guide::api`: an event in, a reply out.
//!
//! Reading order: [`Event`] and [`Reply`] (what the gateway sends and takes), [`Gateway::answer`],
//! `cors` (which pages may read answers), [`report`] (what is said about an answer).

mod cors;
mod event;
pub mod report;

pub use cors::Origins;
pub use event::{Event, Reply};

use jiff::Timestamp;
use tv_guide::api::problem::{Kind, Problem};
use tv_guide::api::{Caller, Request, Response, Users, answer};
use tv_guide::table::Table;

/// Answers the gateway's events.
#[derive(Debug, Clone)]
pub struct Gateway {
    origins: Origins,
}

impl Gateway {
    /// A gateway whose answers pages of these origins may read.
    #[must_use]
    pub fn new(origins: Origins) -> Self {
        Self { origins }
    }

    /// Answers one event; `identify` says who sent it, by its `Authorization` header, and is asked
    /// where the operation is for users.
    pub async fn answer(
        &self,
        event: &Event<'_>,
        identify: impl AsyncFnOnce(Option<&str>) -> Caller,
        shared: &impl Table,
        users: &impl Users,
        now: Timestamp,
    ) -> Response {
        let origin = event.header("origin");
        if let Some(response) = self.origins.preflight(event) {
            return response;
        }
        let mut response = match event.body() {
            Some(body) => {
                let request = Request {
                    method: event.method(),
                    path: event.path(),
                    query: event.query(),
                    content_type: event.header("content-type"),
                    if_match: event.header("if-match"),
                    if_none_match: event.header("if-none-match"),
                    body: &body,
                };
                let caller = match request.wants_user() {
                    true => identify(event.header("authorization")).await,
                    false => Caller::Anyone,
                };
                answer(&request, caller, shared, users, now).await
            }
            None => Problem::new(Kind::Body, "the body is not the base64 that it is said to be").into(),
        };
        self.origins.admit(origin, &mut response);
        response
    }
}

#[cfg(test)]
mod tests;
