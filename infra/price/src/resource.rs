//! Reading a template: its resources, their properties, and what a property refers to.

use infra_core::{Intrinsic, Node};

/// A template as the model reads it.
#[derive(Debug)]
pub(crate) struct Resources<'a>(Vec<Resource<'a>>);

/// A resource of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: &'static str,
    properties: &'a Node,
}

impl<'a> Resources<'a> {
    pub(crate) fn of(resources: impl IntoIterator<Item = (&'a str, &'static str, &'a Node)>) -> Self {
        Resources(
            resources
                .into_iter()
                .map(|(id, kind, properties)| Resource { id, kind, properties })
                .collect(),
        )
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Resource<'a>> {
        self.0.iter().copied()
    }

    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = Resource<'a>> {
        self.all().filter(move |resource| resource.kind == kind)
    }
}

impl<'a> Resource<'a> {
    /// The node at a dotted path; where a condition chooses, what it gives when it holds.
    pub(crate) fn at(&self, path: &str) -> Option<&'a Node> {
        path.split('.')
            .try_fold(self.properties, |node, name| decided(node).get(name))
            .map(decided)
    }

    pub(crate) fn integer(&self, path: &str) -> Option<u64> {
        match self.at(path)? {
            Node::Int(value) => u64::try_from(*value).ok(),
            _ => None,
        }
    }

    pub(crate) fn text(&self, path: &str) -> Option<&'a str> {
        self.at(path).and_then(text)
    }

    pub(crate) fn is(&self, path: &str, value: &str) -> bool {
        self.text(path) == Some(value)
    }

    pub(crate) fn holds(&self, path: &str) -> bool {
        matches!(self.at(path), Some(Node::Bool(true)))
    }

    pub(crate) fn list(&self, path: &str) -> &'a [Node] {
        match self.at(path) {
            Some(Node::List(items)) => items,
            _ => &[],
        }
    }

    /// Whether the property at the path refers to `other`.
    pub(crate) fn refers(&self, path: &str, other: &Resource<'_>) -> bool {
        self.at(path).is_some_and(|node| refers(node, other.id))
    }
}

/// A member's text.
pub(crate) fn member<'a>(node: &'a Node, name: &str) -> Option<&'a str> {
    decided(node).get(name).map(decided).and_then(text)
}

/// Whether anything in the node refers to the resource with this logical id.
pub(crate) fn refers(node: &Node, id: &str) -> bool {
    let mut found = false;
    node.walk(&mut |node| {
        found |= match node {
            Node::Call(Intrinsic::Ref(target) | Intrinsic::GetAtt(target, _)) => target == id,
            Node::Call(Intrinsic::Sub(pattern)) => pattern
                .split("${")
                .skip(1)
                .any(|rest| rest.split(['}', '.']).next() == Some(id)),
            _ => false,
        };
    });
    found
}

fn text(node: &Node) -> Option<&str> {
    match node {
        Node::Text(text) => Some(text),
        _ => None,
    }
}

fn decided(node: &Node) -> &Node {
    match node {
        Node::Raw(inner) => decided(inner),
        Node::Call(Intrinsic::If(_, yes, _)) => decided(yes),
        node => node,
    }
}
