//! The event lake: a Kinesis stream, one of two ways from it to Parquet in S3, Glue, Athena.
//!
//! Reading order: [`stack`], the two ways, `firehose` and `direct`, then `hours`, which become
//! partitions and are closed.

mod direct;
mod firehose;
mod hours;

use ::lake::contract::{self, output};
use infra_constructs::bucket::{self, AccessLog, Bucket, Expiry};
use infra_constructs::key::Key;
use infra_constructs::queue::DeadLetters;
use infra_constructs::stream::Stream;
use infra_constructs::topic::Alarms;
use infra_constructs::workgroup::Workgroup;
use infra_constructs::{catalog, code};
use infra_core::template::StackOutput;
use infra_core::{Arn, Asset, Handle, Name, Stack, Template};
use infra_resources::{athena, glue, kinesis, kms, s3};

use crate::environment::{Delivery, Environment, OnDelete, Settings};
use crate::function::Shop;
use crate::watch::{self, Watches};

/// What the name of the data bucket ends in.
const DATA_BUCKET: &str = "lake";

/// Where Athena puts results in the data bucket.
const RESULTS_PREFIX: &str = "results/";

/// What other systems land their streams with.
#[derive(Debug)]
pub struct Shared {
    /// The bucket that rows go to.
    pub bucket: StackOutput<Name<s3::Bucket>>,
    /// The key that encrypts it.
    pub key: StackOutput<Arn<kms::Key>>,
    /// The database of tables.
    pub database: StackOutput<Name<glue::Database>>,
    /// The workgroup that questions are asked through.
    pub workgroup: StackOutput<Name<athena::WorkGroup>>,
}

/// What the lake's functions work with.
struct Common<'a> {
    shop: Shop<'a>,
    stream: &'a Handle<kinesis::Stream>,
    bucket: &'a Handle<s3::Bucket>,
}

/// The lake of an environment, and what of it others use.
pub fn stack(environment: &Environment) -> (Stack, Shared) {
    let Settings { lake, operations, .. } = &environment.settings;
    let keep = lake.data.on_delete == OnDelete::Keep;
    let named = |what: &str| environment.name(what);
    let mut template = Template::new(format!("Event lake of {}: Kinesis to Parquet", environment.stage));
    let t = &mut template;

    let delivers = Asset::of(match lake.delivery {
        Delivery::Firehose => firehose::TRANSFORM,
        Delivery::Direct => direct::WRITE,
    });
    let [registers, compacts] = hours::BINS.map(Asset::of);
    let (code_bucket, [delivers_key, registers_key, compacts_key]) =
        code::parameters(t, [&delivers, &registers, &compacts]);

    let key = Key {
        description: format!("Data, logs and results of the lake of {}", environment.stage),
        alias: named("lake"),
        keep,
    }
    .add_for(t, "Key", &["s3.amazonaws.com"]);
    let dead_letters = DeadLetters {
        name: named("lake-dead-letters"),
        key: &key,
    }
    .add(t, "DeadLetters");
    let alarm_topic = Alarms {
        name: named("lake-alarms"),
        key: &key,
        emails: &operations.alarm_emails,
    }
    .add(t, "AlarmTopic");

    let arrivals = hours::Arrivals::add(t, environment, &key, &dead_letters);
    let bucket = data_bucket(t, environment, &key, &arrivals, keep);
    let stream = Stream {
        name: named("events"),
        shards: lake.stream.shards,
        retention_hours: lake.stream.retention_hours,
        keep,
    }
    .add(t, "Stream");

    let database = catalog::Database {
        name: named("lake").replace('-', "_"),
        description: "One row per delivered event; the same event may have been delivered twice",
    };
    let database = database.add(t, "CatalogDatabase");
    let table = catalog::Table {
        database: database.reference(),
        name: contract::DATASET,
        description: "One row per delivered event; the same event may have been delivered twice",
        columns: contract::COLUMNS,
        partitions: contract::PARTITIONS,
        bucket: &bucket::Reference::to(&bucket),
        prefix: contract::RAW_PREFIX,
        key: key.arn(),
        // Its partitions move to generations, which a crawler knows nothing of.
        crawl_hours: None,
        compression: "SNAPPY",
    }
    .add(t, "Catalog");

    let common = Common {
        shop: Shop {
            environment,
            code: &code_bucket,
            key: &key,
            dead_letters: &dead_letters,
        },
        stream: &stream,
        bucket: &bucket,
    };
    let delivery = match lake.delivery {
        Delivery::Firehose => firehose::add(t, &common, &table, &delivers_key),
        Delivery::Direct => direct::add(t, &common, &delivers_key),
    };

    let workgroup = Workgroup {
        name: named("lake"),
        description: "Questions about the events of the lake",
        bucket: &bucket,
        prefix: RESULTS_PREFIX,
        key: &key,
        database: database.reference(),
        queries: contract::QUERIES,
    }
    .add(t, "Workgroup");

    let catalog = hours::Catalog {
        table: &table,
        workgroup: &workgroup,
        results: RESULTS_PREFIX,
    };
    let closing = hours::add(t, &common, &catalog, &arrivals, [&registers_key, &compacts_key]);

    let watches = Watches {
        environment,
        system: "lake",
        topic: &alarm_topic,
    };
    watches.add(t, watch::stream(&stream));
    watches.add(t, delivery);
    watches.add(t, closing);
    watches.add(t, [watch::dead_letters(&dead_letters)]);

    t.output(
        output::STREAM_NAME,
        "Stream that producers write to",
        stream.reference(),
    );
    let name = named("lake");
    let bucket_name = t.share(
        &name,
        output::DATA_BUCKET_NAME,
        "Bucket of rows, errors and results",
        bucket.reference(),
    );
    t.output::<String>(output::RAW_PREFIX, "Where rows are in the bucket", contract::RAW_PREFIX);
    t.output::<String>(
        output::ERROR_PREFIX,
        "Where errors are in the bucket",
        contract::ERROR_PREFIX,
    );
    let shared = Shared {
        bucket: bucket_name,
        key: t.share(&name, output::DATA_KEY_ARN, "Key that encrypts the bucket", key.arn()),
        workgroup: t.share(&name, output::WORKGROUP_NAME, "Athena workgroup", workgroup.reference()),
        database: t.share(&name, output::DATABASE_NAME, "Glue database", database.reference()),
    };
    t.output::<String>(output::TABLE_NAME, "Glue table", table.name);
    t.output(output::QUEUE_URL, "Queue of dead letters", dead_letters.reference());

    let stack = Stack {
        assets: vec![delivers, registers, compacts],
        tags: vec![
            ("headend:environment".to_owned(), environment.stage.to_string()),
            ("headend:system".to_owned(), "lake".to_owned()),
        ],
        ..Stack::new(name, template)
    };
    (stack, shared)
}

/// The bucket of rows, of what was refused, and of results.
fn data_bucket(
    t: &mut Template,
    environment: &Environment,
    key: &Handle<kms::Key>,
    arrivals: &hours::Arrivals,
    keep: bool,
) -> Handle<s3::Bucket> {
    let data = &environment.settings.lake.data;
    let access_log = AccessLog {
        name: environment.bucket_name("lake-log"),
        keep,
    }
    .add(t, "AccessLog");
    let expiry = |name, prefix, days| Expiry { name, prefix, days };
    let expiry = [
        expiry("errors", contract::ERROR_ROOT, data.errors_expire_days),
        expiry("quarantine", contract::QUARANTINE_ROOT, data.errors_expire_days),
        expiry("results", RESULTS_PREFIX, data.results_expire_days),
    ];
    Bucket {
        name: environment.bucket_name(DATA_BUCKET),
        key,
        access_log: &access_log,
        expiry: &expiry,
        announces: Some(arrivals.announced(contract::RAW_PREFIX)),
        keep,
    }
    .add(t, "Data")
}
