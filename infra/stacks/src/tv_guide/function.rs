//! What the guide's functions have in common.

use infra_core::{Handle, Name, Template, Value};
use infra_resources::{iam, kms, lambda, s3, sqs};

use crate::environment::Environment;
use crate::function::{Own, Shop};

/// The programs, in the order of their parameters.
pub(super) const BINS: [&str; 6] = [REFERENCE, INGEST, CONSUME, NOTIFY, API, TRANSFORM];

pub(super) const REFERENCE: &str = "tv-guide-reference";
pub(super) const INGEST: &str = "tv-guide-ingest";
pub(super) const CONSUME: &str = "tv-guide-consume";
pub(super) const NOTIFY: &str = "tv-guide-notify";
pub(super) const API: &str = "tv-guide-api";

/// The lake's own transform, which takes the guide's records for the events that they are.
pub(super) const TRANSFORM: &str = "lake-transform";

/// What every function is made with.
pub(super) struct Common<'a> {
    pub(super) environment: &'a Environment,
    pub(super) codes: Codes,
    pub(super) key: &'a Handle<kms::Key>,
    pub(super) dead_letters: &'a Handle<sqs::Queue>,
}

/// Where the code of the programs is.
pub(super) struct Codes {
    pub(super) bucket: Value<Name<s3::Bucket>>,
    pub(super) reference: Value<String>,
    pub(super) ingest: Value<String>,
    pub(super) consume: Value<String>,
    pub(super) notify: Value<String>,
    pub(super) api: Value<String>,
    pub(super) transform: Value<String>,
}

impl Codes {
    /// The keys are in the order of [`BINS`].
    pub(super) fn new(bucket: Value<Name<s3::Bucket>>, keys: [Value<String>; BINS.len()]) -> Self {
        let [reference, ingest, consume, notify, api, transform] = keys;
        Codes {
            bucket,
            reference,
            ingest,
            consume,
            notify,
            api,
            transform,
        }
    }
}

impl Common<'_> {
    /// Adds a function, and gives its role as well.
    #[track_caller]
    pub(super) fn add(
        &self,
        template: &mut Template,
        id: &str,
        own: Own<'_>,
    ) -> (Handle<lambda::Function>, Handle<iam::Role>) {
        let shop = Shop {
            environment: self.environment,
            code: &self.codes.bucket,
            key: self.key,
            dead_letters: self.dead_letters,
        };
        shop.add(template, id, own)
    }
}
