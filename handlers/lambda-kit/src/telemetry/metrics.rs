use std::collections::BTreeSet;
use std::io;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

/// Most metrics in one line, by CloudWatch's embedded metric format.
const MAX_METRICS: usize = 100;
/// Most dimensions of a metric, by the same.
const MAX_DIMENSIONS: usize = 30;

/// Metrics with common dimensions, written as one line of CloudWatch's embedded metric format.
///
/// ```
/// use lambda_kit::telemetry::{Metric, Metrics, Unit};
///
/// let metrics = Metrics {
///     namespace: "headend/dev",
///     timestamp_ms: 1_712_511_721_022,
///     dimensions: &[("Dataset", "events")],
///     metrics: &[Metric { name: "RecordsIn", unit: Unit::Count, value: 3.0 }],
///     properties: &[("requestId", "8476a536")],
/// };
/// assert!(metrics.line()?.starts_with(r#"{"_aws":{"Timestamp":1712511721022,"#));
/// # Ok::<(), lambda_kit::telemetry::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Metrics<'m> {
    /// Namespace, `headend/<environment>`.
    pub namespace: &'m str,
    /// When, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Name and value of each dimension; every combination of values is paid for as a metric.
    pub dimensions: &'m [(&'m str, &'m str)],
    /// The values.
    pub metrics: &'m [Metric<'m>],
    /// Name and value of what is only searched for, not aggregated: ids and the like.
    pub properties: &'m [(&'m str, &'m str)],
}

/// One value.
#[derive(Debug, Clone, Copy)]
pub struct Metric<'m> {
    /// Name.
    pub name: &'m str,
    /// What the value counts.
    pub unit: Unit,
    /// Value; finite.
    pub value: f64,
}

/// CloudWatch's units, as far as they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
}

/// Metrics that CloudWatch would pass over without a word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// More metrics than one line may hold.
    #[error("{count} metrics in one line, {MAX_METRICS} are the most")]
    TooManyMetrics {
        /// How many.
        count: usize,
    },
    /// More dimensions than a metric may have.
    #[error("{count} dimensions, {MAX_DIMENSIONS} are the most")]
    TooManyDimensions {
        /// How many.
        count: usize,
    },
    /// One name stands for two things of the line.
    #[error("the name {name} is used twice in one line of metrics")]
    Repeated {
        /// The name.
        name: String,
    },
    /// A name, or the value of a dimension, is empty.
    #[error("a name or a dimension's value is empty")]
    Empty,
    /// The value is infinite or no number.
    #[error("metric {name} is not finite")]
    NotFinite {
        /// The metric.
        name: String,
    },
}

impl Metrics<'_> {
    /// The line, without a line feed.
    ///
    /// # Errors
    ///
    /// When CloudWatch would not take the metrics.
    pub fn line(&self) -> Result<String, Invalid> {
        self.check()?;
        // Strings and finite numbers always serialise.
        Ok(serde_json::to_string(self).unwrap_or_default())
    }

    /// Writes the line, with its line feed, in one call.
    ///
    /// # Errors
    ///
    /// When CloudWatch would not take the metrics ([`io::ErrorKind::InvalidInput`]), or the writer
    /// fails.
    pub fn write(&self, mut out: impl io::Write) -> io::Result<()> {
        let mut line = self
            .line()
            .map_err(|invalid| io::Error::new(io::ErrorKind::InvalidInput, invalid))?;
        line.push('\n');
        out.write_all(line.as_bytes())
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.metrics.len() > MAX_METRICS {
            return Err(Invalid::TooManyMetrics {
                count: self.metrics.len(),
            });
        }
        if self.dimensions.len() > MAX_DIMENSIONS {
            return Err(Invalid::TooManyDimensions {
                count: self.dimensions.len(),
            });
        }
        let texts = || self.dimensions.iter().chain(self.properties);
        let metrics = self.metrics.iter().map(|metric| metric.name);
        let mut names = BTreeSet::from(["_aws"]);
        for name in metrics.chain(texts().map(|(name, _)| *name)) {
            if !names.insert(name) {
                return Err(Invalid::Repeated { name: name.to_owned() });
            }
        }
        let values = self.dimensions.iter().map(|(_, value)| *value);
        if names.contains("") || values.chain([self.namespace]).any(str::is_empty) {
            return Err(Invalid::Empty);
        }
        match self.metrics.iter().find(|metric| !metric.value.is_finite()) {
            Some(metric) => Err(Invalid::NotFinite {
                name: metric.name.to_owned(),
            }),
            None => Ok(()),
        }
    }
}

impl Serialize for Metrics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(
            "_aws",
            &Aws {
                timestamp: self.timestamp_ms,
                cloud_watch_metrics: [Directive {
                    namespace: self.namespace,
                    dimensions: [self.dimensions.iter().map(|(name, _)| *name).collect()],
                    metrics: self
                        .metrics
                        .iter()
                        .map(|metric| Definition {
                            name: metric.name,
                            unit: metric.unit,
                        })
                        .collect(),
                }],
            },
        )?;
        for (name, value) in self.dimensions.iter().chain(self.properties) {
            map.serialize_entry(name, value)?;
        }
        for metric in self.metrics {
            map.serialize_entry(metric.name, &metric.value)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Aws<'m> {
    timestamp: u64,
    cloud_watch_metrics: [Directive<'m>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'m> {
    namespace: &'m str,
    dimensions: [Vec<&'m str>; 1],
    metrics: Vec<Definition<'m>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition<'m> {
    name: &'m str,
    unit: Unit,
}

#[cfg(test)]
mod tests;
