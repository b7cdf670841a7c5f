//! What the functions of a system have in common, and what is each one's own.

use contract_kit::Grant;
use infra_constructs::function::Function;
use infra_constructs::grant::Scope;
use infra_core::{Handle, Name, Template, Value};
use infra_resources::lambda::function::Architecture;
use infra_resources::{iam, kms, lambda, s3, sqs};

use crate::environment::Environment;

/// What every function of a system is made with.
#[derive(Clone, Copy)]
pub(crate) struct Shop<'a> {
    pub(crate) environment: &'a Environment,
    /// The bucket of all code.
    pub(crate) code: &'a Value<Name<s3::Bucket>>,
    pub(crate) key: &'a Handle<kms::Key>,
    pub(crate) dead_letters: &'a Handle<sqs::Queue>,
}

/// What is a function's own.
pub(crate) struct Own<'a> {
    /// The end of the name.
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// The key of its code.
    pub(crate) code: &'a Value<String>,
    pub(crate) architecture: Architecture,
    pub(crate) memory_mib: u16,
    pub(crate) timeout_seconds: u16,
    pub(crate) concurrency: Option<u16>,
    pub(crate) variables: Vec<(&'static str, Value<String>)>,
    pub(crate) grants: Vec<Grant<Scope>>,
}

impl Shop<'_> {
    /// Adds a function, and gives its role as well.
    #[track_caller]
    pub(crate) fn add(
        &self,
        template: &mut Template,
        id: &str,
        own: Own<'_>,
    ) -> (Handle<lambda::Function>, Handle<iam::Role>) {
        let function = Function {
            name: self.environment.name(own.name),
            description: own.description,
            code_bucket: self.code.clone(),
            code_key: own.code.clone(),
            architecture: own.architecture,
            memory_mib: own.memory_mib,
            timeout_seconds: own.timeout_seconds,
            concurrency: own.concurrency,
            variables: own.variables,
            grants: own.grants,
            key: self.key,
            dead_letters: self.dead_letters,
            log_days: self.environment.settings.operations.log_days,
        };
        function.add_with_role(template, id)
    }
}
