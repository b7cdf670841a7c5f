//! The port's adapter: CloudFormation through the AWS SDK.

use super::{
    Action, Change, ChangeSet, ChangeSetIds, ChangeSetState, CloudFormation, Event, Finding, NewChangeSet, Page,
    Replacement, Resource, Scope, Stack, Status, Template,
};
use crate::client::failure;
use crate::error::Error;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::config::http::HttpResponse;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::primitives::DateTime;
use aws_sdk_cloudformation::types as aws;
use std::error::Error as StdError;
use std::time::Duration;

/// CloudFormation as a service.
#[derive(Debug, Clone)]
pub struct Sdk {
    client: Client,
    target: String,
}

impl Sdk {
    /// Wraps a client; `target` is what a message calls the endpoint.
    pub fn new(client: Client, target: String) -> Self {
        Self { client, target }
    }

    fn failure<E>(&self, operation: &'static str) -> impl FnOnce(SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        move |error| failure(operation, &self.target, error)
    }
}

impl CloudFormation for Sdk {
    async fn stack(&self, stack: &str) -> Result<Option<Stack>, Error> {
        const CALL: &str = "DescribeStacks";
        let answer = self.client.describe_stacks().stack_name(stack).send().await;
        match answer.map_err(self.failure(CALL)) {
            Ok(found) => found
                .stacks
                .unwrap_or_default()
                .into_iter()
                .next()
                .map(|stack| describe(CALL, stack))
                .transpose(),
            Err(Error::Refused { code, message, .. })
                if code == "ValidationError" && message.contains("does not exist") =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn create_change_set(&self, wanted: &NewChangeSet) -> Result<ChangeSetIds, Error> {
        const CALL: &str = "CreateChangeSet";
        let mut call = self
            .client
            .create_change_set()
            .stack_name(&wanted.stack)
            .change_set_name(&wanted.name)
            .client_token(&wanted.token)
            .change_set_type(if wanted.create {
                aws::ChangeSetType::Create
            } else {
                aws::ChangeSetType::Update
            })
            .capabilities(aws::Capability::CapabilityNamedIam);
        call = match &wanted.template {
            Template::Inline(body) => call.template_body(body),
            Template::Url(url) => call.template_url(url),
        };
        for (key, value) in &wanted.parameters {
            call = call.parameters(
                aws::Parameter::builder()
                    .parameter_key(key)
                    .parameter_value(value)
                    .build(),
            );
        }
        for (key, value) in &wanted.tags {
            call = call.tags(aws::Tag::builder().key(key).value(value).build());
        }
        let made = call.send().await.map_err(self.failure(CALL))?;
        Ok(ChangeSetIds {
            id: made.id.ok_or(missing(CALL, "Id"))?,
            stack_id: made.stack_id.ok_or(missing(CALL, "StackId"))?,
        })
    }

    async fn change_set(&self, id: &str, page: Option<&str>) -> Result<ChangeSet, Error> {
        const CALL: &str = "DescribeChangeSet";
        let answer = self
            .client
            .describe_change_set()
            .change_set_name(id)
            .set_next_token(page.map(str::to_owned))
            .send()
            .await
            .map_err(self.failure(CALL))?;
        let state = match answer.status.ok_or(missing(CALL, "Status"))? {
            aws::ChangeSetStatus::CreatePending | aws::ChangeSetStatus::CreateInProgress => ChangeSetState::Pending,
            aws::ChangeSetStatus::CreateComplete => ChangeSetState::Ready,
            _ => ChangeSetState::Failed,
        };
        Ok(ChangeSet {
            state,
            reason: answer.status_reason.filter(|reason| !reason.is_empty()),
            changes: answer
                .changes
                .unwrap_or_default()
                .into_iter()
                .filter_map(|change| change.resource_change)
                .map(|change| change_of(CALL, change))
                .collect::<Result<_, _>>()?,
            next: answer.next_token.filter(|token| !token.is_empty()),
        })
    }

    async fn delete_change_set(&self, stack: &str, name: &str) -> Result<(), Error> {
        let answer = self
            .client
            .delete_change_set()
            .stack_name(stack)
            .change_set_name(name)
            .send()
            .await
            .map_err(self.failure("DeleteChangeSet"));
        match answer {
            Ok(_) => Ok(()),
            Err(Error::Refused { code, message, .. })
                if code.starts_with("ChangeSetNotFound") || message.contains("does not exist") =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn findings(&self, scope: Scope<'_>) -> Result<Vec<Finding>, Error> {
        let filter = aws::EventFilter::builder().failed_events(true).build();
        let call = self.client.describe_events().filters(filter);
        let call = match scope {
            Scope::ChangeSet(id) => call.change_set_name(id),
            Scope::Stack(id) => call.stack_name(id),
        };
        let pages = call.into_paginator().items().send();
        let failed: Vec<aws::OperationEvent> = pages
            .collect::<Result<_, _>>()
            .await
            .map_err(self.failure("DescribeEvents"))?;
        Ok(failed.into_iter().filter_map(finding_of).collect())
    }

    async fn execute_change_set(&self, id: &str, token: &str) -> Result<(), Error> {
        self.client
            .execute_change_set()
            .change_set_name(id)
            .client_request_token(token)
            // A creation that is rolled back would otherwise leave its retained buckets behind,
            // and every later attempt would find their names taken.
            .retain_except_on_create(true)
            .send()
            .await
            .map(drop)
            .map_err(self.failure("ExecuteChangeSet"))
    }

    async fn delete_stack(&self, stack: &str, token: &str) -> Result<(), Error> {
        self.client
            .delete_stack()
            .stack_name(stack)
            .client_request_token(token)
            .send()
            .await
            .map(drop)
            .map_err(self.failure("DeleteStack"))
    }

    async fn events(&self, stack: &str, page: Option<&str>) -> Result<Page<Event>, Error> {
        const CALL: &str = "DescribeStackEvents";
        let answer = self
            .client
            .describe_stack_events()
            .stack_name(stack)
            .set_next_token(page.map(str::to_owned))
            .send()
            .await
            .map_err(self.failure(CALL))?;
        Ok(Page {
            items: answer
                .stack_events
                .unwrap_or_default()
                .into_iter()
                .map(|event| event_of(CALL, event))
                .collect::<Result<_, _>>()?,
            next: answer.next_token.filter(|token| !token.is_empty()),
        })
    }

    async fn resources(&self, stack: &str, page: Option<&str>) -> Result<Page<Resource>, Error> {
        const CALL: &str = "ListStackResources";
        let answer = self
            .client
            .list_stack_resources()
            .stack_name(stack)
            .set_next_token(page.map(str::to_owned))
            .send()
            .await
            .map_err(self.failure(CALL))?;
        Ok(Page {
            items: answer
                .stack_resource_summaries
                .unwrap_or_default()
                .into_iter()
                .map(|resource| resource_of(CALL, resource))
                .collect::<Result<_, _>>()?,
            next: answer.next_token.filter(|token| !token.is_empty()),
        })
    }

    async fn template(&self, stack: &str) -> Result<String, Error> {
        const CALL: &str = "GetTemplate";
        self.client
            .get_template()
            .stack_name(stack)
            .template_stage(aws::TemplateStage::Original)
            .send()
            .await
            .map_err(self.failure(CALL))?
            .template_body
            .ok_or(missing(CALL, "TemplateBody"))
    }
}

fn missing(operation: &'static str, field: &'static str) -> Error {
    Error::Incomplete { operation, field }
}

fn describe(call: &'static str, stack: aws::Stack) -> Result<Stack, Error> {
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

fn change_of(call: &'static str, change: aws::ResourceChange) -> Result<Change, Error> {
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

fn event_of(call: &'static str, event: aws::StackEvent) -> Result<Event, Error> {
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
fn finding_of(event: aws::OperationEvent) -> Option<Finding> {
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

fn resource_of(call: &'static str, resource: aws::StackResourceSummary) -> Result<Resource, Error> {
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

#[cfg(test)]
mod tests;
