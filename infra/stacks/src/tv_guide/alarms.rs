//! When somebody must look at the guide.

use ::tv_guide::contract::ingest::metric as snapshot;
use ::tv_guide::contract::landing::DATASET;
use ::tv_guide::contract::table::metric as record;
use infra_constructs::alarm::{Comparison, Periods, Silence, Statistic};
use infra_core::{Handle, Template, Value};
use infra_resources::{lambda, sns};

use super::front::Front;
use super::function::{CONSUME, Common, INGEST, REFERENCE};
use super::landing::Landing;
use super::work::Work;
use super::{SYSTEM, Stores};
use crate::watch::{self, BEHIND_MILLISECONDS, Watch, Watches};

/// The slowest of a hundred answers, in milliseconds.
const SLOW_MILLISECONDS: f64 = 1_000.0;

/// Two runs in a row of what runs every hour, and of what runs every day; days are as long as
/// CloudWatch looks back with two periods.
const TWO_HOURS: Periods = two_of(3_600);
const TWO_DAYS: Periods = two_of(86_400);

const fn two_of(seconds: u32) -> Periods {
    Periods {
        seconds,
        counting: 2,
        of: 2,
    }
}

/// Adds the alarms.
pub(super) fn add(
    template: &mut Template,
    common: &Common<'_>,
    stores: &Stores,
    work: &Work,
    front: &Front,
    landing: &Landing,
    topic: &Handle<sns::Topic>,
) {
    let environment = common.environment;
    let watches = Watches {
        environment,
        system: SYSTEM,
        topic,
    };
    let landing = watch::Landing {
        environment,
        dataset: DATASET,
        delivery: &landing.delivery,
        transform: &landing.transform,
    };
    watches.add(template, watch::stream(&stores.stream));
    for (id, function) in [
        ("Reference", &work.reference),
        ("Ingest", &work.ingest),
        ("Consume", &work.consume),
        ("Notify", &work.notify),
        ("Api", &front.function),
    ] {
        watches.add(template, watch::calls(id, function));
    }
    watches.add(
        template,
        [behind("Consume", &work.consume), behind("Notify", &work.notify)],
    );
    let namespace = watch::namespace(environment);
    for (id, function, periods) in [("Reference", REFERENCE, TWO_DAYS), ("Ingest", INGEST, TWO_HOURS)] {
        watches.add(template, snapshots(id, function, periods, &namespace));
    }
    watches.add(template, [unusable(namespace), undelivered(stores)]);
    watches.add(template, answers(front));
    watches.add(template, landing.watches());
    watches.add(template, [watch::dead_letters(&stores.dead_letters)]);
}

fn behind(id: &str, function: &Handle<lambda::Function>) -> Watch {
    Watch {
        section: Some("function-behind"),
        namespace: "AWS/Lambda".to_owned(),
        metric: "IteratorAge",
        dimensions: vec![("FunctionName", function.reference().text())],
        statistic: Statistic::Maximum,
        when: Comparison::Above(BEHIND_MILLISECONDS),
        periods: Periods::LASTING,
        ..Watch::any(
            format!("{id}Behind"),
            "Records wait for more than a minute before the function reads them",
        )
    }
}

/// What an upstream gave that was refused, and that it gave nothing for two runs.
fn snapshots(id: &str, function: &'static str, periods: Periods, namespace: &str) -> [Watch; 2] {
    let of = |watch: Watch| Watch {
        namespace: namespace.to_owned(),
        dimensions: vec![(snapshot::FUNCTION, Value::from(function))],
        ..watch
    };
    [
        of(Watch {
            section: Some("snapshot-rejected"),
            metric: snapshot::SNAPSHOT_REJECTED,
            ..Watch::any(
                format!("{id}SnapshotRejected"),
                "An upstream's answer is incomplete or has shrunk, and what was there before is kept",
            )
        }),
        of(Watch {
            section: Some("no-snapshot"),
            metric: snapshot::SNAPSHOT_PUBLISHED,
            when: Comparison::Below(1.0),
            periods,
            silence: Silence::Counts,
            ..Watch::any(
                format!("{id}NoSnapshot"),
                "Nothing whole has come from the upstreams for two runs in a row",
            )
        }),
    ]
}

fn unusable(namespace: String) -> Watch {
    Watch {
        section: Some("records-quarantined"),
        namespace,
        metric: record::RECORDS_QUARANTINED,
        dimensions: vec![(record::FUNCTION, Value::from(CONSUME))],
        ..Watch::any(
            "RecordsQuarantined",
            "Records of the stream cannot be used and are in the quarantine bucket",
        )
    }
}

fn undelivered(stores: &Stores) -> Watch {
    Watch {
        namespace: "AWS/SNS".to_owned(),
        metric: "NumberOfNotificationsFailed",
        dimensions: vec![("TopicName", stores.changes.topic_name().text())],
        ..Watch::any(
            "NotificationsFailed",
            "SNS cannot deliver messages to a subscriber of the topic",
        )
    }
}

/// What callers of the API see.
fn answers(front: &Front) -> [Watch; 2] {
    let of = |watch: Watch| Watch {
        namespace: "AWS/ApiGateway".to_owned(),
        dimensions: vec![("ApiId", front.api.reference().text())],
        ..watch
    };
    [
        of(Watch {
            metric: "5xx",
            periods: Periods::LASTING,
            guards_updates: true,
            ..Watch::any("ApiFailed", "The API answers with 5xx")
        }),
        of(Watch {
            metric: "Latency",
            statistic: Statistic::Percentile("p99"),
            when: Comparison::Above(SLOW_MILLISECONDS),
            periods: Periods::SLOW,
            ..Watch::any("ApiSlow", "One answer of a hundred takes longer than a second")
        }),
    ]
}
