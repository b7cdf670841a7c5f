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
    pub statistic: alarm::Statistic,
    /// When a period counts.
    pub when: Comparison,
    /// How many periods of the last few must count.
    pub periods: Periods,
    /// Who is told.
    pub topic: &'a Handle<sns::Topic>,
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
    /// Length of a period, in seconds.
    pub seconds: u16,
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
    /// Adds the alarm; silence is not a fault, since a quiet stream has no points.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<cloudwatch::Alarm> {
        let (operator, threshold) = match self.when {
            Comparison::Above(threshold) => (alarm::ComparisonOperator::GreaterThanThreshold, threshold),
            Comparison::Below(threshold) => (alarm::ComparisonOperator::LessThanThreshold, threshold),
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
                metric_name: Some(self.metric.into()),
                namespace: Some(self.namespace.into()),
                ok_actions: Some(vec![self.topic.reference().into()]),
                period: Some(i64::from(self.periods.seconds).into()),
                statistic: Some(self.statistic.into()),
                threshold: Some(threshold.into()),
                treat_missing_data: Some(alarm::TreatMissingData::NotBreaching.into()),
                comparison_operator: Some(operator.into()),
                ..cloudwatch::Alarm::new()
            },
        )
    }
}
