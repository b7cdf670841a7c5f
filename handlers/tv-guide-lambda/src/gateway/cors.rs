//! Which pages may read answers: those of origins that are listed, letter by letter.
//!
//! A gateway with a CORS configuration answers preflights by itself and writes these headers over
//! ours; they are spelled as it spells them, so that none is there twice. The function does it all
//! the same: then nothing depends on which of them answers.

use tv_guide::api::Response;
use tv_guide::api::problem::{Kind, Problem};
use tv_guide::contract::api::{CORS_MAX_AGE_SECONDS, CORS_REQUEST_HEADERS, CORS_RESPONSE_HEADERS, Method};

use super::Event;

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const VARY: (&str, &str) = ("Vary", "Origin");

/// The origins that are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Those of a list with commas; white space around them does not count.
    #[must_use]
    pub fn listed(list: &str) -> Self {
        let origins = list.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        Self(origins.map(str::to_owned).collect())
    }

    fn has(&self, origin: &str) -> bool {
        self.0.iter().any(|listed| listed == origin)
    }

    /// The answer to a preflight; none if the event is none.
    pub(super) fn preflight(&self, event: &Event<'_>) -> Option<Response> {
        let origin = event.header("origin")?;
        event.header("access-control-request-method")?;
        if event.method() != "OPTIONS" {
            return None;
        }
        let mut response = if self.has(origin) {
            Response {
                status: 204,
                headers: vec![
                    (
                        "Access-Control-Allow-Methods",
                        Method::ALL.map(Method::as_str).join(","),
                    ),
                    ("Access-Control-Allow-Headers", CORS_REQUEST_HEADERS.join(",")),
                    ("Access-Control-Max-Age", CORS_MAX_AGE_SECONDS.to_string()),
                ],
                ..Response::default()
            }
        } else {
            Problem::new(Kind::Origin, "pages of this origin may not read the guide").into()
        };
        self.admit(Some(origin), &mut response);
        Some(response)
    }

    /// Lets a page of a listed origin read a response.
    pub(super) fn admit(&self, origin: Option<&str>, response: &mut Response) {
        response.headers.push((VARY.0, VARY.1.to_owned()));
        if let Some(origin) = origin.filter(|origin| self.has(origin)) {
            response.headers.push((ALLOW_ORIGIN, origin.to_owned()));
            let readable = CORS_RESPONSE_HEADERS.join(",");
            response.headers.push(("Access-Control-Expose-Headers", readable));
        }
    }
}
