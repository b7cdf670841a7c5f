//! Users' own tables: sessions of a role that reaches one user's items, by the session's tag.
//!
//! The function's own role reaches no user's data. For a user's it assumes a second role with the
//! user's id as session tag, and the role's policy compares that tag with the partition key of every
//! call. A mistake in a key is then denied by DynamoDB instead of answered; where no session is to
//! be had, there is no other way to the data.

mod cache;

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::Client;
use aws_sdk_sts::types::Tag;
use jiff::{SignedDuration, Timestamp};
use tv_guide::api::Users;
use tv_guide::contract::api::USER_TAG;
use tv_guide::event::id::UserId;

use crate::dynamo::Dynamo;
use cache::Cache;

/// How long a session lasts, in seconds: the shortest that STS gives.
const SESSION_SECONDS: i32 = 900;

/// A session is not used in its last minutes, so that none ends during a request.
const SPARE: SignedDuration = SignedDuration::from_mins(5);

/// Sessions that are kept at most; the one that was not used for longest goes first.
const KEPT: usize = 1_000;

/// Gives every user a table of his own.
#[derive(Debug)]
pub struct Sessions {
    sts: Client,
    config: SdkConfig,
    role: String,
    table: String,
    /// Held for a look only, never while something is awaited.
    cache: Mutex<Cache<UserId, Dynamo>>,
}

/// STS answered, but with no credentials that can be used.
#[derive(Debug, thiserror::Error)]
#[error("sts:AssumeRole gave no credentials")]
struct Empty;

impl Sessions {
    /// Sessions of the role with the ARN `role`, for the items of `table`.
    #[must_use]
    pub fn new(config: &SdkConfig, role: String, table: String) -> Self {
        Self {
            sts: Client::new(config),
            config: config.clone(),
            role,
            table,
            cache: Mutex::new(Cache::new(KEPT)),
        }
    }

    async fn assume(&self, user: &UserId) -> Result<(Dynamo, Timestamp), Box<dyn Error + Send + Sync>> {
        let tag = Tag::builder().key(USER_TAG).value(user.as_str()).build()?;
        let answer = self
            .sts
            .assume_role()
            .role_arn(&self.role)
            .role_session_name(user.as_str())
            .duration_seconds(SESSION_SECONDS)
            .tags(tag)
            .send()
            .await?;
        let session = answer.credentials().ok_or(Empty)?;
        let end = Timestamp::from_second(session.expiration().secs())?;
        let credentials = Credentials::new(
            session.access_key_id(),
            session.secret_access_key(),
            Some(session.session_token().to_owned()),
            None,
            "tv-guide-user",
        );
        // The connections are those of the function's own clients.
        let config = self.config.to_builder();
        let config = config.credentials_provider(SharedCredentialsProvider::new(credentials));
        Ok((Dynamo::new(&config.build(), self.table.as_str()), end))
    }
}

impl Users for &Sessions {
    type Own = Dynamo;

    async fn own(&self, user: &UserId) -> Result<Dynamo, Box<dyn Error + Send + Sync>> {
        let cache = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = cache().get(user, Timestamp::now()) {
            return Ok(own);
        }
        let (own, end) = self.assume(user).await?;
        let until = end.checked_sub(SPARE)?;
        cache().put(user.clone(), own.clone(), until);
        Ok(own)
    }
}
