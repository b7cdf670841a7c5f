//! What the TV guide's stack and its Lambda functions agree on.

pub mod api;
pub mod ingest;
pub mod landing;
pub mod output;
pub mod table;

pub use table::{TABLE, attribute, index};

/// The namespace of an environment's metrics.
#[must_use]
pub fn namespace(environment: &str) -> String {
    format!("headend/{environment}")
}
