//! What Lambda reads for a function, and calls it with.

use contract_kit::{Grant, operation};
use infra_core::{AnyArn, Handle, Template, Value};
use infra_resources::lambda::{self, event_source_mapping};
use infra_resources::{dynamodb, kinesis, sqs};

use crate::grant::{self, Scope};

/// Messages of a queue, a batch at a time.
///
/// The function answers with the messages that it failed on, which alone are tried again; an
/// answer without such a list puts the whole batch through again.
pub struct Messages<'a> {
    /// The queue.
    pub queue: &'a Handle<sqs::Queue>,
    /// The function; its role must have the grants of [`receive`].
    pub function: &'a Handle<lambda::Function>,
    /// Most messages of a batch, 1 to 10; more would need a wait.
    pub batch: u8,
}

impl Messages<'_> {
    /// Adds the mapping.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<lambda::EventSourceMapping> {
        let failures = event_source_mapping::FunctionResponseType::ReportBatchItemFailures;
        template.add(
            id,
            lambda::EventSourceMapping {
                batch_size: Some(i64::from(self.batch).into()),
                event_source_arn: Some(self.queue.arn().into()),
                function_response_types: Some(vec![failures.into()]),
                ..lambda::EventSourceMapping::new(self.function.reference())
            },
        )
    }
}

contract_kit::needs! {
    /// What Lambda calls with a function's role to read a queue on its behalf.
    ReceiveNeeds {
        receive: operation::sqs::Queue [RECEIVE_MESSAGE, DELETE_MESSAGE, GET_QUEUE_ATTRIBUTES],
    }
}

/// What a function's role must be given for Lambda to read a queue on its behalf.
pub fn receive(queue: &Handle<sqs::Queue>) -> Vec<Grant<Scope>> {
    ReceiveNeeds {
        receive: grant::on(queue.arn()),
    }
    .grants()
}

/// Records of a stream, a batch at a time, each shard in its order.
///
/// The function answers with the first record that it could not take, from which on the shard is
/// tried again; the batch is cut in halves until the record stands alone, and goes past only when
/// a message that says where it is has been sent to the queue of failures.
pub struct Records<'a> {
    /// The stream.
    pub source: Source<'a>,
    /// The function; its role must have the grants of [`read`].
    pub function: &'a Handle<lambda::Function>,
    /// Most records of a batch, 1 to 10,000.
    pub batch: u16,
    /// Longest wait for a full batch, 0 to 300 seconds.
    pub window_seconds: u16,
    /// Patterns in JSON of which a record must match one; all are taken where there are none.
    pub filters: &'a [&'a str],
    /// Where it is said which records were given up.
    pub failures: &'a Handle<sqs::Queue>,
}

/// What records are read from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A Kinesis stream.
    Stream(&'a Handle<kinesis::Stream>),
    /// The changes of a table that has them.
    Changes(&'a Handle<dynamodb::Table>),
}

/// How often a batch is tried again before its last record is given up.
const RETRIES: i64 = 5;

/// The age at which a record is given up whatever the retries say: the least that the streams keep.
const OLDEST_SECONDS: i64 = 86_400;

impl Records<'_> {
    /// Adds the mapping, which begins with the oldest record: nothing is lost between the stream's
    /// making and its own.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<lambda::EventSourceMapping> {
        let failures = event_source_mapping::FunctionResponseType::ReportBatchItemFailures;
        let filters = self.filters.iter().map(|pattern| event_source_mapping::Filter {
            pattern: Some((*pattern).into()),
        });
        let filters: Vec<_> = filters.collect();
        let filters = (!filters.is_empty()).then_some(event_source_mapping::FilterCriteria { filters: Some(filters) });
        template.add(
            id,
            lambda::EventSourceMapping {
                batch_size: Some(i64::from(self.batch).into()),
                bisect_batch_on_function_error: Some(true.into()),
                destination_config: Some(event_source_mapping::DestinationConfig {
                    on_failure: Some(event_source_mapping::OnFailure {
                        destination: Some(self.failures.arn().into()),
                    }),
                }),
                event_source_arn: Some(self.source.arn()),
                filter_criteria: filters,
                function_response_types: Some(vec![failures.into()]),
                maximum_batching_window_in_seconds: Some(i64::from(self.window_seconds).into()),
                maximum_record_age_in_seconds: Some(OLDEST_SECONDS.into()),
                maximum_retry_attempts: Some(RETRIES.into()),
                parallelization_factor: Some(1.into()),
                starting_position: Some("TRIM_HORIZON".into()),
                ..lambda::EventSourceMapping::new(self.function.reference())
            },
        )
    }
}

impl Source<'_> {
    fn arn(self) -> Value<AnyArn> {
        match self {
            Source::Stream(stream) => stream.arn().into(),
            Source::Changes(table) => table.stream_arn(),
        }
    }
}

contract_kit::needs! {
    /// What Lambda calls with a function's role to read a Kinesis stream on its behalf.
    StreamNeeds {
        read: operation::kinesis::Stream [
            DESCRIBE_STREAM,
            DESCRIBE_STREAM_SUMMARY,
            GET_RECORDS,
            GET_SHARD_ITERATOR,
            LIST_SHARDS,
        ],
        given_up: operation::sqs::Queue [SEND_MESSAGE],
    }
}

contract_kit::needs! {
    /// What Lambda calls with a function's role to read the changes of a table on its behalf.
    ChangesNeeds {
        read: operation::dynamodb::Stream [DESCRIBE_STREAM, GET_RECORDS, GET_SHARD_ITERATOR],
        find: operation::dynamodb::Everywhere [LIST_STREAMS],
        given_up: operation::sqs::Queue [SEND_MESSAGE],
    }
}

/// What a function's role must be given for Lambda to read records on its behalf, and to say
/// which were given up.
pub fn read(source: Source<'_>, failures: &Handle<sqs::Queue>) -> Vec<Grant<Scope>> {
    let given_up = grant::on(failures.arn());
    match source {
        Source::Stream(stream) => StreamNeeds {
            read: grant::on(stream.arn()),
            given_up,
        }
        .grants(),
        Source::Changes(table) => ChangesNeeds {
            read: grant::changes(table.stream_arn()),
            find: grant::in_region(),
            given_up,
        }
        .grants(),
    }
}

#[cfg(test)]
mod tests;
