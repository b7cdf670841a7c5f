//! The port to the stream, as Kinesis has it.

use super::stream::{Outcome, PutError, Record, Refusal, Stream};
use crate::client::{Aws, root_cause};
use anyhow::{Result, bail};
use aws_sdk_kinesis::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kinesis::operation::put_records::PutRecordsError;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::{PutRecordsRequestEntry, StreamStatus};

/// A stream of this name.
pub(crate) struct Kinesis {
    client: aws_sdk_kinesis::Client,
    name: String,
}

impl Kinesis {
    /// Makes sure that the stream is there, so that a wrong name costs no event.
    pub(crate) async fn open(aws: &Aws, name: String) -> Result<Self> {
        let client = aws.kinesis();
        let described = client.describe_stream_summary().stream_name(&name).send().await;
        match described {
            Ok(answer) => {
                let status = answer
                    .stream_description_summary()
                    .map(|summary| summary.stream_status());
                if let Some(StreamStatus::Creating | StreamStatus::Deleting) = status {
                    bail!(
                        "the stream {name} is {}; wait until it is ACTIVE",
                        status.map_or("", StreamStatus::as_str)
                    );
                }
            }
            Err(SdkError::ServiceError(error)) if error.err().is_resource_not_found_exception() => {
                bail!(
                    "there is no stream {name}; deploy the stack first (`cargo xtask deploy --env ENV`) \
                     or name another with --stream"
                );
            }
            // A producer may be allowed to write and not to describe; writing will show.
            Err(SdkError::ServiceError(error)) if error.err().is_access_denied_exception() => {}
            Err(error) => return Err(aws.explain(&format!("cannot find the stream {name}"), error)),
        }
        Ok(Self { client, name })
    }
}

impl Stream for Kinesis {
    async fn put(&self, records: &[Record]) -> Result<Vec<Outcome>, PutError> {
        let mut entries = Vec::with_capacity(records.len());
        for record in records {
            let entry = PutRecordsRequestEntry::builder()
                .data(Blob::new(record.data.clone()))
                .partition_key(&record.key)
                .build()
                .map_err(|error| PutError::Rejected(refusal(None, &root_cause(&error))))?;
            entries.push(entry);
        }
        let request = self
            .client
            .put_records()
            .stream_name(&self.name)
            .set_records(Some(entries));
        let answer = request.send().await.map_err(|error| put_error(&error))?;
        Ok(answer
            .records()
            .iter()
            .map(|record| match record.error_code() {
                None => Outcome::Acknowledged,
                Some(code) => {
                    let message = record.error_message().unwrap_or("no message");
                    Outcome::Refused(refusal(Some(code), message))
                }
            })
            .collect())
    }
}

fn refusal(code: Option<&str>, message: &str) -> Refusal {
    Refusal {
        code: code.unwrap_or("Unknown").to_owned(),
        message: message.to_owned(),
    }
}

fn put_error(error: &SdkError<PutRecordsError>) -> PutError {
    match error {
        SdkError::ServiceError(answer) => {
            let code = answer.err().code();
            let message = answer.err().message().map_or_else(|| root_cause(error), str::to_owned);
            classify(code, answer.raw().status().as_u16(), refusal(code, &message))
        }
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            PutError::Fatal(refusal(Some("Client"), &root_cause(error)))
        }
        SdkError::DispatchFailure(_) => PutError::Transient(refusal(Some("Network"), &root_cause(error))),
        SdkError::TimeoutError(_) => PutError::Transient(refusal(Some("Timeout"), &root_cause(error))),
        SdkError::ResponseError(_) => PutError::Transient(refusal(Some("BadResponse"), &root_cause(error))),
        _ => PutError::Rejected(refusal(Some("Client"), &root_cause(error))),
    }
}

/// What an error of this code and HTTP status means for the events.
fn classify(code: Option<&str>, status: u16, refusal: Refusal) -> PutError {
    match code.unwrap_or_default() {
        "ProvisionedThroughputExceededException"
        | "LimitExceededException"
        | "ThrottlingException"
        | "KMSThrottlingException"
        | "InternalFailure"
        | "InternalFailureException"
        | "ServiceUnavailable" => PutError::Transient(refusal),
        "ResourceNotFoundException"
        | "AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "ExpiredTokenException"
        | "KMSAccessDeniedException"
        | "KMSDisabledException"
        | "KMSNotFoundException"
        | "KMSInvalidStateException"
        | "KMSOptInRequired" => PutError::Fatal(refusal),
        _ if status >= 500 || status == 429 => PutError::Transient(refusal),
        _ => PutError::Rejected(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::{PutError, classify, refusal};

    #[test]
    fn errors_are_retried_skipped_or_end_the_run() {
        let kind = |code: Option<&str>, status| match classify(code, status, refusal(code, "")) {
            PutError::Transient(_) => "retry",
            PutError::Rejected(_) => "skip",
            PutError::Fatal(_) => "stop",
        };
        assert_eq!(kind(Some("ProvisionedThroughputExceededException"), 400), "retry");
        assert_eq!(kind(None, 503), "retry");
        assert_eq!(kind(Some("Whatever"), 429), "retry");
        assert_eq!(kind(Some("InvalidArgumentException"), 400), "skip");
        assert_eq!(kind(None, 413), "skip");
        assert_eq!(kind(Some("ResourceNotFoundException"), 400), "stop");
        assert_eq!(kind(Some("AccessDeniedException"), 400), "stop");
    }
}
