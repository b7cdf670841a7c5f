//! The port's adapter: CloudFormation through the AWS SDK.

mod plain;
mod refactor;
mod request;

use super::{
    ChangeSet, ChangeSetIds, ChangeSetState, CloudFormation, Detection, Drift, Event, Finding, NewChangeSet,
    NewRefactor, Page, Refactor, Resource, Scope, Stack,
};
use crate::client::failure;
use crate::error::Error;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::config::http::HttpResponse;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types as aws;
use plain::{change_of, drift_of, event_of, finding_of, missing, resource_of, stack_of};
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
        let call = request::change_set(self.client.create_change_set(), wanted);
        let made = call.send().await.map_err(self.failure(CALL))?;
        Ok(ChangeSetIds {
            id: made.id.ok_or(missing(CALL, "Id"))?,
            stack_id: made.stack_id.ok_or(missing(CALL, "StackId"))?,
        })
    }

    async fn change_set(&self, id: &str, page: Option<&str>, values: bool) -> Result<ChangeSet, Error> {
        const CALL: &str = "DescribeChangeSet";
        let answer = self
            .client
            .describe_change_set()
            .change_set_name(id)
            .include_property_values(values)
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

    async fn create_refactor(&self, wanted: &NewRefactor) -> Result<String, Error> {
        const CALL: &str = "CreateStackRefactor";
        let call = refactor::request(self.client.create_stack_refactor(), wanted);
        let made = call.send().await.map_err(self.failure(CALL))?;
        made.stack_refactor_id.ok_or(missing(CALL, "StackRefactorId"))
    }

    async fn refactor(&self, id: &str) -> Result<Refactor, Error> {
        const CALL: &str = "DescribeStackRefactor";
        let call = self.client.describe_stack_refactor().stack_refactor_id(id);
        refactor::refactor_of(CALL, call.send().await.map_err(self.failure(CALL))?)
    }

    async fn execute_refactor(&self, id: &str) -> Result<(), Error> {
        let call = self.client.execute_stack_refactor().stack_refactor_id(id);
        let answer = call.send().await;
        answer.map(drop).map_err(self.failure("ExecuteStackRefactor"))
    }

    async fn continue_rollback(&self, stack: &str, skip: &[String], token: &str) -> Result<(), Error> {
        self.client
            .continue_update_rollback()
            .stack_name(stack)
            .set_resources_to_skip((!skip.is_empty()).then(|| skip.to_vec()))
            .client_request_token(token)
            .send()
            .await
            .map(drop)
            .map_err(self.failure("ContinueUpdateRollback"))
    }

    async fn roll_back(&self, stack: &str, token: &str) -> Result<(), Error> {
        self.client
            .rollback_stack()
            .stack_name(stack)
            .client_request_token(token)
            .retain_except_on_create(true)
            .send()
            .await
            .map(drop)
            .map_err(self.failure("RollbackStack"))
    }

    async fn protect(&self, stack: &str, protected: bool) -> Result<(), Error> {
        self.client
            .update_termination_protection()
            .stack_name(stack)
            .enable_termination_protection(protected)
            .send()
            .await
            .map(drop)
            .map_err(self.failure("UpdateTerminationProtection"))
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

    async fn detect_drift(&self, stack: &str) -> Result<String, Error> {
        const CALL: &str = "DetectStackDrift";
        self.client
            .detect_stack_drift()
            .stack_name(stack)
            .send()
            .await
            .map_err(self.failure(CALL))?
            .stack_drift_detection_id
            .ok_or(missing(CALL, "StackDriftDetectionId"))
    }

    async fn drift_detection(&self, id: &str) -> Result<Detection, Error> {
        const CALL: &str = "DescribeStackDriftDetectionStatus";
        let answer = self
            .client
            .describe_stack_drift_detection_status()
            .stack_drift_detection_id(id)
            .send()
            .await
            .map_err(self.failure(CALL))?;
        Ok(match answer.detection_status.ok_or(missing(CALL, "DetectionStatus"))? {
            aws::StackDriftDetectionStatus::DetectionInProgress => Detection::Running,
            aws::StackDriftDetectionStatus::DetectionComplete => Detection::Complete,
            _ => Detection::Partial(answer.detection_status_reason.unwrap_or_default()),
        })
    }

    async fn drifts(&self, stack: &str, page: Option<&str>) -> Result<Page<Drift>, Error> {
        const CALL: &str = "DescribeStackResourceDrifts";
        let answer = self
            .client
            .describe_stack_resource_drifts()
            .stack_name(stack)
            .set_next_token(page.map(str::to_owned))
            .send()
            .await
            .map_err(self.failure(CALL))?;
        let drifts = answer.stack_resource_drifts.unwrap_or_default();
        Ok(Page {
            items: drifts
                .into_iter()
                .filter_map(|drift| drift_of(CALL, drift).transpose())
                .collect::<Result<_, _>>()?,
            next: answer.next_token.filter(|token| !token.is_empty()),
        })
    }

    async fn importers(&self, export: &str, page: Option<&str>) -> Result<Page<String>, Error> {
        let answer = self
            .client
            .list_imports()
            .export_name(export)
            .set_next_token(page.map(str::to_owned))
            .send()
            .await
            .map_err(self.failure("ListImports"));
        match answer {
            Ok(found) => Ok(Page {
                items: found.imports.unwrap_or_default(),
                next: found.next_token.filter(|token| !token.is_empty()),
            }),
            // The service says so of an export that nobody imports.
            Err(Error::Refused { code, message, .. })
                if code == "ValidationError" && message.contains("is not imported") =>
            {
                Ok(Page {
                    items: Vec::new(),
                    next: None,
                })
            }
            Err(error) => Err(error),
        }
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
