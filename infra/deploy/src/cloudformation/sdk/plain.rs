//! The SDK's types in plain ones.

use crate::cloudformation::{
    Action, Change, Difference, Drift, DriftState, Event, Finding, Property, Replacement, Resource, Stack, Status,
};
use crate::error::Error;
use aws_sdk_cloudformation::primitives::DateTime;
use aws_sdk_cloudformation::types as aws;
use std::time::Duration;

pub(super) fn missing(operation: &'static str, field: &'static str) -> Error {
    Error::Incomplete { operation, field }
}

pub(super) fn stack_of(call: &'static str, stack: aws::Stack) -> Result<Stack, Error> {
    Ok(Stack {
        exports: exports_of(&stack),
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
        parameters: stack
            .parameters
            .unwrap_or_default()
            .into_iter()
            .filter_map(|parameter| parameter.parameter_key)
            .collect(),
        outputs: stack
            .outputs
            .unwrap_or_default()
            .into_iter()
            .filter_map(|output| Some((output.output_key?, output.output_value?)))
            .collect(),
        express: stack
            .deployment_config
            .and_then(|config| config.mode)
            .is_some_and(|mode| mode == aws::DeploymentConfigMode::Express),
        protected: stack.enable_termination_protection.unwrap_or(false),
    })
}

fn exports_of(stack: &aws::Stack) -> Vec<(String, String)> {
    let outputs = stack.outputs().iter();
    outputs
        .filter_map(|output| Some((output.output_key()?.to_owned(), output.export_name()?.to_owned())))
        .collect()
}

pub(super) fn change_of(call: &'static str, change: aws::ResourceChange) -> Result<Change, Error> {
    let follows = |detail: &aws::ResourceChangeDetail| {
        detail.evaluation() == Some(&aws::EvaluationType::Dynamic)
            && matches!(
                detail.change_source(),
                Some(aws::ChangeSource::ResourceReference | aws::ChangeSource::ResourceAttribute)
            )
    };
    let contingent = !change.details().is_empty() && change.details().iter().all(follows);
    let properties = properties_of(change.details());
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
        nested: change.change_set_id,
    })
}

/// The properties that change, each once: a detail per reason, and values on one of them only.
fn properties_of(details: &[aws::ResourceChangeDetail]) -> Vec<Property> {
    let mut properties: Vec<Property> = Vec::new();
    for target in details.iter().filter_map(|detail| detail.target()) {
        let Some(attribute) = target.attribute() else { continue };
        let path = match (attribute, target.path(), target.name()) {
            (aws::ResourceAttribute::Properties, Some(path), _) if !path.is_empty() => dotted(path, "/Properties/"),
            (aws::ResourceAttribute::Properties, _, Some(name)) => name.to_owned(),
            (aws::ResourceAttribute::Properties, _, None) => continue,
            (other, ..) => other.as_str().to_owned(),
        };
        let (before, after) = (target.before_value.clone(), target.after_value.clone());
        match properties.iter_mut().find(|property| property.path == path) {
            Some(known) => {
                known.before = known.before.take().or(before);
                known.after = known.after.take().or(after);
            }
            None => properties.push(Property { path, before, after }),
        }
    }
    properties.sort();
    properties
}

/// `/Properties/Tags/0` as people write it: `Tags.0`.
fn dotted(path: &str, root: &str) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .trim_start_matches('/')
        .replace('/', ".")
}

/// A resource that is not in its place; none for one that is.
pub(super) fn drift_of(call: &'static str, drift: aws::StackResourceDrift) -> Result<Option<Drift>, Error> {
    let state = match drift
        .stack_resource_drift_status
        .ok_or(missing(call, "StackResourceDriftStatus"))?
    {
        aws::StackResourceDriftStatus::InSync => return Ok(None),
        aws::StackResourceDriftStatus::Modified => DriftState::Modified,
        aws::StackResourceDriftStatus::Deleted => DriftState::Deleted,
        _ => DriftState::Unknown,
    };
    // The service writes a value that is not there as `null`.
    let value = |text: Option<String>| text.filter(|text| text != "null");
    let differences = drift.property_differences.unwrap_or_default().into_iter();
    Ok(Some(Drift {
        state,
        logical_id: drift.logical_resource_id.ok_or(missing(call, "LogicalResourceId"))?,
        physical_id: drift.physical_resource_id.unwrap_or_default(),
        kind: drift.resource_type.ok_or(missing(call, "ResourceType"))?,
        differences: differences
            .map(|difference| Difference {
                path: dotted(&difference.property_path.unwrap_or_default(), "/"),
                expected: value(difference.expected_value),
                actual: value(difference.actual_value),
            })
            .collect(),
    }))
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
