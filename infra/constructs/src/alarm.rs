//! An alarm: a metric, a threshold, someone to tell, and what to do.

use infra_core::{Handle, Template, Value};
use infra_resources::cloudwatch::{self, alarm};
use infra_resources::sns;

/// An alarm on one metric.
pub struct Alarm<'a> {
    /// The name.
    pub name: String,
    /// What it means when it fires, and which section of the runbook says what to do.
    pub meaning: &'static str,
    /// The section of `docs/runbook.md`.
    pub runbook: String,
    /// The metric's namespace, such as `AWS/Kinesis`.
    pub namespace: String,
    /// The metric.
    pub metric: &'static str,
    /// The metric's dimensions.
    pub dimensions: Vec<(&'static str, Value<String>)>,
    /// How the points of a period become one.
    pub statistic: Statistic,
    /// When a period counts.
    pub when: Comparison,
    /// How many periods of the last few must count.
    pub periods: Periods,
    /// What a period without any point says.
    pub silence: Silence,
    /// Who is told.
    pub topic: &'a Handle<sns::Topic>,
}

/// How the points of a period become one.
#[derive(Clone, Copy, Debug)]
pub enum Statistic {
    /// Their sum.
    Sum,
    /// Their mean.
    Average,
    /// The largest.
    Maximum,
    /// What so many of a hundred do not exceed, as CloudWatch spells it: `p99`.
    Percentile(&'static str),
}

/// What a period without any point says.
#[derive(Clone, Copy, Debug)]
pub enum Silence {
    /// Nothing: who is quiet has no faults.
    Fine,
    /// That what ought to happen has not.
    Counts,
}

/// When a period counts.
#[derive(Clone, Copy, Debug)]
pub enum Comparison {
    /// Above this value.
    Above(f64),
    /// Below this value.
    Below(f64),
}

/// How many of the last periods must count.
#[derive(Clone, Copy, Debug)]
pub struct Periods {
    /// Length of a period, in seconds, at most a day.
    pub seconds: u32,
    /// How many must count,
    pub counting: u8,
    /// of this many.
    pub of: u8,
}

impl Periods {
    /// One period of a minute is enough.
    pub const AT_ONCE: Periods = Periods {
        seconds: 60,
        counting: 1,
        of: 1,
    };
    /// Three of five minutes.
    pub const LASTING: Periods = Periods {
        seconds: 60,
        counting: 3,
        of: 5,
    };
    /// Three of three spans of five minutes.
    pub const SLOW: Periods = Periods {
        seconds: 300,
        counting: 3,
        of: 3,
    };
}

impl Alarm<'_> {
    /// Adds the alarm, which tells its topic when it goes off and when it is over.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<cloudwatch::Alarm> {
        let (operator, threshold) = match self.when {
            Comparison::Above(threshold) => (alarm::ComparisonOperator::GreaterThanThreshold, threshold),
            Comparison::Below(threshold) => (alarm::ComparisonOperator::LessThanThreshold, threshold),
        };
        let (statistic, percentile) = match self.statistic {
            Statistic::Sum => (Some(alarm::Statistic::Sum.into()), None),
            Statistic::Average => (Some(alarm::Statistic::Average.into()), None),
            Statistic::Maximum => (Some(alarm::Statistic::Maximum.into()), None),
            Statistic::Percentile(percentile) => (None, Some(percentile.into())),
        };
        let missing = match self.silence {
            Silence::Fine => alarm::TreatMissingData::NotBreaching,
            Silence::Counts => alarm::TreatMissingData::Breaching,
        };
        let dimensions = self
            .dimensions
            .into_iter()
            .map(|(name, value)| alarm::Dimension::new(name, value))
            .collect();
        template.add(
            id,
            cloudwatch::Alarm {
                alarm_actions: Some(vec![self.topic.reference().into()]),
                alarm_description: Some(format!("{}. Runbook: docs/runbook.md#{}", self.meaning, self.runbook).into()),
                alarm_name: Some(self.name.into()),
                datapoints_to_alarm: Some(i64::from(self.periods.counting).into()),
                dimensions: Some(dimensions),
                evaluation_periods: Some(i64::from(self.periods.of).into()),
                extended_statistic: percentile,
                metric_name: Some(self.metric.into()),
                namespace: Some(self.namespace.into()),
                ok_actions: Some(vec![self.topic.reference().into()]),
                period: Some(i64::from(self.periods.seconds).into()),
                statistic,
                threshold: Some(threshold.into()),
                treat_missing_data: Some(missing.into()),
                comparison_operator: Some(operator.into()),
                ..cloudwatch::Alarm::new()
            },
        )
    }
}
