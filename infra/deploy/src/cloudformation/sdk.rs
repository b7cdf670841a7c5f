//! The port's adapter: CloudFormation through the AWS SDK.

mod plain;

use super::{
    ChangeSet, ChangeSetIds, ChangeSetState, CloudFormation, Event, Finding, NewChangeSet, Page, Resource, Scope,
    Stack, Template,
};
use crate::client::failure;
use crate::error::Error;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::config::http::HttpResponse;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types as aws;
use plain::{change_of, event_of, finding_of, missing, resource_of, stack_of};
use std::error::Error as StdError;

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
                .map(|stack| stack_of(CALL, stack))
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

#[cfg(test)]
mod tests;
