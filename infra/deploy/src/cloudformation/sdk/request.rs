//! The one request that takes more than a name: a change set.

use crate::cloudformation::{Argument, Mode, NewChangeSet, RollbackAlarms, Template};
use aws_sdk_cloudformation::operation::create_change_set::builders::CreateChangeSetFluentBuilder;
use aws_sdk_cloudformation::types as aws;

pub(super) fn change_set(call: CreateChangeSetFluentBuilder, wanted: &NewChangeSet) -> CreateChangeSetFluentBuilder {
    let mut call = call
        .stack_name(&wanted.stack)
        .change_set_name(&wanted.name)
        .client_token(&wanted.token)
        .change_set_type(if wanted.create {
            aws::ChangeSetType::Create
        } else {
            aws::ChangeSetType::Update
        })
        .capabilities(aws::Capability::CapabilityNamedIam)
        .rollback_configuration(rollback(&wanted.alarms));
    call = match wanted.mode {
        Mode::Standard => call.include_nested_stacks(true),
        // The service turns down a top-level DisableRollback beside this.
        Mode::Express { .. } => call.include_nested_stacks(true).deployment_config(
            aws::DeploymentConfig::builder()
                .mode(aws::DeploymentConfigMode::Express)
                .disable_rollback(wanted.mode.rollback_disabled())
                .build(),
        ),
        Mode::RevertDrift => call.deployment_mode(aws::DeploymentMode::RevertDrift),
    };
    call = match &wanted.template {
        Template::Inline(body) => call.template_body(body),
        Template::Url(url) => call.template_url(url),
    };
    for (key, argument) in &wanted.parameters {
        let parameter = aws::Parameter::builder().parameter_key(key);
        let parameter = match argument {
            Argument::Given(value) => parameter.parameter_value(value),
            Argument::Held => parameter.use_previous_value(true),
        };
        call = call.parameters(parameter.build());
    }
    for (key, value) in &wanted.tags {
        call = call.tags(aws::Tag::builder().key(key).value(value).build());
    }
    call
}

/// What the alarms are is sent every time: where nothing is sent, the service keeps those of the
/// last operation, and a deleted one among them fails the update.
fn rollback(alarms: &RollbackAlarms) -> aws::RollbackConfiguration {
    let triggers = alarms.arns.iter().map(|arn| {
        aws::RollbackTrigger::builder()
            .arn(arn)
            .r#type("AWS::CloudWatch::Alarm")
            .build()
    });
    aws::RollbackConfiguration::builder()
        .monitoring_time_in_minutes(alarms.minutes.into())
        .set_rollback_triggers(Some(triggers.collect()))
        .build()
}
