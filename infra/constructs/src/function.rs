//! A Lambda function: a Rust binary with its role, its log group, and what it must be told.

use contract_kit::{Grant, operation};
use infra_core::{Handle, Name, Template, Value, Waiver, concat_values};
use infra_resources::lambda::{self, function};
use infra_resources::{iam, kms, logs, s3, sqs};

use crate::grant::{self, Scope};
use crate::{log, role};

/// A function written in Rust.
pub struct Function<'a> {
    /// The name, at most 64 letters, digits and hyphens.
    pub name: String,
    /// What it does, for the console.
    pub description: &'static str,
    /// The bucket that holds its code.
    pub code_bucket: Value<Name<s3::Bucket>>,
    /// The key of its code in that bucket.
    pub code_key: Value<String>,
    /// The processor that it was built for.
    pub architecture: function::Architecture,
    /// Memory, 128 to 10,240 MiB; processor share grows with it.
    pub memory_mib: u16,
    /// Longest run, 1 to 900 seconds.
    pub timeout_seconds: u16,
    /// Most calls at a time, taken from the account's pool, which keeps 100 for others; without it
    /// the pool is the limit.
    pub concurrency: Option<u16>,
    /// Its environment variables, as its contract names them.
    pub variables: Vec<(&'static str, Value<String>)>,
    /// What it may do beyond writing its own log and traces, as its contract declares it.
    pub grants: Vec<Grant<Scope>>,
    /// The key that encrypts its variables and its log.
    pub key: &'a Handle<kms::Key>,
    /// Where events go that it failed on, when it was invoked without waiting for it.
    pub dead_letters: &'a Handle<sqs::Queue>,
    /// Days that its log is kept.
    pub log_days: u16,
}

contract_kit::needs! {
    /// What Lambda calls with the role of every function.
    OwnNeeds {
        log: operation::logs::LogStream [CREATE_LOG_STREAM, PUT_LOG_EVENTS],
        trace: operation::xray::Everywhere [PUT_TRACE_SEGMENTS, PUT_TELEMETRY_RECORDS],
        dead_letters: operation::sqs::Queue [SEND_MESSAGE],
        variables: operation::kms::Key [DECRYPT, GENERATE_DATA_KEY],
    }
}

const NO_CEILING: Waiver = Waiver::new(
    &[
        "function-reserved-concurrency",
        "CKV_AWS_115",
        "LAMBDA_CONCURRENCY_CHECK",
    ],
    "platform",
    "reserving concurrency takes it from the account's pool; nothing here needs a ceiling",
);
const NO_VPC: Waiver = Waiver::new(
    &["function-in-vpc", "CKV_AWS_117", "LAMBDA_INSIDE_VPC"],
    "platform",
    "reaches no private network; a VPC would cost a NAT gateway and protect nothing",
);

impl Function<'_> {
    /// Adds the function, its role and its log group.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<lambda::Function> {
        self.add_with_role(template, id).0
    }

    /// Adds the same, and gives its role as well, for policies that name it.
    #[track_caller]
    pub fn add_with_role(self, template: &mut Template, id: &str) -> (Handle<lambda::Function>, Handle<iam::Role>) {
        let log_name = format!("/aws/lambda/{}", self.name);
        let group = log::Group {
            name: log_name.clone(),
            key: self.key,
            days: self.log_days,
        };
        let group: Handle<logs::LogGroup> = group.add(template, &format!("{id}Log"));
        let own = OwnNeeds {
            log: grant::log_streams(&log_name),
            trace: grant::in_region(),
            dead_letters: grant::on(self.dead_letters.arn()),
            variables: grant::on(self.key.arn()),
        };
        let role = role::Role {
            service: "lambda.amazonaws.com",
            grants: own.grants().into_iter().chain(self.grants).collect(),
        }
        .add(template, &format!("{id}Role"));
        let code = function::Code {
            s3_bucket: Some(self.code_bucket),
            s3_key: Some(self.code_key),
            ..function::Code::new()
        };
        let variables = self
            .variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let function = template.add(
            id,
            lambda::Function {
                architectures: Some(vec![self.architecture.into()]),
                dead_letter_config: Some(function::DeadLetterConfig {
                    target_arn: Some(self.dead_letters.arn().into()),
                }),
                description: Some(self.description.into()),
                environment: Some(function::Environment {
                    variables: Some(variables),
                }),
                function_name: Some(self.name.into()),
                handler: Some("bootstrap".into()),
                kms_key_arn: Some(self.key.arn()),
                logging_config: Some(function::LoggingConfig {
                    log_format: Some(function::LogFormat::Json.into()),
                    log_group: Some(group.reference()),
                    ..function::LoggingConfig::new()
                }),
                memory_size: Some(i64::from(self.memory_mib).into()),
                reserved_concurrent_executions: self.concurrency.map(|calls| i64::from(calls).into()),
                runtime: Some(function::Runtime::ProvidedAl2023.into()),
                timeout: Some(i64::from(self.timeout_seconds).into()),
                tracing_config: Some(function::TracingConfig {
                    mode: Some(function::TracingMode::Active.into()),
                }),
                ..lambda::Function::new(code, role.arn())
            },
        );
        let no_ceiling = self.concurrency.is_none().then_some(NO_CEILING);
        template
            .options(&function)
            .waive(no_ceiling.into_iter().chain([NO_VPC]));
        (function, role)
    }
}

/// The ARN of a function's newest code, which is how Firehose names what it calls.
pub fn latest(function: &Handle<lambda::Function>) -> Value<String> {
    concat_values![function.arn(), ":$LATEST"]
}
