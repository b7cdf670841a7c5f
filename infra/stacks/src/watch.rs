//! Alarms: what a system watches, what is done about it, and whom it tells.

use ::lake::contract::metric;
use infra_constructs::alarm::{Alarm, Comparison, Periods, Silence, Statistic};
use infra_core::{Handle, Template, Value};
use infra_resources::{kinesis, kinesis_firehose, lambda, sns, sqs};

use crate::environment::Environment;

/// The alarms of one system.
pub(crate) struct Watches<'a> {
    pub(crate) environment: &'a Environment,
    /// What the system is called, which the alarms' names begin with.
    pub(crate) system: &'static str,
    /// Who is told.
    pub(crate) topic: &'a Handle<sns::Topic>,
}

/// One alarm.
pub(crate) struct Watch {
    /// The logical id's beginning, and in kebab case the name's end.
    pub(crate) id: String,
    /// The section of the runbook, where it is not called as the alarm is.
    pub(crate) section: Option<&'static str>,
    pub(crate) meaning: &'static str,
    pub(crate) namespace: String,
    pub(crate) metric: &'static str,
    pub(crate) dimensions: Vec<(&'static str, Value<String>)>,
    pub(crate) statistic: Statistic,
    pub(crate) when: Comparison,
    pub(crate) periods: Periods,
    pub(crate) silence: Silence,
    /// Whether a bad version of the system sets it off within minutes, so that it undoes an
    /// update; CloudFormation takes five at most.
    pub(crate) guards_updates: bool,
}

impl Watch {
    /// An alarm on any point above zero within a minute; the rest is set by update.
    pub(crate) fn any(id: impl Into<String>, meaning: &'static str) -> Self {
        Watch {
            id: id.into(),
            section: None,
            meaning,
            namespace: String::new(),
            metric: "",
            dimensions: Vec::new(),
            statistic: Statistic::Sum,
            when: Comparison::Above(0.0),
            periods: Periods::AT_ONCE,
            silence: Silence::Fine,
            guards_updates: false,
        }
    }
}

impl Watches<'_> {
    /// Adds the alarms in this order.
    pub(crate) fn add(&self, template: &mut Template, watches: impl IntoIterator<Item = Watch>) {
        for watch in watches {
            let name = kebab(&watch.id);
            let alarm = Alarm {
                name: self.environment.name(&format!("{}-{name}", self.system)),
                meaning: watch.meaning,
                runbook: watch.section.map_or(name, str::to_owned),
                namespace: watch.namespace,
                metric: watch.metric,
                dimensions: watch.dimensions,
                statistic: watch.statistic,
                when: watch.when,
                periods: watch.periods,
                silence: watch.silence,
                topic: self.topic,
            };
            let alarm = alarm.add(template, &format!("{}Alarm", watch.id));
            if watch.guards_updates {
                template.options(&alarm).guards_updates();
            }
        }
    }
}

/// The namespace of the metrics that an environment's functions write.
pub(crate) fn namespace(environment: &Environment) -> String {
    metric::namespace(environment.stage.name())
}

/// A record is a minute old before it is read: a reader falls behind.
pub(crate) const BEHIND_MILLISECONDS: f64 = 60_000.0;

/// What is watched of a stream.
pub(crate) fn stream(stream: &Handle<kinesis::Stream>) -> [Watch; 2] {
    let dimensions = || vec![("StreamName", stream.reference().text())];
    [
        Watch {
            namespace: "AWS/Kinesis".to_owned(),
            metric: "GetRecords.IteratorAgeMilliseconds",
            dimensions: dimensions(),
            statistic: Statistic::Maximum,
            when: Comparison::Above(BEHIND_MILLISECONDS),
            periods: Periods::LASTING,
            ..Watch::any(
                "IteratorAge",
                "Records wait in the stream for more than a minute before they are read",
            )
        },
        Watch {
            namespace: "AWS/Kinesis".to_owned(),
            metric: "WriteProvisionedThroughputExceeded",
            dimensions: dimensions(),
            periods: Periods::LASTING,
            ..Watch::any(
                "WriteThrottled",
                "Producers write more than the shards of the stream take",
            )
        },
    ]
}

/// A dataset's way into the lake.
pub(crate) struct Landing<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) dataset: &'static str,
    pub(crate) delivery: &'a Handle<kinesis_firehose::DeliveryStream>,
    pub(crate) transform: &'a Handle<lambda::Function>,
}

/// Intervals of the S3 buffer that the oldest undelivered record may be old, and a floor: a
/// transform batch and a retry take their time too.
const FRESHNESS_INTERVALS: f64 = 3.0;
const FRESHNESS_FLOOR_SECONDS: f64 = 900.0;

impl Landing<'_> {
    /// What is watched of it; all but its freshness guards updates.
    pub(crate) fn watches(&self) -> [Watch; 6] {
        let interval = f64::from(self.environment.settings.lake.firehose.buffer_seconds);
        let freshness = (interval * FRESHNESS_INTERVALS).max(FRESHNESS_FLOOR_SECONDS);
        let delivery = |watch: Watch| Watch {
            namespace: "AWS/Firehose".to_owned(),
            dimensions: vec![("DeliveryStreamName", self.delivery.reference().text())],
            ..watch
        };
        let function = |watch: Watch| Watch {
            namespace: "AWS/Lambda".to_owned(),
            dimensions: vec![("FunctionName", self.transform.reference().text())],
            guards_updates: true,
            ..watch
        };
        [
            delivery(Watch {
                metric: "DeliveryToS3.DataFreshness",
                statistic: Statistic::Maximum,
                when: Comparison::Above(freshness),
                periods: Periods::SLOW,
                ..Watch::any(
                    "DeliveryFreshness",
                    "The oldest record that Firehose has not delivered is too old",
                )
            }),
            delivery(Watch {
                metric: "DeliveryToS3.Success",
                statistic: Statistic::Average,
                when: Comparison::Below(1.0),
                periods: Periods::LASTING,
                guards_updates: true,
                ..Watch::any("DeliveryFailed", "Firehose cannot write objects to the data bucket")
            }),
            delivery(Watch {
                metric: "FailedConversion.Records",
                guards_updates: true,
                ..Watch::any(
                    "ConversionFailed",
                    "Rows do not fit the schema of the table and are under errors/",
                )
            }),
            function(Watch {
                metric: "Errors",
                ..Watch::any("TransformErrors", "Calls of the transform function fail as a whole")
            }),
            function(Watch {
                metric: "Throttles",
                ..Watch::any(
                    "TransformThrottles",
                    "Lambda refuses calls of the transform function for want of concurrency",
                )
            }),
            Watch {
                namespace: namespace(self.environment),
                metric: metric::RECORDS_FAILED,
                dimensions: vec![(metric::DATASET, Value::from(self.dataset))],
                periods: Periods::LASTING,
                guards_updates: true,
                ..Watch::any(
                    "Quarantined",
                    "Records are refused by the transform function and are under errors/",
                )
            },
        ]
    }
}

/// What is watched of the dead letters.
pub(crate) fn dead_letters(queue: &Handle<sqs::Queue>) -> Watch {
    waiting("DeadLettersWaiting", queue, "Something is in the queue of dead letters")
}

/// Messages in a queue that is to be empty.
pub(crate) fn waiting(id: &str, queue: &Handle<sqs::Queue>, meaning: &'static str) -> Watch {
    Watch {
        namespace: "AWS/SQS".to_owned(),
        metric: "ApproximateNumberOfMessagesVisible",
        dimensions: vec![("QueueName", queue.queue_name().text())],
        statistic: Statistic::Maximum,
        ..Watch::any(id, meaning)
    }
}

/// Calls that fail, and calls that Lambda does not take.
pub(crate) fn calls(id: &str, function: &Handle<lambda::Function>) -> [Watch; 2] {
    let of = |watch: Watch| Watch {
        namespace: "AWS/Lambda".to_owned(),
        dimensions: vec![("FunctionName", function.reference().text())],
        guards_updates: true,
        ..watch
    };
    [
        of(Watch {
            section: Some("function-errors"),
            metric: "Errors",
            ..Watch::any(format!("{id}Errors"), "Calls of the function fail")
        }),
        of(Watch {
            section: Some("function-throttles"),
            metric: "Throttles",
            ..Watch::any(
                format!("{id}Throttles"),
                "Lambda refuses calls of the function for want of concurrency",
            )
        }),
    ]
}

/// `IteratorAge` to `iterator-age`.
fn kebab(id: &str) -> String {
    let mut kebab = String::new();
    for letter in id.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}
