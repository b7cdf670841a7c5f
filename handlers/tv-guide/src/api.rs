//! The API: a request in, an answer out, over the port to the table.
//!
//! Nothing here knows HTTP beyond its vocabulary, or who verified a token. A user's data is read and
//! written through [`Users`] alone, whose tables reach nothing else; everybody's data through a table
//! that reaches no user's. So no operation can answer with another user's data.
//!
//! Reading order: [`Request`], [`Caller`], [`answer`] and [`Response`]; `route`, `operation` and
//! `parameter` (what a request may be); `reference`, `schedule`, `title`, `recommendation`,
//! `preference`, `favourite` (what the operations do); [`problem`]; `document` (the OpenAPI
//! document); [`memory`].

mod cursor;
mod document;
mod favourite;
pub mod memory;
mod operation;
mod parameter;
mod preference;
pub mod problem;
mod recommendation;
mod reference;
mod route;
mod schedule;
mod shape;
mod tag;
mod title;

pub use document::document;

use std::cell::RefCell;
use std::error::Error;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::contract::api::{Route, limit};
use crate::contract::attribute;
use crate::event::id::UserId;
use crate::table::entity::Malformed;
use crate::table::{Item, Table};
use crate::token::Refusal;
use parameter::Arguments;
use problem::{Kind, Problem};
use route::Found;

/// A request, as far as the API looks at it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'r> {
    /// Method.
    pub method: &'r str,
    /// Path, percent-encoded.
    pub path: &'r str,
    /// Query without its `?`, percent-encoded; empty where there is none.
    pub query: &'r str,
    /// Header `Content-Type`.
    pub content_type: Option<&'r str>,
    /// Header `If-Match`.
    pub if_match: Option<&'r str>,
    /// Header `If-None-Match`.
    pub if_none_match: Option<&'r str>,
    /// Body.
    pub body: &'r [u8],
}

impl Request<'_> {
    /// Whether the operation is for users only, so that the request's token decides.
    #[must_use]
    pub fn wants_user(&self) -> bool {
        matches!(route::find(self.method, self.path), Found::Route(route, _) if !route.public)
    }
}

/// Who sent a request.
#[derive(Debug)]
pub enum Caller {
    /// Nobody looked, since the operation is for everybody.
    Anyone,
    /// The user whom a verified token names.
    User(UserId),
    /// Nobody whom we know.
    Refused(Refusal),
    /// The token cannot be verified now.
    Unknown(Box<dyn Error + Send + Sync>),
}

/// Gives tables that reach one user's data and nothing else.
#[allow(async_fn_in_trait, reason = "a function handles one event at a time, on one thread")]
pub trait Users {
    /// Such a table.
    type Own: Table;

    /// The table of a user.
    ///
    /// # Errors
    ///
    /// When the user's data cannot be reached now; there is no other way to it.
    async fn own(&self, user: &UserId) -> Result<Self::Own, Box<dyn Error + Send + Sync>>;
}

/// An answer.
#[derive(Debug, Default)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Headers, in the spelling that API Gateway uses for its own.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// The operation, for metrics; none where no route was found.
    pub operation: Option<&'static str>,
    /// Items that are not what their keys say, and were left out; for the log.
    pub malformed: Vec<Malformed>,
    /// What failed behind the API; for the log.
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

/// Answers a request.
///
/// `shared` holds everybody's data, `users` lead to the tables of one user each.
pub async fn answer(
    request: &Request<'_>,
    caller: Caller,
    shared: &impl Table,
    users: &impl Users,
    now: Timestamp,
) -> Response {
    let (route, path) = match route::find(request.method, request.path) {
        Found::Route(route, path) => (route, path),
        Found::Method(allowed) => {
            let problem = Problem::new(Kind::Method, format!("this path takes {allowed}"));
            let mut response = Response::from(problem);
            response.headers.push(("Allow", allowed));
            return response;
        }
        Found::Nothing => {
            return Problem::new(Kind::Path, "there is nothing at this path: see /openapi.json").into();
        }
    };
    let context = Context {
        request,
        route,
        shared,
        users,
        now,
        malformed: RefCell::default(),
    };
    let mut response = match context.answer(path, caller).await {
        Ok(success) => success.response(request, route),
        Err(problem) => problem.into(),
    };
    response.operation = Some(route.operation);
    response.malformed = context.malformed.into_inner();
    response
}

/// What the operations work with.
struct Context<'a, S, U> {
    request: &'a Request<'a>,
    route: &'static Route,
    shared: &'a S,
    users: &'a U,
    now: Timestamp,
    malformed: RefCell<Vec<Malformed>>,
}

impl<S: Table, U: Users> Context<'_, S, U> {
    async fn answer(&self, path: Vec<(&'static str, String)>, caller: Caller) -> Result<Success, Problem> {
        let user = match (self.route.public, caller) {
            (true, _) => None,
            (false, Caller::User(user)) => Some(user),
            (false, Caller::Anyone) => return Err(unauthorized(Refusal::Missing)),
            (false, Caller::Refused(refusal)) => return Err(unauthorized(refusal)),
            (false, Caller::Unknown(cause)) => return Err(Problem::unavailable(cause)),
        };
        if self.request.body.len() > limit::BODY_BYTES {
            return Err(Problem::too_large());
        }
        let operation = operation::of(self.route.operation).ok_or_else(nowhere)?;
        let arguments = Arguments::read(operation.parameters, path, self.request.query)?;
        match (operation.id, &user) {
            ("listSources", _) => self.sources().await,
            ("listGenres", _) => self.genres().await,
            ("listChannels", _) => self.channels().await,
            ("getGuide", _) => self.guide(&arguments).await,
            ("getOpenApi", _) => Ok(Success::json_text(document())),
            ("listTitles", Some(_)) => self.titles(&arguments).await,
            ("getTitle", Some(_)) => self.title(&arguments).await,
            ("listRecommendations", Some(user)) => self.recommendations(user).await,
            ("getPreferences", Some(user)) => self.preferences(user).await,
            ("putPreferences", Some(user)) => self.put_preferences(user).await,
            ("listFavourites", Some(user)) => self.favourites(user).await,
            ("putFavourite", Some(user)) => self.put_favourite(user, &arguments).await,
            ("deleteFavourite", Some(user)) => self.delete_favourite(user, &arguments).await,
            _ => Err(nowhere()),
        }
    }

    async fn own(&self, user: &UserId) -> Result<U::Own, Problem> {
        self.users.own(user).await.map_err(Problem::unavailable)
    }

    /// What an item was read as; one that is something else is noted, and hides no other.
    fn keep<T>(&self, read: Result<T, Malformed>) -> Option<T> {
        read.map_err(|malformed| self.malformed.borrow_mut().push(malformed))
            .ok()
    }

    /// The body, as a JSON object of the operation's shape.
    fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let media = self.request.content_type.unwrap_or_default();
        let media = media.split_once(';').map_or(media, |(media, _)| media).trim();
        if !media.eq_ignore_ascii_case("application/json") {
            let detail = "send a JSON object, with `Content-Type: application/json`";
            return Err(Problem::new(Kind::Media, detail));
        }
        // A shape could be read from an array as well.
        if self.request.body.trim_ascii_start().first() != Some(&b'{') {
            return Err(Problem::new(Kind::Body, "the body is no JSON object"));
        }
        serde_json::from_slice(self.request.body).map_err(|error| Problem::new(Kind::Body, error.to_string()))
    }
}

/// An answer that is no problem.
#[derive(Debug)]
enum Success {
    /// 200 with a body.
    Json(Vec<u8>),
    /// 204, with the tag of what is there now.
    Done(Option<String>),
}

impl Success {
    fn json(body: &impl Serialize) -> Result<Self, Problem> {
        serde_json::to_vec(body).map(Self::Json).map_err(Problem::unavailable)
    }

    fn json_text(body: &str) -> Self {
        Self::Json(body.as_bytes().to_vec())
    }

    fn response(self, request: &Request<'_>, route: &Route) -> Response {
        let body = match self {
            Self::Json(body) => body,
            Self::Done(tag) => {
                let headers = tag.map(|tag| ("ETag", tag)).into_iter().collect();
                return Response {
                    status: 204,
                    headers,
                    ..Response::default()
                };
            }
        };
        let tag = tag::of(&body);
        let is_known = request.if_none_match.is_some_and(|known| tag::is_known(known, &tag));
        // A copy is good as long as its tag is; nobody else's cache keeps what is a user's.
        let cache = if route.public { "no-cache" } else { "private, no-cache" };
        let mut headers = vec![("ETag", tag), ("Cache-Control", cache.to_owned())];
        if is_known {
            return Response {
                status: 304,
                headers,
                ..Response::default()
            };
        }
        headers.push(("Content-Type", "application/json".to_owned()));
        Response {
            status: 200,
            headers,
            body,
            ..Response::default()
        }
    }
}

impl From<Problem> for Response {
    fn from(problem: Problem) -> Self {
        let mut headers = vec![
            ("Content-Type", problem::MEDIA_TYPE.to_owned()),
            ("Cache-Control", "no-store".to_owned()),
        ];
        match problem.kind {
            Kind::Unauthorized => headers.push(("WWW-Authenticate", "Bearer".to_owned())),
            Kind::Unavailable => headers.push(("Retry-After", "2".to_owned())),
            _ => {}
        }
        Response {
            status: problem.kind.status(),
            headers,
            // Texts and numbers always serialise.
            body: serde_json::to_vec(&problem.document()).unwrap_or_default(),
            cause: problem.cause,
            ..Response::default()
        }
    }
}

/// An item that is not what its key says.
fn malformed(entity: &'static str, item: &Item, source: serde_json::Error) -> Malformed {
    let text = |name| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Malformed {
        entity,
        pk: text(attribute::PK),
        sk: text(attribute::SK),
        source,
    }
}

fn unauthorized(refusal: Refusal) -> Problem {
    Problem::new(Kind::Unauthorized, refusal.to_string())
}

/// For a route that no operation takes; a test proves that there is none.
fn nowhere() -> Problem {
    Problem::new(Kind::Path, "nothing answers here")
}

#[cfg(test)]
mod tests;
