//! Property types where several kinds of reference to one thing fit.

use infra_core::{Arn, Id, Name, Node, ToNode, Value};

use crate::{kms, lambda};

macro_rules! any_of {
    ($(#[$doc:meta])* $name:ident: $($kind:ty),+) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(Node);

        $(impl From<Value<$kind>> for $name {
            fn from(value: Value<$kind>) -> Self {
                $name(value.to_node())
            }
        })+

        impl ToNode for $name {
            fn to_node(self) -> Node {
                self.0
            }
        }
    };
}

any_of! {
    /// A KMS key by its ARN, its id, or the name or ARN of an alias.
    ///
    /// A key of AWS itself is `AnyKey::from(Value::from(Name::new("alias/aws/sqs")))`.
    AnyKey: Arn<kms::Key>, Id<kms::Key>, Name<kms::Alias>, Arn<kms::Alias>
}

any_of! {
    /// A function by its name or ARN, or one of its versions or aliases by ARN.
    AnyFunction: Name<lambda::Function>, Arn<lambda::Function>, Arn<lambda::Version>, Arn<lambda::Alias>
}
