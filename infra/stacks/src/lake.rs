//! The event lake: Kinesis, Firehose with a transform function, Parquet in S3, Glue, Athena.

mod alarms;

use ::lake::contract::{self, TransformEnv, TransformNeeds, output};
use infra_constructs::bucket::{AccessLog, Bucket, Expiry};
use infra_constructs::catalog::Catalog;
use infra_constructs::delivery::Delivery;
use infra_constructs::function::Function;
use infra_constructs::key::Key;
use infra_constructs::queue::DeadLetters;
use infra_constructs::stream::Stream;
use infra_constructs::topic::Alarms;
use infra_constructs::workgroup::Workgroup;
use infra_core::stack::ASSET_BUCKET;
use infra_core::{Asset, Parameter, Stack, Template, Value, concat_values, pseudo};
use infra_resources::lambda::function::Architecture;

use crate::environment::{self, Environment, OnDelete, Settings};

/// The binary of the transform function, which is also what its name ends in.
const TRANSFORM: &str = "lake-transform";

/// Where Athena puts results in the data bucket.
const RESULTS_PREFIX: &str = "results/";

/// The lake of an environment.
pub fn stack(environment: &Environment) -> Stack {
    let Settings { lake, operations, .. } = &environment.settings;
    let keep = lake.data.on_delete == OnDelete::Keep;
    let named = |what: &str| environment.name(what);
    let mut template = Template::new(format!("Event lake of {}: Kinesis to Parquet", environment.stage));
    let t = &mut template;

    let transform_asset = Asset::of(TRANSFORM);
    let code_bucket = t.parameter(ASSET_BUCKET, parameter("Bucket that holds the code of functions"));
    let code_key = t.parameter(
        &transform_asset.parameter,
        parameter("Key of the code of lake-transform"),
    );

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
        name: bucket_name(environment, "lake-log"),
        keep,
    }
    .add(t, "AccessLog");
    let expiry = [
        Expiry {
            name: "errors",
            prefix: contract::ERROR_PREFIX,
            days: lake.data.errors_expire_days,
        },
        Expiry {
            name: "results",
            prefix: RESULTS_PREFIX,
            days: lake.data.results_expire_days,
        },
    ];
    let bucket = Bucket {
        name: bucket_name(environment, "lake"),
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

    let catalog = Catalog {
        database: named("lake").replace('-', "_"),
        table: contract::DATASET,
        description: "One row per delivered event; the same event may have been delivered twice",
        columns: contract::COLUMNS,
        partitions: contract::PARTITIONS,
        bucket: &bucket,
        prefix: contract::RAW_PREFIX,
        key: &key,
        crawl_hours: lake.data.crawl_hours,
    }
    .add(t, "Catalog");

    let transform = Function {
        name: named(TRANSFORM),
        description: "Turns records of the stream into rows, for Firehose",
        code_bucket,
        code_key,
        architecture: match lake.transform.architecture {
            environment::Architecture::Arm64 => Architecture::Arm64,
            environment::Architecture::X86 => Architecture::X86_64,
        },
        memory_mib: lake.transform.memory_mib,
        timeout_seconds: lake.transform.timeout_seconds,
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
        bucket: &bucket,
        prefix: contract::prefix(),
        error_prefix: contract::error_output_prefix(),
        root: contract::RAW_PREFIX,
        error_root: contract::ERROR_PREFIX,
        buffer_mib: lake.delivery.buffer_mib,
        buffer_seconds: lake.delivery.buffer_seconds,
        catalog: &catalog,
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
        database: catalog.database.clone(),
        queries: contract::QUERIES,
    }
    .add(t, "Workgroup");

    alarms::Lake {
        environment,
        stream: &stream,
        delivery: &delivery,
        transform: &transform,
        dead_letters: &dead_letters,
        topic: &alarm_topic,
    }
    .add(t);

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
    t.output(
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
    t.output(output::WORKGROUP_NAME, "Athena workgroup", workgroup.reference());
    t.output(output::DATABASE_NAME, "Glue database", catalog.database);
    t.output::<String>(output::TABLE_NAME, "Glue table", catalog.name);
    t.output(
        output::TRANSFORM_FUNCTION_NAME,
        "Transform function",
        transform.reference(),
    );
    t.output(output::QUEUE_URL, "Queue of dead letters", dead_letters.reference());

    Stack {
        assets: vec![transform_asset],
        tags: vec![
            ("headend:environment".to_owned(), environment.stage.to_string()),
            ("headend:system".to_owned(), "lake".to_owned()),
        ],
        ..Stack::new(named("lake"), template)
    }
}

fn parameter(description: &'static str) -> Parameter {
    Parameter {
        description,
        min_length: Some(1),
        ..Parameter::default()
    }
}

/// Bucket names are shared by all of AWS, hence account and region.
fn bucket_name(environment: &Environment, what: &str) -> Value<String> {
    concat_values![environment.name(what), "-", pseudo::account_id(), "-", pseudo::region()]
}
