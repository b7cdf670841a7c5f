//! A role that one service takes on, with exactly the statements it is given.

use infra_core::policy::{Document, Principal, Statement};
use infra_core::{Handle, Template, Value, action, pseudo};
use infra_resources::iam::{self, role};

/// A role for an AWS service.
pub struct Role {
    /// The service that takes it on, such as `firehose.amazonaws.com`.
    pub service: &'static str,
    /// What it may do.
    pub statements: Vec<Statement>,
}

impl Role {
    /// Adds the role; only this account's use of the service may take it on.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<iam::Role> {
        let assume = Statement::allow("Assume", [action!("sts:AssumeRole")]).to(Principal::Service(self.service));
        // The condition keeps a service from being talked into using the role for somebody else;
        // Firehose says whose account it acts for by an external id, Lambda needs no saying.
        let assume = match self.service {
            "lambda.amazonaws.com" => assume,
            "firehose.amazonaws.com" => assume.when("StringEquals", "sts:ExternalId", pseudo::account_id()),
            _ => assume.when("StringEquals", "aws:SourceAccount", pseudo::account_id()),
        };
        let policy = role::Policy::new(Document::new(self.statements), "permissions");
        template.add(
            id,
            iam::Role {
                policies: Some(vec![policy]),
                ..iam::Role::new(Document::new([assume]))
            },
        )
    }
}

/// Allows the use of a key through one service only, such as `s3`.
pub fn use_key(sid: &'static str, key: &Handle<infra_resources::kms::Key>, service: &str) -> Statement {
    let via: Value<String> = infra_core::concat_values![service, ".", pseudo::region(), ".amazonaws.com"];
    Statement::allow(sid, [action!("kms:Decrypt"), action!("kms:GenerateDataKey")])
        .on([key.arn().into()])
        .when("StringEquals", "kms:ViaService", via)
}
