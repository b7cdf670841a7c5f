//! The event lake's Lambda functions.
