//! Hours: each becomes a partition when its first object arrives, and is closed when it is over.

use ::lake::contract::{
    self, CompactEnv, CompactNeeds, DATASET, RAW_PREFIX, RegisterEnv, RegisterNeeds, hours, metric, output,
};
use infra_constructs::alarm::{Comparison, Periods, Statistic};
use infra_constructs::bucket::{self, Announces};
use infra_constructs::event_source::{self, Messages};
use infra_constructs::queue::Queue;
use infra_constructs::schedule::{Caller, Schedule};
use infra_constructs::table::{Attribute, Table};
use infra_constructs::workgroup::Insertion;
use infra_constructs::{catalog, grant};
use infra_core::{Handle, Template, Value};
use infra_resources::{athena, dynamodb, kms, lambda, sqs};

use super::{Common, DATA_BUCKET};
use crate::environment::{Environment, OnDelete};
use crate::function::Own;
use crate::watch::{self, Watch};

/// The programs, which are also what the names of their functions end in.
pub(super) const BINS: [&str; 2] = ["lake-register", "lake-compact"];

/// How long `lake-register` may take for a few messages, in seconds.
const REGISTER_SECONDS: u16 = 30;
const REGISTER_MIB: u16 = 256;

/// Most messages that it is given at once, each of which names an object.
const REGISTER_BATCH: u8 = 10;

/// How often a message is tried before it is a dead letter.
const REGISTER_ATTEMPTS: u16 = 5;

/// Ten minutes past each hour, as early as an hour is closed where nothing else is said.
const COMPACT_AT: &str = "cron(10 * * * ? *)";

/// Every `lake-compact` is told this by the clock: whatever is closed and waits.
const WHATEVER_WAITS: &str = "{}";

/// The queue in which the bucket says what has arrived.
pub(super) struct Arrivals {
    queue: Handle<sqs::Queue>,
    policy: Handle<sqs::QueuePolicy>,
}

impl Arrivals {
    pub(super) fn add(
        t: &mut Template,
        environment: &Environment,
        key: &Handle<kms::Key>,
        dead_letters: &Handle<sqs::Queue>,
    ) -> Self {
        let queue = Queue {
            name: environment.name("lake-arrivals"),
            key,
            dead_letters,
            attempts: REGISTER_ATTEMPTS,
            hidden_seconds: 6 * REGISTER_SECONDS,
        };
        let bucket = bucket::arn(&environment.bucket_name(DATA_BUCKET));
        let (queue, policy) = queue.add_for(t, "Arrivals", bucket);
        Arrivals { queue, policy }
    }

    /// What of a bucket is announced in it.
    pub(super) fn announced<'a>(&'a self, prefix: &'a str) -> Announces<'a> {
        Announces {
            queue: &self.queue,
            policy: &self.policy,
            prefix,
        }
    }
}

/// What the hours are partitions of.
pub(super) struct Catalog<'a> {
    pub(super) table: &'a catalog::Made,
    pub(super) workgroup: &'a Handle<athena::WorkGroup>,
    /// Where the workgroup's results are.
    pub(super) results: &'a str,
}

/// Adds the tables of raw objects and of generations, the ledger and the two functions; gives what
/// is watched of them.
pub(super) fn add(
    t: &mut Template,
    common: &Common<'_>,
    catalog: &Catalog<'_>,
    arrivals: &Arrivals,
    [register_code, compact_code]: [&Value<String>; 2],
) -> Vec<Watch> {
    let environment = common.shop.environment;
    let hours = Table {
        sort_key: Some(Attribute::Text(hours::HOUR)),
        keep: environment.settings.lake.data.on_delete == OnDelete::Keep,
        ..Table::new(
            environment.name("lake-hours"),
            Attribute::Text(hours::LIST),
            common.shop.key,
        )
    }
    .add(t, "Hours");
    tables(t, common, catalog);
    let register = register(t, common, catalog, &hours, arrivals, register_code);
    let compact = compact(t, common, catalog, &hours, compact_code);
    t.output(
        output::REGISTER_FUNCTION_NAME,
        "Registers partitions",
        register.reference(),
    );
    t.output(output::COMPACT_FUNCTION_NAME, "Closes hours", compact.reference());
    t.output(output::HOURS_TABLE_NAME, "Ledger of hours", hours.reference());

    let of_compact = |watch: Watch| Watch {
        namespace: watch::namespace(environment),
        dimensions: vec![(metric::DATASET, Value::from(DATASET))],
        periods: Periods {
            seconds: 3_600,
            counting: 2,
            of: 2,
        },
        ..watch
    };
    let calls = [watch::calls("Register", &register), watch::calls("Compact", &compact)];
    let waiting = of_compact(Watch {
        metric: metric::HOURS_WAITING,
        statistic: Statistic::Maximum,
        when: Comparison::Above(0.0),
        ..Watch::any(
            "HoursWaiting",
            "An hour that is over was not closed by two runs of lake-compact",
        )
    });
    calls.into_iter().flatten().chain([waiting]).collect()
}

/// The tables beside the one that people query.
fn tables(t: &mut Template, common: &Common<'_>, catalog: &Catalog<'_>) {
    let (raw, generations) = (contract::raw_table(DATASET), contract::generations_table(DATASET));
    let (curated, by_generation) = (contract::curated_prefix(DATASET), contract::generation_partitions());
    let bucket = bucket::Reference::to(common.bucket);
    let crawl_hours = common.shop.environment.settings.lake.data.crawl_hours;
    let table = |name, description, partitions, prefix, compression| catalog::Table {
        database: catalog.table.database.clone(),
        name,
        description,
        columns: contract::COLUMNS,
        partitions,
        bucket: &bucket,
        prefix,
        key: common.shop.key.arn(),
        crawl_hours: None,
        compression,
    };
    let raw = table(
        &raw,
        "One row per delivered event, duplicates included: what the hours are closed from",
        contract::PARTITIONS,
        RAW_PREFIX,
        "SNAPPY",
    );
    // It finds by itself what an announcement may have missed.
    catalog::Table {
        crawl_hours: Some(crawl_hours),
        ..raw
    }
    .add(t, "Raw");
    table(
        &generations,
        "Hours that Athena is closing; empty between two runs",
        &by_generation,
        &curated,
        "ZSTD",
    )
    .add(t, "Generations");
}

fn register(
    t: &mut Template,
    common: &Common<'_>,
    catalog: &Catalog<'_>,
    hours: &Handle<dynamodb::Table>,
    arrivals: &Arrivals,
    code: &Value<String>,
) -> Handle<lambda::Function> {
    let environment = common.shop.environment;
    let (database, raw_table) = (&catalog.table.database, contract::raw_table(DATASET));
    let needs = RegisterNeeds {
        table: grant::table(database, &catalog.table.name),
        raw_table: grant::table(database, &raw_table),
        hours: grant::on(hours.arn()),
    };
    let [name, _] = BINS;
    let own = Own {
        name,
        description: "Makes an hour's partition when its first object arrives, and marks the hour",
        code,
        architecture: environment.settings.lake.compact.architecture.into(),
        memory_mib: REGISTER_MIB,
        timeout_seconds: REGISTER_SECONDS,
        concurrency: None,
        variables: RegisterEnv {
            environment: Value::from(environment.stage.name()),
            dataset: Value::from(DATASET),
            database: database.clone().text(),
            table: catalog.table.name.clone().into(),
            raw_table: raw_table.into(),
            hours: hours.reference().text(),
        }
        .variables(),
        grants: [needs.grants(), event_source::receive(&arrivals.queue)].concat(),
    };
    let (register, _) = common.shop.add(t, "Register", own);
    Messages {
        queue: &arrivals.queue,
        function: &register,
        batch: REGISTER_BATCH,
    }
    .add(t, "RegisterArrivals");
    register
}

fn compact(
    t: &mut Template,
    common: &Common<'_>,
    catalog: &Catalog<'_>,
    hours: &Handle<dynamodb::Table>,
    code: &Value<String>,
) -> Handle<lambda::Function> {
    let shop = common.shop;
    let environment = shop.environment;
    let settings = &environment.settings.lake.compact;
    let (database, bucket) = (&catalog.table.database, common.bucket.arn());
    let (raw_table, generations_table) = (contract::raw_table(DATASET), contract::generations_table(DATASET));
    let curated = contract::curated_prefix(DATASET);
    let needs = CompactNeeds {
        raw: grant::objects(&bucket, &[RAW_PREFIX]),
        raw_listing: grant::listing(bucket.clone(), &[RAW_PREFIX]),
        curated: grant::objects(&bucket, &[&curated]),
        curated_listing: grant::listing(bucket.clone(), &[&curated]),
        hours: grant::on(hours.arn()),
        table: grant::table(database, &catalog.table.name),
        raw_table: grant::table(database, &raw_table),
        generations_table: grant::table(database, &generations_table),
        workgroup: grant::workgroup(&catalog.workgroup.reference()),
    };
    let insertion = Insertion {
        bucket,
        results: catalog.results,
        database: database.clone(),
        source: (&raw_table, RAW_PREFIX),
        target: (&generations_table, &curated),
    };
    let grants = [needs.grants(), insertion.grants()].concat();
    let [_, name] = BINS;
    let own = Own {
        name,
        description: "Closes hours: their rows once, sorted, in few files",
        code,
        architecture: settings.architecture.into(),
        memory_mib: settings.memory_mib,
        timeout_seconds: settings.timeout_seconds,
        concurrency: None,
        variables: CompactEnv {
            environment: Value::from(environment.stage.name()),
            dataset: Value::from(DATASET),
            bucket: common.bucket.reference().text(),
            database: database.clone().text(),
            table: catalog.table.name.clone().into(),
            raw_table: raw_table.into(),
            generations_table: generations_table.into(),
            hours: hours.reference().text(),
            workgroup: catalog.workgroup.reference().text(),
            close_after_minutes: settings.close_after_minutes.to_string().into(),
            grace_minutes: settings.grace_minutes.to_string().into(),
            most_bytes: (u64::from(settings.most_mb) * 1_000_000).to_string().into(),
        }
        .variables(),
        grants,
    };
    let (compact, _) = shop.add(t, "Compact", own);
    let role = Caller {
        functions: &[&compact],
        dead_letters: shop.dead_letters,
        key: shop.key,
    }
    .add(t, "ScheduleRole");
    Schedule {
        name: environment.name("lake-compact"),
        description: "Closes the hours that are over",
        expression: COMPACT_AT.to_owned(),
        input: WHATEVER_WAITS,
        function: &compact,
        role: &role,
        dead_letters: shop.dead_letters,
        key: shop.key,
    }
    .add(t, "CompactSchedule");
    compact
}
