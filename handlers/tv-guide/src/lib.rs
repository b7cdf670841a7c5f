//! The TV guide, pure: what upstreams say, what the table holds, what the API answers.
//!
//! No network, no clock, no AWS: data and the time come in, data goes out.

pub mod api;
pub mod contract;
pub mod enrich;
pub mod event;
pub mod guide;
pub mod instant;
pub mod table;
pub mod token;

mod join;
