//! The tests that need the local cloud.
