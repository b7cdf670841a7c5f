//! A Lambda event with a shard's records.

use std::borrow::Cow;

use lake::write::Sequence;
use serde::Deserialize;

use crate::parts::Record;

/// What the event source mapping sends, or, with `redrive`, an operator.
#[derive(Debug, Deserialize)]
pub struct Event<'e> {
    #[serde(rename = "Records", borrow, default)]
    records: Vec<Entry<'e>>,
    /// Whether records that were given up are to be written where they are lacking.
    #[serde(default)]
    pub redrive: bool,
}

#[derive(Debug, Deserialize)]
struct Entry<'e> {
    /// `<shard id>:<sequence number>`
    #[serde(rename = "eventID", borrow)]
    id: Cow<'e, str>,
    #[serde(rename = "eventSourceARN", borrow)]
    source: Cow<'e, str>,
    #[serde(borrow)]
    kinesis: Kinesis<'e>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kinesis<'e> {
    #[serde(borrow)]
    sequence_number: Cow<'e, str>,
    #[serde(borrow)]
    data: Cow<'e, str>,
    /// Seconds since 1970, with a fraction.
    approximate_arrival_timestamp: f64,
}

/// The records of an event, and where they are from.
#[derive(Debug)]
pub struct Shard<'e> {
    /// What the fence is kept for: `<stream>/<shard id>`.
    pub fence: String,
    /// The shard's id.
    pub id: &'e str,
    /// The records, in their order.
    pub records: Vec<Record<'e>>,
}

/// Why an event is none that the writer can take; it comes from a wrong mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misdirected {
    /// No shard and sequence number in an event's id.
    #[error("{0} is no `<shard>:<sequence number>`: map a Kinesis stream to this function")]
    Id(String),
    /// Records of two shards in one event.
    #[error("records of {first} and of {other} in one event: an invocation takes one shard's")]
    Shards {
        /// The first record's shard.
        first: String,
        /// Another's.
        other: String,
    },
    /// A sequence number that does not follow the one before it.
    #[error("record {0} does not follow the one before it")]
    Order(String),
}

impl<'e> Event<'e> {
    /// The shard that all records are of; none when there are no records.
    ///
    /// # Errors
    ///
    /// When the records are not one shard's, in its order.
    pub fn shard(&'e self) -> Result<Option<Shard<'e>>, Misdirected> {
        let Some(first) = self.records.first() else {
            return Ok(None);
        };
        let wrong = |entry: &Entry<'_>| Misdirected::Id(entry.id.clone().into_owned());
        let (id, _) = first.id.split_once(':').ok_or_else(|| wrong(first))?;
        let stream = first.source.rsplit_once('/').map_or(&*first.source, |(_, name)| name);
        let mut records: Vec<Record<'e>> = Vec::with_capacity(self.records.len());
        for entry in &self.records {
            match entry.id.split_once(':') {
                Some((shard, _)) if shard == id && entry.source == first.source => {}
                Some(_) => {
                    return Err(Misdirected::Shards {
                        first: format!("{stream}/{id}"),
                        other: format!("{} of {}", entry.id, entry.source),
                    });
                }
                None => return Err(wrong(entry)),
            }
            let sequence: Sequence = entry.kinesis.sequence_number.parse().map_err(|_| wrong(entry))?;
            if records.last().is_some_and(|before| before.sequence >= sequence) {
                return Err(Misdirected::Order(sequence.to_string()));
            }
            records.push(Record {
                sequence,
                data: &entry.kinesis.data,
                // The arrival is exact to the millisecond in the stream.
                arrival_ms: (entry.kinesis.approximate_arrival_timestamp * 1_000.0).round() as i64,
            });
        }
        Ok(Some(Shard {
            fence: format!("{stream}/{id}"),
            id,
            records,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Misdirected};

    const STREAM: &str = "arn:aws:kinesis:eu-west-2:123456789012:stream/events";

    fn record(shard: &str, sequence: &str) -> String {
        format!(
            r#"{{"kinesis":{{"kinesisSchemaVersion":"1.0","partitionKey":"p","sequenceNumber":"{sequence}","data":"e30=","approximateArrivalTimestamp":1545084650.987}},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"{shard}:{sequence}","eventName":"aws:kinesis:record","awsRegion":"eu-west-2","eventSourceARN":"{STREAM}"}}"#
        )
    }

    fn read(records: &[String]) -> Result<Vec<String>, Misdirected> {
        let text = format!(r#"{{"Records":[{}]}}"#, records.join(","));
        let event: Event<'_> = serde_json::from_str(&text).unwrap();
        let Some(shard) = event.shard()? else {
            return Ok(Vec::new());
        };
        assert_eq!((shard.fence.as_str(), shard.id), ("events/shardId-7", "shardId-7"));
        let line = |record: &crate::parts::Record<'_>| format!("{} {}", record.sequence, record.arrival_ms);
        Ok(shard.records.iter().map(line).collect())
    }

    #[test]
    fn records_of_one_shard_are_read() {
        let records = [record("shardId-7", "99"), record("shardId-7", "100")];
        assert_eq!(
            read(&records),
            Ok(vec!["99 1545084650987".to_owned(), "100 1545084650987".to_owned()])
        );
        assert_eq!(read(&[]), Ok(Vec::new()));
    }

    #[test]
    fn records_that_no_shard_gives_are_refused() {
        let mixed = [record("shardId-7", "1"), record("shardId-8", "2")];
        assert!(matches!(read(&mixed), Err(Misdirected::Shards { .. })));
        let back = [record("shardId-7", "100"), record("shardId-7", "99")];
        assert_eq!(read(&back), Err(Misdirected::Order("99".to_owned())));
        assert!(matches!(read(&[record("shardId-7", "x")]), Err(Misdirected::Id(_))));
    }
}
