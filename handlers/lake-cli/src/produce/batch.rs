//! Requests within the limits of `PutRecords`.
//!
//! The limits are those of the API reference,
//! <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html>.

use super::stream::Record;

/// The most records in one request.
pub(crate) const MAX_RECORDS: usize = 500;
/// The most bytes in one request, partition keys included. AWS has since raised it to 10 MiB;
/// the lower limit holds everywhere, the local cloud included.
pub(crate) const MAX_REQUEST_BYTES: usize = 5 * 1024 * 1024;
/// The most bytes in one record, partition key included, unless its stream was raised to more.
pub(crate) const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// Records that go out in one request.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    records: Vec<Record>,
    bytes: usize,
}

impl Batch {
    /// Adds a record of at most [`MAX_RECORD_BYTES`]; when it does not fit, what was there
    /// before leaves first.
    pub(crate) fn push(&mut self, record: Record) -> Option<Vec<Record>> {
        let size = record.size();
        let fits = self.records.len() < MAX_RECORDS && self.bytes + size <= MAX_REQUEST_BYTES;
        let full = if fits { None } else { self.take() };
        self.bytes += size;
        self.records.push(record);
        full
    }

    /// What is there, if anything; the batch is empty afterwards.
    pub(crate) fn take(&mut self) -> Option<Vec<Record>> {
        let batch = std::mem::take(self);
        (!batch.records.is_empty()).then_some(batch.records)
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, MAX_RECORD_BYTES, MAX_RECORDS, MAX_REQUEST_BYTES};
    use crate::produce::stream::Record;
    use proptest::prelude::{ProptestConfig, Strategy, prop_assert, prop_assert_eq, prop_oneof};
    use proptest::{collection, proptest};

    /// Mostly small events with some near the limit of a record, as real files have them.
    fn sizes() -> impl Strategy<Value = Vec<usize>> {
        let one = prop_oneof![20 => 0usize..600, 1 => 0usize..MAX_RECORD_BYTES, 1 => MAX_RECORD_BYTES - 40..=MAX_RECORD_BYTES - 36];
        collection::vec(one, 0..1500)
    }

    fn record(number: usize, size: usize) -> Record {
        // The number makes records distinct, so that the test sees a swap or a loss.
        Record::plain(format!("{number:036}"), vec![b'x'; size])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_request_is_within_limits_and_together_they_are_the_input(sizes in sizes()) {
            let input: Vec<Record> = sizes.iter().enumerate().map(|(i, &s)| record(i, s)).collect();
            let (mut batch, mut requests) = (Batch::default(), Vec::new());
            for record in input.clone() {
                requests.extend(batch.push(record));
            }
            requests.extend(batch.take());
            prop_assert!(batch.take().is_none());
            for request in &requests {
                prop_assert!(!request.is_empty() && request.len() <= MAX_RECORDS);
                prop_assert!(request.iter().map(Record::size).sum::<usize>() <= MAX_REQUEST_BYTES);
            }
            // No request could have taken the first record of the next one.
            for pair in requests.windows(2) {
                let bytes: usize = pair[0].iter().map(Record::size).sum();
                prop_assert!(pair[0].len() == MAX_RECORDS || bytes + pair[1][0].size() > MAX_REQUEST_BYTES);
            }
            prop_assert_eq!(requests.concat(), input);
        }
    }
}
