//! Start-up, AWS clients, calls without one, batches and telemetry of a Lambda function.
//!
//! This crate knows the Lambda runtime and CloudWatch's formats; it refuses to know any app, and
//! takes code only when several functions need it.

pub mod aws;
pub mod batch;
pub mod json;
pub mod telemetry;
