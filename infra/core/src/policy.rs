//! IAM policy documents: who may do what to which resources.
//!
//! An action that is not `service:Operation` does not compile, and a statement on all resources
//! must say why: see [`action!`](crate::action) and [`Statement::everywhere`].

use std::borrow::Cow;

use crate::node::{Node, Properties};
use crate::reference::AnyArn;
use crate::value::{ToNode, Value};

/// The language version of 2012-10-17, the only one with policy variables.
const VERSION: &str = "2012-10-17";

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    statements: Vec<Statement>,
}

impl Document {
    /// A document of these statements, in this order.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Document {
            statements: statements.into_iter().collect(),
        }
    }

    /// The statements, in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

impl ToNode for Document {
    fn to_node(self) -> Node {
        Properties::new()
            .set("Version", Value::<String>::from(VERSION))
            .set("Statement", self.statements)
            .into_node()
    }
}

/// One API operation, as IAM spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action(&'static str);

impl Action {
    /// An action; use [`action!`](crate::action), which checks the spelling at compile time.
    ///
    /// # Panics
    ///
    /// When the text is not `service:Operation`, or holds a wildcard.
    pub const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let (mut at, mut colons) = (0, 0);
        while at < bytes.len() {
            match bytes[at] {
                b':' => colons += 1,
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => {}
                _ => panic!("an action is `service:Operation`, without wildcards"),
            }
            at += 1;
        }
        assert!(colons == 1, "an action is `service:Operation`, without wildcards");
        Action(text)
    }

    /// The action as text.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// An [`Action`](crate::policy::Action) whose spelling is checked at compile time.
///
/// ```
/// # use infra_core::action;
/// let put = action!("s3:PutObject");
/// ```
///
/// ```compile_fail
/// # use infra_core::action;
/// let all = action!("s3:*");
/// ```
#[macro_export]
macro_rules! action {
    ($text:literal) => {
        const { $crate::policy::Action::new($text) }
    };
}

/// Who a statement speaks of; left out in the policies of a role.
#[derive(Clone, Debug, PartialEq)]
pub enum Principal {
    /// An AWS service, such as `firehose.amazonaws.com`.
    Service(&'static str),
    /// This account: its root user, and whoever its IAM policies let.
    Account(Value<AnyArn>),
    /// A role, whoever has taken it on.
    Role(Value<AnyArn>),
    /// Everybody; only sensible in a `Deny`.
    Everybody,
}

/// Whether a statement allows or denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Clone, Debug, PartialEq)]
enum Actions {
    These(Vec<Action>),
    /// All of a service, only in a `Deny` or in a resource's policy about itself.
    Service(&'static str),
}

/// Condition keys, each with the values that it is compared with.
type Tests = Vec<(Cow<'static, str>, Node)>;

/// One rule: an effect, on actions, on resources, under conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    sid: Cow<'static, str>,
    effect: Effect,
    principal: Option<Principal>,
    actions: Actions,
    resources: Vec<Value<AnyArn>>,
    /// By operator.
    conditions: Vec<(&'static str, Tests)>,
}

impl Statement {
    /// Allows these actions; `sid` says what for, in letters and digits.
    pub fn allow(sid: impl Into<Cow<'static, str>>, actions: impl IntoIterator<Item = Action>) -> Self {
        Self::new(sid.into(), Effect::Allow, Actions::These(actions.into_iter().collect()))
    }

    /// Denies these actions.
    pub fn deny(sid: impl Into<Cow<'static, str>>, actions: impl IntoIterator<Item = Action>) -> Self {
        Self::new(sid.into(), Effect::Deny, Actions::These(actions.into_iter().collect()))
    }

    /// Denies all actions of a service, such as `s3`.
    pub fn deny_all(sid: &'static str, service: &'static str) -> Self {
        Self::new(sid.into(), Effect::Deny, Actions::Service(service))
    }

    /// Allows all actions of a service, in the policy of a resource that owns itself: without
    /// such a statement nobody could manage a KMS key.
    pub fn administer(sid: &'static str, service: &'static str) -> Self {
        Self::new(sid.into(), Effect::Allow, Actions::Service(service))
    }

    /// On these resources.
    #[must_use]
    pub fn on(mut self, resources: impl IntoIterator<Item = Value<AnyArn>>) -> Self {
        self.resources.extend(resources);
        self
    }

    /// On all resources; `_reason` is for the reader and must say why no ARN will do.
    #[must_use]
    pub fn everywhere(self, _reason: &'static str) -> Self {
        self.on([Value::from(AnyArn::new("*"))])
    }

    /// For this principal.
    #[must_use]
    pub fn to(mut self, principal: Principal) -> Self {
        self.principal = Some(principal);
        self
    }

    /// Only under this condition: `when("StringEquals", "aws:SourceAccount", account_id())`.
    #[must_use]
    pub fn when(mut self, operator: &'static str, key: impl Into<Cow<'static, str>>, value: impl ToNode) -> Self {
        let (key, node) = (key.into(), value.to_node());
        match self.conditions.iter_mut().find(|(name, _)| *name == operator) {
            Some((_, tests)) => tests.push((key, node)),
            None => self.conditions.push((operator, vec![(key, node)])),
        }
        self
    }

    /// The actions named one by one; empty where a whole service is meant.
    pub fn actions(&self) -> &[Action] {
        match &self.actions {
            Actions::These(actions) => actions,
            Actions::Service(_) => &[],
        }
    }

    fn new(sid: Cow<'static, str>, effect: Effect, actions: Actions) -> Self {
        Statement {
            sid,
            effect,
            principal: None,
            actions,
            resources: Vec::new(),
            conditions: Vec::new(),
        }
    }
}

impl ToNode for Statement {
    fn to_node(self) -> Node {
        let text = |text: &'static str| Node::Text(Cow::Borrowed(text));
        let actions = match self.actions {
            Actions::These(actions) => actions.iter().map(|action| text(action.0)).collect(),
            Actions::Service(service) => vec![Node::Text(format!("{service}:*").into())],
        };
        let resources: Vec<Node> = self.resources.into_iter().map(ToNode::to_node).collect();
        let mut members: Vec<(Cow<'static, str>, Node)> = vec![
            ("Sid".into(), Node::Text(self.sid)),
            (
                "Effect".into(),
                text(if self.effect == Effect::Allow { "Allow" } else { "Deny" }),
            ),
        ];
        members.extend(
            self.principal
                .map(|principal| ("Principal".into(), principal.to_node())),
        );
        members.push(("Action".into(), one_or_list(actions)));
        if !resources.is_empty() {
            members.push(("Resource".into(), one_or_list(resources)));
        }
        if !self.conditions.is_empty() {
            let conditions = self.conditions.into_iter();
            let conditions = conditions.map(|(operator, tests)| (Cow::Borrowed(operator), Node::Map(tests)));
            members.push(("Condition".into(), Node::Map(conditions.collect())));
        }
        Node::Map(members)
    }
}

impl ToNode for Principal {
    fn to_node(self) -> Node {
        let (kind, who) = match self {
            Principal::Service(name) => ("Service", Node::Text(Cow::Borrowed(name))),
            Principal::Account(arn) | Principal::Role(arn) => ("AWS", arn.to_node()),
            Principal::Everybody => return Node::Text(Cow::Borrowed("*")),
        };
        Node::Map(vec![(kind.into(), who)])
    }
}

fn one_or_list(mut nodes: Vec<Node>) -> Node {
    match nodes.len() {
        1 => nodes.remove(0),
        _ => Node::List(nodes),
    }
}
