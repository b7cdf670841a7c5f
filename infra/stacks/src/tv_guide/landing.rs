//! The stream's way into the lake: the same as that of the lake's own events, as another dataset.

use ::lake::contract::{
    COLUMNS, PARTITIONS, TransformEnv, TransformNeeds, error_output_prefix, error_prefix, prefix, raw_prefix,
};
use ::tv_guide::contract::landing::{DATASET, QUERIES};
use infra_constructs::bucket;
use infra_constructs::catalog;
use infra_constructs::delivery::Delivery;
use infra_constructs::workgroup::NamedQueries;
use infra_core::{Handle, Template, Value};
use infra_resources::{kinesis_firehose, lambda};

use super::Stores;
use super::function::Common;
use crate::function::Own;
use crate::lake;

/// What lands the stream.
pub(super) struct Landing {
    pub(super) delivery: Handle<kinesis_firehose::DeliveryStream>,
    pub(super) transform: Handle<lambda::Function>,
}

/// Adds the table in the lake's database, the transform, the delivery into the lake's bucket and
/// the questions.
pub(super) fn add(template: &mut Template, common: &Common<'_>, stores: &Stores, shared: &lake::Shared) -> Landing {
    let environment = common.environment;
    let settings = &environment.settings.lake;
    let data = bucket::Reference::named(template.read("LakeBucketName", &shared.bucket));
    let data_key = template.read("LakeKeyArn", &shared.key);
    let database = template.read("LakeDatabaseName", &shared.database);
    let workgroup = template.read("LakeWorkgroupName", &shared.workgroup);

    let table = catalog::Table {
        database: database.clone(),
        name: DATASET,
        description: "One row per delivered record of the programme stream; payload holds what it says",
        columns: COLUMNS,
        partitions: PARTITIONS,
        bucket: &data,
        prefix: &raw_prefix(DATASET),
        key: data_key.clone(),
        crawl_hours: Some(environment.settings.tv_guide.data.crawl_hours),
        compression: "SNAPPY",
    };
    let table = table.add(template, "Landing");
    let own = Own {
        name: "tv-guide-transform",
        description: "Turns records of the stream into rows, for Firehose",
        code: &common.codes.transform,
        architecture: settings.transform.architecture.into(),
        memory_mib: settings.transform.memory_mib,
        timeout_seconds: settings.transform.timeout_seconds,
        concurrency: None,
        variables: TransformEnv {
            environment: environment.stage.name().into(),
            dataset: Value::from(DATASET),
        }
        .variables(),
        grants: TransformNeeds.grants(),
    };
    let (transform, _) = common.add(template, "Transform", own);
    let delivery = Delivery {
        name: environment.name(DATASET),
        stream: &stores.stream,
        transform: &transform,
        transform_buffer_mb: settings.transform.buffer_mb,
        transform_buffer_seconds: settings.transform.buffer_seconds,
        bucket: data.arn.clone(),
        prefix: prefix(DATASET),
        error_prefix: error_output_prefix(DATASET),
        root: &raw_prefix(DATASET),
        error_root: &error_prefix(DATASET),
        buffer_mib: settings.firehose.buffer_mib,
        buffer_seconds: settings.firehose.buffer_seconds,
        table: &table,
        objects_key: data_key,
        key: common.key,
        log_days: environment.settings.operations.log_days,
    };
    let delivery = delivery.add(template, "Delivery");
    let queries = NamedQueries {
        workgroup,
        database,
        queries: QUERIES,
    };
    queries.add(template, "Landing");
    Landing { delivery, transform }
}
