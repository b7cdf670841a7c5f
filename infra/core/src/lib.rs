//! The language that templates are written in.
//!
//! A [`Template`] holds resources in the order in which they were added; [`Template::add`]
//! gives back a [`Handle`] whose attributes are typed [`Value`]s, so that an ARN of a bucket
//! does not fit where the ARN of a role is wanted.
//! Emission is deterministic to the byte: the same input gives the same YAML and JSON.
//!
//! This crate names no AWS service, does no IO and reads neither clock nor environment.
//! Which resource types exist, and which attributes they have, is `infra-resources`' knowledge.
//!
//! Reading order: [`mod@value`], [`mod@reference`], [`mod@template`], [`mod@policy`], then the rest.

pub mod condition;
pub mod date;
pub mod facts;
pub mod json;
pub mod node;
pub mod policy;
pub mod pseudo;
pub mod reference;
pub mod stack;
pub mod template;
pub mod value;
pub mod waiver;
pub mod yaml;

pub use date::Date;
pub use facts::Facts;
pub use node::{Intrinsic, Json, Node, Properties};
pub use reference::{AnyArn, Arn, Handle, Id, LogicalId, Name, NoRef, Resource, Url};
pub use stack::{Asset, Site, Stack};
pub use template::{Export, Parameter, StackOutput, Template};
pub use value::{Literal, Part, ToNode, Value};
pub use waiver::Waiver;
