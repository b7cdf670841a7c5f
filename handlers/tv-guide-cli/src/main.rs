//! Operator commands of the TV guide.

fn main() {}
