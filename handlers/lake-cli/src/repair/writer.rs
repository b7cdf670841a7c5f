//! The direct writer, asked to write what is lacking of a shard's records.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::run::{Account, Run};
use super::shard::Record;
use super::signed::{Call, Signed};

/// Most records in one call.
const RECORDS: usize = 1_000;
/// Most bytes of records in one call: in base64 and with what is said of each, they stay below the
/// 6 MB that Lambda takes.
const BYTES: usize = 4_000_000;
/// What is said of a record besides its bytes, at most.
const ENVELOPE: usize = 600;
/// How often a call is made before it counts as failed.
const TRIES: u32 = 4;
/// How long to wait before the next try: the writer may be at work on the shard.
const PAUSE: Duration = Duration::from_secs(5);

/// What became of records.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub(crate) struct Written {
    /// How many it has taken: the first of those that it was given.
    pub(crate) records: u64,
    /// Events in them that were lacking, and are there now.
    pub(crate) rows: u64,
    /// Events in them that were there.
    pub(crate) covered: u64,
}

/// Writes what is lacking.
pub(crate) trait Writer {
    /// Writes those of a shard's records that are in no object, or of the first of them.
    async fn redrive(&self, stream_arn: &str, shard: &str, records: &[Record]) -> Result<Written>;
}

/// Has those of a shard's records written that are lacking, and counts what became of each call's.
pub(crate) async fn fill<A: Account>(
    writer: &impl Writer,
    stream_arn: &str,
    shard: &str,
    records: &[Record],
    run: &mut Run<A>,
    count: impl Fn(&mut A, Written),
) -> Result<()> {
    for mut call in calls(records) {
        // Of records of very many hours the writer takes some at a time.
        while !call.is_empty() {
            let written = run.write(writer.redrive(stream_arn, shard, call)).await?;
            let taken = usize::try_from(written.records)?;
            let (Some(left), 1..) = (call.get(taken..), taken) else {
                bail!("the writer says that it has taken {taken} of {} records", call.len());
            };
            count(&mut run.account, written);
            call = left;
        }
    }
    Ok(())
}

/// The records, each call's by themselves.
fn calls(records: &[Record]) -> Vec<&[Record]> {
    let (mut calls, mut rest) = (Vec::new(), records);
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take(RECORDS).take_while(|record| {
            bytes += record.data.len() + ENVELOPE;
            bytes <= BYTES
        });
        // A record is 1 MiB at most, unless its stream was raised to more.
        let (call, others) = rest.split_at(fits.count().max(1));
        calls.push(call);
        rest = others;
    }
    calls
}

/// The function `lake-write`.
pub(crate) struct Function<'a> {
    /// How it is called.
    pub(crate) aws: &'a Signed,
    /// Its name.
    pub(crate) name: String,
}

#[derive(Serialize)]
struct Event<'e> {
    redrive: bool,
    #[serde(rename = "Records")]
    records: Vec<Entry<'e>>,
}

#[derive(Serialize)]
struct Entry<'e> {
    #[serde(rename = "eventID")]
    id: String,
    #[serde(rename = "eventSourceARN")]
    source: &'e str,
    kinesis: Data<'e>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'e> {
    sequence_number: &'e str,
    data: String,
    approximate_arrival_timestamp: f64,
}

fn event<'e>(stream_arn: &'e str, shard: &str, records: &'e [Record]) -> Event<'e> {
    let entry = |record: &'e Record| Entry {
        id: format!("{shard}:{}", record.sequence),
        source: stream_arn,
        kinesis: Data {
            sequence_number: record.sequence.as_str(),
            data: base64_simd::STANDARD.encode_to_string(&record.data),
            approximate_arrival_timestamp: record.arrival_ms as f64 / 1_000.0,
        },
    };
    Event {
        redrive: true,
        records: records.iter().map(entry).collect(),
    }
}

impl Function<'_> {
    async fn invoke(&self, body: &[u8]) -> Result<Written> {
        let path = format!("/2015-03-31/functions/{}/invocations", self.name);
        let call = Call {
            service: "lambda",
            operation: "Invoke",
            path: &path,
            headers: &[("content-type", "application/json")],
            body,
        };
        let answer = self.aws.call(&call).await?;
        let said = String::from_utf8_lossy(&answer.body);
        if answer.function_error.is_some() {
            bail!("{} failed: {said}", self.name);
        }
        serde_json::from_slice(&answer.body)
            .with_context(|| format!("{} answers {said}; deploy the stack again", self.name))
    }
}

impl Writer for Function<'_> {
    async fn redrive(&self, stream_arn: &str, shard: &str, records: &[Record]) -> Result<Written> {
        let body = serde_json::to_vec(&event(stream_arn, shard, records))?;
        for _ in 1..TRIES {
            match self.invoke(&body).await {
                Ok(written) => return Ok(written),
                Err(error) => eprintln!("{error:#}; trying again"),
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.invoke(&body).await
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTES, RECORDS, calls, event};
    use crate::repair::memory::record;

    #[test]
    fn a_call_is_within_what_lambda_takes() {
        let small: Vec<_> = (0..2_500).map(|number| record(number, "{}")).collect();
        let sizes: Vec<_> = calls(&small).iter().map(|call| call.len()).collect();
        assert_eq!(sizes, [RECORDS, RECORDS, 500]);
        let large: Vec<_> = (0..9).map(|number| record(number, &"x".repeat(1 << 20))).collect();
        let sizes: Vec<_> = calls(&large).iter().map(|call| call.len()).collect();
        assert_eq!(sizes, [3, 3, 3]);
        let huge = [record(0, &"x".repeat(BYTES + 1)), record(1, "{}")];
        assert_eq!(calls(&huge).len(), 2);
        for call in calls(&large) {
            let body = serde_json::to_vec(&event("arn:aws:kinesis:x:1:stream/s", "shardId-000000000000", call));
            assert!(body.expect("plain data").len() < 6_000_000);
        }
    }

    #[test]
    fn the_event_is_as_the_mapping_sends_it() {
        let records = [record(7, "{}")];
        let event = serde_json::to_value(event("arn:aws:kinesis:x:1:stream/s", "shardId-0", &records));
        assert_eq!(
            event.expect("plain data"),
            serde_json::json!({ "redrive": true, "Records": [{
                "eventID": "shardId-0:7", "eventSourceARN": "arn:aws:kinesis:x:1:stream/s",
                "kinesis": { "sequenceNumber": "7", "data": "e30=", "approximateArrivalTimestamp": 7.007 },
            }] })
        );
    }
}
