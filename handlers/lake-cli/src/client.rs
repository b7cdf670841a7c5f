//! How these commands reach AWS or the local cloud, and what they say when they cannot.

use anyhow::{Result, anyhow, bail};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_kinesis::config::ProvideCredentials;
use aws_sdk_kinesis::config::retry::RetryConfig;
use aws_sdk_kinesis::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use std::error::Error;
use std::time::Duration;

/// Where the stacks live unless the environment or the profile names another region.
const DEFAULT_REGION: &str = "eu-west-2";
/// A connection that takes longer is not going to happen.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest that one try of one request may take; a 5 MiB request on a slow line needs some.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// The configuration that every client of this program is made from.
pub(crate) struct Aws {
    config: SdkConfig,
    endpoint: Option<String>,
}

impl Aws {
    /// Reads the `AWS_*` variables and the profile, and makes sure that there are credentials.
    pub(crate) async fn connect() -> Result<Self> {
        // The SDK's own default asks the metadata service of EC2 last, which on a machine outside
        // EC2 is a wait for nothing.
        let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(ProfileFileRegionProvider::new())
            .or_else(DEFAULT_REGION);
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(region)
            .http_client(http)
            .timeout_config(timeouts)
            .load()
            .await;
        let credentials = config.credentials_provider();
        let Some(credentials) = credentials else {
            bail!(no_credentials("none are configured"))
        };
        if let Err(error) = credentials.provide_credentials().await {
            bail!(no_credentials(&root_cause(&error)));
        }
        let endpoint = config.endpoint_url().map(str::to_owned);
        Ok(Self { config, endpoint })
    }

    /// Kinesis without the SDK's retries: `produce` counts tries per record, so it makes them.
    pub(crate) fn kinesis(&self) -> aws_sdk_kinesis::Client {
        let config = aws_sdk_kinesis::config::Builder::from(&self.config)
            .retry_config(RetryConfig::disabled())
            .build();
        aws_sdk_kinesis::Client::from_conf(config)
    }

    /// Kinesis for reading, with the SDK's standard retries.
    pub(crate) fn kinesis_reader(&self) -> aws_sdk_kinesis::Client {
        aws_sdk_kinesis::Client::new(&self.config)
    }

    /// What calls are signed with by hand.
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Athena, with the SDK's standard retries.
    pub(crate) fn athena(&self) -> aws_sdk_athena::Client {
        aws_sdk_athena::Client::new(&self.config)
    }

    /// S3; where an endpoint is set, buckets are folders of it, because a local cloud has no name
    /// service for them.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .force_path_style(self.endpoint.is_some())
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// The error of a call as one sentence: what was wanted, what happened, and the cure if the
    /// failure has one that is the same for every service.
    pub(crate) fn explain<E, R>(&self, wanted: &str, error: SdkError<E, R>) -> anyhow::Error
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        match &error {
            SdkError::ServiceError(service) => anyhow!("{wanted}: {}", service_error(service.err())),
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
                anyhow!("{wanted}: {}", self.unreachable(&root_cause(&error)))
            }
            SdkError::TimeoutError(_) => {
                anyhow!("{wanted}: no answer within {} s", ATTEMPT_TIMEOUT.as_secs())
            }
            _ => anyhow!("{wanted}: {}", DisplayErrorContext(&error)),
        }
    }

    fn unreachable(&self, cause: &str) -> String {
        match &self.endpoint {
            Some(endpoint) if is_loopback(endpoint) => format!(
                "nothing answers at {endpoint} ({cause}); start the local cloud with \
                 `cargo xtask local up`"
            ),
            Some(endpoint) => {
                format!("cannot reach {endpoint} ({cause}); check AWS_ENDPOINT_URL and the network")
            }
            None => {
                format!("cannot reach AWS ({cause}); check the network, the proxy and AWS_REGION")
            }
        }
    }
}

/// A service's error as `Code: message`.
pub(crate) fn service_error(error: &(impl ProvideErrorMetadata + Error)) -> String {
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, Some(message)) => message.to_owned(),
        (None, None) => root_cause(error),
    }
}

/// The innermost cause, which is the one that a person can act on.
pub(crate) fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn no_credentials(cause: &str) -> String {
    format!(
        "no AWS credentials ({cause}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or \
         AWS_PROFILE, or use the local cloud with `--env local`"
    )
}

/// Whether this endpoint is on this machine.
fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or(host);
    host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]")
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn loopback_endpoints_are_told_from_others() {
        for yes in [
            "http://127.0.0.1:4566",
            "http://localhost:1/",
            "http://[::1]:4566",
            "127.1.2.3",
        ] {
            assert!(is_loopback(yes), "{yes}");
        }
        for no in ["https://kinesis.eu-west-2.amazonaws.com", "http://10.0.0.1/127.0.0.1"] {
            assert!(!is_loopback(no), "{no}");
        }
    }
}
