//! The half that people use: functions, tables, a REST API with Cognito.

use infra_core::policy::{Action, Statement};
use infra_core::{Handle, Template, Value, action, concat_values, pseudo};
use infra_resources::api_gateway::{self, method, stage};
use infra_resources::cloudwatch::alarm::Statistic;
use infra_resources::cognito::{self, user_pool, user_pool_client};
use infra_resources::dynamodb::{self, table};
use infra_resources::lambda::{self, event_source_mapping};
use infra_resources::{kinesis, s3};

use crate::base::{Base, Watch};

/// Adds it.
pub(crate) fn add(t: &mut Template, base: &Base, stream: &Handle<kinesis::Stream>, curated: &Handle<s3::Bucket>) {
    let [items, users, ledger] =
        [("Items", "items"), ("Users", "users"), ("Ledger", "ledger")].map(|(id, name)| table(t, base, id, name));
    let on = |sid, actions: &[Action], table: &Handle<dynamodb::Table>| {
        Statement::allow(sid, actions.iter().copied()).on([table.arn().into()])
    };
    let read = [
        action!("kinesis:DescribeStream"),
        action!("kinesis:GetRecords"),
        action!("kinesis:GetShardIterator"),
        action!("kinesis:ListShards"),
    ];
    let statements = vec![
        Statement::allow("Source", read).on([stream.arn().into()]),
        on("Items", &[action!("dynamodb:PutItem")], &items),
        Statement::allow("Curated", [action!("s3:PutObject")]).on([curated.arn().path("/*")]),
    ];
    let consume = base.function(t, "Consume", "consume", statements);
    let statements = vec![
        on(
            "Items",
            &[action!("dynamodb:GetItem"), action!("dynamodb:Query")],
            &items,
        ),
        on(
            "Users",
            &[action!("dynamodb:GetItem"), action!("dynamodb:PutItem")],
            &users,
        ),
    ];
    let serve = base.function(t, "Serve", "serve", statements);
    let statements = vec![
        on("Ledger", &[action!("dynamodb:PutItem")], &ledger),
        Statement::allow("Tell", [action!("sns:Publish")]).on([base.topic.reference().into()]),
    ];
    let notify = base.function(t, "Notify", "notify", statements);
    source(t, base, stream, &consume);
    let pool = pool(t);
    let api = api(t, &serve, &pool);
    alarms(
        t,
        base,
        [("Consume", &consume), ("Serve", &serve), ("Notify", &notify)],
        &api,
    );
}

fn table(t: &mut Template, base: &Base, id: &str, name: &str) -> Handle<dynamodb::Table> {
    t.add(
        id,
        dynamodb::Table {
            attribute_definitions: Some(vec![
                table::AttributeDefinition::new("pk", table::AttributeType::S),
                table::AttributeDefinition::new("sk", table::AttributeType::S),
            ]),
            billing_mode: Some(table::BillingMode::PayPerRequest.into()),
            point_in_time_recovery_specification: Some(table::PointInTimeRecoverySpecification {
                point_in_time_recovery_enabled: Some(true.into()),
                ..table::PointInTimeRecoverySpecification::new()
            }),
            sse_specification: Some(table::SseSpecification {
                kms_master_key_id: Some(base.key.arn().into()),
                sse_type: Some(table::SseType::Kms.into()),
                ..table::SseSpecification::new(true)
            }),
            table_name: Some(format!("bench-{name}").into()),
            ..dynamodb::Table::new(vec![
                table::KeySchema::new("pk", "HASH"),
                table::KeySchema::new("sk", "RANGE"),
            ])
        },
    )
}

fn source(t: &mut Template, base: &Base, stream: &Handle<kinesis::Stream>, consume: &Handle<lambda::Function>) {
    let failures = event_source_mapping::FunctionResponseType::ReportBatchItemFailures;
    t.add(
        "ConsumeSource",
        lambda::EventSourceMapping {
            batch_size: Some(100.into()),
            bisect_batch_on_function_error: Some(true.into()),
            destination_config: Some(event_source_mapping::DestinationConfig {
                on_failure: Some(event_source_mapping::OnFailure {
                    destination: Some(base.dead_letters.arn().into()),
                }),
            }),
            event_source_arn: Some(stream.arn().into()),
            function_response_types: Some(vec![failures.into()]),
            maximum_retry_attempts: Some(3.into()),
            starting_position: Some("TRIM_HORIZON".into()),
            ..lambda::EventSourceMapping::new(consume.reference())
        },
    );
}

fn pool(t: &mut Template) -> Handle<cognito::UserPool> {
    let pool = t.add(
        "UserPool",
        cognito::UserPool {
            auto_verified_attributes: Some(vec![user_pool::AutoVerifiedAttribute::Email.into()]),
            policies: Some(user_pool::Policies {
                password_policy: Some(user_pool::PasswordPolicy {
                    minimum_length: Some(12.into()),
                    require_lowercase: Some(true.into()),
                    require_numbers: Some(true.into()),
                    require_symbols: Some(true.into()),
                    require_uppercase: Some(true.into()),
                    ..user_pool::PasswordPolicy::new()
                }),
                ..user_pool::Policies::new()
            }),
            user_pool_name: Some("bench-users".into()),
            ..cognito::UserPool::new()
        },
    );
    t.add(
        "UserPoolClient",
        cognito::UserPoolClient {
            client_name: Some("bench-web".into()),
            explicit_auth_flows: Some(vec![
                user_pool_client::ExplicitAuthFlow::AllowUserSrpAuth.into(),
                user_pool_client::ExplicitAuthFlow::AllowRefreshTokenAuth.into(),
            ]),
            prevent_user_existence_errors: Some(user_pool_client::PreventUserExistenceErrors::Enabled.into()),
            ..cognito::UserPoolClient::new(pool.reference())
        },
    );
    t.add(
        "UserPoolDomain",
        cognito::UserPoolDomain::new("bench-users", pool.reference()),
    );
    pool
}

fn api(
    t: &mut Template,
    serve: &Handle<lambda::Function>,
    pool: &Handle<cognito::UserPool>,
) -> Handle<api_gateway::RestApi> {
    let api = t.add(
        "Api",
        api_gateway::RestApi {
            name: Some("bench".into()),
            ..api_gateway::RestApi::new()
        },
    );
    let resource = t.add(
        "ApiItems",
        api_gateway::Resource::new(api.root_resource_id(), "items", api.reference()),
    );
    let validator = t.add(
        "ApiValidator",
        api_gateway::RequestValidator {
            validate_request_body: Some(true.into()),
            validate_request_parameters: Some(true.into()),
            ..api_gateway::RequestValidator::new(api.reference())
        },
    );
    let authorizer = t.add(
        "ApiAuthorizer",
        api_gateway::Authorizer {
            identity_source: Some("method.request.header.Authorization".into()),
            provider_arns: Some(vec![pool.arn()]),
            ..api_gateway::Authorizer::new("users", api.reference(), "COGNITO_USER_POOLS")
        },
    );
    let integration = method::Integration {
        integration_http_method: Some("POST".into()),
        uri: Some(concat_values![
            "arn:",
            pseudo::partition(),
            ":apigateway:",
            pseudo::region(),
            ":lambda:path/2015-03-31/functions/",
            serve.arn(),
            "/invocations"
        ]),
        ..method::Integration::new(method::IntegrationType::AwsProxy)
    };
    let get = t.add(
        "ApiGet",
        api_gateway::Method {
            authorization_type: Some("COGNITO_USER_POOLS".into()),
            authorizer_id: Some(authorizer.reference()),
            integration: Some(integration),
            request_validator_id: Some(validator.reference()),
            ..api_gateway::Method::new("GET", resource.reference(), api.reference())
        },
    );
    let deployment = t.add("ApiDeployment", api_gateway::Deployment::new(api.reference()));
    t.options(&deployment).depends_on(&get);
    let settings = stage::MethodSetting {
        http_method: Some("*".into()),
        metrics_enabled: Some(true.into()),
        resource_path: Some("/*".into()),
        throttling_burst_limit: Some(50.into()),
        throttling_rate_limit: Some(100.0.into()),
        ..stage::MethodSetting::new()
    };
    t.add(
        "ApiStage",
        api_gateway::Stage {
            deployment_id: Some(deployment.reference()),
            method_settings: Some(vec![settings]),
            stage_name: Some("v1".into()),
            tracing_enabled: Some(true.into()),
            ..api_gateway::Stage::new(api.reference())
        },
    );
    t.add(
        "ApiPermission",
        lambda::Permission {
            source_arn: Some(concat_values![
                "arn:",
                pseudo::partition(),
                ":execute-api:",
                pseudo::region(),
                ":",
                pseudo::account_id(),
                ":",
                api.reference(),
                "/*/GET/items"
            ]),
            ..lambda::Permission::new("lambda:InvokeFunction", serve.reference(), "apigateway.amazonaws.com")
        },
    );
    api
}

fn alarms(
    t: &mut Template,
    base: &Base,
    functions: [(&str, &Handle<lambda::Function>); 3],
    api: &Handle<api_gateway::RestApi>,
) {
    for (id, function) in functions {
        for (metric, meaning) in [("Errors", "Calls fail"), ("Throttles", "Calls are refused")] {
            let of = ("FunctionName", function.reference().text());
            let watch = Watch {
                meaning,
                namespace: "AWS/Lambda",
                metric,
                of,
                statistic: Statistic::Sum,
                above: 0.0,
            };
            base.alarm(t, &format!("{id}{metric}Alarm"), watch);
        }
    }
    let name: Value<String> = base.dead_letters.queue_name().text();
    let waiting = Watch {
        meaning: "Something is in the queue of dead letters",
        namespace: "AWS/SQS",
        metric: "ApproximateNumberOfMessagesVisible",
        of: ("QueueName", name),
        statistic: Statistic::Maximum,
        above: 0.0,
    };
    base.alarm(t, "DeadLettersAlarm", waiting);
    let failing = Watch {
        meaning: "The API answers with errors of its own",
        namespace: "AWS/ApiGateway",
        metric: "5XXError",
        of: ("ApiId", api.reference().text()),
        statistic: Statistic::Sum,
        above: 0.0,
    };
    base.alarm(t, "ApiErrorsAlarm", failing);
}
