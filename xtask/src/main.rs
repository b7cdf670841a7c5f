//! The front door: parses and dispatches; no AWS SDK in it.

fn main() {}
