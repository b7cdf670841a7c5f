//! The load: what an environment is asked to do, stated in its file and never measured here.

use serde::Deserialize;

/// What happens in a month, in whole numbers.
///
/// What the file leaves out is zero; the first block must be stated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Hours that it runs in a month; 730 is all of them.
    pub hours_per_month: u16,
    /// Events that producers send in an hour.
    pub events_per_hour: u64,
    /// Bytes of an event as it is sent.
    pub bytes_per_event: u32,
    /// Events that a producer puts into one record; 1 where it does not aggregate.
    pub events_per_record: u32,
    /// Events of a million that are refused on their way.
    pub errors_per_million: u32,
    /// Bytes of an event as it is stored: a row's share of its Parquet file.
    pub stored_bytes_per_event: u32,
    /// Months that data is kept before somebody removes it; the storage of a lake that has run so
    /// long is what is priced.
    pub stored_months: u16,
    /// Athena queries in a day.
    pub queries_per_day: u32,
    /// Megabytes (2^20) that a query scans.
    pub scanned_mb_per_query: u32,
    /// Bytes that one call of a function writes to its log.
    pub log_bytes_per_call: u32,
    /// Metrics of its own that each function writes, one per name and set of dimensions.
    pub metrics_per_function: u16,

    /// Objects that programs write to each bucket in an hour, beside what is delivered there.
    #[serde(default)]
    pub puts_per_hour: u64,
    /// Objects that programs read from each bucket in an hour.
    #[serde(default)]
    pub gets_per_hour: u64,
    /// Requests of an HTTP API, or of a website, in an hour.
    #[serde(default)]
    pub requests_per_hour: u64,
    /// Bytes of an answer.
    #[serde(default)]
    pub bytes_per_answer: u32,
    /// People who sign in during a month.
    #[serde(default)]
    pub users_per_month: u32,
    /// Items written to each table in an hour.
    #[serde(default)]
    pub item_writes_per_hour: u64,
    /// Items read from each table in an hour.
    #[serde(default)]
    pub item_reads_per_hour: u64,
    /// Bytes of an item.
    #[serde(default)]
    pub bytes_per_item: u32,
    /// Items that each table holds.
    #[serde(default)]
    pub stored_items: u64,
    /// Messages sent to each queue and topic in an hour.
    #[serde(default)]
    pub messages_per_hour: u64,
    /// Runs of each state machine in an hour.
    #[serde(default)]
    pub workflow_runs_per_hour: u64,
    /// State transitions of such a run.
    #[serde(default)]
    pub transitions_per_run: u32,
}

impl Load {
    /// Events in a month.
    pub fn events(&self) -> u128 {
        u128::from(self.events_per_hour) * u128::from(self.hours_per_month)
    }

    /// Records in a month: events, or what a producer puts together from them.
    pub fn records(&self) -> u128 {
        self.events().div_ceil(self.events_per_record.max(1).into())
    }

    /// Bytes of a record.
    pub fn bytes_per_record(&self) -> u128 {
        u128::from(self.bytes_per_event) * u128::from(self.events_per_record.max(1))
    }

    /// Raw bytes in a month.
    pub fn bytes(&self) -> u128 {
        self.events() * u128::from(self.bytes_per_event)
    }

    /// Events in a month that are refused.
    pub fn errors(&self) -> u128 {
        (self.events() * u128::from(self.errors_per_million)).div_ceil(1_000_000)
    }

    /// Athena queries in a month.
    pub fn queries(&self) -> u128 {
        (u128::from(self.queries_per_day) * u128::from(self.hours_per_month)).div_ceil(24)
    }

    /// What happens so often in an hour, in a month.
    pub fn monthly(&self, per_hour: u64) -> u128 {
        u128::from(per_hour) * u128::from(self.hours_per_month)
    }

    /// Shards that the mean load needs with half as much again in reserve: the larger of 1,000
    /// records and 1 MiB a second and shard.
    pub fn shards_needed(&self) -> u128 {
        const RESERVE: (u128, u128) = (3, 2);
        const SECONDS: u128 = 3600;
        let needed =
            |per_hour: u128, per_shard: u128| (per_hour * RESERVE.0).div_ceil(per_shard * SECONDS * RESERVE.1).max(1);
        let events = u128::from(self.events_per_hour);
        let records = needed(events.div_ceil(self.events_per_record.max(1).into()), 1000);
        let bytes = needed(events * u128::from(self.bytes_per_event), 1 << 20);
        records.max(bytes)
    }
}
