//! Values that pass from one stack to another.
//!
//! A [`StackOutput`] is the weak way: whoever deploys the reading stack looks the value up and
//! passes it as a parameter, so that nothing ever keeps the other stack from being changed. An
//! [`Export`] is the strong way: CloudFormation refuses to change or remove it while somebody
//! imports it.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::panic::Location;

use super::{Output, Parameter, Template};
use crate::node::{Intrinsic, Node};
use crate::value::Value;

/// An output of one stack that others read.
#[derive(Clone, Debug)]
pub struct StackOutput<T> {
    stack: String,
    name: String,
    outcome: PhantomData<fn() -> T>,
}

/// A parameter that takes the value of another stack's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Name of the parameter.
    pub parameter: String,
    /// Name of the other stack.
    pub stack: String,
    /// Name of its output.
    pub output: String,
}

/// A value that another stack of the same account and region may import.
#[derive(Debug)]
pub struct Export<T> {
    name: Value<String>,
    outcome: PhantomData<fn() -> T>,
}

impl<T> Export<T> {
    /// The exported value, seen from another stack.
    pub fn import(&self) -> Value<T> {
        Value::from_node(Node::Call(Intrinsic::ImportValue(Box::new(self.name.node().clone()))))
    }
}

impl Template {
    /// Declares an output for other stacks; `stack` is the name of this one.
    #[track_caller]
    pub fn share<T>(
        &mut self,
        stack: &str,
        name: &str,
        description: &'static str,
        value: impl Into<Value<T>>,
    ) -> StackOutput<T> {
        self.output(name, description, value);
        StackOutput {
            stack: stack.to_owned(),
            name: name.to_owned(),
            outcome: PhantomData,
        }
    }

    /// The value of another stack's output, as it is when this stack is deployed; it comes in by
    /// a parameter of this name.
    #[track_caller]
    pub fn read<T>(&mut self, parameter: &str, output: &StackOutput<T>) -> Value<T> {
        self.inputs.push(Input {
            parameter: parameter.to_owned(),
            stack: output.stack.clone(),
            output: output.name.clone(),
        });
        let declared = Parameter {
            description: "An output of another stack, looked up when this one is deployed",
            ..Parameter::default()
        };
        self.parameter(parameter, declared)
    }

    /// Declares an output that other stacks may import; exports are unique per account and region.
    #[track_caller]
    pub fn export<T>(
        &mut self,
        name: &str,
        description: &'static str,
        value: Value<T>,
        export: Value<String>,
    ) -> Export<T> {
        self.check_name(name, "output", Location::caller());
        let output = Output {
            description,
            value: value.node().clone(),
            export: Some(export.node().clone()),
        };
        self.outputs.push((name.to_owned(), output));
        Export {
            name: export,
            outcome: PhantomData,
        }
    }

    /// The parameters that take outputs of other stacks.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The names under which outputs are exported.
    pub fn exports(&self) -> impl Iterator<Item = &Node> {
        self.outputs.iter().filter_map(|(_, output)| output.export.as_ref())
    }

    /// The names of the exports that are imported, by resources and by outputs.
    pub fn imports(&self) -> Vec<Node> {
        let mut names = Vec::new();
        let outputs = self.outputs.iter().map(|(_, output)| &output.value);
        for node in self.resources.iter().map(|entry| &entry.properties).chain(outputs) {
            node.walk(&mut |node| {
                if let Node::Call(Intrinsic::ImportValue(name)) = node {
                    names.push(name.as_ref().clone());
                }
            });
        }
        names
    }
}

/// How an output with an export is written.
pub(super) fn export_member(name: &Node) -> (Cow<'static, str>, Node) {
    let members = vec![(Cow::Borrowed("Name"), name.clone())];
    (Cow::Borrowed("Export"), Node::Map(members))
}
