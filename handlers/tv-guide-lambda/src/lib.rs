//! The TV guide's Lambda functions: the adapters that the programs in `src/bin` share.

pub mod dynamo;
pub mod gateway;
pub mod keys;
pub mod quarantine;
pub mod session;
pub mod topic;
