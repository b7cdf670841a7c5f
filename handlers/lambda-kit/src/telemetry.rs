//! What a function says about itself: structured logs, and metrics as lines of the same log.

mod metrics;

pub use metrics::{Invalid, Metric, Metrics, Unit};

/// Starts the log on standard output; call it once, first thing in `main`.
///
/// The function's logging configuration decides: Lambda sets `AWS_LAMBDA_LOG_FORMAT` (`JSON` gives
/// one object a line) and `AWS_LAMBDA_LOG_LEVEL` (`INFO` unless set).
pub fn init() {
    lambda_runtime::tracing::init_default_subscriber();
}
