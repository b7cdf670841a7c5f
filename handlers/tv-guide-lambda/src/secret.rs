//! Watchmode's key, out of Secrets Manager.

use std::fmt;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::DisplayErrorContext;
use reqwest::header::HeaderValue;
use tokio::sync::Mutex;
use tv_guide::upstream::Fault;

/// For how long a key is used without looking whether it is still the one.
const FRESH: Duration = Duration::from_secs(300);

/// The versions of a secret, by the stage labels that a rotation moves.
#[allow(async_fn_in_trait, reason = "a function handles one event at a time, on one thread")]
pub trait Versions {
    /// The text of the version at a stage, if there is one.
    ///
    /// # Errors
    ///
    /// When it cannot be read; why is in the log.
    async fn text(&self, stage: Stage) -> Result<Option<String>, Fault>;
}

/// Which version of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The one in use.
    Current,
    /// The one that a rotation under way is about to put into use.
    Pending,
}

/// A secret in Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    client: Client,
    arn: String,
}

impl SecretsManager {
    /// The secret of an ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            arn: arn.into(),
        }
    }
}

impl Versions for SecretsManager {
    async fn text(&self, stage: Stage) -> Result<Option<String>, Fault> {
        let stage = match stage {
            Stage::Current => "AWSCURRENT",
            Stage::Pending => "AWSPENDING",
        };
        let call = self.client.get_secret_value().secret_id(&self.arn).version_stage(stage);
        match call.send().await {
            Ok(answer) => Ok(answer.secret_string),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_resource_not_found_exception()) =>
            {
                Ok(None)
            }
            Err(error) => {
                tracing::error!(stage, "watchmode's key cannot be read: {}", DisplayErrorContext(&error));
                Err(Fault::Key)
            }
        }
    }
}

/// The key, fetched when it is needed and by one task at a time.
pub struct Key<V> {
    versions: V,
    held: Mutex<Option<(HeaderValue, Instant)>>,
}

impl<V: Versions> Key<V> {
    /// A key that has not been fetched yet.
    pub fn new(versions: V) -> Self {
        Self {
            versions,
            held: Mutex::new(None),
        }
    }

    /// The key, as the value of a header that no log shows.
    ///
    /// # Errors
    ///
    /// When there is no key.
    pub async fn get(&self) -> Result<HeaderValue, Fault> {
        let mut held = self.held.lock().await;
        if let Some((key, since)) = held.as_ref()
            && since.elapsed() < FRESH
        {
            return Ok(key.clone());
        }
        let key = self.fetch(Stage::Current).await?.ok_or(Fault::Key)?;
        *held = Some((key.clone(), Instant::now()));
        Ok(key)
    }

    /// Looks for another key than the one that was refused: the current one, or, in the middle of
    /// a rotation, the one to come.
    ///
    /// # Errors
    ///
    /// When the secret cannot be read.
    pub async fn renew(&self) -> Result<bool, Fault> {
        let mut held = self.held.lock().await;
        let refused = held.take().map(|(key, _)| key);
        for stage in [Stage::Current, Stage::Pending] {
            if let Some(key) = self.fetch(stage).await?
                && refused.as_ref() != Some(&key)
            {
                *held = Some((key, Instant::now()));
                return Ok(true);
            }
        }
        *held = refused.map(|key| (key, Instant::now()));
        Ok(false)
    }

    async fn fetch(&self, stage: Stage) -> Result<Option<HeaderValue>, Fault> {
        let text = self.versions.text(stage).await?;
        text.map(|text| header(&text)).transpose()
    }
}

impl<V> fmt::Debug for Key<V> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key(..)")
    }
}

/// The key in a secret's text: the text itself, or the one text in a JSON object.
fn header(text: &str) -> Result<HeaderValue, Fault> {
    let text = text.trim();
    let key = match serde_json::from_str::<std::collections::BTreeMap<String, String>>(text) {
        Ok(entries) if entries.len() == 1 => entries.into_values().next().unwrap_or_default(),
        Ok(_) => String::new(),
        Err(_) => text.to_owned(),
    };
    let key = key.trim();
    let value = HeaderValue::from_str(key).ok().filter(|_| !key.is_empty());
    let Some(mut value) = value else {
        tracing::error!("the secret holds no key: put the key into it as plain text");
        return Err(Fault::Key);
    };
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests;
