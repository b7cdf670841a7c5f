//! Access tokens of a Cognito user pool: who sent a request, or why nobody did.
//!
//! API Gateway's authorizer has verified a token before the function sees it, but not that it is an
//! access token, and its `$default` route has no authorizer; so that the function verifies again, by
//! itself, and believes no claim that comes without its signature.
//!
//! Reading order: [`Token::parse`] (what a token may look like), [`Keys`] (the pool's public keys),
//! [`Verifier::verify`] (what it must say), [`Refusal`].

mod jose;
mod keys;

pub use jose::Token;
pub use keys::{Key, Keys, KeysError};

use jiff::Timestamp;
use serde::Deserialize;

use crate::event::id::UserId;

/// Clocks of two machines differ by at most this, in seconds.
const LEEWAY: i64 = 60;

/// Why a token is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// There is no `Authorization` header of the form `Bearer <token>`.
    #[error("no bearer token: send `Authorization: Bearer <access token>`")]
    Missing,
    /// It is larger than any token that Cognito makes.
    #[error("the token is too large")]
    Oversized,
    /// It is not three parts of canonical base64url, the first two of them JSON objects whose
    /// members differ.
    #[error("the token is malformed")]
    Malformed,
    /// Its header says more than `alg`, `kid` and `typ`: a key, a place of keys, an extension.
    #[error("the token's header has members that access tokens do not have")]
    Header,
    /// It is not signed with RS256.
    #[error("the token's algorithm is not RS256")]
    Algorithm,
    /// It is signed with a key that the pool does not have.
    #[error("the token's key is not one of the user pool's")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing or of another type.
    #[error("the token's claims are not those of an access token")]
    Claims,
    /// Another pool issued it.
    #[error("the token's issuer is not the user pool")]
    Issuer,
    /// It is an id token or a refresh token.
    #[error("the token is not an access token")]
    Use,
    /// It was issued to, or is meant for, another client.
    #[error("the token's client is not one of the guide's")]
    Client,
    /// Its time is over.
    #[error("the token has expired: sign in again")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    Early,
    /// Its subject is no user of the pool.
    #[error("the token's subject is not a user")]
    Subject,
}

impl Refusal {
    /// A name of the reason, for metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Oversized => "oversized",
            Self::Malformed => "malformed",
            Self::Header => "header",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknown-key",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Issuer => "issuer",
            Self::Use => "use",
            Self::Client => "client",
            Self::Expired => "expired",
            Self::Early => "early",
            Self::Subject => "subject",
        }
    }
}

/// What a token must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    issuer: String,
    clients: Vec<String>,
}

impl Verifier {
    /// Takes the access tokens that a user pool issues to some of its clients.
    ///
    /// None if the pool's id does not begin with its region, as `eu-west-2_AbCdEfGhI` does.
    #[must_use]
    pub fn new(pool: &str, clients: impl IntoIterator<Item = String>) -> Option<Self> {
        let (region, _) = pool.split_once('_')?;
        Some(Self {
            issuer: format!("https://cognito-idp.{region}.amazonaws.com/{pool}"),
            clients: clients.into_iter().collect(),
        })
    }

    /// The user whom a token speaks for at this time, if `key` has signed it.
    ///
    /// The signature comes first: of a forged token nothing else is read.
    ///
    /// # Errors
    ///
    /// Why the token is none of ours.
    pub fn verify(&self, token: &Token<'_>, key: &Key, now: Timestamp) -> Result<UserId, Refusal> {
        key.verify(token.signed(), token.signature())?;
        let claims: Claims<'_> = jose::object(token.claims(), Refusal::Claims)?;
        if claims.iss != self.issuer {
            return Err(Refusal::Issuer);
        }
        if claims.token_use != "access" {
            return Err(Refusal::Use);
        }
        let ours = |client: &str| self.clients.iter().any(|known| known == client);
        // Cognito's access tokens name an audience only when they are made for one resource.
        if !ours(&claims.client_id) || claims.aud.is_some_and(|audience| !audience.names(ours)) {
            return Err(Refusal::Client);
        }
        let now = now.as_second();
        if claims.exp.saturating_add(LEEWAY) <= now {
            return Err(Refusal::Expired);
        }
        let latest = now.saturating_add(LEEWAY);
        if claims.iat > latest || claims.nbf.is_some_and(|from| from > latest) {
            return Err(Refusal::Early);
        }
        // An id has no character that a policy would take for a pattern.
        UserId::new(claims.sub).map_err(|_| Refusal::Subject)
    }
}

/// The claims that decide; a token has others, too.
#[derive(Deserialize)]
struct Claims<'c> {
    #[serde(borrow)]
    sub: std::borrow::Cow<'c, str>,
    #[serde(borrow)]
    iss: std::borrow::Cow<'c, str>,
    #[serde(borrow)]
    client_id: std::borrow::Cow<'c, str>,
    #[serde(borrow)]
    token_use: std::borrow::Cow<'c, str>,
    aud: Option<Audience>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
}

/// One audience or several (RFC 7519, 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn names(&self, ours: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(client) => ours(client),
            Self::Several(clients) => clients.iter().any(|client| ours(client)),
        }
    }
}

#[cfg(test)]
mod tests;
