//! The TV guide, pure: what upstreams say, what the table holds, what the API answers.
//!
//! No network, no clock, no AWS: data and the time come in, data goes out.

pub mod api;
pub mod budget;
pub mod consume;
pub mod contract;
pub mod enrich;
pub mod event;
pub mod guide;
pub mod ingest;
pub mod instant;
pub mod lenient;
pub mod notify;
pub mod reference;
pub mod retry;
pub mod snapshot;
pub mod table;
pub mod token;
pub mod tvmaze;
pub mod upstream;
pub mod watchmode;

mod join;
