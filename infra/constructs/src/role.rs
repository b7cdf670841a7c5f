//! A role that one service takes on, with exactly the grants that it is given.

use contract_kit::Grant;
use infra_core::policy::{Document, Principal, Statement};
use infra_core::{Handle, Intrinsic, Node, Template, ToNode, Waiver, action, pseudo};
use infra_resources::iam::{self, role};

use crate::grant::{self, Scope};

/// A role for an AWS service.
pub struct Role {
    /// The service that takes it on, such as `firehose.amazonaws.com`.
    pub service: &'static str,
    /// What it may do, as a contract declares it.
    pub grants: Vec<Grant<Scope>>,
}

const WILDCARD: &str = "each star ends an ARN (the objects of a prefix, the streams of a log group) or stands where the service has no resources to name";

/// Roles of functions are looked at by two packs of cdk-nag, others by one.
const FUNCTION_WAIVER: Waiver = Waiver::new(
    &["AwsSolutions-IAM5", "Serverless-LambdaStarPermissions"],
    "platform",
    WILDCARD,
);
const WAIVER: Waiver = Waiver::new(&["AwsSolutions-IAM5"], "platform", WILDCARD);

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
        let permissions = Document::new(grant::statements(self.grants));
        let has_wildcard = has_wildcard(&permissions);
        let policy = role::Policy::new(permissions, "permissions");
        let role = template.add(
            id,
            iam::Role {
                policies: Some(vec![policy]),
                ..iam::Role::new(Document::new([assume]))
            },
        );
        match self.service {
            _ if !has_wildcard => {}
            "lambda.amazonaws.com" => drop(template.options(&role).waive([FUNCTION_WAIVER])),
            _ => drop(template.options(&role).waive([WAIVER])),
        }
        role
    }
}

/// Whether a statement speaks of more than one resource at a time.
fn has_wildcard(document: &Document) -> bool {
    let mut found = false;
    document.clone().to_node().walk(&mut |node| {
        found |= match node {
            Node::Text(text) => text.ends_with('*'),
            Node::Call(Intrinsic::Sub(pattern)) => pattern.ends_with('*'),
            _ => false,
        };
    });
    found
}
