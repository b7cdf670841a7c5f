//! CloudFormation resource types, generated from the registry schemas.
