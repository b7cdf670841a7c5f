//! [`Value<T>`]: a literal, or an expression that becomes a `T` when the stack is made.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::condition::Condition;
use crate::node::{Intrinsic, Node};
use crate::reference::{AnyArn, Arn};

/// A literal `T`, or an expression that CloudFormation turns into a `T`.
///
/// The type is a promise about the outcome, not about the text: `Value<Arn<Role>>` takes an
/// attribute of a role, and neither a plain string nor the ARN of something else.
pub struct Value<T> {
    node: Node,
    outcome: PhantomData<fn() -> T>,
}

/// What can stand in a template as itself.
pub trait Literal {
    /// The literal as data.
    fn into_node(self) -> Node;
}

/// What becomes part of a template: values, property structs, lists of them.
pub trait ToNode {
    /// The tree that stands in the template.
    fn to_node(self) -> Node;
}

impl<T> Value<T> {
    /// A value that is exactly `node`, past all type checks.
    ///
    /// The one way around the type system; [`crate::Template::raw_values`] counts its uses and
    /// `synth` reports them.
    pub fn raw(node: Node) -> Self {
        Self::from_node(Node::Raw(Box::new(node)))
    }

    /// This value's tree.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The same expression, seen as a plain text; for environment variables, outputs and names.
    pub fn text(self) -> Value<String> {
        Value::from_node(self.node)
    }

    /// `yes` when the condition holds, else `no`.
    pub fn when(condition: &Condition, yes: impl Into<Value<T>>, no: impl Into<Value<T>>) -> Self {
        let (yes, no) = (Box::new(yes.into().node), Box::new(no.into().node));
        Self::from_node(Node::Call(Intrinsic::If(condition.name(), yes, no)))
    }

    /// The parts one after the other: a plain text where all are literals, else `Fn::Sub`.
    ///
    /// The caller vouches that the outcome is a `T`; use it where a type has no attribute that
    /// would give the same (the ARN of a Glue table, say).
    pub fn concat(parts: impl IntoIterator<Item = Part>) -> Self {
        let nodes: Vec<Node> = parts.into_iter().map(|part| part.0).collect();
        Self::from_node(concat(nodes))
    }

    pub(crate) fn from_node(node: Node) -> Self {
        Value {
            node,
            outcome: PhantomData,
        }
    }
}

fn concat(nodes: Vec<Node>) -> Node {
    let mut pattern = String::new();
    let mut literal = String::new();
    let mut is_literal = true;
    for node in &nodes {
        match node {
            Node::Text(text) => {
                // `${` would start a variable; `${!` is how Fn::Sub spells it literally.
                pattern.push_str(&text.replace("${", "${!"));
                literal.push_str(text);
                continue;
            }
            Node::Int(number) => {
                pattern.push_str(&number.to_string());
                literal.push_str(&number.to_string());
                continue;
            }
            Node::Call(Intrinsic::Ref(target)) => pattern.push_str(&format!("${{{target}}}")),
            Node::Call(Intrinsic::GetAtt(id, attribute)) => pattern.push_str(&format!("${{{id}.{attribute}}}")),
            Node::Call(Intrinsic::Sub(inner)) => pattern.push_str(inner),
            _ => return Node::Call(Intrinsic::Join(nodes)),
        }
        is_literal = false;
    }
    match (is_literal, nodes.len()) {
        (true, _) => Node::Text(literal.into()),
        (false, 1) => nodes.into_iter().next().unwrap_or(Node::Text("".into())),
        (false, _) => Node::Call(Intrinsic::Sub(pattern)),
    }
}

/// One piece of a text that [`Value::concat`] puts together.
#[derive(Clone, Debug)]
pub struct Part(Node);

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Part(Node::Text(Cow::Owned(text.to_owned())))
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Part(Node::Text(Cow::Owned(text)))
    }
}

impl<T> From<Value<T>> for Part {
    fn from(value: Value<T>) -> Self {
        Part(value.node)
    }
}

impl<T> From<&Value<T>> for Part {
    fn from(value: &Value<T>) -> Self {
        Part(value.node.clone())
    }
}

/// Puts texts and values of any type together: `concat!["raw/", table.reference(), "/"]`.
#[macro_export]
macro_rules! concat_values {
    ($($part:expr),+ $(,)?) => { $crate::Value::concat([$($crate::Part::from($part)),+]) };
}

impl<T> Clone for Value<T> {
    fn clone(&self) -> Self {
        Self::from_node(self.node.clone())
    }
}

impl<T> PartialEq for Value<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<T> fmt::Debug for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", crate::json::to_string(&self.node))
    }
}

impl<T: Literal> From<T> for Value<T> {
    fn from(literal: T) -> Self {
        Self::from_node(literal.into_node())
    }
}

impl From<&str> for Value<String> {
    fn from(text: &str) -> Self {
        Self::from_node(Node::Text(Cow::Owned(text.to_owned())))
    }
}

impl From<&String> for Value<String> {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl<R> From<Value<Arn<R>>> for Value<AnyArn> {
    fn from(arn: Value<Arn<R>>) -> Self {
        Self::from_node(arn.node)
    }
}

impl Literal for String {
    fn into_node(self) -> Node {
        Node::Text(Cow::Owned(self))
    }
}

impl Literal for i64 {
    fn into_node(self) -> Node {
        Node::Int(self)
    }
}

impl Literal for f64 {
    fn into_node(self) -> Node {
        Node::Float(self)
    }
}

impl Literal for bool {
    fn into_node(self) -> Node {
        Node::Bool(self)
    }
}

impl<T> ToNode for Value<T> {
    fn to_node(self) -> Node {
        self.node
    }
}

impl<N: ToNode> ToNode for Vec<N> {
    fn to_node(self) -> Node {
        Node::List(self.into_iter().map(ToNode::to_node).collect())
    }
}

impl<N: ToNode> ToNode for Box<N> {
    fn to_node(self) -> Node {
        (*self).to_node()
    }
}

/// A map with free keys, in the order given.
impl<N: ToNode> ToNode for Vec<(String, N)> {
    fn to_node(self) -> Node {
        Node::Map(
            self.into_iter()
                .map(|(key, value)| (Cow::Owned(key), value.to_node()))
                .collect(),
        )
    }
}
