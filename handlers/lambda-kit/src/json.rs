//! Calls of AWS's JSON protocol, signed by hand.
//!
//! A function that makes a handful of calls to a service does not want its SDK: Glue's and Athena's
//! take minutes to build and megabytes in the zip. Credentials, region, endpoint and the time that a
//! call may take are those of the [configuration](crate::aws::config) that the SDK's clients have.
//!
//! The names of calls are literals, `"AWSGlue.GetTable"`: `cargo xtask tidy` reads them there and
//! holds them against what the contract declares.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Tries of one call, the first included; as many as the SDK makes.
const TRIES: u32 = 3;
/// Before the second try; before the third it is four times that.
const PAUSE: Duration = Duration::from_millis(150);
/// For all tries of a call, where the configuration does not say.
const WHOLE: Duration = Duration::from_secs(30);

/// One service in one region, or in a local cloud.
#[derive(Debug)]
pub struct Client {
    service: &'static str,
    region: String,
    url: String,
    credentials: Option<SharedCredentialsProvider>,
    connector: Connector,
    whole: Duration,
}

/// Why a call was not answered as it should.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service says no.
    #[error("{call} was refused: {code}: {message} (HTTP status {status})")]
    Refused {
        /// The call.
        call: &'static str,
        /// HTTP status.
        status: u16,
        /// The service's code, such as `EntityNotFoundException`.
        code: String,
        /// The service's sentence.
        message: String,
    },
    /// Nobody answered, or not in time.
    #[error("{call} got no answer")]
    Unanswered {
        /// The call.
        call: &'static str,
        /// What is in the way.
        #[source]
        source: BoxError,
    },
    /// There are no credentials, or the request is none.
    #[error("{call} cannot be made")]
    Unmade {
        /// The call.
        call: &'static str,
        /// What is missing.
        #[source]
        source: BoxError,
    },
    /// The answer is another one than the service documents.
    #[error("the answer to {call} cannot be read")]
    Unreadable {
        /// The call.
        call: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl CallError {
    /// Whether the service has refused with this code.
    #[must_use]
    pub fn is(&self, wanted: &str) -> bool {
        matches!(self, CallError::Refused { code, .. } if code == wanted)
    }

    /// Whether the same call may be answered in a moment.
    fn is_passing(&self) -> bool {
        match self {
            CallError::Refused { status, code, .. } => {
                *status >= 500 || *status == 429 || code.contains("Throttl") || code == "TooManyRequestsException"
            }
            CallError::Unanswered { .. } => true,
            CallError::Unmade { .. } | CallError::Unreadable { .. } => false,
        }
    }
}

/// What services say with a no; they do not agree on its members' names.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(rename = "__type", alias = "code", default)]
    kind: String,
    #[serde(alias = "Message", default)]
    message: String,
}

impl Client {
    /// A client of a service, by the first part of its host's name: `glue`.
    #[must_use]
    pub fn new(config: &SdkConfig, service: &'static str) -> Self {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let url = match config.endpoint_url() {
            Some(endpoint) => format!("{}/", endpoint.trim_end_matches('/')),
            None => format!("https://{service}.{region}.amazonaws.com/"),
        };
        let connector = Connector::builder().tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
        Client {
            service,
            region,
            url,
            credentials: config.credentials_provider(),
            connector: connector.build(),
            whole: config
                .timeout_config()
                .and_then(|timeouts| timeouts.operation_timeout())
                .unwrap_or(WHOLE),
        }
    }

    /// Makes a call, `target` being the service's prefix, a dot and the operation; again where it may
    /// help, as long as the configuration allows.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub async fn call<R: DeserializeOwned>(&self, target: &'static str, body: &impl Serialize) -> Result<R, CallError> {
        let call = target.rsplit('.').next().unwrap_or(target);
        let body = serde_json::to_vec(body).map_err(|error| CallError::Unmade {
            call,
            source: error.into(),
        })?;
        let answer = tokio::time::timeout(self.whole, self.tried(target, call, &body)).await;
        let answer = answer.map_err(|elapsed| CallError::Unanswered {
            call,
            source: elapsed.into(),
        })??;
        serde_json::from_slice(&answer).map_err(|source| CallError::Unreadable { call, source })
    }

    async fn tried(&self, target: &'static str, call: &'static str, body: &[u8]) -> Result<Vec<u8>, CallError> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match self.once(target, call, body).await {
                Err(error) if error.is_passing() => tokio::time::sleep(pause).await,
                answer => return answer,
            }
            pause *= 4;
        }
        self.once(target, call, body).await
    }

    async fn once(&self, target: &'static str, call: &'static str, body: &[u8]) -> Result<Vec<u8>, CallError> {
        let unmade = |source| CallError::Unmade { call, source };
        let unanswered = |source| CallError::Unanswered { call, source };
        let request = self.signed(target, body, SystemTime::now()).await.map_err(unmade)?;
        let response: HttpResponse = self
            .connector
            .call(request)
            .await
            .map_err(|error| unanswered(error.into()))?;
        let status = response.status();
        let header = response.headers().get("x-amzn-errortype").map(str::to_owned);
        let answer = ByteStream::new(response.into_body()).collect().await;
        let answer = answer.map_err(|error| unanswered(error.into()))?.to_vec();
        if status.is_success() {
            return Ok(answer);
        }
        let refusal: Refusal = serde_json::from_slice(&answer).unwrap_or_default();
        // It may come as `com.amazonaws.glue#Code` or as `Code:http://...`.
        let code = header.unwrap_or(refusal.kind);
        let code = code.rsplit('#').next().unwrap_or_default();
        Err(CallError::Refused {
            call,
            status: status.as_u16(),
            code: code.split(':').next().unwrap_or_default().to_owned(),
            message: refusal.message,
        })
    }

    async fn signed(&self, target: &str, body: &[u8], now: SystemTime) -> Result<HttpRequest, BoxError> {
        let provider = self.credentials.as_ref().ok_or("there is no provider of credentials")?;
        let identity = provider.provide_credentials().await?.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time(now)
            .settings(SigningSettings::default())
            .build()?
            .into();
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        let signable = SignableRequest::new("POST", &self.url, headers.into_iter(), SignableBody::Bytes(body))?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST")?;
        request.set_uri(self.url.as_str())?;
        let signed = instructions.headers();
        for (name, value) in headers.into_iter().chain(signed) {
            request.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests;
