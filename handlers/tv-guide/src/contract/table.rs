//! Names of the table, its attributes and its indexes, and what the functions that fill it need.

/// Name of the table behind the environment's prefix: `{prefix}-{environment}-UKTVProgrammes`.
pub const TABLE: &str = "UKTVProgrammes";

/// Attributes of the table that the stack declares; all keys are strings.
pub mod attribute {
    /// Partition key of the table.
    pub const PK: &str = "PK";
    /// Sort key of the table.
    pub const SK: &str = "SK";
    /// Partition key of [`super::index::GSI1`].
    pub const GSI1PK: &str = "GSI1PK";
    /// Sort key of [`super::index::GSI1`].
    pub const GSI1SK: &str = "GSI1SK";
    /// Partition key of [`super::index::GSI2`].
    pub const GSI2PK: &str = "GSI2PK";
    /// Sort key of [`super::index::GSI2`].
    pub const GSI2SK: &str = "GSI2SK";
    /// Partition key of [`super::index::GSI3`].
    pub const GSI3PK: &str = "GSI3PK";
    /// Sort key of [`super::index::GSI3`].
    pub const GSI3SK: &str = "GSI3SK";
    /// When DynamoDB may delete the item, in seconds since 1970; it does so within days, so that
    /// readers look at the time and not at the item's presence.
    pub const TTL: &str = "ttl";
    /// Version of an entity; of two, the greater text is the newer.
    pub const VERSION: &str = "version";
}

/// Names of the table's indexes; each projects every attribute.
pub mod index {
    /// Reference data by name, slots by channel, titles by name, source and genre, favourites by
    /// what they are of.
    pub const GSI1: &str = "GSI1";
    /// Slots by day, titles by the month in which they were first seen.
    pub const GSI2: &str = "GSI2";
    /// Slots by show, titles that lack their details.
    pub const GSI3: &str = "GSI3";
}
