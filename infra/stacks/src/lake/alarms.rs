//! When somebody must look at the lake.

use ::lake::contract::{DATASET, metric};
use infra_constructs::alarm::{Alarm, Comparison, Periods};
use infra_core::{Handle, Template, Value};
use infra_resources::cloudwatch::alarm::Statistic;
use infra_resources::{kinesis, kinesis_firehose, lambda, sns, sqs};

use crate::environment::Environment;

/// What the alarms watch, and whom they tell.
pub(super) struct Lake<'a> {
    pub(super) environment: &'a Environment,
    pub(super) stream: &'a Handle<kinesis::Stream>,
    pub(super) delivery: &'a Handle<kinesis_firehose::DeliveryStream>,
    pub(super) transform: &'a Handle<lambda::Function>,
    pub(super) dead_letters: &'a Handle<sqs::Queue>,
    pub(super) topic: &'a Handle<sns::Topic>,
}

/// A record is a minute old before it is read: Firehose falls behind.
const ITERATOR_AGE_MILLISECONDS: f64 = 60_000.0;

/// What a bad version of the lake sets off within minutes; CloudFormation takes five at most.
const UPDATE_GUARDS: [&str; 5] = [
    "DeliveryFailed",
    "ConversionFailed",
    "TransformErrors",
    "TransformThrottles",
    "Quarantined",
];

/// Intervals of the S3 buffer that the oldest undelivered record may be old, and a floor: a
/// transform batch and a retry take their time too.
const FRESHNESS_INTERVALS: f64 = 3.0;
const FRESHNESS_FLOOR_SECONDS: f64 = 900.0;

impl Lake<'_> {
    pub(super) fn add(&self, template: &mut Template) {
        let interval = f64::from(self.environment.settings.lake.delivery.buffer_seconds);
        let freshness = (interval * FRESHNESS_INTERVALS).max(FRESHNESS_FLOOR_SECONDS);
        let namespace = metric::namespace(self.environment.stage.name());
        let stream = || vec![("StreamName", self.stream.reference().text())];
        let delivery = || vec![("DeliveryStreamName", self.delivery.reference().text())];
        let function = || vec![("FunctionName", self.transform.reference().text())];
        let queue = || vec![("QueueName", self.dead_letters.queue_name().text())];
        let dataset = || vec![(metric::DATASET, Value::from(DATASET))];
        let alarms = [
            Watch {
                id: "IteratorAge",
                meaning: "Records wait in the stream for more than a minute before they are read",
                namespace: "AWS/Kinesis",
                metric: "GetRecords.IteratorAgeMilliseconds",
                dimensions: stream(),
                statistic: Statistic::Maximum,
                when: Comparison::Above(ITERATOR_AGE_MILLISECONDS),
                periods: Periods::LASTING,
            },
            Watch {
                id: "WriteThrottled",
                meaning: "Producers write more than the shards of the stream take",
                namespace: "AWS/Kinesis",
                metric: "WriteProvisionedThroughputExceeded",
                dimensions: stream(),
                statistic: Statistic::Sum,
                when: Comparison::Above(0.0),
                periods: Periods::LASTING,
            },
            Watch {
                id: "DeliveryFreshness",
                meaning: "The oldest record that Firehose has not delivered is too old",
                namespace: "AWS/Firehose",
                metric: "DeliveryToS3.DataFreshness",
                dimensions: delivery(),
                statistic: Statistic::Maximum,
                when: Comparison::Above(freshness),
                periods: Periods::SLOW,
            },
            Watch {
                id: "DeliveryFailed",
                meaning: "Firehose cannot write objects to the data bucket",
                namespace: "AWS/Firehose",
                metric: "DeliveryToS3.Success",
                dimensions: delivery(),
                statistic: Statistic::Average,
                when: Comparison::Below(1.0),
                periods: Periods::LASTING,
            },
            Watch {
                id: "ConversionFailed",
                meaning: "Rows do not fit the schema of the table and are under errors/",
                namespace: "AWS/Firehose",
                metric: "FailedConversion.Records",
                dimensions: delivery(),
                statistic: Statistic::Sum,
                when: Comparison::Above(0.0),
                periods: Periods::AT_ONCE,
            },
            Watch {
                id: "TransformErrors",
                meaning: "Calls of the transform function fail as a whole",
                namespace: "AWS/Lambda",
                metric: "Errors",
                dimensions: function(),
                statistic: Statistic::Sum,
                when: Comparison::Above(0.0),
                periods: Periods::AT_ONCE,
            },
            Watch {
                id: "TransformThrottles",
                meaning: "Lambda refuses calls of the transform function for want of concurrency",
                namespace: "AWS/Lambda",
                metric: "Throttles",
                dimensions: function(),
                statistic: Statistic::Sum,
                when: Comparison::Above(0.0),
                periods: Periods::AT_ONCE,
            },
            Watch {
                id: "Quarantined",
                meaning: "Records are refused by the transform function and are under errors/",
                namespace: &namespace,
                metric: metric::RECORDS_FAILED,
                dimensions: dataset(),
                statistic: Statistic::Sum,
                when: Comparison::Above(0.0),
                periods: Periods::LASTING,
            },
            Watch {
                id: "DeadLettersWaiting",
                meaning: "Something is in the queue of dead letters",
                namespace: "AWS/SQS",
                metric: "ApproximateNumberOfMessagesVisible",
                dimensions: queue(),
                statistic: Statistic::Maximum,
                when: Comparison::Above(0.0),
                periods: Periods::AT_ONCE,
            },
        ];
        for watch in alarms {
            watch.add(template, self);
        }
    }
}

struct Watch<'a> {
    /// The logical id's beginning, and in kebab case the name's end and the runbook's section.
    id: &'static str,
    meaning: &'static str,
    namespace: &'a str,
    metric: &'static str,
    dimensions: Vec<(&'static str, Value<String>)>,
    statistic: Statistic,
    when: Comparison,
    periods: Periods,
}

impl Watch<'_> {
    fn add(self, template: &mut Template, lake: &Lake<'_>) {
        let section = kebab(self.id);
        let alarm = Alarm {
            name: lake.environment.name(&format!("lake-{section}")),
            meaning: self.meaning,
            runbook: section,
            namespace: self.namespace.to_owned(),
            metric: self.metric,
            dimensions: self.dimensions,
            statistic: self.statistic,
            when: self.when,
            periods: self.periods,
            topic: lake.topic,
        };
        let alarm = alarm.add(template, &format!("{}Alarm", self.id));
        if UPDATE_GUARDS.contains(&self.id) {
            template.options(&alarm).guards_updates();
        }
    }
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
