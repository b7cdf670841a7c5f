//! A role that one service takes on, with exactly the grants that it is given.

use contract_kit::Grant;
use infra_core::policy::{Document, Principal, Statement};
use infra_core::{Handle, Template, action, pseudo};
use infra_resources::iam::{self, role};

use crate::grant::{self, Scope};

/// A role for an AWS service.
pub struct Role {
    /// The service that takes it on, such as `firehose.amazonaws.com`.
    pub service: &'static str,
    /// What it may do, as a contract declares it.
    pub grants: Vec<Grant<Scope>>,
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
        let policy = role::Policy::new(Document::new(grant::statements(self.grants)), "permissions");
        template.add(
            id,
            iam::Role {
                policies: Some(vec![policy]),
                ..iam::Role::new(Document::new([assume]))
            },
        )
    }
}
