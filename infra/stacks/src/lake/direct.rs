//! Direct delivery: a function that writes Parquet itself, and the fences that make it exact.

use ::lake::contract::{self, WriteEnv, WriteNeeds, fence, metric, output};
use infra_constructs::alarm::Periods;
use infra_constructs::event_source::{self, Records, Source};
use infra_constructs::grant;
use infra_constructs::queue::DeadLetters;
use infra_constructs::table::{Attribute, Table};
use infra_core::{Template, Value};

use super::Common;
use crate::environment::OnDelete;
use crate::function::Own;
use crate::watch::{self, Watch};

/// The binary of the writer, which is also what its name ends in.
pub(super) const WRITE: &str = "lake-write";

/// Adds the fences, the writer and what calls it; gives what is watched of them.
pub(super) fn add(t: &mut Template, common: &Common<'_>, code: &Value<String>) -> Vec<Watch> {
    let Common { shop, stream, bucket } = common;
    let environment = shop.environment;
    let settings = &environment.settings.lake;
    // Without its fences a stream that is read again would be written again.
    let fences = Table {
        keep: settings.data.on_delete == OnDelete::Keep,
        ..Table::new(environment.name("lake-fences"), Attribute::Text(fence::SHARD), shop.key)
    }
    .add(t, "Fences");
    let failures = DeadLetters {
        name: environment.name("lake-failures"),
        key: shop.key,
    }
    .add(t, "Failures");

    let quarantine = contract::quarantine_prefix(contract::DATASET);
    let prefixes = [contract::RAW_PREFIX, &quarantine];
    let needs = WriteNeeds {
        objects: grant::objects(&bucket.arn(), &prefixes),
        listing: grant::listing(bucket.arn(), &prefixes),
        fences: grant::on(fences.arn()),
    };
    let source = Source::Stream(stream);
    let own = Own {
        name: WRITE,
        description: "Writes records of the stream as Parquet, each exactly once",
        code,
        architecture: settings.direct.architecture.into(),
        memory_mib: settings.direct.memory_mib,
        timeout_seconds: settings.direct.timeout_seconds,
        concurrency: None,
        variables: WriteEnv {
            environment: Value::from(environment.stage.name()),
            dataset: Value::from(contract::DATASET),
            bucket: bucket.reference().text(),
            fences: fences.reference().text(),
        }
        .variables(),
        grants: [needs.grants(), event_source::read(source, &failures)].concat(),
    };
    let (write, _) = shop.add(t, "Write", own);
    Records {
        source,
        function: &write,
        batch: settings.direct.batch,
        window_seconds: settings.direct.window_seconds,
        filters: &[],
        failures: &failures,
    }
    .add(t, "WriteRecords");

    t.output(output::WRITE_FUNCTION_NAME, "Direct writer", write.reference());
    t.output(output::FENCES_TABLE_NAME, "Table of fences", fences.reference());
    t.output(
        output::FAILURES_QUEUE_URL,
        "Queue of records that were given up",
        failures.reference(),
    );
    t.output::<String>(output::QUARANTINE_PREFIX, "Where refused records are", quarantine);

    let [errors, throttles] = watch::calls("Write", &write);
    vec![
        errors,
        throttles,
        Watch {
            namespace: watch::namespace(environment),
            metric: metric::EVENTS_QUARANTINED,
            dimensions: vec![(metric::DATASET, Value::from(contract::DATASET))],
            periods: Periods::LASTING,
            guards_updates: true,
            ..Watch::any(
                "Quarantined",
                "Records are refused by the direct writer and are under quarantine/",
            )
        },
        watch::waiting(
            "RecordsGivenUp",
            &failures,
            "Batches were tried as often as they may be; the queue of failures says which",
        ),
    ]
}
