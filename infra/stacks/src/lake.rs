//! The event lake: Kinesis, Firehose with a transform function, Parquet in S3, Glue, Athena.

use ::lake::contract::{self, TransformEnv, TransformNeeds, output};
use infra_constructs::bucket::{self, AccessLog, Bucket, Expiry};
use infra_constructs::delivery::Delivery;
use infra_constructs::function::Function;
use infra_constructs::key::Key;
use infra_constructs::queue::DeadLetters;
use infra_constructs::stream::Stream;
use infra_constructs::topic::Alarms;
use infra_constructs::workgroup::Workgroup;
use infra_constructs::{catalog, code};
use infra_core::template::StackOutput;
use infra_core::{Arn, Asset, Name, Stack, Template, Value};
use infra_resources::{athena, glue, kms, s3};

use crate::environment::{Environment, OnDelete, Settings};
use crate::watch::{self, Landing, Watches};

/// The binary of the transform function, which is also what its name ends in.
const TRANSFORM: &str = "lake-transform";

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

/// The lake of an environment, and what of it others use.
pub fn stack(environment: &Environment) -> (Stack, Shared) {
    let Settings { lake, operations, .. } = &environment.settings;
    let keep = lake.data.on_delete == OnDelete::Keep;
    let named = |what: &str| environment.name(what);
    let mut template = Template::new(format!("Event lake of {}: Kinesis to Parquet", environment.stage));
    let t = &mut template;

    let transform_asset = Asset::of(TRANSFORM);
    let (code_bucket, [code_key]) = code::parameters(t, [&transform_asset]);

    let key = Key {
        description: format!("Data, logs and results of the lake of {}", environment.stage),
        alias: named("lake"),
        keep,
    }
    .add(t, "Key");
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

    let access_log = AccessLog {
        name: environment.bucket_name("lake-log"),
        keep,
    }
    .add(t, "AccessLog");
    let expiry = [
        Expiry {
            name: "errors",
            prefix: contract::ERROR_ROOT,
            days: lake.data.errors_expire_days,
        },
        Expiry {
            name: "results",
            prefix: RESULTS_PREFIX,
            days: lake.data.results_expire_days,
        },
    ];
    let bucket = Bucket {
        name: environment.bucket_name("lake"),
        key: &key,
        access_log: &access_log,
        expiry: &expiry,
        keep,
    }
    .add(t, "Data");

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
        crawl_hours: lake.data.crawl_hours,
    }
    .add(t, "Catalog");

    let transform = Function {
        name: named(TRANSFORM),
        description: "Turns records of the stream into rows, for Firehose",
        code_bucket,
        code_key,
        architecture: lake.transform.architecture.into(),
        memory_mib: lake.transform.memory_mib,
        timeout_seconds: lake.transform.timeout_seconds,
        concurrency: None,
        variables: TransformEnv {
            environment: Value::from(environment.stage.name()),
            dataset: Value::from(contract::DATASET),
        }
        .variables(),
        grants: TransformNeeds.grants(),
        key: &key,
        dead_letters: &dead_letters,
        log_days: operations.log_days,
    }
    .add(t, "Transform");

    let delivery = Delivery {
        name: named("events"),
        stream: &stream,
        transform: &transform,
        transform_buffer_mb: lake.transform.buffer_mb,
        transform_buffer_seconds: lake.transform.buffer_seconds,
        bucket: bucket.arn(),
        prefix: contract::prefix(contract::DATASET),
        error_prefix: contract::error_output_prefix(contract::DATASET),
        root: contract::RAW_PREFIX,
        error_root: contract::ERROR_PREFIX,
        buffer_mib: lake.delivery.buffer_mib,
        buffer_seconds: lake.delivery.buffer_seconds,
        table: &table,
        objects_key: key.arn(),
        key: &key,
        log_days: operations.log_days,
    }
    .add(t, "Delivery");

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

    let landing = Landing {
        environment,
        dataset: contract::DATASET,
        delivery: &delivery,
        transform: &transform,
    };
    let watches = Watches {
        environment,
        system: "lake",
        topic: &alarm_topic,
    };
    watches.add(t, watch::stream(&stream));
    watches.add(t, landing.watches());
    watches.add(t, [watch::dead_letters(&dead_letters)]);

    t.output(
        output::STREAM_NAME,
        "Stream that producers write to",
        stream.reference(),
    );
    t.output(
        output::DELIVERY_STREAM_NAME,
        "Firehose delivery stream",
        delivery.reference(),
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
    t.output(
        output::TRANSFORM_FUNCTION_NAME,
        "Transform function",
        transform.reference(),
    );
    t.output(output::QUEUE_URL, "Queue of dead letters", dead_letters.reference());

    let stack = Stack {
        assets: vec![transform_asset],
        tags: vec![
            ("headend:environment".to_owned(), environment.stage.to_string()),
            ("headend:system".to_owned(), "lake".to_owned()),
        ],
        ..Stack::new(name, template)
    };
    (stack, shared)
}
