//! What policy documents allow: actions, resources, principals, and TLS.

use crate::check::{Check, Resource};
use crate::iam::{self, Kind};
use crate::rule::rules;
use crate::tree::Tree;

use super::ensure;

rules! {
    STAR_ACTION = error("policy-star-action", "no statement allows every action", "name the actions", ["CKV_AWS_62", "CKV_AWS_63", "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", "S3_BUCKET_POLICY_NO_WILDCARD_ACTION", "SQS_QUEUEPOLICY_NO_WILDCARD_ACTION", "IAM_ROLE_NO_WILDCARD_ACTIONS_ON_PERMISSIONS", "AwsSolutions-IAM5"]);
    SERVICE_ACTION = error("policy-service-action", "no statement allows every action of a service", "name the actions", ["CKV_AWS_107", "CKV_AWS_108", "CKV_AWS_109", "CKV_AWS_110", "CKV_AWS_111", "IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS", "AwsSolutions-IAM5", "Serverless-StarPermissions"]);
    STAR_RESOURCE = error("policy-star-resource", "no statement allows actions on every resource without a condition", "name the resources, or add a condition such as aws:RequestedRegion", ["CKV_AWS_107", "CKV_AWS_108", "CKV_AWS_109", "CKV_AWS_111", "IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE", "AwsSolutions-IAM5"]);
    PASS_ROLE = error("policy-pass-role", "whoever may pass roles may pass named ones", "name the roles", ["CKV_AWS_110", "IAM_ROLE_NO_WILDCARD_RESOURCE_ON_PASSROLE", "IAM_POLICY_NO_WILDCARD_RESOURCE_ON_PASSROLE"]);
    STAR_PRINCIPAL = error("policy-star-principal", "a resource is open to everybody under a condition only", "name who is meant, or add a condition such as aws:SourceAccount", ["CKV_AWS_33", "KMS_NO_WILDCARD_PRINCIPAL", "S3_BUCKET_POLICY_NO_WILDCARD_PRINCIPAL", "SNS_TOPICPOLICY_NO_WILDCARD_PRINCIPAL", "SQS_QUEUEPOLICY_NO_WILDCARD_PRINCIPAL"]);
    TRUST = error("role-trust-scoped", "not every account or service may take a role", "name who may", ["CKV_AWS_60", "CKV_AWS_61", "IAM_ROLE_NO_FULL_ACCESS_ON_TRUST_POLICY"]);
    NOT_ACTION = error("policy-allow-not-action", "no statement allows all actions but some", "name the actions that are allowed", ["IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_ACTION", "IAM_ROLE_NO_ALLOW_PLUS_NOT_ACTION_ON_TRUST_POLICY", "S3_BUCKET_POLICY_NO_ALLOW_PLUS_NOT_ACTION", "SNS_TOPICPOLICY_NO_ALLOW_PLUS_NOT_ACTION", "SQS_QUEUEPOLICY_NO_ALLOW_PLUS_NOT_ACTION"]);
    NOT_PRINCIPAL = error("policy-allow-not-principal", "no statement allows everybody but some", "name who is allowed", ["IAM_ROLE_NO_ALLOW_PLUS_NOT_PRINCIPAL", "S3_BUCKETPOLICY_NO_ALLOW_PLUS_NOTPRINCIPAL", "SNS_TOPICPOLICY_NO_ALLOW_PLUS_NOTPRINCIPAL", "SQS_QUEUEPOLICY_NO_ALLOW_PLUS_NOTPRINCIPAL"]);
    NOT_RESOURCE = error("policy-allow-not-resource", "no statement allows actions on all resources but some", "name the resources that are meant", ["IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_RESOURCE"]);
}

/// Checks what the policies of a resource allow.
pub(super) fn check<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    iam::each_document(cx, resource, &mut |cx, document, kind, service| {
        let Some(statements) = document.get("Statement") else {
            return;
        };
        cx.below("Statement", |cx| {
            cx.one_or_many(statements, |cx, statement| allowed(cx, statement, kind, service));
        });
    });
}

fn allowed(cx: &mut Check<'_>, statement: &Tree, kind: Kind, service: &str) {
    if statement.get("Effect").and_then(Tree::text) != Some("Allow") {
        return;
    }
    let has_condition = statement
        .get("Condition")
        .is_some_and(|condition| !condition.members().is_empty());
    let texts = |name: &str| -> Vec<&str> {
        let values = statement.get(name).map_or(&[][..], Tree::one_or_many);
        values.iter().filter_map(Tree::text).collect()
    };
    let (actions, resources) = (texts("Action"), texts("Resource"));
    let principals = principals(statement);
    // A key that its own account cannot manage is lost; nothing else may open itself like that.
    let is_own_account = service == "kms" && !principals.contains(&"*");
    for action in &actions {
        match action.split_once(':') {
            _ if *action == "*" => cx.report(&STAR_ACTION, "every action is allowed"),
            Some((prefix, "*")) if !is_own_account => {
                cx.report(&SERVICE_ACTION, format!("every action of {prefix} is allowed"));
            }
            _ => {}
        }
    }
    let is_everywhere = resources.contains(&"*");
    if kind == Kind::Identity && is_everywhere && !has_condition && !actions.contains(&"*") {
        cx.report(&STAR_RESOURCE, format!("{} on every resource", actions.join(", ")));
    }
    if kind == Kind::Identity
        && is_everywhere
        && actions.iter().any(|action| action.eq_ignore_ascii_case("iam:PassRole"))
    {
        cx.report(&PASS_ROLE, "every role may be passed");
    }
    match kind {
        Kind::Trust
            if principals.iter().any(|who| matches!(*who, "*" | "*.amazonaws.com")) && !names_caller(statement) =>
        {
            cx.report(&TRUST, "everybody may take the role");
        }
        Kind::Resource | Kind::Own if principals.contains(&"*") && !has_condition => {
            cx.report(&STAR_PRINCIPAL, "everybody is allowed");
        }
        _ => {}
    }
    for (name, rule) in [
        ("NotAction", &NOT_ACTION),
        ("NotPrincipal", &NOT_PRINCIPAL),
        ("NotResource", &NOT_RESOURCE),
    ] {
        if statement.get(name).is_some() {
            cx.report(rule, format!("Allow stands beside {name}"));
        }
    }
}

/// Whether a condition says which accounts or principals are meant.
fn names_caller(statement: &Tree) -> bool {
    let tests = statement.get("Condition").map_or(&[][..], Tree::members);
    let mut keys = tests.iter().flat_map(|(_, tests)| tests.members());
    keys.any(|(key, _)| key.to_ascii_lowercase().starts_with("aws:principal"))
}

/// The principals that are named by texts.
fn principals(statement: &Tree) -> Vec<&str> {
    match statement.get("Principal") {
        Some(Tree::Text(text)) => vec![text],
        Some(Tree::Map(members)) => {
            let values = members.iter().flat_map(|(_, value)| value.one_or_many());
            values.filter_map(Tree::text).collect()
        }
        _ => Vec::new(),
    }
}

/// A policy of this type that names the resource denies whatever comes without TLS.
pub(super) fn is_tls_only(cx: &Check<'_>, resource: &Resource<'_>, kind: &str, property: &str) -> Result<(), String> {
    let names = |tree: &Tree| match resource.at("BucketName").or_else(|| resource.at("QueueName")) {
        _ if tree.target() == Some(resource.id) => true,
        Some(name) => tree == name,
        None => false,
    };
    let policies = cx.resources.iter().filter(|policy| {
        policy.kind == kind
            && policy
                .at(property)
                .is_some_and(|tree| tree.one_or_many().iter().any(names))
    });
    let statements =
        policies.flat_map(|policy| policy.at("PolicyDocument.Statement").map_or(&[][..], Tree::one_or_many));
    let denies = |statement: &Tree| {
        let secure = statement
            .at("Condition.Bool")
            .and_then(|tests| tests.get("aws:SecureTransport"));
        let everybody = matches!(statement.get("Principal"), Some(Tree::Text(who)) if who == "*")
            || statement.at("Principal.AWS").and_then(Tree::text) == Some("*");
        statement.get("Effect").and_then(Tree::text) == Some("Deny")
            && everybody
            && secure.is_some_and(|secure| secure.one_or_many().iter().any(|it| it.truth() == Some(false)))
    };
    let mut statements = statements;
    ensure(statements.any(denies), "no policy denies requests without TLS")
}
