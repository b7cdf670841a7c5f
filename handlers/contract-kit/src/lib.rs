//! The words in which an infra stack and a Lambda agree.
//!
//! An app's `contract` module is written with them: the stack reads it to describe the resources,
//! the Lambda reads it to use them, and what one side forgets does not compile.
//!
//! This crate refuses to know AWS, CloudFormation and the process environment: a value is
//! whatever the caller says it is, and reading a variable is the caller's closure.
//!
//! Reading order: [`environment!`], then [`Column`], [`Partition`] and [`Query`].

mod environment;
mod table;

pub use environment::Missing;
pub use table::{Column, ColumnKind, Partition, Query};
