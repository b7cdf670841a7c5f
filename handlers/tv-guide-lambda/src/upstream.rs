//! The upstreams over HTTP: one attempt at a time, with the key in a header and nowhere else.

use std::time::Duration;

use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, header};
use tv_guide::upstream::{Fault, Request, Response, Service, Upstream};

use crate::secret::{Key, Versions};

/// A connection that takes longer is not going to happen.
const CONNECT: Duration = Duration::from_secs(3);
/// The longest silence in the middle of an answer.
const READ: Duration = Duration::from_secs(10);
/// Largest body that is taken, in bytes; a day's schedule has some hundred kilobytes.
const LARGEST: usize = 16 * 1_024 * 1_024;
/// Most redirects of one request.
const REDIRECTS: usize = 3;
/// Watchmode's header.
const KEY_HEADER: &str = "x-api-key";
/// Who asks; TVmaze wants to know.
const AGENT: &str = concat!("headend-tv-guide/", env!("CARGO_PKG_VERSION"));

/// Base URLs, without a slash at the end.
#[derive(Debug, Clone)]
pub struct Bases {
    /// Watchmode's, with its version.
    pub watchmode: String,
    /// TVmaze's; none for a function that never asks it.
    pub tvmaze: Option<String>,
}

/// The upstreams.
#[derive(Debug)]
pub struct Http<V> {
    client: Client,
    bases: Bases,
    key: Key<V>,
}

impl<V: Versions> Http<V> {
    /// Upstreams at these URLs.
    ///
    /// # Errors
    ///
    /// When TLS cannot be had.
    pub fn new(bases: Bases, key: Key<V>) -> reqwest::Result<Self> {
        // The one place that chooses who encrypts; a second choice, by a client that was made
        // before, is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(READ)
            .redirect(Policy::custom(same_origin))
            .no_proxy()
            .user_agent(AGENT)
            .build()?;
        Ok(Self { client, bases, key })
    }
}

/// Follows a redirect to where it came from; elsewhere the key must not go.
fn same_origin(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let from = attempt.previous().last().map(reqwest::Url::origin);
    if attempt.previous().len() <= REDIRECTS && from.is_some_and(|from| from == attempt.url().origin()) {
        attempt.follow()
    } else {
        attempt.error(Fault::Redirect)
    }
}

impl<V: Versions> Upstream for Http<V> {
    async fn send(&self, request: &Request, within: Duration) -> Result<Response, Fault> {
        let base = match request.service {
            Service::Watchmode => &self.bases.watchmode,
            Service::Tvmaze => self.bases.tvmaze.as_ref().ok_or(Fault::Connection)?,
        };
        let mut call = self.client.get(format!("{base}{}", request.target())).timeout(within);
        if request.service == Service::Watchmode {
            call = call.header(KEY_HEADER, self.key.get().await?);
        }
        let mut answer = call.send().await.map_err(|error| fault(&error, Fault::Connection))?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| fault(&error, Fault::Cut))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Fault::TooLarge { limit: LARGEST });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status,
            retry_after,
            body,
        })
    }

    async fn renew(&self, service: Service) -> Result<bool, Fault> {
        match service {
            Service::Watchmode => self.key.renew().await,
            Service::Tvmaze => Ok(false),
        }
    }
}

/// What an error amounts to; its text, which names URLs, is not kept.
fn fault(error: &reqwest::Error, otherwise: Fault) -> Fault {
    if error.is_timeout() {
        Fault::TimedOut
    } else if error.is_redirect() {
        Fault::Redirect
    } else if error.is_connect() {
        Fault::Connection
    } else {
        otherwise
    }
}

#[cfg(test)]
mod tests;
