//! Our opinions about AWS resources: encrypted, private, logged, alarmed, unless told otherwise.
//!
//! One noun per file; each is a plain struct that `add`s itself to a template.
//! What is the same in every system of ours stands here, so that a stack reads as a list of what
//! the system is made of.
//! No names, environments or systems: those are the stacks' business.

pub mod alarm;
pub mod bucket;
pub mod catalog;
pub mod code;
pub mod delivery;
pub mod deploy_role;
pub mod event_source;
pub mod function;
pub mod grant;
pub mod http_api;
pub mod key;
pub mod log;
pub mod queue;
pub mod role;
pub mod schedule;
pub mod secret;
pub mod site;
pub mod stream;
pub mod table;
pub mod topic;
pub mod user_pool;
pub mod workgroup;
