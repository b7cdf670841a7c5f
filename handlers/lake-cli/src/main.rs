//! Operator commands of the event lake: produce, query, quarantine.

fn main() {}
