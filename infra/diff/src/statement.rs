//! IAM statements: who may do what, to what, and when, whatever resource says so.

use serde::Serialize;
use serde_json::Value;

use crate::template::{Resource, Template};
use crate::word::{one_or_many, show};

/// Whether something comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// It comes.
    Added,
    /// It goes.
    Removed,
}

/// A statement that comes or goes, in normal form: lists sorted, one and many alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Statement {
    /// Whether it comes or goes.
    pub sign: Sign,
    /// `Allow` or `Deny`.
    pub effect: String,
    /// Who; the role itself for a role's own policies.
    pub principal: Vec<String>,
    /// The actions, or the managed policy that names them.
    pub action: Vec<String>,
    /// On what; the resource that holds the statement where that says no more.
    pub resource: Vec<String>,
    /// When; empty for always.
    pub condition: String,
    /// The logical id of the resource that holds the statement.
    pub owner: String,
}

/// The statements that come and go between two templates; those that come first.
pub fn between(before: &Template, after: &Template) -> Vec<Statement> {
    changed(
        all(before, Sign::Removed),
        all(after, Sign::Added),
        |statement, sign| {
            statement.sign = sign;
        },
    )
}

/// What is only in one of two tables; equal rows cancel each other out one by one.
pub(crate) fn changed<T: Ord + Clone>(before: Vec<T>, mut after: Vec<T>, sign: impl Fn(&mut T, Sign)) -> Vec<T> {
    let mut stays = |old: &T| {
        let mut same = old.clone();
        sign(&mut same, Sign::Added);
        let at = after.iter().position(|new| *new == same);
        at.map(|at| after.swap_remove(at)).is_some()
    };
    let gone: Vec<T> = before.into_iter().filter(|old| !stays(old)).collect();
    after.extend(gone);
    after.sort();
    after
}

fn all(template: &Template, sign: Sign) -> Vec<Statement> {
    let mut found = Vec::new();
    for resource in template.resources() {
        let holder = Holder { resource, sign };
        if let Some(properties) = resource.body.get("Properties") {
            holder.documents(properties, &mut found);
        }
        found.extend(holder.permission());
        found.extend(holder.managed());
    }
    found
}

/// A resource that may hold statements.
struct Holder<'a> {
    resource: Resource<'a>,
    sign: Sign,
}

impl Holder<'_> {
    /// Finds policy documents by their form, as every service calls them something else.
    fn documents(&self, value: &Value, found: &mut Vec<Statement>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.documents(item, found)),
            Value::Object(members) => {
                if let Some(statements) = members.get("Statement") {
                    let statements = statements
                        .as_array()
                        .map_or(std::slice::from_ref(statements), Vec::as_slice);
                    let statements = statements.iter().filter(|statement| statement.get("Effect").is_some());
                    found.extend(statements.map(|statement| self.statement(statement)));
                } else {
                    for member in members.values() {
                        self.documents(member, found);
                    }
                }
            }
            _ => {}
        }
    }

    fn statement(&self, statement: &Value) -> Statement {
        let words = |name: &str| {
            let inverted = statement.get(format!("Not{name}")).map(|value| {
                let words = one_or_many(value).into_iter();
                words.map(|word| format!("all but {word}")).collect()
            });
            statement.get(name).map(one_or_many).or(inverted)
        };
        let principal = match statement.get("Principal").and_then(Value::as_object) {
            Some(kinds) => {
                let of_kind = |(kind, who): (&String, &Value)| {
                    let names = one_or_many(who).into_iter();
                    names.map(|name| format!("{kind}:{name}")).collect::<Vec<_>>()
                };
                Some(kinds.iter().flat_map(of_kind).collect())
            }
            None => words("Principal"),
        };
        Statement {
            principal: principal.unwrap_or_else(|| self.attached_to()),
            action: words("Action").unwrap_or_default(),
            resource: words("Resource").unwrap_or_else(|| vec![self.resource.id.to_owned()]),
            condition: statement.get("Condition").map(show).unwrap_or_default(),
            ..self.row(statement.get("Effect").map(show).unwrap_or_default())
        }
    }

    /// A Lambda permission is a statement in another form.
    fn permission(&self) -> Option<Statement> {
        if self.resource.kind != "AWS::Lambda::Permission" {
            return None;
        }
        let words = |name| self.resource.property(name).map(one_or_many).unwrap_or_default();
        let conditions = [
            "SourceArn",
            "SourceAccount",
            "PrincipalOrgID",
            "EventSourceToken",
            "FunctionUrlAuthType",
        ];
        let conditions = conditions.into_iter().filter_map(|name| {
            let value = self.resource.property(name)?;
            Some(format!("{name}: {}", show(value)))
        });
        Some(Statement {
            principal: words("Principal"),
            action: words("Action"),
            resource: words("FunctionName"),
            condition: conditions.collect::<Vec<_>>().join(", "),
            ..self.row("Allow".to_owned())
        })
    }

    /// Managed policies, each as all that it allows.
    fn managed(&self) -> Vec<Statement> {
        let policies = self.resource.property("ManagedPolicyArns").map(one_or_many);
        let policies = policies.unwrap_or_default().into_iter();
        policies
            .map(|policy| Statement {
                principal: self.attached_to(),
                action: vec![format!("all of {policy}")],
                ..self.row("Allow".to_owned())
            })
            .collect()
    }

    /// Whose policy it is that names no principal.
    fn attached_to(&self) -> Vec<String> {
        let lists = ["Roles", "Users", "Groups"].into_iter();
        let named: Vec<String> = lists
            .filter_map(|name| self.resource.property(name))
            .flat_map(one_or_many)
            .collect();
        if named.is_empty() {
            vec![self.resource.id.to_owned()]
        } else {
            named
        }
    }

    fn row(&self, effect: String) -> Statement {
        Statement {
            sign: self.sign,
            effect,
            principal: Vec::new(),
            action: Vec::new(),
            resource: Vec::new(),
            condition: String::new(),
            owner: self.resource.id.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::between;
    use crate::template::{Template, yaml};

    fn role(statement: &str) -> Template {
        let text = format!(
            "{{Resources: {{Role: {{Type: 'AWS::IAM::Role', Properties: \
             {{Policies: [{{PolicyName: P, PolicyDocument: {{Statement: {statement}}}}}]}}}}}}}}"
        );
        yaml(&text)
    }

    #[track_caller]
    fn check(before: &Template, after: &Template, expected: &[&str]) {
        let rows = between(before, after).into_iter().map(|row| {
            let (sign, effect, condition) = (row.sign, row.effect, row.condition);
            let words = [row.principal, row.action, row.resource].map(|words| words.join(" "));
            format!("{sign:?} {effect} {} {condition}", words.join(" | "))
                .trim_end()
                .to_owned()
        });
        assert_eq!(rows.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn one_and_many_in_any_order_are_the_same() {
        check(
            &role("{Effect: Allow, Action: 's3:GetObject', Resource: [b, a]}"),
            &role("[{Effect: Allow, Action: ['s3:GetObject'], Resource: [a, b]}]"),
            &[],
        );
    }

    #[test]
    fn statements_come_and_go_whole() {
        check(
            &role("[{Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${B.Arn}/*'}]"),
            &role(
                "[{Effect: Allow, Action: ['s3:PutObject', 's3:GetObject'], Resource: '*', Condition: {Bool: {a: true}}}]",
            ),
            &[
                "Added Allow Role | s3:GetObject s3:PutObject | * {Bool: {a: true}}",
                "Removed Allow Role | s3:GetObject | !Sub ${B.Arn}/*",
            ],
        );
    }

    #[test]
    fn every_way_of_granting_is_seen() {
        let after = "{Resources: {
            Bucket: {Type: 'AWS::S3::BucketPolicy', Properties: {PolicyDocument: {Statement:
              {Effect: Deny, Principal: {AWS: '*'}, NotAction: 's3:GetObject'}}}},
            Call: {Type: 'AWS::Lambda::Permission', Properties:
              {Action: 'lambda:InvokeFunction', FunctionName: !Ref F, Principal: sns.amazonaws.com, SourceArn: !Ref T}},
            Role: {Type: 'AWS::IAM::Role', Properties: {ManagedPolicyArns: [arn],
              AssumeRolePolicyDocument: {Statement: {Effect: Allow, Action: 'sts:AssumeRole',
                Principal: {Service: lambda.amazonaws.com}}}}}}}";
        check(
            &Template::empty(),
            &yaml(after),
            &[
                "Added Allow Role | all of arn |",
                "Added Allow Service:lambda.amazonaws.com | sts:AssumeRole | Role",
                "Added Allow sns.amazonaws.com | lambda:InvokeFunction | !Ref F SourceArn: !Ref T",
                "Added Deny AWS:* | all but s3:GetObject | Bucket",
            ],
        );
    }
}
