//! An encryption key of our own, which the services of one system share.

use infra_core::policy::{Document, Principal, Statement};
use infra_core::{AnyArn, Handle, Template, Value, action, concat_values, pseudo};
use infra_resources::kms;

use crate::grant::pascal;

/// A KMS key with yearly rotation and an alias.
///
/// The account administers it; CloudWatch Logs may use it for this account's log groups, and
/// CloudWatch alarms to publish to encrypted topics.
pub struct Key {
    /// What it encrypts, for the console.
    pub description: String,
    /// The alias, without `alias/`.
    pub alias: String,
    /// Whether it outlives its stack, as what it encrypts does.
    pub keep: bool,
}

impl Key {
    /// Adds the key and its alias.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<kms::Key> {
        self.add_for(template, id, &[])
    }

    /// The same, of a key that encrypts queues into which these services put messages on behalf of
    /// this account's resources: `s3.amazonaws.com`.
    #[track_caller]
    pub fn add_for(self, template: &mut Template, id: &str, senders: &[&'static str]) -> Handle<kms::Key> {
        let key = template.add(
            id,
            kms::Key {
                description: Some(self.description.into()),
                enable_key_rotation: Some(true.into()),
                key_policy: Some(policy(senders)),
                ..kms::Key::new()
            },
        );
        if !self.keep {
            template.options(&key).delete();
        }
        let alias = concat_values!["alias/", self.alias];
        template.add(&format!("{id}Alias"), kms::Alias::new(alias, key.reference()));
        key
    }
}

fn policy(senders: &[&'static str]) -> Document {
    const USE: [infra_core::policy::Action; 6] = [
        action!("kms:Encrypt"),
        action!("kms:Decrypt"),
        action!("kms:ReEncryptFrom"),
        action!("kms:ReEncryptTo"),
        action!("kms:GenerateDataKey"),
        action!("kms:DescribeKey"),
    ];
    // In a key's own policy `*` means this key; there is no other way to write it.
    let this_key = "a key's policy speaks of the key that it belongs to";
    let account: Value<AnyArn> = concat_values!["arn:", pseudo::partition(), ":iam::", pseudo::account_id(), ":root"];
    let log_groups: Value<AnyArn> = concat_values![
        "arn:",
        pseudo::partition(),
        ":logs:",
        pseudo::region(),
        ":",
        pseudo::account_id(),
        ":log-group:*"
    ];
    const SEND: [infra_core::policy::Action; 2] = [action!("kms:Decrypt"), action!("kms:GenerateDataKey")];
    let send = |sid: String, service: &'static str| {
        Statement::allow(sid, SEND)
            .to(Principal::Service(service))
            .everywhere(this_key)
            .when("StringEquals", "aws:SourceAccount", pseudo::account_id())
    };
    let further = senders.iter().map(|service| {
        let name = service.split('.').next().unwrap_or(service);
        send(format!("SendFrom{}", pascal(name)), service)
    });
    let statements = [
        Statement::administer("Account", "kms")
            .to(Principal::Account(account))
            .everywhere(this_key),
        Statement::allow("Logs", USE)
            .to(Principal::Service("logs.amazonaws.com"))
            .everywhere(this_key)
            .when("ArnLike", "kms:EncryptionContext:aws:logs:arn", log_groups),
        send("Alarms".to_owned(), "cloudwatch.amazonaws.com"),
    ];
    Document::new(statements.into_iter().chain(further))
}
