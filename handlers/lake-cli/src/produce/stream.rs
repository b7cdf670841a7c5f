//! The port through which events leave: a stream that takes records in requests.

use std::future::Future;

/// One event on its way, with the key that chooses its shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// 1 to 256 characters; equal keys go to the same shard.
    pub(crate) key: String,
    /// The event's bytes as the source gave them.
    pub(crate) data: Vec<u8>,
}

impl Record {
    /// What the service counts against its limits: data and key.
    pub(crate) fn size(&self) -> usize {
        self.data.len() + self.key.len()
    }
}

/// What became of one record of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The stream has it.
    Acknowledged,
    /// It was turned away, and may be sent again.
    Refused(Refusal),
}

/// Why a record or a request did not get through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The service's error code, such as `ProvisionedThroughputExceededException`.
    pub(crate) code: String,
    /// The service's own words.
    pub(crate) message: String,
}

/// Why a whole request failed; none of its records is known to be on the stream.
#[derive(Debug)]
pub(crate) enum PutError {
    /// Throttled, timed out or cut off: worth another try.
    Transient(Refusal),
    /// The service will not take this request, however often it is sent.
    Rejected(Refusal),
    /// No request can succeed: no such stream, no permission.
    Fatal(Refusal),
}

/// Takes up to [`super::batch::MAX_RECORDS`] records in one request.
pub(crate) trait Stream: Send + Sync + 'static {
    /// Sends the records; answers one outcome per record, in their order.
    fn put(&self, records: &[Record]) -> impl Future<Output = Result<Vec<Outcome>, PutError>> + Send;
}
