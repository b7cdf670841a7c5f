//! Calls to AWS, signed by hand: a handful of operations of six services does not want six SDKs.
//!
//! Region, credentials and endpoint come from the standard settings, so a local cloud is only
//! another endpoint. A call is tried once: whoever runs these commands can run them again.

mod answer;

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, anyhow};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use reqwest::Method;
use serde_json::Value;

pub(crate) use answer::{Answer, is_refusal};

/// Where the stacks live unless the environment or the profile names another region.
const DEFAULT_REGION: &str = "eu-west-2";
/// A connection that takes longer is not going to happen.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest answer to wait for: a function runs for up to 900 s.
const PATIENCE: Duration = Duration::from_secs(905);

/// A service that is called here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Amazon Cognito user pools.
    Cognito,
    /// AWS Lambda.
    Lambda,
    /// Amazon CloudWatch Logs.
    Logs,
    /// Amazon SNS.
    Sns,
    /// Amazon SQS.
    Sqs,
    /// Amazon S3.
    S3,
}

impl Service {
    /// The name in its host and in signatures.
    fn name(self) -> &'static str {
        match self {
            Service::Cognito => "cognito-idp",
            Service::Lambda => "lambda",
            Service::Logs => "logs",
            Service::Sns => "sns",
            Service::Sqs => "sqs",
            Service::S3 => "s3",
        }
    }
}

/// A call, in the words of its service's HTTP protocol.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// Who is called.
    pub(crate) service: Service,
    /// The operation, for messages.
    pub(crate) operation: &'static str,
    /// HTTP method.
    pub(crate) method: Method,
    /// Path and query, already encoded.
    pub(crate) path: String,
    /// Headers besides those of the signature.
    pub(crate) headers: &'a [(&'static str, String)],
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// A connection to one region of AWS, or to a local cloud.
#[derive(Debug)]
pub(crate) struct Aws {
    http: reqwest::Client,
    credentials: SharedCredentialsProvider,
    region: String,
    endpoint: Option<String>,
}

/// An HTTP client whose TLS is the one that the SDKs use, too.
pub(crate) fn http() -> Result<reqwest::Client> {
    // Somebody else having installed it is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .context("cannot make an HTTP client")
}

impl Aws {
    /// Reads the settings; the credentials are asked for with the first call.
    pub(crate) async fn connect() -> Result<Self> {
        let client = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = aws_config::defaults(BehaviorVersion::latest()).http_client(client);
        // The SDK's own default asks the metadata service of EC2 last, which on a machine outside
        // EC2 is a wait for nothing.
        let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(ProfileFileRegionProvider::new())
            .or_else(Region::new(DEFAULT_REGION));
        let config = config.region(region).load().await;
        let credentials = config.credentials_provider().context(NO_CREDENTIALS)?;
        Ok(Aws {
            http: http()?,
            credentials,
            region: config.region().map_or(DEFAULT_REGION, Region::as_ref).to_owned(),
            endpoint: config.endpoint_url().map(|url| url.trim_end_matches('/').to_owned()),
        })
    }

    /// Calls an operation of the protocols `awsJson1_0` and `awsJson1_1`: `target` is the
    /// service's prefix, a dot and the operation.
    pub(crate) async fn json(&self, service: Service, target: &'static str, body: &Value) -> Result<Answer> {
        let version = if service == Service::Sqs { "1.0" } else { "1.1" };
        let operation = target.rsplit('.').next().unwrap_or(target);
        self.call(Call {
            service,
            operation,
            method: Method::POST,
            path: "/".to_owned(),
            headers: &[
                ("content-type", format!("application/x-amz-json-{version}")),
                ("x-amz-target", target.to_owned()),
            ],
            body: serde_json::to_vec(body)?,
        })
        .await
    }

    /// Calls an operation of the protocol `awsQuery`, of which SNS is the last service left here.
    pub(crate) async fn sns(&self, operation: &'static str, parameters: &[(&str, &str)]) -> Result<Answer> {
        let mut body = format!("Action={operation}&Version=2010-03-31");
        for (name, value) in parameters {
            body += &format!("&{}={}", encoded(name), encoded(value));
        }
        self.call(Call {
            service: Service::Sns,
            operation,
            method: Method::POST,
            path: "/".to_owned(),
            headers: &[("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: body.into_bytes(),
        })
        .await
    }

    /// Signs and sends a call.
    ///
    /// # Errors
    /// Nobody answers, or the service refuses; the sentence names the call and the service's code.
    pub(crate) async fn call(&self, call: Call<'_>) -> Result<Answer> {
        let operation = call.operation;
        let request = self.signed(call, SystemTime::now()).await?;
        let origin = request.url().origin().ascii_serialization();
        let sent = self.http.execute(request).await;
        let response = sent.map_err(|error| unreachable(operation, &origin, error))?;
        let answer = Answer::read(response).await;
        let answer = answer.map_err(|error| unreachable(operation, &origin, error))?;
        match answer.refusal() {
            None => Ok(answer),
            Some(refusal) => Err(refusal.of(operation)),
        }
    }

    async fn signed(&self, call: Call<'_>, now: SystemTime) -> Result<reqwest::Request> {
        let credentials = self.credentials.provide_credentials().await.context(NO_CREDENTIALS)?;
        let url = format!("{}{}", self.origin(call.service), call.path);
        let mut settings = SigningSettings::default();
        if call.service == Service::S3 {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        let identity = credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(call.service.name())
            .time(now)
            .settings(settings)
            .build()?
            .into();
        let headers = call.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let signable = SignableRequest::new(call.method.as_str(), &url, headers, SignableBody::Bytes(&call.body))?;
        let (instructions, _) = sign(signable, &parameters)
            .map_err(|error| anyhow!("cannot sign {}: {error}", call.operation))?
            .into_parts();
        let mut request = self.http.request(call.method, &url).body(call.body);
        for (name, value) in call.headers {
            request = request.header(*name, value);
        }
        for (name, value) in instructions.headers() {
            request = request.header(name, value);
        }
        Ok(request.build()?)
    }

    /// The origin that answers for a service.
    pub(crate) fn origin(&self, service: Service) -> String {
        match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => format!("https://{}.{}.amazonaws.com", service.name(), self.region),
        }
    }
}

const NO_CREDENTIALS: &str = "no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
    AWS_SECRET_ACCESS_KEY, or use the local cloud with `--env local`";

/// The text as a part of a path, of a query or of a form: all but the unreserved as `%XX`.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

fn unreachable(operation: &str, origin: &str, error: reqwest::Error) -> anyhow::Error {
    let cure = match origin.starts_with("http://127.") {
        true => "; start the local cloud with `cargo xtask local up`",
        false => "; check the network, AWS_REGION and AWS_ENDPOINT_URL",
    };
    // Its own text would repeat the address with the query.
    anyhow::Error::new(error.without_url()).context(format!("{operation} got no answer from {origin}{cure}"))
}

#[cfg(test)]
mod tests;
