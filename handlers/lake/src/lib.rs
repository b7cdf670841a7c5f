//! The event lake, pure: what an event is and how it is transformed.

pub mod contract;
