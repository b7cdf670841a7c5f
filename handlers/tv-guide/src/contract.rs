//! What the TV guide's stack and its Lambda functions agree on.

pub mod api;
pub mod ingest;
pub mod landing;
pub mod output;
pub mod table;

pub use table::{TABLE, attribute, index};
