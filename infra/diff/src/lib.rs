//! What one template changes about another, told before anything is changed.
//!
//! A [`Diff`] holds, worst first, what happens to each resource: property by property with the
//! values before and after, whether CloudFormation will or may replace it, and what becomes of
//! its data. What people must not miss stands in tables of its own: IAM statements, and rules of
//! security groups.
//!
//! Templates are read as data, from JSON or YAML, whoever wrote them: [`Template`] knows no Rust
//! types, so that the template of a deployed stack, of a git revision and of a file are one thing.
//! There is no IO here; what a type's properties mean is `infra-resources`' knowledge.
//!
//! Reading order: [`mod@template`], [`change`], [`mod@diff`], [`replacement`], [`statement`],
//! [`rule`], [`rename`], [`cost`], then how it is written: [`report`], [`text`], [`markdown`].

pub mod template;

pub mod change;
mod list;

pub mod cost;
pub mod diff;
pub mod rename;
pub mod replacement;
pub mod rule;
pub mod statement;

pub mod markdown;
pub mod report;
pub mod text;
mod word;

pub use change::Change;
pub use diff::{Diff, Impact};
pub use rename::Move;
pub use replacement::Replacement;
pub use template::Template;
