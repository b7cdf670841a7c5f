//! The AWS clients: region, endpoint, credentials, TLS, retries.
//!
//! Everything comes from the standard settings (`AWS_ENDPOINT_URL`, `AWS_PROFILE`,
//! `AWS_ACCESS_KEY_ID` and so on), so a local cloud is only another endpoint.

use crate::bucket::s3::S3;
use crate::cloudformation::sdk::Sdk;
use crate::error::Error;
use crate::site::Surroundings;
use anyhow::{Context as _, Result, bail};
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cloudformation::config::http::HttpResponse;
use aws_sdk_cloudformation::config::{HttpClient, ProvideCredentials as _};
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use std::error::Error as StdError;

/// Attempts per call. The SDK waits up to 1, 2, 4, 8 and 16 s between them, with jitter, which
/// outlasts the throttling that a few parallel deployments cause.
const ATTEMPTS: u32 = 6;

/// Attempts of the first call: an endpoint that does not answer should be known at once.
const FIRST_ATTEMPTS: u32 = 2;

/// A connection to one region of AWS, or to a local cloud.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    region: String,
    target: String,
}

/// Who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The twelve digits of the account.
    pub account: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
}

impl Aws {
    /// Reads the settings and finds credentials; makes no call to AWS yet.
    ///
    /// # Errors
    /// No region, or no usable credentials.
    pub async fn connect(region: Option<&str>) -> Result<Self> {
        // The SDK's own default would bring a second TLS stack, aws-lc, and a C build with it.
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        Self::connect_over(region, http).await
    }

    async fn connect_over(region: Option<&str>, http: impl HttpClient + 'static) -> Result<Self> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        let config = loader.load().await;
        let Some(region) = config.region().map(ToString::to_string) else {
            bail!("no AWS region is set; pass --region or set AWS_REGION");
        };
        let credentials = config.credentials_provider().context("no AWS credentials are set up")?;
        match credentials.provide_credentials().await {
            Ok(_) => {}
            // What was tried in vain is a page of text that says no more than this.
            Err(CredentialsError::CredentialsNotLoaded(_)) => {
                bail!("there are no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
            }
            Err(error) => return Err(error).context("the AWS credentials cannot be used"),
        }
        let target = config.endpoint_url().unwrap_or("AWS").to_owned();
        Ok(Self { config, region, target })
    }

    /// Asks who the credentials belong to.
    ///
    /// # Errors
    /// The endpoint does not answer, or does not accept the credentials.
    pub async fn identity(&self) -> Result<Identity> {
        const CALL: &str = "GetCallerIdentity";
        let quick = aws_sdk_sts::config::Builder::from(&self.config)
            .retry_config(RetryConfig::standard().with_max_attempts(FIRST_ATTEMPTS))
            .build();
        let caller = aws_sdk_sts::Client::from_conf(quick)
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| failure(CALL, &self.target, error))?;
        let account = caller.account.ok_or(Error::Incomplete {
            operation: CALL,
            field: "Account",
        })?;
        let partition = caller
            .arn
            .as_deref()
            .and_then(|arn| arn.split(':').nth(1))
            .ok_or(Error::Incomplete {
                operation: CALL,
                field: "Arn",
            })?;
        Ok(Identity {
            account,
            partition: partition.to_owned(),
        })
    }

    /// What a site's configuration may say of this region.
    pub fn surroundings(&self, identity: &Identity) -> Surroundings {
        Surroundings {
            region: self.region.clone(),
            endpoint: self.config.endpoint_url().map(str::to_owned),
            domain: match identity.partition.as_str() {
                "aws-cn" => "amazonaws.com.cn",
                _ => "amazonaws.com",
            },
        }
    }

    /// CloudFormation in this region.
    pub fn cloudformation(&self) -> Sdk {
        Sdk::new(aws_sdk_cloudformation::Client::new(&self.config), self.target.clone())
    }

    /// S3 in this region, as the owner of `identity`'s account.
    pub fn s3(&self, identity: &Identity) -> S3 {
        let endpoint = self.config.endpoint_url();
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            // The bucket would otherwise become a label in front of 127.0.0.1.
            .force_path_style(endpoint.is_some())
            .build();
        S3::new(
            aws_sdk_s3::Client::from_conf(config),
            self.region.clone(),
            endpoint.map(str::to_owned),
            identity.clone(),
        )
    }
}

/// An SDK error in words of our own.
pub(crate) fn failure<E>(operation: &'static str, target: &str, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    let Some(refusal) = error.as_service_error() else {
        return Error::Unreachable {
            operation,
            target: target.to_owned(),
            source: Box::new(error),
        };
    };
    let code = refusal.code().unwrap_or("no error code").to_owned();
    let busy = status.is_some_and(|status| status == 429 || status >= 500)
        || ["Throttl", "RequestLimitExceeded", "TooManyRequests", "SlowDown"]
            .iter()
            .any(|start| code.starts_with(start));
    if busy {
        return Error::Busy { operation, code };
    }
    let message = match (refusal.message(), status) {
        (Some(message), _) => message.to_owned(),
        (None, Some(status)) => format!("HTTP status {status}"),
        (None, None) => "no message".to_owned(),
    };
    Error::Refused {
        operation,
        code,
        message,
    }
}
