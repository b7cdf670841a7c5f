//! Pseudo parameters: what CloudFormation knows of the place where a stack is made.

use std::borrow::Cow;

use crate::node::{Intrinsic, Node};
use crate::value::Value;

/// All pseudo parameters; a `Ref` to one needs no declaration.
pub const ALL: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// The twelve digits of the account.
pub fn account_id() -> Value<String> {
    pseudo("AWS::AccountId")
}

/// `aws`, or another partition's name.
pub fn partition() -> Value<String> {
    pseudo("AWS::Partition")
}

/// The region, such as `eu-west-2`.
pub fn region() -> Value<String> {
    pseudo("AWS::Region")
}

/// The stack's name.
pub fn stack_name() -> Value<String> {
    pseudo("AWS::StackName")
}

/// The domain of AWS's services, such as `amazonaws.com`; it goes with the partition.
pub fn url_suffix() -> Value<String> {
    pseudo("AWS::URLSuffix")
}

/// Takes a property out, as if it had not been given; for one side of a condition.
pub fn no_value<T>() -> Value<T> {
    pseudo("AWS::NoValue")
}

fn pseudo<T>(name: &'static str) -> Value<T> {
    Value::from_node(Node::Call(Intrinsic::Ref(Cow::Borrowed(name))))
}
