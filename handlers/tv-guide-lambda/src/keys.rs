//! The user pool's public keys, fetched when one is missing and kept while they cannot be.
//!
//! Reading order: [`KeyStore::get`], [`Jwks`] (where keys come from), [`Endpoint`] (the pool's).

use std::error::Error;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tv_guide::token::{Key, Keys, KeysError};

/// Keys are asked for again for a key that is not among them, but not more often than this: anybody
/// can name a key that does not exist.
const UNKNOWN_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Without any key nothing can be verified, so that the next request may ask again sooner.
const WITHOUT_EVERY: SignedDuration = SignedDuration::from_secs(2);

/// Keys that the pool has withdrawn are believed for as long as this.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(1);

/// Largest document, in bytes; a pool's has two keys, of some 500 bytes each.
const DOCUMENT_BYTES: usize = 64 * 1024;

/// How long a connection to the endpoint may take.
const CONNECT: Duration = Duration::from_secs(2);

/// How long a fetch may take in all; a request waits for it.
const FETCH: Duration = Duration::from_secs(4);

/// Where keys come from.
#[allow(async_fn_in_trait, reason = "a function handles one event at a time, on one thread")]
pub trait Jwks {
    /// The pool's JWKS document.
    ///
    /// # Errors
    ///
    /// When it cannot be had now.
    async fn document(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>>;
}

/// The keys are not to be had now, or not all of them.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// They cannot be fetched.
    #[error("the user pool's keys cannot be fetched")]
    Fetch(#[source] Box<dyn Error + Send + Sync>),
    /// What was fetched holds none.
    #[error("the user pool's keys cannot be read")]
    Read(#[from] KeysError),
    /// The last try has failed a moment ago.
    #[error("the user pool's keys could not be fetched a moment ago")]
    Recently,
}

/// A pool's keys.
#[derive(Debug)]
pub struct KeyStore<J> {
    jwks: J,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: Option<Keys>,
    /// When they were fetched.
    fetched: Option<Timestamp>,
    /// When they were asked for last, and whether they came.
    asked: Option<(Timestamp, bool)>,
}

impl<J: Jwks> KeyStore<J> {
    /// A store without keys yet.
    pub fn new(jwks: J) -> Self {
        Self {
            jwks,
            state: Mutex::default(),
        }
    }

    /// The key with an id; none if the pool has no such key.
    ///
    /// Several callers wait for one fetch.
    ///
    /// # Errors
    ///
    /// When the key is not known, and the keys cannot be fetched.
    pub async fn get(&self, kid: &str, now: Timestamp) -> Result<Option<Key>, Unavailable> {
        let mut state = self.state.lock().await;
        let known = state.keys.as_ref().and_then(|keys| keys.get(kid)).cloned();
        let elapsed = |since: Option<Timestamp>| since.map(|since| now.duration_since(since));
        let is_fresh = elapsed(state.fetched).is_some_and(|age| age < FRESH_FOR);
        if known.is_some() && is_fresh {
            return Ok(known);
        }
        let pause = if state.keys.is_some() {
            UNKNOWN_EVERY
        } else {
            WITHOUT_EVERY
        };
        if let Some((asked, came)) = state.asked
            && now.duration_since(asked) < pause
        {
            // Stale keys are better than none while they cannot be renewed.
            return if known.is_some() || came {
                Ok(known)
            } else {
                Err(Unavailable::Recently)
            };
        }
        let fetched = self.fetch().await;
        state.asked = Some((now, fetched.is_ok()));
        match fetched {
            Ok(keys) => {
                let key = keys.get(kid).cloned();
                (state.keys, state.fetched) = (Some(keys), Some(now));
                Ok(key)
            }
            Err(error) => known.map(Some).ok_or(error),
        }
    }

    async fn fetch(&self) -> Result<Keys, Unavailable> {
        let document = self.jwks.document().await.map_err(Unavailable::Fetch)?;
        Ok(Keys::parse(&document)?)
    }
}

/// The pool's own endpoint.
#[derive(Debug)]
pub struct Endpoint {
    client: reqwest::Client,
    url: String,
}

/// What the endpoint answered instead of a document.
#[derive(Debug, thiserror::Error)]
#[error("{url} answered with status {status} and {bytes} bytes")]
struct Unexpected {
    url: String,
    status: u16,
    bytes: usize,
}

impl Endpoint {
    /// The endpoint of a pool: that of its region, or of a local cloud.
    ///
    /// # Errors
    ///
    /// When no HTTP client can be made.
    pub fn new(pool: &str, local: Option<&str>) -> Result<Self, reqwest::Error> {
        // Whoever comes first installs it; it is the same for all.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(FETCH)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let region = pool.split_once('_').map_or("", |(region, _)| region);
        let origin = match local {
            Some(local) => local.trim_end_matches('/').to_owned(),
            None => format!("https://cognito-idp.{region}.amazonaws.com"),
        };
        Ok(Self {
            client,
            url: format!("{origin}/{pool}/.well-known/jwks.json"),
        })
    }
}

impl Jwks for Endpoint {
    async fn document(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let mut response = self.client.get(&self.url).send().await?;
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            document.extend_from_slice(&chunk);
            if document.len() > DOCUMENT_BYTES {
                break;
            }
        }
        if !response.status().is_success() || document.len() > DOCUMENT_BYTES {
            return Err(Box::new(Unexpected {
                url: self.url.clone(),
                status: response.status().as_u16(),
                bytes: document.len(),
            }));
        }
        Ok(document)
    }
}

#[cfg(test)]
mod tests;
