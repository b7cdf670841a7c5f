//! Roles, with exactly the grants that they are given: of a service, and of a session.

use contract_kit::Grant;
use infra_core::policy::{Document, Principal, Statement};
use infra_core::{Arn, Handle, Intrinsic, Node, Template, ToNode, Value, Waiver, action, concat_values, pseudo};
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

/// A role that a function takes on for one session at a time, which is tagged with whom it acts
/// for; the grants can speak of that tag.
///
/// It has a name, so that the function's own role can be allowed to take it on although this
/// role's trust names that one: neither is made before the other otherwise.
pub struct Session<'a> {
    /// The name, at most 64 letters, digits and hyphens.
    pub name: String,
    /// The role that takes it on.
    pub by: &'a Handle<iam::Role>,
    /// The key of the tag.
    pub tag: &'static str,
    /// What it may do, as a contract declares it.
    pub grants: Vec<Grant<Scope>>,
}

/// Longest session, in seconds: more is not to be had by a role that another role takes on.
const SESSION_SECONDS: i64 = 3_600;

impl Session<'_> {
    /// The ARN that a role of this name has, before it is made.
    pub fn arn(name: &str) -> Value<Arn<iam::Role>> {
        concat_values![
            "arn:",
            pseudo::partition(),
            ":iam::",
            pseudo::account_id(),
            ":role/",
            name
        ]
    }

    /// Adds the role; a session without the tag, or with another one, is refused.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<iam::Role> {
        let something: Value<String> = "?*".into();
        let only: Vec<Value<String>> = vec![self.tag.into()];
        let assume = Statement::allow("Assume", [action!("sts:AssumeRole"), action!("sts:TagSession")])
            .to(Principal::Role(self.by.arn().into()))
            .when("StringLike", format!("aws:RequestTag/{}", self.tag), something)
            .when("ForAllValues:StringEquals", "aws:TagKeys", only);
        let policy = role::Policy::new(Document::new(grant::statements(self.grants)), "permissions");
        template.add(
            id,
            iam::Role {
                max_session_duration: Some(SESSION_SECONDS.into()),
                policies: Some(vec![policy]),
                role_name: Some(self.name.into()),
                ..iam::Role::new(Document::new([assume]))
            },
        )
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

#[cfg(test)]
mod tests {
    use infra_core::{Arn, Template, Value};
    use infra_resources::dynamodb;

    use super::{Role, Session};
    use crate::grant;

    contract_kit::needs! { OwnNeeds { own: contract_kit::operation::dynamodb::Item [GET_ITEM] } }

    #[test]
    fn a_session_has_one_tag_and_one_taker() {
        let mut template = Template::new("roles");
        let service = Role {
            service: "lambda.amazonaws.com",
            grants: Vec::new(),
        };
        let by = service.add(&mut template, "Function");
        let table: Value<Arn<dynamodb::Table>> = Arn::new("arn:table").into();
        let own = grant::items_of(table, "user:${aws:PrincipalTag/user}");
        let session = Session {
            name: "users".to_owned(),
            by: &by,
            tag: "user",
            grants: OwnNeeds { own }.grants(),
        };
        session.add(&mut template, "User");
        assert_eq!(template.check(), Ok(()));
        let json = template.to_json();
        let trust = concat!(
            r#""Principal":{"AWS":{"Fn::GetAtt":["Function","Arn"]}},"Action":["sts:AssumeRole","sts:TagSession"],"#,
            r#""Condition":{"StringLike":{"aws:RequestTag/user":"?*"},"#,
            r#""ForAllValues:StringEquals":{"aws:TagKeys":["user"]}}"#,
        );
        assert!(json.contains(trust), "{json}");
        assert!(json.contains(r#""RoleName":"users""#), "{json}");
        let arn = r#"{"Fn::Sub":"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/users"}"#;
        assert_eq!(format!("{:?}", Session::arn("users")), arn);
    }
}
