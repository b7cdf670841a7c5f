//! Conditions: what CloudFormation decides from parameters when it makes the stack.

use std::borrow::Cow;

use crate::node::{Intrinsic, Node};
use crate::value::Value;

/// A condition that stands in a template; made by [`crate::Template::condition`].
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(Cow<'static, str>);

impl Condition {
    pub(crate) fn new(name: &str) -> Self {
        Condition(Cow::Owned(name.to_owned()))
    }

    pub(crate) fn name(&self) -> Cow<'static, str> {
        self.0.clone()
    }
}

/// The test that a condition makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Test(pub(crate) Node);

impl Test {
    /// Holds when both become the same text.
    pub fn equals(left: impl Into<Value<String>>, right: impl Into<Value<String>>) -> Self {
        let (left, right) = (left.into().node().clone(), right.into().node().clone());
        Test(Node::Call(Intrinsic::Equals(Box::new(left), Box::new(right))))
    }

    /// Holds when `condition` does.
    pub fn is(condition: &Condition) -> Self {
        Test(Node::Call(Intrinsic::Condition(condition.name())))
    }

    /// Holds when both do.
    #[must_use]
    pub fn and(self, other: Test) -> Self {
        Test(Node::Call(Intrinsic::And(vec![self.0, other.0])))
    }

    /// Holds when one of them does.
    #[must_use]
    pub fn or(self, other: Test) -> Self {
        Test(Node::Call(Intrinsic::Or(vec![self.0, other.0])))
    }
}

/// Holds when the other does not.
impl std::ops::Not for Test {
    type Output = Self;

    fn not(self) -> Self {
        Test(Node::Call(Intrinsic::Not(Box::new(self.0))))
    }
}
