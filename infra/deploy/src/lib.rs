//! Deploys stacks through CloudFormation change sets.
