//! Calls of SQS and Lambda, signed by hand: four operations do not want two SDKs.
//!
//! The calls of `lambda-kit` are a function's: they come with its runtime, are tried again, and know
//! one protocol. An invocation that got no answer must not be made twice unseen, so here each call is
//! made once, and whoever makes it decides.

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

    /// Calls an operation of SQS, `target` being `AmazonSQS.` and its name: JSON in, JSON out; nothing
    /// where it answers nothing.
    pub(crate) async fn sqs(&self, target: &'static str, body: &Value) -> Result<Value> {
        let operation = target.rsplit('.').next().unwrap_or(target);
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use super::{Call, Signed};

    async fn check(endpoint: Option<&str>, service: &'static str, path: &str, uri: &str) {
        let credentials = Credentials::new("AKID", "secret", Some("token".to_owned()), None, "test");
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-2"))
            .credentials_provider(SharedCredentialsProvider::new(credentials));
        config.set_endpoint_url(endpoint.map(str::to_owned));
        let signed = Signed::new(&config.build()).expect("a connection");
        let call = Call {
            service,
            operation: "Test",
            path,
            headers: &[("content-type", "application/json")],
            body: b"{}",
        };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_769_900_400);
        let request = signed.request(&call, now).await.expect("a request");
        assert_eq!(request.uri(), uri);
        let authorization = request.headers().get("authorization").expect("a signature");
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20260131/eu-west-2/{service}/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
        );
        assert!(authorization.starts_with(&expected), "{authorization}");
        assert_eq!(request.headers().get("x-amz-security-token"), Some("token"));
        assert!(!format!("{request:?}").contains("secret"));
    }

    #[tokio::test]
    async fn a_call_is_signed_for_its_service_and_goes_to_its_host() {
        check(None, "sqs", "/", "https://sqs.eu-west-2.amazonaws.com/").await;
        let path = "/2015-03-31/functions/lake-write/invocations";
        let local = Some("http://127.0.0.1:4566/");
        check(local, "lambda", path, &format!("http://127.0.0.1:4566{path}")).await;
    }
}
