//! The event lake's Lambda functions.
//!
//! The functions are in `src/bin`; here is what they share with their tests: how they report.

pub mod report;
