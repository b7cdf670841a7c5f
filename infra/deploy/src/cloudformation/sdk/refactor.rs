//! Refactors, in the SDK's types and in plain ones.

use super::plain::missing;
use crate::cloudformation::{NewRefactor, Refactor, RefactorState, Template};
use crate::error::Error;
use aws_sdk_cloudformation::operation::create_stack_refactor::builders::CreateStackRefactorFluentBuilder;
use aws_sdk_cloudformation::operation::describe_stack_refactor::DescribeStackRefactorOutput;
use aws_sdk_cloudformation::types as aws;

pub(super) fn request(
    call: CreateStackRefactorFluentBuilder,
    wanted: &NewRefactor,
) -> CreateStackRefactorFluentBuilder {
    let definition = aws::StackDefinition::builder().stack_name(&wanted.stack);
    let definition = match &wanted.template {
        Template::Inline(body) => definition.template_body(body),
        Template::Url(url) => definition.template_url(url),
    };
    let place = |id: &str| {
        let place = aws::ResourceLocation::builder().stack_name(&wanted.stack);
        place.logical_resource_id(id).build()
    };
    let mappings = wanted.moves.iter().map(|(from, to)| {
        let mapping = aws::ResourceMapping::builder().source(place(from));
        mapping.destination(place(to)).build()
    });
    call.enable_stack_creation(false)
        .stack_definitions(definition.build())
        .set_resource_mappings(Some(mappings.collect()))
}

/// The service tells of the making and of the execution apart; the execution counts once there
/// can be one.
pub(super) fn refactor_of(call: &'static str, found: DescribeStackRefactorOutput) -> Result<Refactor, Error> {
    use aws::StackRefactorExecutionStatus as Execution;
    use aws::StackRefactorStatus as Making;
    let (state, reason) = match found.status.ok_or(missing(call, "Status"))? {
        Making::CreateInProgress => (RefactorState::Pending, found.status_reason),
        Making::CreateComplete => {
            let state = match found.execution_status.ok_or(missing(call, "ExecutionStatus"))? {
                Execution::Available => RefactorState::Ready,
                Execution::ExecuteInProgress | Execution::RollbackInProgress => RefactorState::Running,
                Execution::ExecuteComplete => RefactorState::Done,
                _ => RefactorState::Failed,
            };
            (state, found.execution_status_reason)
        }
        _ => (RefactorState::Failed, found.status_reason),
    };
    let reason = reason.filter(|reason| !reason.is_empty());
    Ok(Refactor { state, reason })
}
