//! What one resource may know of another: handles, and typed names, ids, URLs and ARNs.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::facts::Facts;
use crate::node::{Intrinsic, Node};
use crate::value::{Literal, Value};

/// A resource type of CloudFormation, as plain data.
pub trait Resource {
    /// The type's name, such as `AWS::S3::Bucket`.
    const TYPE: &'static str;
    /// The attributes that `Fn::GetAtt` takes, as methods.
    type Attributes: From<LogicalId>;
    /// What `Ref` gives: `Name<Self>`, `Arn<Self>`, `Id<Self>`, `Url<Self>`, or [`NoRef`].
    type Ref;
    /// What is known about the type: required, create-only, patterns, permissions.
    fn facts() -> &'static Facts;
    /// The `Properties` of this resource.
    fn into_properties(self) -> Node;
}

/// A resource that stands in a template; has exactly the attributes that its type has.
pub struct Handle<R: Resource> {
    id: LogicalId,
    attributes: R::Attributes,
}

impl<R: Resource> Handle<R> {
    pub(crate) fn new(id: LogicalId) -> Self {
        Handle {
            attributes: R::Attributes::from(id.clone()),
            id,
        }
    }

    /// The name that the resource has inside its template.
    pub fn logical_id(&self) -> &LogicalId {
        &self.id
    }

    /// What `Ref` gives for this type.
    pub fn reference(&self) -> Value<R::Ref>
    where
        R::Ref: Referable,
    {
        Value::from_node(Node::Call(Intrinsic::Ref(self.id.0.clone())))
    }
}

impl<R: Resource> Clone for Handle<R> {
    fn clone(&self) -> Self {
        Self::new(self.id.clone())
    }
}

impl<R: Resource> fmt::Debug for Handle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id, R::TYPE)
    }
}

impl<R: Resource> Deref for Handle<R> {
    type Target = R::Attributes;

    fn deref(&self) -> &R::Attributes {
        &self.attributes
    }
}

/// A resource's name inside its template: letters and digits, at most 255.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogicalId(Cow<'static, str>);

impl LogicalId {
    pub(crate) fn new(id: &str) -> Self {
        LogicalId(Cow::Owned(id.to_owned()))
    }

    /// How a name with hyphens is spelt in logical ids: `events-by-type` as `EventsByType`.
    pub fn spelling(name: &str) -> String {
        let mut spelling = String::new();
        for word in name.split('-') {
            let mut letters = word.chars();
            spelling.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            spelling.push_str(letters.as_str());
        }
        spelling
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of an attribute; called by generated code, which knows that it exists.
    pub fn attribute<T>(&self, name: &'static str) -> Value<T> {
        Value::from_node(Node::Call(Intrinsic::GetAtt(self.0.clone(), Cow::Borrowed(name))))
    }
}

impl fmt::Display for LogicalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of thing that `Ref` gives; [`NoRef`] is not one of them.
#[diagnostic::on_unimplemented(message = "what `Ref` gives for this resource type is not settled: use an attribute")]
pub trait Referable {}

/// The `Ref` of a type whose documentation does not settle it; has no value.
#[derive(Clone, Copy, Debug)]
pub enum NoRef {}

macro_rules! reference_kind {
    ($(#[$doc:meta])* $kind:ident) => {
        $(#[$doc])*
        pub struct $kind<R> {
            text: String,
            target: PhantomData<fn() -> R>,
        }

        impl<R> $kind<R> {
            /// A literal that the caller vouches for: it exists outside of this template.
            pub fn new(text: impl Into<String>) -> Self {
                $kind { text: text.into(), target: PhantomData }
            }
        }

        impl<R> Literal for $kind<R> {
            fn into_node(self) -> Node {
                Node::Text(Cow::Owned(self.text))
            }
        }

        impl<R> fmt::Debug for $kind<R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.text)
            }
        }

        impl<R> Referable for $kind<R> {}
    };
}

reference_kind! {
    /// The ARN of an `R`.
    Arn
}
reference_kind! {
    /// The name of an `R`, unique where its service wants it to be.
    Name
}
reference_kind! {
    /// The identifier that a service gave to an `R`.
    Id
}
reference_kind! {
    /// The URL at which an `R` is reached.
    Url
}

/// An ARN where several kinds are allowed; every `Value<Arn<R>>` becomes one with `into()`.
#[derive(Clone, Debug)]
pub struct AnyArn(String);

impl AnyArn {
    /// A literal that the caller vouches for.
    pub fn new(text: impl Into<String>) -> Self {
        AnyArn(text.into())
    }
}

impl Literal for AnyArn {
    fn into_node(self) -> Node {
        Node::Text(Cow::Owned(self.0))
    }
}

impl<R> Value<Arn<R>> {
    /// The ARN of something inside this one: `bucket.arn().path("/raw/*")`.
    pub fn path(self, suffix: &str) -> Value<AnyArn> {
        crate::concat_values![self, suffix]
    }
}
