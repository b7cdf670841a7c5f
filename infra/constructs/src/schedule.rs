//! A schedule: a function that is called again and again, and what it is told.

use contract_kit::operation;
use infra_core::{Handle, Template};
use infra_resources::scheduler::{self, schedule};
use infra_resources::{iam, kms, lambda, sqs};

use crate::{grant, role};

/// Calls of a function by the clock.
pub struct Schedule<'a> {
    /// The name, at most 64 letters, digits, hyphens, underscores and dots.
    pub name: String,
    /// What it is for, for the console.
    pub description: &'static str,
    /// When: `rate(1 day)`, or `cron(0 4 * * ? *)` in UTC.
    pub expression: String,
    /// What the function is told, in JSON.
    pub input: &'a str,
    /// The function.
    pub function: &'a Handle<lambda::Function>,
    /// The role that calls it, as [`Caller`] makes it.
    pub role: &'a Handle<iam::Role>,
    /// Where calls go that could not be made.
    pub dead_letters: &'a Handle<sqs::Queue>,
    /// The key that encrypts what the function is told.
    pub key: &'a Handle<kms::Key>,
}

/// How often a call that Lambda does not take is made again, and for how long.
const RETRIES: f64 = 3.0;
const RETRY_SECONDS: f64 = 3_600.0;

impl Schedule<'_> {
    /// Adds the schedule.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<scheduler::Schedule> {
        let target = schedule::Target {
            dead_letter_config: Some(schedule::DeadLetterConfig {
                arn: Some(self.dead_letters.arn()),
            }),
            input: Some(self.input.into()),
            retry_policy: Some(schedule::RetryPolicy {
                maximum_event_age_in_seconds: Some(RETRY_SECONDS.into()),
                maximum_retry_attempts: Some(RETRIES.into()),
            }),
            ..schedule::Target::new(self.function.arn(), self.role.arn())
        };
        let window = schedule::FlexibleTimeWindow::new(schedule::FlexibleTimeWindowMode::Off);
        template.add(
            id,
            scheduler::Schedule {
                description: Some(self.description.into()),
                kms_key_arn: Some(self.key.arn()),
                name: Some(self.name.into()),
                ..scheduler::Schedule::new(window, self.expression, target)
            },
        )
    }
}

/// The role of schedules, which may call these functions.
pub struct Caller<'a> {
    /// The functions.
    pub functions: &'a [&'a Handle<lambda::Function>],
    /// Where calls go that could not be made.
    pub dead_letters: &'a Handle<sqs::Queue>,
    /// The key that encrypts the schedules and the dead letters.
    pub key: &'a Handle<kms::Key>,
}

contract_kit::needs! {
    /// What the scheduler calls with its role beside the functions.
    CallerNeeds {
        dead_letters: operation::sqs::Queue [SEND_MESSAGE],
        decrypt: operation::kms::Key [DECRYPT, GENERATE_DATA_KEY],
    }
}

contract_kit::needs! {
    CallNeeds { call: operation::lambda::Function [INVOKE_FUNCTION] }
}

impl Caller<'_> {
    /// Adds the role.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<iam::Role> {
        let call = |function: &&Handle<lambda::Function>| CallNeeds {
            call: grant::on(function.arn()),
        };
        let calls = self.functions.iter().flat_map(|function| call(function).grants());
        let needs = CallerNeeds {
            dead_letters: grant::on(self.dead_letters.arn()),
            decrypt: grant::on(self.key.arn()),
        };
        role::Role {
            service: "scheduler.amazonaws.com",
            grants: calls.chain(needs.grants()).collect(),
        }
        .add(template, id)
    }
}
