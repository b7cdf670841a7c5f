//! What went wrong, as the client is told: a problem document (RFC 9457).

use std::error::Error;

use schemars::JsonSchema;
use serde::Serialize;

use crate::contract::api::limit;
use crate::table;

/// The media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A request that is not answered as asked.
#[derive(Debug)]
pub struct Problem {
    /// Which kind.
    pub kind: Kind,
    /// What is wrong with this request, and what to do.
    pub detail: String,
    /// The parameter, header or member of the body that it is about.
    pub name: Option<String>,
    /// What failed behind the API; for the log, never for the client.
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of problem; a client tells them apart by their type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A parameter is unknown, repeated or malformed, or does not go with another.
    Parameter,
    /// The body is no JSON object of the operation's shape.
    Body,
    /// No user, or none that a token vouches for.
    Unauthorized,
    /// No page may read an answer from this origin.
    Origin,
    /// No such path.
    Path,
    /// No such title.
    Title,
    /// The path has other methods.
    Method,
    /// The user has as many favourites as the guide keeps.
    Favourites,
    /// What `If-Match` names is no longer what is stored.
    Precondition,
    /// The body is too large.
    Size,
    /// The body is not JSON.
    Media,
    /// Something behind the API does not answer.
    Unavailable,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Parameter,
        Self::Body,
        Self::Unauthorized,
        Self::Origin,
        Self::Path,
        Self::Title,
        Self::Method,
        Self::Favourites,
        Self::Precondition,
        Self::Size,
        Self::Media,
        Self::Unavailable,
    ];

    /// HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Parameter | Self::Body => 400,
            Self::Unauthorized => 401,
            Self::Origin => 403,
            Self::Path | Self::Title => 404,
            Self::Method => 405,
            Self::Favourites => 409,
            Self::Precondition => 412,
            Self::Size => 413,
            Self::Media => 415,
            Self::Unavailable => 503,
        }
    }

    /// Its type, a reference relative to the API's own address.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Parameter => "/problems/parameter",
            Self::Body => "/problems/body",
            Self::Unauthorized => "/problems/unauthorized",
            Self::Origin => "/problems/origin",
            Self::Path => "/problems/path",
            Self::Title => "/problems/title",
            Self::Method => "/problems/method",
            Self::Favourites => "/problems/favourites",
            Self::Precondition => "/problems/precondition",
            Self::Size => "/problems/size",
            Self::Media => "/problems/media",
            Self::Unavailable => "/problems/unavailable",
        }
    }

    /// What is the same in every problem of the kind.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Parameter => "A parameter is not as documented",
            Self::Body => "The body is not as documented",
            Self::Unauthorized => "No valid access token",
            Self::Origin => "The page's origin is not allowed",
            Self::Path => "No such path",
            Self::Title => "No such title",
            Self::Method => "No such method",
            Self::Favourites => "Too many favourites",
            Self::Precondition => "Changed in the meantime",
            Self::Size => "The body is too large",
            Self::Media => "The body is not JSON",
            Self::Unavailable => "Try again",
        }
    }
}

impl Problem {
    /// A problem with the whole request.
    #[must_use]
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Problem {
            kind,
            detail: detail.into(),
            name: None,
            cause: None,
        }
    }

    /// A problem with one parameter.
    #[must_use]
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Problem {
            name: Some(name.to_owned()),
            ..Self::new(Kind::Parameter, detail)
        }
    }

    /// A problem behind the API.
    #[must_use]
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Problem {
            cause: Some(cause.into()),
            ..Self::new(
                Kind::Unavailable,
                "the guide cannot answer now: try again in a few seconds",
            )
        }
    }

    pub(super) fn too_large() -> Self {
        Self::new(
            Kind::Size,
            format!("a body has up to {} bytes: send less", limit::BODY_BYTES),
        )
    }

    pub(super) fn document(&self) -> Document<'_> {
        Document {
            uri: self.kind.uri(),
            title: self.kind.title(),
            status: self.kind.status(),
            detail: &self.detail,
            name: self.name.as_deref(),
        }
    }
}

impl From<table::Error> for Problem {
    fn from(error: table::Error) -> Self {
        match error {
            table::Error::Cursor => super::cursor::foreign(),
            error => Self::unavailable(error),
        }
    }
}

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(super) struct Document<'p> {
    /// The kind of problem.
    #[serde(rename = "type")]
    #[schemars(extend("format" = "uri-reference"))]
    uri: &'p str,
    /// The kind of problem, in words.
    title: &'p str,
    /// The HTTP status.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// What is wrong with this request.
    detail: &'p str,
    /// The parameter, header or member of the body that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'p str>,
}

/// How the gateway in front of the API puts what it refuses by itself.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct GatewayMessage {
    /// What is wrong.
    message: String,
}
