//! Deploys stacks through CloudFormation change sets.

fn main() {}
