//! The tag, which every service calls its own and which is the same everywhere.

use infra_core::{Node, Properties, ToNode, Value};

/// A label on a resource: a key and a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    /// `Key`: at most 128 characters, not starting with `aws:`.
    pub key: Value<String>,
    /// `Value`: at most 256 characters.
    pub value: Value<String>,
}

impl Tag {
    /// A tag.
    pub fn new(key: impl Into<Value<String>>, value: impl Into<Value<String>>) -> Self {
        Tag {
            key: key.into(),
            value: value.into(),
        }
    }
}

impl ToNode for Tag {
    fn to_node(self) -> Node {
        Properties::new()
            .set("Key", self.key)
            .set("Value", self.value)
            .into_node()
    }
}
