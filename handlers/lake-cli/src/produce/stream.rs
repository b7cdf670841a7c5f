//! The port through which events leave: a stream that takes records in requests.

use lake::aggregate;
use std::future::Future;

/// An event on its way, or several in one record, with the key that chooses the shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// 1 to 256 characters; equal keys go to the same shard.
    pub(crate) key: String,
    /// The event's bytes as the source gave them, or an aggregated record.
    pub(crate) data: Vec<u8>,
    /// How many events an aggregated record holds; none for an event by itself.
    pub(crate) packed: Option<usize>,
}

impl Record {
    /// A record of one event.
    pub(crate) fn plain(key: String, data: Vec<u8>) -> Self {
        let packed = None;
        Record { key, data, packed }
    }

    /// How many events it holds.
    pub(crate) fn events(&self) -> u64 {
        self.packed.unwrap_or(1) as u64
    }

    /// Its events, one by one, each as the source gave it.
    pub(crate) fn into_events(self) -> Vec<Vec<u8>> {
        match self.packed {
            Some(_) => match aggregate::unpack(&self.data) {
                Ok(events) => events.into_iter().map(<[u8]>::to_vec).collect(),
                // Our own packer made it.
                Err(_) => vec![self.data],
            },
            None => vec![self.data],
        }
    }

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
