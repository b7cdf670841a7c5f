//! The Firehose transform function.

fn main() {}
