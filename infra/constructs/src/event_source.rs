//! What Lambda reads for a function, and calls it with.

use contract_kit::{Grant, operation};
use infra_core::{Handle, Template};
use infra_resources::lambda::{self, event_source_mapping};
use infra_resources::sqs;

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
