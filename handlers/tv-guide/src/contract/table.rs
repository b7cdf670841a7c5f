//! Names of the table, its attributes and its indexes; what `tv-guide-consume` and `tv-guide-notify`,
//! which live by it, are told, what they call, and what they count.

use contract_kit::operation::{dynamodb, s3, secretsmanager, sns};

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
    /// Slots by show, titles that lack their details by when to ask, the others by rating.
    pub const GSI3: &str = "GSI3";
}

/// Where in its bucket `tv-guide-consume` puts records that it cannot use.
pub const QUARANTINE_PREFIX: &str = "quarantine/programmes/";

contract_kit::environment! {
    /// Environment of `tv-guide-consume`.
    pub ConsumeEnv {
        /// Environment name (`local`, `dev`, ...): the metrics' namespace is `headend/<environment>`.
        environment = "HEADEND_ENVIRONMENT",
        /// The table of programmes.
        table = "DYNAMODB_TABLE_NAME",
        /// Name of the bucket for records that cannot be used; they stand under [`QUARANTINE_PREFIX`].
        quarantine = "QUARANTINE_BUCKET_NAME",
        /// Base URL of Watchmode, with its version and without a slash at the end.
        watchmode_url = "WATCHMODE_URL",
        /// ARN of the secret that holds Watchmode's key, as text.
        watchmode_secret = "WATCHMODE_API_KEY_SECRET_ARN",
        /// Requests that Watchmode's plan allows in a month.
        monthly_budget = "WATCHMODE_MONTHLY_BUDGET",
        /// Base URL of TVmaze, without a slash at the end.
        tvmaze_url = "TVMAZE_URL",
    }
}

contract_kit::environment! {
    /// Environment of `tv-guide-notify`.
    pub NotifyEnv {
        /// Environment name (`local`, `dev`, ...): the metrics' namespace is `headend/<environment>`.
        environment = "HEADEND_ENVIRONMENT",
        /// The table of programmes.
        table = "DYNAMODB_TABLE_NAME",
        /// ARN of the topic that is told of changes.
        topic = "SNS_TOPIC_ARN",
    }
}

contract_kit::needs! {
    /// What `tv-guide-consume` calls; its reading of the stream is the event source mapping's.
    pub ConsumeNeeds {
        /// The table: programmes, channels, titles with their edges, the budget.
        table: dynamodb::Table [BATCH_WRITE_ITEM, GET_ITEM, PUT_ITEM, QUERY, UPDATE_ITEM],
        /// The objects under [`QUARANTINE_PREFIX`].
        quarantine: s3::Object [PUT_OBJECT],
        /// Watchmode's key.
        key: secretsmanager::Secret [GET_SECRET_VALUE],
    }
}

contract_kit::needs! {
    /// What `tv-guide-notify` calls; its reading of the table's stream is the event source mapping's.
    pub NotifyNeeds {
        /// The table: which title an `IMDb` id is, and who was told of what.
        table: dynamodb::Table [PUT_ITEM, QUERY],
        /// The table's first index: who follows what.
        index: dynamodb::Index [QUERY],
        /// The topic.
        topic: sns::Topic [PUBLISH],
    }
}

/// The changes that `tv-guide-notify` is called for, as a filter of its event source mapping: a
/// programme is new or other than it was; what is removed had ended long before.
pub const NOTIFY_FILTER: &str =
    r#"{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"PK":{"S":[{"prefix":"programme:"}]}}}}"#;

/// Requests to Watchmode in a month that `tv-guide-consume` may make for details of titles: what a
/// month of [`schedule`](super::ingest::schedule) leaves below the budget's ceiling.
#[must_use]
pub const fn details_allowance(monthly_budget: u64) -> u64 {
    const DAYS: u64 = 31;
    // Listings, what is new in two requests, sources, genres.
    const DAILY: u64 = super::ingest::schedule::TITLES_ALLOWANCE as u64 + 4;
    super::ingest::budget_ceiling(monthly_budget).saturating_sub(DAYS * DAILY)
}

/// What the functions need, for the stack.
pub mod limit {
    /// Records of the programme stream in one call of `tv-guide-consume`.
    pub const CONSUME_BATCH: u32 = 100;
    /// Time-out of `tv-guide-consume`, in seconds.
    pub const CONSUME_SECONDS: u32 = 120;
    /// How long one call of `tv-guide-consume` may ask for details, in seconds; the records behind
    /// it wait for so long. What `TVmaze` allows at once is asked for in less.
    pub const DETAILS_SECONDS: u32 = 5;
    /// Records of the table's stream in one call of `tv-guide-notify`.
    pub const NOTIFY_BATCH: u32 = 100;
    /// Time-out of `tv-guide-notify`, in seconds.
    pub const NOTIFY_SECONDS: u32 = 60;
}

/// Metrics of the two functions, for the stack's alarms; the dimension is [`metric::FUNCTION`].
pub mod metric {
    /// Dimension: which function, `tv-guide-consume` or `tv-guide-notify`.
    pub const FUNCTION: &str = "Function";
    /// Dimension, with [`FUNCTION`]: why a record cannot be used; with [`RECORDS_QUARANTINED`] only.
    pub const REASON: &str = "Reason";
    /// Records that arrived; count. It is the sum of [`RECORDS_WRITTEN`], [`RECORDS_UNCHANGED`],
    /// [`RECORDS_QUARANTINED`] and [`RECORDS_FAILED`], always.
    pub const RECORDS_IN: &str = "RecordsIn";
    /// Records that changed the table; count.
    pub const RECORDS_WRITTEN: &str = "RecordsWritten";
    /// Records that the table knew, or knew better; count.
    pub const RECORDS_UNCHANGED: &str = "RecordsUnchanged";
    /// Records that cannot be used, kept with the reason; count.
    pub const RECORDS_QUARANTINED: &str = "RecordsQuarantined";
    /// Records that are delivered again, since the table or the bucket did not answer; count.
    pub const RECORDS_FAILED: &str = "RecordsFailed";
    /// Titles that got their details; count.
    pub const TITLES_ENRICHED: &str = "TitlesEnriched";
    /// Titles that still wait for their details; count.
    pub const TITLES_PENDING: &str = "TitlesPending";
    /// Changes of programmes that followers are told of; count.
    pub const CHANGES: &str = "Changes";
    /// Messages that the topic took; count.
    pub const NOTIFICATIONS_SENT: &str = "NotificationsSent";
    /// Messages that had been sent before; count.
    pub const NOTIFICATIONS_SUPPRESSED: &str = "NotificationsSuppressed";
    /// Time from the parsed call to its answer; milliseconds.
    pub const BATCH_LATENCY_MS: &str = "BatchLatencyMs";
}

#[cfg(test)]
mod tests {
    use super::{NOTIFY_FILTER, details_allowance};
    use crate::contract::ingest::limit::FREE_PLAN_REQUESTS;
    use crate::event::id::ProgrammeId;
    use crate::table::key;

    #[test]
    fn details_take_what_schedules_leave() {
        assert_eq!(details_allowance(FREE_PLAN_REQUESTS), 900 - 868);
        assert_eq!((details_allowance(10), details_allowance(10_000)), (0, 9_000 - 868));
    }

    #[test]
    fn the_filter_lets_programmes_through() {
        let id = ProgrammeId::from(2_871_204);
        let filter: serde_json::Value = serde_json::from_str(NOTIFY_FILTER).unwrap();
        let prefix = &filter["dynamodb"]["Keys"]["PK"]["S"][0]["prefix"];
        assert!(key::programme(&id).pk.starts_with(prefix.as_str().unwrap()));
    }
}
