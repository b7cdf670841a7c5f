//! The API calls of AWS, each under the kind of resource that it acts on.
//!
//! `kinesis::Stream::PUT_RECORDS` is a call; `kinesis::Stream::PUT_OBJECT` is none, and does not
//! compile:
//!
//! ```
//! use contract_kit::operation::{Operation, kinesis};
//!
//! let put: Operation<kinesis::Stream> = kinesis::Stream::PUT_RECORDS;
//! assert_eq!(put.action(), "kinesis:PutRecords");
//! ```
//!
//! ```compile_fail,E0599
//! contract_kit::operation::kinesis::Stream::PUT_OBJECT;
//! ```
//!
//! Nor does a call on a kind of resource that it has nothing to do with; a consumer is subscribed,
//! a stream is not:
//!
//! ```compile_fail,E0599
//! contract_kit::operation::kinesis::Stream::SUBSCRIBE_TO_SHARD;
//! ```
//!
//! Where a condition bounds what is meant, the kind holds the calls that AWS can bound so, and no
//! others; a scan names no keys, so that it cannot be bound to the items of one user:
//!
//! ```compile_fail,E0599
//! contract_kit::operation::dynamodb::Item::SCAN;
//! ```
//!
//! Each service is a module, and a feature of this crate, under the name with which its actions begin;
//! a `-` is an `_` there.

use std::fmt;
use std::marker::PhantomData;

#[allow(unused_macros, reason = "without any service there is no call")]
#[macro_use]
mod macros;

// Written by a program that does its own layout.
#[rustfmt::skip]
mod generated;

#[allow(
    unused_imports,
    unreachable_pub,
    reason = "without any service there is nothing inside"
)]
pub use generated::*;

/// One API call on resources of the kind `K`.
pub struct Operation<K> {
    action: &'static str,
    kind: PhantomData<fn() -> K>,
}

/// A kind of no resource, whose calls IAM allows everywhere or not at all, in a service that has regions.
///
/// A grant of such a call is bounded by the region at least.
pub trait Regional {}

impl<K> Operation<K> {
    #[allow(dead_code, reason = "without any service there is no call")]
    const fn new(action: &'static str) -> Self {
        Operation {
            action,
            kind: PhantomData,
        }
    }

    /// The action as IAM spells it: `kinesis:PutRecords`.
    #[must_use]
    pub const fn action(self) -> &'static str {
        self.action
    }
}

impl<K> Clone for Operation<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Operation<K> {}

impl<K> fmt::Debug for Operation<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action)
    }
}
