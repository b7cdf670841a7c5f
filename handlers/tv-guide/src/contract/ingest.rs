//! `tv-guide-reference` and `tv-guide-ingest`: what they are told, what they call, when they run.

use contract_kit::operation::{dynamodb, kinesis, secretsmanager};

contract_kit::environment! {
    /// Environment of `tv-guide-reference`.
    pub ReferenceEnv {
        /// Environment name (`local`, `dev`, ...): the metrics' namespace is `headend/<environment>`.
        environment = "HEADEND_ENVIRONMENT",
        /// The table of programmes.
        table = "DYNAMODB_TABLE_NAME",
        /// Base URL of Watchmode, with its version and without a slash at the end.
        watchmode_url = "WATCHMODE_URL",
        /// ARN of the secret that holds Watchmode's key, as text.
        watchmode_secret = "WATCHMODE_API_KEY_SECRET_ARN",
        /// Requests that Watchmode's plan allows in a month.
        monthly_budget = "WATCHMODE_MONTHLY_BUDGET",
    }
}

contract_kit::environment! {
    /// Environment of `tv-guide-ingest`.
    pub IngestEnv {
        /// Environment name (`local`, `dev`, ...): the metrics' namespace is `headend/<environment>`.
        environment = "HEADEND_ENVIRONMENT",
        /// The table of programmes.
        table = "DYNAMODB_TABLE_NAME",
        /// The stream of programmes.
        stream = "KINESIS_STREAM_NAME",
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

contract_kit::needs! {
    /// What `tv-guide-reference` calls.
    pub ReferenceNeeds {
        /// The table: the sources and genres by their ids, the budget, what was last good.
        table: dynamodb::Table [GET_ITEM, UPDATE_ITEM, BATCH_WRITE_ITEM, QUERY],
        /// Watchmode's key.
        key: secretsmanager::Secret [GET_SECRET_VALUE],
    }
}

contract_kit::needs! {
    /// What `tv-guide-ingest` calls.
    pub IngestNeeds {
        /// The table: the budget and the manifests.
        table: dynamodb::Table [PUT_ITEM, UPDATE_ITEM, QUERY],
        /// The table's indexes: the sources and genres, and the titles that wait for details.
        index: dynamodb::Index [QUERY],
        /// Where the changes go.
        stream: kinesis::Stream [PUT_RECORDS],
        /// Watchmode's key.
        key: secretsmanager::Secret [GET_SECRET_VALUE],
    }
}

/// When the two functions run by themselves, and what they are told then.
///
/// What a month of this takes of Watchmode's requests at most: ingest 31 x [`schedule::TITLES_ALLOWANCE`] (744)
/// and 31 x 2 for what is new, reference 31 x 2; together 868, under the 900 that
/// [`budget_ceiling`] leaves of the free plan's 1,000.
/// Repetitions come on top, and second looks at answers that lack much; the ceiling stops them, too.
pub mod schedule {
    /// Requests to Watchmode that one `due` run may begin with listings; it goes on with the oldest
    /// listings the next day.
    pub const TITLES_ALLOWANCE: u32 = 24;

    /// How often `tv-guide-reference` runs.
    pub const REFERENCE_RATE: &str = "rate(1 day)";
    /// What it is told.
    pub const REFERENCE_INPUT: &str = r#"{"refresh_sources":"Y","refresh_genres":"Y","regions":"GB"}"#;

    /// How often `tv-guide-ingest` runs for titles and schedules.
    pub const TITLES_RATE: &str = "rate(1 day)";
    /// What it is told.
    pub const TITLES_INPUT: &str = r#"{"cause":"schedule","titles":"due","schedules":"Y"}"#;

    /// How often `tv-guide-ingest` runs for schedules only, which cost nothing; TVmaze's answers are
    /// cached for an hour.
    pub const SCHEDULES_RATE: &str = "rate(1 hour)";
    /// What it is told.
    pub const SCHEDULES_INPUT: &str = r#"{"cause":"schedule","titles":"N","schedules":"Y"}"#;
}

/// Requests to Watchmode after which the functions stop for the month: nine tenths of the budget.
#[must_use]
pub const fn budget_ceiling(monthly_budget: u64) -> u64 {
    monthly_budget / 10 * 9 + monthly_budget % 10 * 9 / 10
}

/// Metrics of the two functions, for the stack's alarms; the dimension is [`metric::FUNCTION`], and
/// [`metric::SNAPSHOT_REJECTED`] and [`metric::SNAPSHOT_PUBLISHED`] appear with it alone.
pub mod metric {
    /// Dimension: which function, `tv-guide-reference` or `tv-guide-ingest`.
    pub const FUNCTION: &str = "Function";
    /// Datasets that were complete, and published; count.
    pub const SNAPSHOT_PUBLISHED: &str = "SnapshotPublished";
    /// Datasets that were refused (not to be had, incomplete, shrunken), the old ones kept; count.
    pub const SNAPSHOT_REJECTED: &str = "SnapshotRejected";
    /// Records that the stream took; count.
    pub const RECORDS_PUBLISHED: &str = "RecordsPublished";
    /// Requests to both upstreams, with repetitions; count.
    pub const UPSTREAM_REQUESTS: &str = "UpstreamRequests";
    /// Requests that were repetitions; count.
    pub const UPSTREAM_RETRIES: &str = "UpstreamRetries";
    /// Requests to Watchmode that the month has left below the hard stop; count.
    pub const UPSTREAM_BUDGET_LEFT: &str = "UpstreamBudgetLeft";

    /// The namespace of an environment's metrics.
    #[must_use]
    pub fn namespace(environment: &str) -> String {
        format!("headend/{environment}")
    }
}

/// What the functions need, for the stack.
pub mod limit {
    /// Time-out of `tv-guide-reference`, in seconds.
    pub const REFERENCE_SECONDS: u32 = 120;
    /// Time-out of `tv-guide-ingest`, in seconds: a first run makes hundreds of requests.
    pub const INGEST_SECONDS: u32 = 600;
    /// Requests that Watchmode's free plan allows in a month (a third party's statement).
    pub const FREE_PLAN_REQUESTS: u64 = 1_000;
}
