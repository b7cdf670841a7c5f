//! The event lake's Lambda functions.
//!
//! The functions are in `src/bin`; here is what they share with their tests: how the transform
//! reports ([`report`]), and the direct writer's event ([`shard`]), objects ([`parts`]), ports
//! ([`fence`] in DynamoDB, [`bucket`] in S3, [`clock`]) and answer ([`written`]).

pub mod bucket;
pub mod clock;
pub mod fence;
pub mod parts;
pub mod report;
pub mod shard;
pub mod written;
