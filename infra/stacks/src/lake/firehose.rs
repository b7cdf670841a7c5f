//! Delivery by Firehose, which calls the transform function and writes Parquet itself.

use ::lake::contract::{self, TransformEnv, TransformNeeds, output};
use infra_constructs::catalog;
use infra_constructs::delivery::Delivery;
use infra_core::{Template, Value};

use super::Common;
use crate::function::Own;
use crate::watch::{Landing, Watch};

/// The binary of the transform function, which is also what its name ends in.
pub(super) const TRANSFORM: &str = "lake-transform";

/// Adds the transform and the delivery stream; gives what is watched of them.
pub(super) fn add(t: &mut Template, common: &Common<'_>, table: &catalog::Made, code: &Value<String>) -> Vec<Watch> {
    let Common { shop, stream, bucket } = common;
    let environment = shop.environment;
    let settings = &environment.settings.lake;
    let own = Own {
        name: TRANSFORM,
        description: "Turns records of the stream into rows, for Firehose",
        code,
        architecture: settings.transform.architecture.into(),
        memory_mib: settings.transform.memory_mib,
        timeout_seconds: settings.transform.timeout_seconds,
        concurrency: None,
        variables: TransformEnv {
            environment: Value::from(environment.stage.name()),
            dataset: Value::from(contract::DATASET),
        }
        .variables(),
        grants: TransformNeeds.grants(),
    };
    let (transform, _) = shop.add(t, "Transform", own);

    let delivery = Delivery {
        name: environment.name("events"),
        stream,
        transform: &transform,
        transform_buffer_mb: settings.transform.buffer_mb,
        transform_buffer_seconds: settings.transform.buffer_seconds,
        bucket: bucket.arn(),
        prefix: contract::prefix(contract::DATASET),
        error_prefix: contract::error_output_prefix(contract::DATASET),
        root: contract::RAW_PREFIX,
        error_root: contract::ERROR_PREFIX,
        buffer_mib: settings.firehose.buffer_mib,
        buffer_seconds: settings.firehose.buffer_seconds,
        table,
        objects_key: shop.key.arn(),
        key: shop.key,
        log_days: environment.settings.operations.log_days,
    }
    .add(t, "Delivery");

    t.output(
        output::DELIVERY_STREAM_NAME,
        "Firehose delivery stream",
        delivery.reference(),
    );
    t.output(
        output::TRANSFORM_FUNCTION_NAME,
        "Transform function",
        transform.reference(),
    );
    let landing = Landing {
        environment,
        dataset: contract::DATASET,
        delivery: &delivery,
        transform: &transform,
    };
    landing.watches().into()
}
