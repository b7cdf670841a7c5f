//! How a function's clients reach AWS: with what Lambda puts into its environment, and nothing else.
//!
//! A function has its credentials, its region and, against a local cloud, its endpoint in variables.
//! The SDK's own chain would look for profiles and ask metadata services first, which costs a cold
//! start some milliseconds and finds nothing.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};

/// A connection inside a region that takes longer is not going to happen.
const CONNECT: Duration = Duration::from_secs(3);

/// Tries of one call, the first included.
const TRIES: u32 = 3;

/// The variable that a local cloud puts its address into.
pub const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The region's variable.
const REGION: &str = "AWS_REGION";

/// The configuration that a function's clients are made from; `whole` is how long one call may take,
/// with all its tries.
pub fn config(whole: Duration) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_timeout(whole)
        .build();
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
            credentials,
        ))
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
        .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
            aws_smithy_async::rt::sleep::TokioSleep::new(),
        ))
        .timeout_config(timeouts);
    config.set_region(variable(REGION).map(Region::new));
    config.set_endpoint_url(endpoint());
    config.build()
}

/// Where a local cloud answers; none on AWS.
///
/// There, buckets are folders of the endpoint, since no name service knows them: whoever makes a
/// client of S3 forces path style when this is set.
#[must_use]
pub fn endpoint() -> Option<String> {
    variable(ENDPOINT)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
