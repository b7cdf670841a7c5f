//! The words in which an infra stack and a Lambda agree.
//!
//! An app's `contract` module is written with them: the stack reads it to describe the resources,
//! the Lambda reads it to use them, and what one side forgets does not compile.
//!
//! This crate refuses to know CloudFormation, the SDK and the process environment: a value or a
//! resource is whatever the caller says it is, and reading a variable is the caller's closure.
//! Of AWS it knows the names of the API calls, and on what kind of resource each acts.
//!
//! Reading order: [`environment!`], [`needs!`] and [`operation`], then [`Column`], [`Partition`] and
//! [`Query`].

mod environment;
mod need;
pub mod operation;
mod table;

pub use environment::Missing;
pub use need::{Grant, On};
pub use table::{Column, ColumnKind, Partition, Query};
