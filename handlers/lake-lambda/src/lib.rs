//! The event lake's Lambda functions.
//!
//! The functions are in `src/bin`; here is what they share with their tests: how they report, and the
//! ports of the direct writer as [`fence`] (DynamoDB), [`bucket`] (S3) and [`clock`].

pub mod bucket;
pub mod clock;
pub mod fence;
pub mod report;
