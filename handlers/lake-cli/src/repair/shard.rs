//! The records of the stream, shard by shard.

use std::ops::{Range, RangeInclusive};

use anyhow::{Context as _, Result};
use aws_sdk_kinesis::error::SdkError;
use aws_sdk_kinesis::primitives::DateTime;
use aws_sdk_kinesis::types::ShardIteratorType;
use jiff::Timestamp;
use lake::write::Sequence;

use crate::client::Aws;

/// Records in one answer, at most; of large ones Kinesis gives fewer.
const PAGE: i32 = 2_000;

/// A record of a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Its place in the shard.
    pub(crate) sequence: Sequence,
    /// What it was sent with.
    pub(crate) key: String,
    /// When it arrived, in milliseconds since 1970.
    pub(crate) arrival_ms: i64,
    /// Its bytes.
    pub(crate) data: Vec<u8>,
}

/// Which records of a shard are wanted.
#[derive(Clone, Debug)]
pub(crate) enum Span {
    /// From one until another, both included; of those that are gone none.
    Records(RangeInclusive<Sequence>),
    /// What arrived in this time.
    Arrivals(Range<Timestamp>),
}

impl Span {
    fn holds(&self, record: &Record) -> bool {
        match self {
            Span::Records(records) => records.contains(&record.sequence),
            Span::Arrivals(time) => {
                (time.start.as_millisecond()..time.end.as_millisecond()).contains(&record.arrival_ms)
            }
        }
    }

    /// Whether nothing behind this record is wanted.
    fn ends_with(&self, record: &Record) -> bool {
        match self {
            Span::Records(records) => record.sequence >= *records.end(),
            Span::Arrivals(time) => record.arrival_ms >= time.end.as_millisecond(),
        }
    }
}

/// Some records, and where to go on.
#[derive(Debug)]
pub(crate) struct Page {
    /// In their order.
    pub(crate) records: Vec<Record>,
    /// None when the shard is closed, and read to its end.
    pub(crate) next: Option<String>,
    /// Whether nothing has arrived behind them yet.
    pub(crate) is_newest: bool,
}

/// The shards of one stream.
pub(crate) trait Shards {
    /// A place to read from: at the first of these records, or where it is gone, at the oldest that is
    /// there.
    async fn begin(&self, shard: &str, span: &Span) -> Result<String>;
    /// What is there.
    async fn page(&self, place: &str) -> Result<Page>;
}

/// Reads records of a shard.
pub(crate) struct Reader<'s, S> {
    shards: &'s S,
    span: Span,
    next: Option<String>,
}

impl<'s, S: Shards> Reader<'s, S> {
    /// Reads nothing yet.
    pub(crate) async fn begin(shards: &'s S, shard: &str, span: Span) -> Result<Self> {
        let next = Some(shards.begin(shard, &span).await?);
        Ok(Reader { shards, span, next })
    }

    /// The next records; none when the shard has no more of those that are wanted.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Record>>> {
        while let Some(place) = self.next.take() {
            let Page {
                mut records,
                next,
                is_newest,
            } = self.shards.page(&place).await?;
            // A page may be empty in the middle of a shard.
            let is_end = match records.last() {
                Some(last) => self.span.ends_with(last),
                None => is_newest,
            };
            self.next = next.filter(|_| !is_end);
            records.retain(|record| self.span.holds(record));
            if !records.is_empty() {
                return Ok(Some(records));
            }
        }
        Ok(None)
    }
}

/// A stream of Kinesis.
pub(crate) struct Kinesis<'a> {
    aws: &'a Aws,
    client: aws_sdk_kinesis::Client,
    name: String,
}

impl<'a> Kinesis<'a> {
    /// Reaches no one yet.
    pub(crate) fn new(aws: &'a Aws, name: String) -> Self {
        let client = aws.kinesis_reader();
        Kinesis { aws, client, name }
    }

    /// The stream's ARN.
    pub(crate) async fn arn(&self) -> Result<String> {
        let answer = self
            .client
            .describe_stream_summary()
            .stream_name(&self.name)
            .send()
            .await;
        let answer = answer.map_err(|error| self.explain("cannot find", error))?;
        let summary = answer.stream_description_summary();
        Ok(summary
            .context("the stream has no description")?
            .stream_arn()
            .to_owned())
    }

    /// The shards that hold or held records, in the order of their names.
    pub(crate) async fn shards(&self) -> Result<Vec<String>> {
        let (mut shards, mut token) = (Vec::new(), None);
        loop {
            let request = self.client.list_shards();
            // The name goes with the first request only: the token knows it.
            let request = match token.take() {
                Some(token) => request.next_token(token),
                None => request.stream_name(&self.name),
            };
            let answer = request
                .send()
                .await
                .map_err(|error| self.explain("cannot list the shards of", error))?;
            shards.extend(answer.shards().iter().map(|shard| shard.shard_id().to_owned()));
            token = answer.next_token().map(str::to_owned);
            if token.is_none() {
                shards.sort();
                return Ok(shards);
            }
        }
    }

    fn explain<E, R>(&self, wanted: &str, error: SdkError<E, R>) -> anyhow::Error
    where
        E: aws_sdk_kinesis::error::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        self.aws.explain(&format!("{wanted} the stream {}", self.name), error)
    }
}

impl Shards for Kinesis<'_> {
    async fn begin(&self, shard: &str, span: &Span) -> Result<String> {
        let request = self.client.get_shard_iterator().stream_name(&self.name).shard_id(shard);
        let oldest = request.clone().shard_iterator_type(ShardIteratorType::TrimHorizon);
        let request = match span {
            Span::Records(records) => request
                .shard_iterator_type(ShardIteratorType::AtSequenceNumber)
                .starting_sequence_number(records.start().as_str()),
            Span::Arrivals(time) => request
                .shard_iterator_type(ShardIteratorType::AtTimestamp)
                .timestamp(DateTime::from_millis(time.start.as_millisecond())),
        };
        let answer = match request.send().await {
            // What has expired is no argument any more.
            Err(SdkError::ServiceError(error)) if error.err().is_invalid_argument_exception() => oldest.send().await,
            answer => answer,
        };
        let answer = answer.map_err(|error| self.explain("cannot read", error))?;
        answer.shard_iterator.context("the stream gives no place to read from")
    }

    async fn page(&self, place: &str) -> Result<Page> {
        let answer = self.client.get_records().shard_iterator(place).limit(PAGE).send().await;
        let answer = answer.map_err(|error| self.explain("cannot read", error))?;
        let is_newest = answer.millis_behind_latest().unwrap_or_default() == 0;
        let records = answer.records.into_iter().map(|record| {
            let arrival = record.approximate_arrival_timestamp;
            Ok(Record {
                sequence: record
                    .sequence_number
                    .parse()
                    .context("a record without a sequence number")?,
                key: record.partition_key.context("a record without a partition key")?,
                arrival_ms: arrival.context("a record that has not arrived")?.to_millis()?,
                data: record.data.into_inner(),
            })
        });
        Ok(Page {
            records: records.collect::<Result<_>>()?,
            next: answer.next_shard_iterator,
            is_newest,
        })
    }
}
