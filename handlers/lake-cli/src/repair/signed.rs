//! Calls of SQS and Lambda, signed by hand: four operations do not want two SDKs.

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, anyhow, bail};
use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

use crate::client::root_cause;

/// The longest answer to wait for: a function runs for up to 900 s.
const PATIENCE: Duration = Duration::from_secs(905);

/// A connection to one region of AWS, or to a local cloud.
pub(crate) struct Signed {
    region: String,
    endpoint: Option<String>,
    credentials: SharedCredentialsProvider,
    connector: Connector,
}

/// A call, in the words of its service's HTTP protocol.
pub(crate) struct Call<'a> {
    /// The service's name in its host and in signatures.
    pub(crate) service: &'static str,
    /// The operation, for messages.
    pub(crate) operation: &'static str,
    /// Path and query, already encoded.
    pub(crate) path: &'a str,
    /// Headers besides those of the signature.
    pub(crate) headers: &'a [(&'static str, &'static str)],
    /// The body.
    pub(crate) body: &'a [u8],
}

/// An answer of status 2xx.
pub(crate) struct Answer {
    /// What Lambda says of a function that failed.
    pub(crate) function_error: Option<String>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Signed {
    /// A connection with this configuration's region, endpoint and credentials.
    pub(crate) fn new(config: &SdkConfig) -> Result<Self> {
        let connector = Connector::builder().tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
        Ok(Signed {
            region: config.region().context("no region; set AWS_REGION")?.to_string(),
            endpoint: config.endpoint_url().map(|url| url.trim_end_matches('/').to_owned()),
            credentials: config.credentials_provider().context("no AWS credentials")?,
            connector: connector.build(),
        })
    }

    /// Calls an operation of SQS: JSON in, JSON out; nothing where it answers nothing.
    pub(crate) async fn sqs(&self, operation: &'static str, target: &'static str, body: &Value) -> Result<Value> {
        let body = serde_json::to_vec(body)?;
        let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target)];
        let (service, path) = ("sqs", "/");
        let call = Call {
            service,
            operation,
            path,
            headers: &headers,
            body: &body,
        };
        let answer = self.call(&call).await?.body;
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer).with_context(|| format!("cannot read the answer to {operation}"))
    }

    /// Makes a call once.
    pub(crate) async fn call(&self, call: &Call<'_>) -> Result<Answer> {
        let operation = call.operation;
        let request = self.request(call, SystemTime::now()).await?;
        let sent = tokio::time::timeout(PATIENCE, self.connector.call(request)).await;
        let sent = sent.with_context(|| format!("no answer to {operation} within {} s", PATIENCE.as_secs()))?;
        let response = sent.map_err(|error| anyhow!("{operation} got no answer: {}", root_cause(&error)))?;
        let status = response.status();
        let function_error = response.headers().get("x-amz-function-error").map(str::to_owned);
        let body = ByteStream::new(response.into_body()).collect().await;
        let body = body.map_err(|error| anyhow!("the answer to {operation} broke off: {}", root_cause(&error)))?;
        let body = body.to_vec();
        if !status.is_success() {
            let said = String::from_utf8_lossy(&body);
            bail!(
                "{operation} was refused with HTTP status {}: {}",
                status.as_u16(),
                said.trim()
            );
        }
        Ok(Answer { function_error, body })
    }

    async fn request(&self, call: &Call<'_>, now: SystemTime) -> Result<HttpRequest> {
        let url = match &self.endpoint {
            Some(endpoint) => format!("{endpoint}{}", call.path),
            None => format!("https://{}.{}.amazonaws.com{}", call.service, self.region, call.path),
        };
        let identity = self
            .credentials
            .provide_credentials()
            .await
            .context("no AWS credentials")?
            .into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(call.service)
            .time(now)
            .settings(SigningSettings::default())
            .build()?
            .into();
        let headers = call.headers.iter().copied();
        let signable = SignableRequest::new("POST", &url, headers.clone(), SignableBody::Bytes(call.body))?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(call.body));
        request.set_method("POST")?;
        request.set_uri(url.as_str())?;
        for (name, value) in headers.chain(instructions.headers()) {
            request.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        Ok(request)
    }
}
