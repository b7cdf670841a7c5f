//! The event lake's Lambda functions.
//!
//! The functions are in `src/bin`; here is what they share with their tests: how they
//! report ([`report`]), the transform ([`transformed`]); and the direct writer's event ([`shard`]), objects ([`parts`]), ports
//! ([`fence`] in DynamoDB, [`bucket`] in S3, [`clock`]) and answer ([`written`]); then what
//! registering ([`register`]) and compacting ([`compact`]) report, and their ports ([`hours`] in
//! DynamoDB, [`catalog`] in Glue, [`athena`]).

pub mod athena;
pub mod bucket;
pub mod catalog;
pub mod clock;
pub mod compact;
pub mod fence;
pub mod hours;
pub mod parts;
pub mod register;
pub mod report;
pub mod shard;
pub mod transformed;
pub mod written;
