//! The tree that a template becomes before it is written: data and intrinsic functions.

use std::borrow::Cow;

use crate::value::ToNode;

/// A piece of a template: plain data, or a function that CloudFormation evaluates.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction; must be finite.
    Float(f64),
    /// A text, written so that no reader takes it for anything else.
    Text(Cow<'static, str>),
    /// An ordered list.
    List(Vec<Node>),
    /// An ordered map; the order of insertion is the order of emission.
    Map(Vec<(Cow<'static, str>, Node)>),
    /// A function that CloudFormation evaluates.
    Call(Intrinsic),
    /// What was put in through [`crate::Value::raw`]; emitted as its content, and counted.
    Raw(Box<Node>),
}

/// The intrinsic functions that templates of this library use.
#[derive(Clone, Debug, PartialEq)]
pub enum Intrinsic {
    /// `Ref` to a parameter, a resource or a pseudo parameter.
    Ref(Cow<'static, str>),
    /// `Fn::GetAtt`: logical id and attribute (dotted when nested).
    GetAtt(Cow<'static, str>, Cow<'static, str>),
    /// `Fn::Sub` with all its variables inline, `${Id}` or `${Id.Attribute}`.
    Sub(String),
    /// `Fn::Join` with an empty delimiter, for parts that `Fn::Sub` cannot hold.
    Join(Vec<Node>),
    /// `Fn::If`: condition, value when true, value when false.
    If(Cow<'static, str>, Box<Node>, Box<Node>),
    /// `Fn::ImportValue` of an export's name.
    ImportValue(Box<Node>),
    /// `Fn::Equals`, only in conditions.
    Equals(Box<Node>, Box<Node>),
    /// `Fn::Not`, only in conditions.
    Not(Box<Node>),
    /// `Fn::And`, only in conditions; two to ten members.
    And(Vec<Node>),
    /// `Fn::Or`, only in conditions; two to ten members.
    Or(Vec<Node>),
    /// `Condition`: the value of another condition, only in conditions.
    Condition(Cow<'static, str>),
}

impl Node {
    /// Calls `visit` on this node and on all below it, parents first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        visit(self);
        match self {
            Node::Bool(_) | Node::Int(_) | Node::Float(_) | Node::Text(_) => {}
            Node::List(items) => items.iter().for_each(|item| item.walk(visit)),
            Node::Map(members) => members.iter().for_each(|(_, value)| value.walk(visit)),
            Node::Raw(inner) => inner.walk(visit),
            Node::Call(call) => call.walk(visit),
        }
    }

    /// The value of `key` where this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(members) => members.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            Node::Raw(inner) => inner.get(key),
            _ => None,
        }
    }
}

impl Intrinsic {
    fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        match self {
            Intrinsic::Ref(_) | Intrinsic::GetAtt(..) | Intrinsic::Sub(_) | Intrinsic::Condition(_) => {}
            Intrinsic::Join(items) | Intrinsic::And(items) | Intrinsic::Or(items) => {
                items.iter().for_each(|item| item.walk(visit));
            }
            Intrinsic::If(_, left, right) | Intrinsic::Equals(left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            Intrinsic::ImportValue(inner) | Intrinsic::Not(inner) => inner.walk(visit),
        }
    }

    /// The long form that JSON wants: function name and argument.
    pub fn long_form(&self) -> (&'static str, Node) {
        let text = |text: &Cow<'static, str>| Node::Text(text.clone());
        match self {
            Intrinsic::Ref(target) => ("Ref", text(target)),
            Intrinsic::GetAtt(id, attribute) => ("Fn::GetAtt", Node::List(vec![text(id), text(attribute)])),
            Intrinsic::Sub(pattern) => ("Fn::Sub", Node::Text(pattern.clone().into())),
            Intrinsic::Join(parts) => (
                "Fn::Join",
                Node::List(vec![Node::Text("".into()), Node::List(parts.clone())]),
            ),
            Intrinsic::If(condition, yes, no) => (
                "Fn::If",
                Node::List(vec![text(condition), (**yes).clone(), (**no).clone()]),
            ),
            Intrinsic::ImportValue(name) => ("Fn::ImportValue", (**name).clone()),
            Intrinsic::Equals(left, right) => ("Fn::Equals", Node::List(vec![(**left).clone(), (**right).clone()])),
            Intrinsic::Not(inner) => ("Fn::Not", Node::List(vec![(**inner).clone()])),
            Intrinsic::And(members) => ("Fn::And", Node::List(members.clone())),
            Intrinsic::Or(members) => ("Fn::Or", Node::List(members.clone())),
            Intrinsic::Condition(name) => ("Condition", text(name)),
        }
    }
}

/// Free-form JSON, where a property's schema says no more than "object".
#[derive(Clone, Debug, PartialEq)]
pub struct Json(Node);

impl Json {
    /// An object with the given members, in the given order.
    pub fn object<K: Into<Cow<'static, str>>>(members: impl IntoIterator<Item = (K, Node)>) -> Self {
        Json(Node::Map(
            members.into_iter().map(|(key, node)| (key.into(), node)).collect(),
        ))
    }
}

impl From<Node> for Json {
    fn from(node: Node) -> Self {
        Json(node)
    }
}

impl ToNode for Json {
    fn to_node(self) -> Node {
        self.0
    }
}

/// The members of a resource or property, in the order of their declaration; absent ones left out.
#[derive(Debug, Default)]
pub struct Properties(Vec<(Cow<'static, str>, Node)>);

impl Properties {
    /// No members yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a member that is always there.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl ToNode) -> Self {
        self.0.push((Cow::Borrowed(name), value.to_node()));
        self
    }

    /// Adds a member where it was given.
    #[must_use]
    pub fn set_opt(self, name: &'static str, value: Option<impl ToNode>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// The map that these members are.
    pub fn into_node(self) -> Node {
        Node::Map(self.0)
    }
}
