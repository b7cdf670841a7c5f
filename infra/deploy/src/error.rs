//! How a call to AWS fails, in words of our own.
//!
//! The engine decides by these four cases and never looks at an SDK error, so that its tests
//! need no SDK.

use std::error::Error as StdError;

/// A call to AWS that did not give its answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The service understood the call and said no.
    #[error("{operation} was refused: {message} ({code})")]
    Refused {
        /// Name of the API operation.
        operation: &'static str,
        /// The service's error code, such as `ValidationError`.
        code: String,
        /// The service's own words.
        message: String,
    },
    /// Throttled, or a failure on the service's side: the same call may work in a moment.
    #[error("{operation} was put off by AWS ({code}); try again in a minute")]
    Busy {
        /// Name of the API operation.
        operation: &'static str,
        /// The service's error code, such as `Throttling`.
        code: String,
    },
    /// No answer came back at all.
    #[error("{operation} got no answer from {target}; {}", cure(target))]
    Unreachable {
        /// Name of the API operation.
        operation: &'static str,
        /// The endpoint that was asked, or `AWS` where none was set.
        target: String,
        /// What the connection said.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The answer lacks a field that the service always sends.
    #[error("{operation} answered without {field}")]
    Incomplete {
        /// Name of the API operation.
        operation: &'static str,
        /// The missing field.
        field: &'static str,
    },
}

impl Error {
    /// Whether asking again a little later is the right thing to do.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable { .. })
    }

    /// Whether the service refused with this code.
    pub fn is_refusal(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }
}

fn cure(target: &str) -> &'static str {
    if ["http://127.", "http://localhost", "http://[::1]"]
        .iter()
        .any(|local| target.starts_with(local))
    {
        "start the local cloud with `cargo xtask local up`"
    } else {
        "check the network, the region and AWS_ENDPOINT_URL"
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn an_unreachable_local_cloud_names_the_command_that_starts_it() {
        let message = |target: &str| {
            Error::Unreachable {
                operation: "DescribeStacks",
                target: target.to_owned(),
                source: "connection refused".into(),
            }
            .to_string()
        };
        assert!(message("http://127.0.0.1:4566").ends_with("`cargo xtask local up`"));
        assert!(message("AWS").contains("check the network"));
    }
}
