//! The SDK's types in plain ones.

use crate::cloudformation::{Action, Change, Event, Finding, Replacement, Resource, Stack, Status};
use crate::error::Error;
use aws_sdk_cloudformation::primitives::DateTime;
use aws_sdk_cloudformation::types as aws;
use std::time::Duration;

pub(super) fn missing(operation: &'static str, field: &'static str) -> Error {
    Error::Incomplete { operation, field }
}

pub(super) fn stack_of(call: &'static str, stack: aws::Stack) -> Result<Stack, Error> {
    Ok(Stack {
        id: stack.stack_id.ok_or(missing(call, "StackId"))?,
        name: stack.stack_name.ok_or(missing(call, "StackName"))?,
        status: Status(
            stack
                .stack_status
                .ok_or(missing(call, "StackStatus"))?
                .as_str()
                .to_owned(),
        ),
        reason: stack.stack_status_reason.filter(|reason| !reason.is_empty()),
        outputs: stack
            .outputs
            .unwrap_or_default()
            .into_iter()
            .filter_map(|output| Some((output.output_key?, output.output_value?)))
            .collect(),
        protected: stack.enable_termination_protection.unwrap_or(false),
    })
}

pub(super) fn change_of(call: &'static str, change: aws::ResourceChange) -> Result<Change, Error> {
    let mut properties: Vec<String> = change
        .details()
        .iter()
        .filter_map(|detail| detail.target())
        .filter_map(|target| match target.attribute()? {
            aws::ResourceAttribute::Properties => target.name().map(str::to_owned),
            other => Some(other.as_str().to_owned()),
        })
        .collect();
    let follows = |detail: &aws::ResourceChangeDetail| {
        detail.evaluation() == Some(&aws::EvaluationType::Dynamic)
            && matches!(
                detail.change_source(),
                Some(aws::ChangeSource::ResourceReference | aws::ChangeSource::ResourceAttribute)
            )
    };
    let contingent = !change.details().is_empty() && change.details().iter().all(follows);
    properties.sort();
    properties.dedup();
    Ok(Change {
        action: match change.action {
            Some(aws::ChangeAction::Add) => Action::Add,
            Some(aws::ChangeAction::Modify) => Action::Modify,
            Some(aws::ChangeAction::Remove) => Action::Remove,
            Some(aws::ChangeAction::Import) => Action::Import,
            _ => Action::Dynamic,
        },
        replacement: match change.replacement {
            Some(aws::Replacement::True) => Replacement::Yes,
            Some(aws::Replacement::Conditional) => Replacement::Perhaps,
            _ => Replacement::No,
        },
        retained: matches!(
            change.policy_action,
            Some(aws::PolicyAction::Retain | aws::PolicyAction::ReplaceAndRetain)
        ),
        logical_id: change.logical_resource_id.ok_or(missing(call, "LogicalResourceId"))?,
        kind: change.resource_type.ok_or(missing(call, "ResourceType"))?,
        properties,
        contingent,
    })
}

pub(super) fn event_of(call: &'static str, event: aws::StackEvent) -> Result<Event, Error> {
    Ok(Event {
        id: event.event_id.ok_or(missing(call, "EventId"))?,
        at: since_epoch(event.timestamp.ok_or(missing(call, "Timestamp"))?),
        logical_id: event.logical_resource_id.unwrap_or_default(),
        physical_id: event.physical_resource_id.unwrap_or_default(),
        kind: event.resource_type.unwrap_or_default(),
        status: Status(
            event
                .resource_status
                .ok_or(missing(call, "ResourceStatus"))?
                .as_str()
                .to_owned(),
        ),
        reason: event.resource_status_reason.filter(|reason| !reason.is_empty()),
    })
}

/// A finding that stops the operation; other failed events, and mere warnings, are none.
pub(super) fn finding_of(event: aws::OperationEvent) -> Option<Finding> {
    if event.validation_failure_mode == Some(aws::HookFailureMode::Warn) {
        return None;
    }
    Some(Finding {
        at: since_epoch(event.timestamp?),
        reason: event.validation_status_reason?,
        path: event.validation_path.unwrap_or_default(),
        logical_id: event.logical_resource_id.unwrap_or_default(),
        kind: event.resource_type.unwrap_or_default(),
    })
}

fn since_epoch(time: DateTime) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64()).unwrap_or_default()
}

pub(super) fn resource_of(call: &'static str, resource: aws::StackResourceSummary) -> Result<Resource, Error> {
    Ok(Resource {
        logical_id: resource.logical_resource_id.ok_or(missing(call, "LogicalResourceId"))?,
        physical_id: resource.physical_resource_id.unwrap_or_default(),
        kind: resource.resource_type.ok_or(missing(call, "ResourceType"))?,
        status: Status(
            resource
                .resource_status
                .ok_or(missing(call, "ResourceStatus"))?
                .as_str()
                .to_owned(),
        ),
    })
}
