//! The event lake, pure: what an event is and how it is transformed.
//!
//! Bytes in, bytes out: this crate refuses to know AWS's SDKs, the clock, the network and the
//! process environment.
//!
//! Reading order: [`contract`] (what is agreed), `transform` (a Firehose request to its response),
//! [`event`] (one event), [`scan`] (the JSON scanner under both), `line` (what is written), [`Reason`]
//! (why a record is refused); then [`write`](mod@write), the direct writer, [`register`], which hears of its
//! objects, and [`compact`], which makes one of an hour's many.

pub mod aggregate;
pub mod compact;
pub mod contract;

pub mod event;
#[cfg(test)]
mod generate;
mod hour;
mod line;
mod moment;
pub mod number;
mod reason;
pub mod register;
mod request;
pub mod scan;
mod transform;
pub mod write;

pub use moment::{Arrival, Created, Hour};
pub use reason::{Field, Kind, Reason, Syntax, Unit};
pub use request::RequestError;
pub use transform::{Batch, Failure, Transformed, Transformer, explain};
