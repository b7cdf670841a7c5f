//! The TV guide's Lambda functions: the adapters that the programs in `src/bin` share.

pub mod batch;
pub mod dynamo;
pub mod gateway;
pub mod keys;
pub mod pace;
pub mod quarantine;
pub mod run;
pub mod secret;
pub mod session;
pub mod stream;
pub mod topic;
pub mod upstream;
